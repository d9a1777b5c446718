package model

import "rankloop/model/kernel"

// linear computes out[N,O] = x[N,I]·w[I,O] + bias[O].
func linear(out, x []float32, w *linearWeights, n int) {
	product(out, x, w, n, false)
}

// addLinear computes out[N,O] += x[N,I]·w[I,O] + bias[O]: a branch that ends in
// the residual stream.
func addLinear(out, x []float32, w *linearWeights, n int) {
	product(out, x, w, n, true)
}

func product(out, x []float32, w *linearWeights, n int, accumulate bool) {
	kernel.Gemm(false, w.outFirst, n, w.out, w.in, x, w.in, w.matrix, w.stride(), accumulate, out, w.out)
	if w.bias != nil {
		kernel.AddBias(out, w.bias, n, w.out)
	}
}

// linearBackward takes dout[N,O] to dx[N,I] = dout·wᵀ, or adds that to dx if
// accumulate is set, and adds xᵀ·dout to dw[I,O] and the sum of dout's rows to
// dbias[O]. Where dw has no numbers, w is frozen, and dx is all there is to do.
func linearBackward(dx []float32, dw *linearWeights, x []float32, w *linearWeights, dout []float32, n int, accumulate bool) {
	if w.bias != nil && dw.bias != nil {
		kernel.ColumnSum(dw.bias, dout, n, w.out)
	}
	switch {
	case dw.matrix == nil:
	case w.outFirst:
		kernel.Gemm(true, false, w.out, w.in, n, dout, w.out, x, w.in, true, dw.matrix, w.in)
	default:
		kernel.Gemm(true, false, w.in, w.out, n, x, w.in, dout, w.out, true, dw.matrix, w.out)
	}
	kernel.Gemm(false, !w.outFirst, n, w.in, w.out, dout, w.out, w.matrix, w.stride(), accumulate, dx, w.in)
}
