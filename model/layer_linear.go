package model

import "rankloop/model/kernel"

// linear computes out[N,O] = x[N,I]·w[I,O] + bias[O].
func linear(out, x, w, bias []float32, n, in, outDim int) {
	kernel.Gemm(false, false, n, outDim, in, x, in, w, outDim, false, out, outDim)
	kernel.AddBias(out, bias, n, outDim)
}

// linearBackward takes dout[N,O] to dx[N,I] = dout·wᵀ and adds xᵀ·dout to
// dw[I,O] and the sum of dout's rows to dbias[O].
func linearBackward(dx, dw, dbias, x, w, dout []float32, n, in, outDim int) {
	kernel.ColumnSum(dbias, dout, n, outDim)
	kernel.Gemm(true, false, in, outDim, n, x, in, dout, outDim, true, dw, outDim)
	kernel.Gemm(false, true, n, in, outDim, dout, outDim, w, outDim, false, dx, in)
}

// addLinear computes out[N,O] += x[N,I]·w[I,O] + bias[O]: a branch that ends in
// the residual stream.
func addLinear(out, x, w, bias []float32, n, in, outDim int) {
	kernel.Gemm(false, false, n, outDim, in, x, in, w, outDim, true, out, outDim)
	kernel.AddBias(out, bias, n, outDim)
}
