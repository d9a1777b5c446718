package main

func (a *assembler) rope() {
	a.begin("rope", "(x *float32, heads int, cos, sin []float32, sign float32)",
		"turns element i of each head's first half and element i of its second half by one angle.")
	ptrs := append(a.pointers("x", "x"), a.slices("cos", "sin")...)
	half, heads, headBytes := a.length("cos"), a.intParam("heads"), a.gp()
	a.emit("LSL $2, %s, %s", half, headBytes)
	a.emit("ADD %s, %s", headBytes, ptrs[1])
	a.emit("LSL $1, %s", headBytes)
	sign := a.floatParam("sign")
	loop := a.label("heads")
	a.place(loop)
	a.each(half, ptrs, 1, func(p step, _ int) {
		x, y, cos, sin := p.load(0), p.load(1), p.load(2), p.load(3)
		a.mul(sin, sin, sign)
		first, second := a.vec(), a.vec()
		a.mul(first, y, sin)
		a.neg(first, first)
		a.fma(first, x, cos)
		a.mul(second, x, sin)
		a.fma(second, y, cos)
		p.store(0, first)
		p.store(1, second)
	})
	a.emit("ADD %s, %s", headBytes, ptrs[0])
	a.emit("ADD %s, %s", headBytes, ptrs[1])
	a.emit("SUBS $1, %s", heads)
	a.emit("BNE %s", loop)
	a.ret()
}
