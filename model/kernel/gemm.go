package kernel

import "fmt"

// Products below this many floating-point operations are not worth a hand-off
// to another thread.
const parallelFlops = 1 << 19

// Gemm computes C = op(A)·op(B), or C += op(A)·op(B) when accumulate is set.
// op(A) is m×k, op(B) is k×n and C is m×n; with transA the stored A is k×m, with
// transB the stored B is n×k. Strides are those of the stored matrices.
//
// Every element of C is accumulated over k in one order that depends on k alone,
// so a row of C depends only on its own row of op(A) and on B: results are
// bit-equal however rows are batched and however many threads take part.
// Large products run on the worker pool.
func Gemm(transA, transB bool, m, n, k int, a []float32, lda int, b []float32, ldb int, accumulate bool, c []float32, ldc int) {
	checkGemm(transA, transB, m, n, k, a, lda, b, ldb, c, ldc)
	set := active.Load()
	p := product{set: set, layout: set.layout(m, n), transA: transA, transB: transB, m: m, n: n, k: k,
		a: a, lda: lda, b: b, ldb: ldb, accumulate: accumulate, c: c, ldc: ldc}
	p.run()
}

// GemmSerial is Gemm on the calling goroutine alone, for use inside a Parallel
// body. Its results are bit-equal to Gemm's.
func GemmSerial(transA, transB bool, m, n, k int, a []float32, lda int, b []float32, ldb int, accumulate bool, c []float32, ldc int) {
	checkGemm(transA, transB, m, n, k, a, lda, b, ldb, c, ldc)
	set := active.Load()
	p := product{set: set, layout: set.layout(m, n), transA: transA, transB: transB, m: m, n: n, k: k,
		a: a, lda: lda, b: b, ldb: ldb, accumulate: accumulate, c: c, ldc: ldc}
	if m > 0 && n > 0 {
		p.block(span{0, m}, span{0, p.layout.count})
	}
}

func checkGemm(transA, transB bool, m, n, k int, a []float32, lda int, b []float32, ldb int, c []float32, ldc int) {
	if transA {
		checkMatrix("A", k, m, a, lda)
	} else {
		checkMatrix("A", m, k, a, lda)
	}
	if transB {
		checkMatrix("B", n, k, b, ldb)
	} else {
		checkMatrix("B", k, n, b, ldb)
	}
	checkMatrix("C", m, n, c, ldc)
}

// checkMatrix panics unless rows×cols elements with the given stride lie inside
// data; the assembly behind it does not look again.
func checkMatrix(name string, rows, cols int, data []float32, stride int) {
	if rows < 0 || cols < 0 {
		panic(fmt.Sprintf("kernel: matrix %s has negative shape %d×%d", name, rows, cols))
	}
	if rows == 0 || cols == 0 {
		return
	}
	if stride < cols {
		panic(fmt.Sprintf("kernel: matrix %s has stride %d below its %d columns", name, stride, cols))
	}
	if need := (rows-1)*stride + cols; len(data) < need {
		panic(fmt.Sprintf("kernel: matrix %s (%d×%d, stride %d) needs %d elements, has %d",
			name, rows, cols, stride, need, len(data)))
	}
}
