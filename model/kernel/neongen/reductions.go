package main

func (a *assembler) reductions() {
	a.begin("dot", "(x, y []float32) float32", "returns Σxy.")
	sums := a.zeros(8)
	a.each(a.length("x"), a.slices("x", "y"), len(sums), func(p step, number int) {
		a.fma(sums[number], p.load(0), p.load(1))
	})
	a.result("ret", a.reduce(sums, a.add))
	a.ret()

	a.begin("sumSquares", "(x []float32) float64", "returns Σx², each half vector widened to float64.")
	sums = a.zeros(8)
	a.each(a.length("x"), a.slices("x"), len(sums)/2, func(p step, number int) {
		x := p.load(0)
		low, high := a.vec(), a.vec()
		a.word(fcvtl(low, x))
		a.word(fcvtl2(high, x))
		a.emit("VFMLA %[1]s, %[1]s, %[2]s", low.d2(), sums[2*number].d2())
		a.emit("VFMLA %[1]s, %[1]s, %[2]s", high.d2(), sums[2*number+1].d2())
	})
	total := a.sum(sums, func(d, x, y vec) { a.word(fadd2d(d, x, y)) })
	other := a.vec()
	a.emit("VEXT $8, %s, %s, %s", total.b16(), total.b16(), other.b16())
	a.word(fadd2d(total, total, other))
	a.emit("FMOVD %s, %s", total.scalar(), a.param("ret"))
	a.ret()
}

// calibration emits the two loops that measure the machine.
func (a *assembler) calibration() {
	const chains = 24 // enough for six pipelines of four cycles
	a.begin("fmaLoop", "(n int) (flops int)",
		"runs n rounds of independent multiply-adds in registers and returns the operations of one.")
	n, x, sums := a.intParam("n"), a.zero(), a.zeros(chains)
	loop := a.label("loop")
	a.place(loop)
	for _, v := range sums {
		a.fma(v, x, x)
	}
	a.emit("SUBS $1, %s", n)
	a.emit("BNE %s", loop)
	a.emit("MOVD $%d, %s", 2*4*chains, n)
	a.emit("MOVD %s, %s", n, a.param("flops"))
	a.ret()

	a.begin("readLoop", "(x []float32) float32", "reads x and returns a sum of its elements.")
	sums = a.zeros(8)
	a.each(a.length("x"), a.slices("x"), len(sums), func(p step, number int) {
		a.add(sums[number], sums[number], p.load(0))
	})
	a.result("ret", a.reduce(sums, a.add))
	a.ret()
}

// pause emits a wait that leaves a shared core to its other thread.
func (a *assembler) pause() {
	a.begin("pause", "(n int)", "tells the processor n times that this thread is waiting.")
	n, loop := a.intParam("n"), a.label("loop")
	a.place(loop)
	a.emit("YIELD")
	a.emit("SUBS $1, %s", n)
	a.emit("BNE %s", loop)
	a.ret()
}
