package kernel

// RMSNorm writes x·rstd·gain to out for each of rows rows of d elements (Zhang
// and Sennrich 2019), where rstd = 1/√(mean(x²) + eps). rstd receives one value a
// row, for the backward pass. out may be x.
func RMSNorm(out, rstd, x, gain []float32, rows, d int, eps float32) {
	checkLength("RMSNorm out", len(out), rows*d)
	checkLength("RMSNorm x", len(x), rows*d)
	checkLength("RMSNorm rstd", len(rstd), rows)
	checkLength("RMSNorm gain", len(gain), d)
	if d == 0 {
		return
	}
	w := newSweep()
	w.f0, w.f1, w.f2, w.f3 = out, rstd, x, gain
	w.d, w.eps = d, eps
	w.run(rows, rowsEach(d), func(w *sweep, from, to int) {
		for i := from; i < to; i++ {
			at, end := i*w.d, (i+1)*w.d
			w.f1[i] = w.set.rmsNormRow(w.f0[at:end], w.f2[at:end], w.f3, w.eps)
		}
	})
}

// RMSNormBackward adds the gradient of RMSNorm to dx and dgain, given its input
// x, the rstd that it stored, and the gradient dy of its output. dgain is summed
// in row order; it may be nil where it is not wanted.
func RMSNormBackward(dx, dgain, x, rstd, gain, dy []float32, rows, d int) {
	checkLength("RMSNormBackward dx", len(dx), rows*d)
	checkLength("RMSNormBackward x", len(x), rows*d)
	checkLength("RMSNormBackward dy", len(dy), rows*d)
	checkLength("RMSNormBackward rstd", len(rstd), rows)
	checkLength("RMSNormBackward gain", len(gain), d)
	if rows == 0 || d == 0 {
		return
	}
	if dgain != nil {
		checkLength("RMSNormBackward dgain", len(dgain), d)
		w := newSweep()
		w.f0, w.f1, w.f2, w.f3, w.d = dgain, x, dy, rstd, d
		w.run(d, columnsPer(rows, d), func(w *sweep, from, to int) {
			w.set.rmsNormColumns(w.f0[from:to], &w.f1[from], &w.f2[from], w.f3, w.d)
		})
	}
	w := newSweep()
	w.f0, w.f1, w.f2, w.f3, w.f4, w.d = dx, x, gain, dy, rstd, d
	w.run(rows, rowsEach(d), func(w *sweep, from, to int) {
		for i := from; i < to; i++ {
			at, end := i*w.d, (i+1)*w.d
			w.set.rmsNormBackwardRow(w.f0[at:end], w.f1[at:end], w.f2, w.f3[at:end], w.f4[i])
		}
	})
}
