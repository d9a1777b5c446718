package kernel

// columnsEach is the number of columns of one item where rows are summed: four
// cache lines, so that items never share one.
const columnsEach = 64

// LayerNorm writes (x - mean)·rstd·gain + bias to out for each of rows rows of d
// elements (Ba, Kiros and Hinton 2016), where rstd = 1/√(variance + eps) with the
// biased variance. mean and rstd receive one value a row, for the backward pass.
// out may be x.
func LayerNorm(out, mean, rstd, x, gain, bias []float32, rows, d int, eps float32) {
	checkLength("LayerNorm out", len(out), rows*d)
	checkLength("LayerNorm x", len(x), rows*d)
	checkLength("LayerNorm mean", len(mean), rows)
	checkLength("LayerNorm rstd", len(rstd), rows)
	checkLength("LayerNorm gain", len(gain), d)
	checkLength("LayerNorm bias", len(bias), d)
	if d == 0 {
		return
	}
	w := newSweep()
	w.f0, w.f1, w.f2, w.f3, w.f4, w.f5 = out, mean, rstd, x, gain, bias
	w.d, w.eps = d, eps
	w.run(rows, rowsEach(d), func(w *sweep, from, to int) {
		for i := from; i < to; i++ {
			at, end := i*w.d, (i+1)*w.d
			w.f1[i], w.f2[i] = w.set.normRow(w.f0[at:end], w.f3[at:end], w.f4, w.f5, w.eps)
		}
	})
}

// LayerNormBackward adds the gradient of LayerNorm to dx, dgain and dbias, given
// its input x, the mean and rstd that it stored, and the gradient dy of its
// output. dgain and dbias are summed in row order; both may be nil where they are
// not wanted.
func LayerNormBackward(dx, dgain, dbias, x, mean, rstd, gain, dy []float32, rows, d int) {
	checkLength("LayerNormBackward dx", len(dx), rows*d)
	checkLength("LayerNormBackward x", len(x), rows*d)
	checkLength("LayerNormBackward dy", len(dy), rows*d)
	checkLength("LayerNormBackward mean", len(mean), rows)
	checkLength("LayerNormBackward rstd", len(rstd), rows)
	checkLength("LayerNormBackward gain", len(gain), d)
	if rows == 0 || d == 0 {
		return
	}
	if dgain != nil || dbias != nil {
		checkLength("LayerNormBackward dgain", len(dgain), d)
		checkLength("LayerNormBackward dbias", len(dbias), d)
		w := newSweep()
		w.f0, w.f1, w.f2, w.f3, w.f4, w.f5, w.d = dgain, dbias, x, dy, mean, rstd, d
		w.run(d, columnsPer(rows, d), func(w *sweep, from, to int) {
			w.set.normColumns(w.f0[from:to], w.f1[from:to], &w.f2[from], &w.f3[from], w.f4, w.f5, w.d)
		})
	}
	w := newSweep()
	w.f0, w.f1, w.f2, w.f3, w.f4, w.f5, w.d = dx, x, gain, dy, mean, rstd, d
	w.run(rows, rowsEach(d), func(w *sweep, from, to int) {
		for i := from; i < to; i++ {
			at, end := i*w.d, (i+1)*w.d
			w.set.normBackwardRow(w.f0[at:end], w.f1[at:end], w.f2, w.f3[at:end], w.f4[i], w.f5[i])
		}
	})
}

// AddBias adds bias to each of rows rows of d elements.
func AddBias(dst, bias []float32, rows, d int) {
	checkLength("AddBias dst", len(dst), rows*d)
	checkLength("AddBias bias", len(bias), d)
	if d == 0 {
		return
	}
	w := newSweep()
	w.f0, w.f1, w.d = dst, bias, d
	w.run(rows, rowsEach(d), func(w *sweep, from, to int) {
		for i := from; i < to; i++ {
			w.set.add(w.f0[i*w.d:(i+1)*w.d], w.f1)
		}
	})
}

// ColumnSum adds the sum over the rows of x, rows×d, to dst, in row order.
func ColumnSum(dst, x []float32, rows, d int) {
	checkLength("ColumnSum dst", len(dst), d)
	checkLength("ColumnSum x", len(x), rows*d)
	if rows == 0 || d == 0 {
		return
	}
	w := newSweep()
	w.f0, w.f1, w.rows, w.d = dst, x, rows, d
	w.run(d, columnsPer(rows, d), func(w *sweep, from, to int) {
		w.set.columnSum(w.f0[from:to], &w.f1[from], w.rows, w.d)
	})
}

// rowsEach returns how many rows of d elements make one item of a sweep.
func rowsEach(d int) int { return max(1, elementsEach/d) }

// columnsPer returns how many columns of a rows×d matrix make one item of a
// sweep; small matrices are one item.
func columnsPer(rows, d int) int {
	if rows*d <= elementsEach {
		return d
	}
	return columnsEach
}
