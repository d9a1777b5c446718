package kernel

// Add adds x to dst.
func Add(dst, x []float32) {
	checkLength("Add x", len(x), len(dst))
	w := newSweep()
	w.f0, w.f1 = dst, x
	w.run(len(dst), elementsEach, func(w *sweep, from, to int) {
		w.set.add(w.f0[from:to], w.f1[from:to])
	})
}

// Scale multiplies dst by s.
func Scale(dst []float32, s float32) {
	if len(dst) > 0 {
		active.Load().scale(dst, s)
	}
}

// Axpy adds s·x to dst.
func Axpy(dst []float32, s float32, x []float32) {
	checkLength("Axpy x", len(x), len(dst))
	if len(dst) > 0 {
		active.Load().axpy(dst, s, x)
	}
}

// Lerp writes s·dst + (1-s)·x to dst: one step of an exponential moving average.
func Lerp(dst, x []float32, s float32) {
	checkLength("Lerp x", len(x), len(dst))
	if len(dst) > 0 {
		active.Load().lerp(dst, x, s)
	}
}

// Dot returns the inner product of x and y.
func Dot(x, y []float32) float32 {
	checkLength("Dot y", len(y), len(x))
	if len(x) == 0 {
		return 0
	}
	return active.Load().dot(x, y)
}

// SumSquares returns Σ x² in float64, for gradient norms.
func SumSquares(x []float32) float64 {
	if len(x) == 0 {
		return 0
	}
	return active.Load().sumSquares(x)
}
