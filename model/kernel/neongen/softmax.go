package main

import "math"

func (a *assembler) softmax() {
	a.begin("softmax", "(dst, x []float32)", "writes e^(x-max)/Σe^(x-max).")
	n, ptrs := a.length("x"), a.slices("dst", "x")
	factor := a.vec()
	a.scope(func() { a.move(factor, a.expSum(n, ptrs, 1, a.maximum(n, ptrs[1:]), true)) })
	a.scope(func() { a.div(factor, a.constant(1), factor) })
	a.scale(n, ptrs[:1], factor)
	a.ret()

	a.begin("maxExpSum", "(x []float32) (max float32, sum float32)", "returns the greatest element and Σe^(x-max).")
	n, ptrs = a.length("x"), a.slices("x")
	greatest := a.maximum(n, ptrs)
	a.result("max", greatest)
	a.result("sum", a.expSum(n, ptrs, 0, greatest, false))
	a.ret()

	a.begin("softmaxBackward", "(d, p []float32, inner float32)", "writes p·(d-inner) to d.")
	inner := a.floatParam("inner")
	a.each(a.length("p"), a.slices("d", "p"), 1, func(p step, _ int) {
		d := p.load(0)
		a.sub(d, d, inner)
		a.mul(d, d, p.load(1))
		p.store(0, d)
	})
	a.ret()
}

// maximum returns the greatest of n elements, or NaN where one is.
func (a *assembler) maximum(n gp, ptrs []gp) vec {
	greatest := a.vec()
	a.scope(func() {
		lowest, parts := a.constant(math.Inf(-1)), a.vecs(8)
		for _, part := range parts {
			a.move(part, lowest)
		}
		a.each(n, ptrs, len(parts), func(p step, number int) {
			x := p.load(0)
			p.fill(x, lowest)
			a.max(parts[number], parts[number], x)
		})
		a.move(greatest, a.reduce(parts, a.max))
	})
	return greatest
}

// expSum returns Σe^(x-shift), the powers kept in ptrs[0] when store is set. The
// shift of a NaN row does not matter: the sum is NaN.
func (a *assembler) expSum(n gp, ptrs []gp, from int, shift vec, store bool) vec {
	exp := a.newExp()
	total := a.zeros(2)
	nothing := a.zero()
	a.each(n, ptrs, 2, func(p step, number int) {
		x := p.load(from)
		a.sub(x, x, shift)
		exp.of(x)
		if store {
			p.store(0, x)
		}
		p.fill(x, nothing)
		a.add(total[number], total[number], x)
	})
	return a.reduce(total, a.add)
}
