package main

func (a *assembler) layerNorm() {
	a.normRow()
	a.normBackwardRow()
}

func (a *assembler) rmsNorm() {
	a.rmsNormRow()
	a.rmsNormBackwardRow()
}

// inverseRoot replaces every element of x by 1/√(x + eps).
func (a *assembler) inverseRoot(x vec) {
	a.scope(func() {
		a.add(x, x, a.floatParam("eps"))
		a.word(fsqrt(x, x))
		a.div(x, a.constant(1), x)
	})
}

func (a *assembler) normRow() {
	a.begin("normRow", "(out, x, gain, bias []float32, eps float32) (mean float32, rstd float32)",
		"normalises one row in three passes: mean, variance, result.")
	n, ptrs := a.length("x"), a.slices("out", "x", "gain", "bias")
	sums := a.zeros(8)
	a.each(n, ptrs[1:2], len(sums), func(p step, number int) {
		a.add(sums[number], sums[number], p.load(0))
	})
	center := a.mean(sums, n)
	a.result("mean", center)

	squares := a.zeros(8)
	a.each(n, ptrs[1:2], len(squares), func(p step, number int) {
		x := p.load(0)
		p.fill(x, center)
		a.sub(x, x, center)
		a.fma(squares[number], x, x)
	})
	rstd := a.mean(squares, n)
	a.inverseRoot(rstd)
	a.result("rstd", rstd)

	a.each(n, ptrs, 1, func(p step, _ int) {
		x := p.load(1)
		a.sub(x, x, center)
		a.mul(x, x, rstd)
		y := p.load(3)
		a.fma(y, x, p.load(2))
		p.store(0, y)
	})
	a.ret()
}

func (a *assembler) normBackwardRow() {
	a.begin("normBackwardRow", "(dx, x, gain, dy []float32, mean float32, rstd float32)",
		"adds rstd·(g - mean(g) - x̂·mean(g·x̂)) to dx, with g = dy·gain.")
	n, ptrs := a.length("x"), a.slices("dx", "x", "gain", "dy")
	center, rstd := a.floatParam("mean"), a.floatParam("rstd")
	terms := func(p step) (hat, g vec) {
		hat = p.load(1)
		a.sub(hat, hat, center)
		a.mul(hat, hat, rstd)
		g = p.load(3)
		a.mul(g, g, p.load(2))
		return hat, g
	}
	sums, hats := a.zeros(4), a.zeros(4)
	a.each(n, ptrs, len(sums), func(p step, number int) {
		hat, g := terms(p)
		a.add(sums[number], sums[number], g)
		a.fma(hats[number], g, hat)
	})
	meanG, meanHat := a.mean(sums, n), a.mean(hats, n)
	a.each(n, ptrs, 1, func(p step, _ int) {
		hat, g := terms(p)
		a.sub(g, g, meanG)
		a.fms(g, hat, meanHat)
		dx := p.load(0)
		a.fma(dx, g, rstd)
		p.store(0, dx)
	})
	a.ret()
}

func (a *assembler) rmsNormRow() {
	a.begin("rmsNormRow", "(out, x, gain []float32, eps float32) (rstd float32)",
		"normalises one row by its root mean square.")
	n, ptrs := a.length("x"), a.slices("out", "x", "gain")
	squares := a.zeros(8)
	a.each(n, ptrs[1:2], len(squares), func(p step, number int) {
		x := p.load(0)
		a.fma(squares[number], x, x)
	})
	rstd := a.mean(squares, n)
	a.inverseRoot(rstd)
	a.result("rstd", rstd)
	a.each(n, ptrs, 1, func(p step, _ int) {
		x := p.load(1)
		a.mul(x, x, rstd)
		a.mul(x, x, p.load(2))
		p.store(0, x)
	})
	a.ret()
}

func (a *assembler) rmsNormBackwardRow() {
	a.begin("rmsNormBackwardRow", "(dx, x, gain, dy []float32, rstd float32)",
		"adds rstd·(g - x̂·mean(g·x̂)) to dx, with g = dy·gain.")
	n, ptrs := a.length("x"), a.slices("dx", "x", "gain", "dy")
	rstd := a.floatParam("rstd")
	terms := func(p step) (hat, g vec) {
		hat = p.load(1)
		a.mul(hat, hat, rstd)
		g = p.load(3)
		a.mul(g, g, p.load(2))
		return hat, g
	}
	hats := a.zeros(8)
	a.each(n, ptrs, len(hats), func(p step, number int) {
		hat, g := terms(p)
		a.fma(hats[number], g, hat)
	})
	meanHat := a.mean(hats, n)
	a.each(n, ptrs, 1, func(p step, _ int) {
		hat, g := terms(p)
		a.fms(g, hat, meanHat)
		dx := p.load(0)
		a.fma(dx, g, rstd)
		p.store(0, dx)
	})
	a.ret()
}
