package main

func (a *assembler) elementwise() {
	a.exponential()
	a.gelu()
	a.geluBackward()
	a.adamw()
	a.arithmetic()
}

func (a *assembler) exponential() {
	a.begin("exp", "(dst, x []float32)", "writes e^x.")
	exp := a.newExp()
	a.each(a.length("x"), a.slices("dst", "x"), 1, func(p step, _ int) {
		x := p.load(1)
		exp.of(x)
		p.store(0, x)
	})
	a.ret()
}

func (a *assembler) gelu() {
	a.begin("gelu", "(dst, x []float32)", "writes x/(1+e^(-2u)), the tanh form of GELU.")
	gelu := a.newGelu()
	a.each(a.length("x"), a.slices("dst", "x"), 1, func(p step, _ int) {
		x := p.load(1)
		e, _ := gelu.power(x)
		a.add(e, e, gelu.exp.one)
		a.div(x, x, e)
		p.store(0, x)
	})
	a.ret()
}

func (a *assembler) geluBackward() {
	a.begin("geluBackward", "(dx, x, dy []float32)", "writes dy·gelu'(x) with gelu' = σ + x·(2u)'·σ·(1-σ).")
	gelu := a.newGelu()
	slope3 := a.constant(3 * geluCubic)
	// Beyond ±10 the derivative is within 1e-34 of 0 or 1; the bound keeps e finite.
	high, low := a.constant(10), a.constant(-10)
	a.each(a.length("x"), a.slices("dx", "x", "dy"), 1, func(p step, _ int) {
		x := p.load(1)
		a.min(x, x, high)
		a.max(x, x, low)
		e, square := gelu.power(x)
		sigmoid, slope := a.vec(), a.vec()
		a.add(sigmoid, e, gelu.exp.one)
		a.div(sigmoid, gelu.exp.one, sigmoid)
		a.move(slope, gelu.linear)
		a.fma(slope, square, slope3)
		a.mul(slope, slope, x)
		a.mul(slope, slope, sigmoid)
		a.mul(e, e, sigmoid) // 1-σ without cancellation
		a.fma(sigmoid, slope, e)
		a.mul(sigmoid, sigmoid, p.load(2))
		p.store(0, sigmoid)
	})
	a.ret()
}

func (a *assembler) adamw() {
	a.begin("adamw", "(w, g, m, v []float32, scalars *float32)",
		"makes one AdamW step; scalars are the fields of adamwScalars in order.")
	base := a.intParam("scalars")
	scalar := func() vec {
		v := a.vec()
		a.emit("FMOVS.P 4(%s), %s", base, v.scalar())
		a.spread(v, v)
		return v
	}
	gradScale, beta1, rest1, beta2, rest2 := scalar(), scalar(), scalar(), scalar(), scalar()
	decay, rate, rootScale, eps := scalar(), scalar(), scalar(), scalar()
	a.each(a.length("w"), a.slices("w", "g", "m", "v"), 1, func(p step, _ int) {
		w, g, m, v := p.load(0), p.load(1), p.load(2), p.load(3)
		a.mul(g, g, gradScale)
		a.mul(m, m, beta1)
		a.fma(m, g, rest1)
		p.store(2, m)
		a.mul(g, g, g)
		a.mul(v, v, beta2)
		a.fma(v, g, rest2)
		p.store(3, v)
		a.word(fsqrt(v, v))
		root := a.vec()
		a.move(root, eps)
		a.fma(root, v, rootScale)
		a.mul(m, m, rate)
		a.div(m, m, root)
		a.neg(m, m)
		a.fma(m, w, decay) // decay·w - m
		p.store(0, m)
	})
	a.ret()
}

// arithmetic emits the one-line operations on slices.
func (a *assembler) arithmetic() {
	a.begin("add", "(dst, x []float32)", "adds x to dst.")
	a.each(a.length("dst"), a.slices("dst", "x"), 1, func(p step, _ int) {
		v := p.load(0)
		a.add(v, v, p.load(1))
		p.store(0, v)
	})
	a.ret()

	a.begin("scale", "(dst []float32, s float32)", "multiplies dst by s.")
	a.scale(a.length("dst"), a.slices("dst"), a.floatParam("s"))
	a.ret()

	a.begin("axpy", "(dst []float32, s float32, x []float32)", "adds s·x to dst.")
	factor := a.floatParam("s")
	a.each(a.length("dst"), a.slices("dst", "x"), 1, func(p step, _ int) {
		v := p.load(0)
		a.fma(v, p.load(1), factor)
		p.store(0, v)
	})
	a.ret()

	a.begin("lerp", "(dst, x []float32, s float32, rest float32)", "writes s·dst + rest·x to dst.")
	factor, rest := a.floatParam("s"), a.floatParam("rest")
	a.each(a.length("dst"), a.slices("dst", "x"), 1, func(p step, _ int) {
		v := p.load(1)
		a.mul(v, v, rest)
		a.fma(v, p.load(0), factor)
		p.store(0, v)
	})
	a.ret()
}

// scale multiplies n elements by factor.
func (a *assembler) scale(n gp, ptrs []gp, factor vec) {
	a.each(n, ptrs, 1, func(p step, _ int) {
		v := p.load(0)
		a.mul(v, v, factor)
		p.store(0, v)
	})
}
