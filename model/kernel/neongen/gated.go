package main

// gated emits SiLU, x·σ(x), and its product with a second operand.
func (a *assembler) gated() {
	a.begin("silu", "(dst, x []float32)", "writes x/(1+e^(-x)).")
	silu := a.newSilu()
	a.each(a.length("x"), a.slices("dst", "x"), 1, func(p step, _ int) {
		p.store(0, silu.of(p.load(1)))
	})
	a.ret()

	a.begin("siluBackward", "(dx, x, dy []float32)", "writes dy·silu'(x) with silu' = σ + x·σ·(1-σ).")
	silu = a.newSilu()
	a.each(a.length("x"), a.slices("dx", "x", "dy"), 1, func(p step, _ int) {
		_, slope := silu.slope(p.load(1))
		a.mul(slope, slope, p.load(2))
		p.store(0, slope)
	})
	a.ret()

	a.begin("swiglu", "(dst, gate, up []float32)", "writes silu(gate)·up.")
	silu = a.newSilu()
	a.each(a.length("gate"), a.slices("dst", "gate", "up"), 1, func(p step, _ int) {
		y := silu.of(p.load(1))
		a.mul(y, y, p.load(2))
		p.store(0, y)
	})
	a.ret()

	a.begin("swigluBackward", "(dgate, dup, gate, up, dy []float32)",
		"writes dy·up·silu'(gate) and dy·silu(gate).")
	silu = a.newSilu()
	a.each(a.length("gate"), a.slices("dgate", "dup", "gate", "up", "dy"), 1, func(p step, _ int) {
		y, slope := silu.slope(p.load(2))
		up, dy := p.load(3), p.load(4)
		a.mul(slope, slope, up)
		a.mul(slope, slope, dy)
		a.mul(y, y, dy)
		p.store(0, slope)
		p.store(1, y)
	})
	a.ret()
}

// siluKernel computes SiLU and its derivative.
type siluKernel struct {
	exp expKernel
	low vec
}

// newSilu takes -80 as the bound below which silu and its derivative are within
// 2e-33 of 0 and e^(-x) is still finite.
func (a *assembler) newSilu() siluKernel { return siluKernel{a.newExp(), a.constant(-80)} }

// power returns e^(-x).
func (k siluKernel) power(x vec) vec {
	e := k.exp.a.vec()
	k.exp.a.neg(e, x)
	k.exp.of(e)
	return e
}

// of replaces x by silu(x).
func (k siluKernel) of(x vec) vec {
	a, e := k.exp.a, k.power(x)
	a.add(e, e, k.exp.one)
	a.div(x, x, e)
	return x
}

// slope replaces x by silu(x) and returns silu'(x) beside it.
func (k siluKernel) slope(x vec) (y, slope vec) {
	a := k.exp.a
	a.max(x, x, k.low)
	e, sigmoid := k.power(x), a.vec()
	a.add(sigmoid, e, k.exp.one)
	a.div(sigmoid, k.exp.one, sigmoid)
	a.mul(x, x, sigmoid)
	a.mul(e, e, sigmoid) // 1-σ without cancellation
	a.fma(sigmoid, x, e)
	return x, sigmoid
}
