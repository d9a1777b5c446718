package model

import "rankloop/model/kernel"

// adapterWeights are the low-rank adapter of one matrix (Hu et al. 2021).
type adapterWeights struct {
	a       []float32 // [R,I]
	b       []float32 // [O,R]
	rank    int       // R
	in, out int
	column  int // of the product's result at which its O columns begin
	scale   float32
}

// addAdapter computes out[N,O] += scale·(x[N,I]·aᵀ)·bᵀ, where rows of out are
// stride apart. inner[N,R] is scratch.
func addAdapter(out, x []float32, w *adapterWeights, stride, n int, inner []float32) {
	adapterInner(inner, x, w, n)
	kernel.Gemm(false, true, n, w.out, w.rank, inner, w.rank, w.b, w.rank, true, out[w.column:], stride)
}

// adapterInner computes inner[N,R] = scale·x[N,I]·aᵀ.
func adapterInner(inner, x []float32, w *adapterWeights, n int) {
	kernel.Gemm(false, true, n, w.rank, w.in, x, w.in, w.a, w.in, false, inner, w.rank)
	kernel.Scale(inner[:n*w.rank], w.scale)
}

// adapterBackward adds the gradient of addAdapter to dx[N,I] and to dw, given
// its input and the gradient dout of its output, rows of which are stride apart.
// inner[N,R] is scratch.
func adapterBackward(dx []float32, dw *adapterWeights, x []float32, w *adapterWeights, dout []float32, stride, n int, inner []float32) {
	dout = dout[w.column:]
	adapterInner(inner, x, w, n)
	kernel.Gemm(true, false, w.out, w.rank, n, dout, stride, inner, w.rank, true, dw.b, w.rank)
	dinner := inner // what was there has been used
	kernel.Gemm(false, false, n, w.rank, w.out, dout, stride, w.b, w.rank, false, dinner, w.rank)
	kernel.Scale(dinner[:n*w.rank], w.scale)
	kernel.Gemm(true, false, w.rank, w.in, n, dinner, w.rank, x, w.in, true, dw.a, w.in)
	kernel.Gemm(false, false, n, w.in, w.rank, dinner, w.rank, w.a, w.in, true, dx, w.in)
}

// mergeAdapter adds scale·(b·a), as the matrix of a product is stored, to matrix:
// the whole [I,out] or [out,I] matrix of the product with the given row length.
func mergeAdapter(matrix []float32, outFirst bool, stride int, w *adapterWeights) {
	b := make([]float32, len(w.b))
	copy(b, w.b)
	kernel.Scale(b, w.scale)
	if outFirst {
		kernel.GemmSerial(false, false, w.out, w.in, w.rank, b, w.rank, w.a, w.in, true, matrix[w.column*stride:], stride)
		return
	}
	kernel.GemmSerial(true, true, w.in, w.out, w.rank, w.a, w.in, b, w.rank, true, matrix[w.column:], stride)
}

// linear is the product with a matrix and its adapters, if it has any.
func (p *Pass) linear(out, x []float32, w *linearWeights, n int) {
	linear(out, x, w, n)
	p.addAdapters(out, x, w, n)
}

// addLinear is linear for a branch that ends in the residual stream.
func (p *Pass) addLinear(out, x []float32, w *linearWeights, n int) {
	addLinear(out, x, w, n)
	p.addAdapters(out, x, w, n)
}

func (p *Pass) addAdapters(out, x []float32, w *linearWeights, n int) {
	for i := range w.adapters {
		addAdapter(out, x, &w.adapters[i], w.out, n, p.inner)
	}
}

// linearBackward is the way back through either.
func (p *Pass) linearBackward(dx []float32, dw *linearWeights, x []float32, w *linearWeights, dout []float32, n int, accumulate bool) {
	linearBackward(dx, dw, x, w, dout, n, accumulate)
	for i := range w.adapters {
		adapterBackward(dx, &dw.adapters[i], x, &w.adapters[i], dout, w.out, n, p.inner)
	}
}
