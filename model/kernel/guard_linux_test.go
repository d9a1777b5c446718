package kernel

import (
	"os"
	"syscall"
	"testing"
	"unsafe"
)

// fenced returns n random elements that begin or end at a page that must not be
// touched: a kernel that reads one element too many faults.
func fenced(t *testing.T, n int, atEnd bool) []float32 {
	t.Helper()
	page := os.Getpagesize()
	size := (4*n + page - 1) / page * page
	memory, err := syscall.Mmap(-1, 0, size+2*page, syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_ANON|syscall.MAP_PRIVATE)
	if err != nil {
		t.Skipf("no memory map: %v", err)
	}
	t.Cleanup(func() { _ = syscall.Munmap(memory) })
	for _, fence := range [][]byte{memory[:page], memory[page+size:]} {
		if err := syscall.Mprotect(fence, syscall.PROT_NONE); err != nil {
			t.Fatal(err)
		}
	}
	start := page
	if atEnd {
		start = page + size - 4*n
	}
	data := unsafe.Slice((*float32)(unsafe.Pointer(&memory[start])), n)
	copy(data, uniform(random(uint64(n)), n, -1, 1))
	return data
}

func TestKernelsStayInsideTheirOperands(t *testing.T) {
	eachSet(t, func(t *testing.T) {
		for _, atEnd := range []bool{false, true} {
			take := func(n int) []float32 { return fenced(t, n, atEnd) }
			for _, shape := range [][3]int{{1, 16, 8}, {3, 5, 9}, {9, 48, 16}, {17, 50, 23}, {30, 40, 24}} {
				m, n, k := shape[0], shape[1], shape[2]
				a, b, c := take(m*k), take(k*n), take(m*n)
				Gemm(false, false, m, n, k, a, k, b, n, false, c, n)
				Gemm(false, true, m, n, k, a, k, b, k, true, c, n)
				Gemm(true, false, m, n, k, a, m, b, n, true, c, n)
				Gemm(true, true, m, n, k, a, m, b, k, false, c, n)
				GemmPacked(m, a, k, Pack(true, k, n, b, k), true, c, n)
			}
			for _, n := range []int{1, 7, 8, 15, 16, 19, 64, 77} {
				const rows = 3
				x, y, z, w := take(n), take(n), take(n), take(n)
				matrix, grad, mean, rstd := take(rows*n), take(rows*n), take(rows), take(rows)
				Exp(z, x)
				SoftmaxRow(z, x)
				Gelu(z, x)
				GeluBackward(z, x, y)
				Add(z, x)
				Scale(z, 0.5)
				Axpy(z, 0.5, x)
				Lerp(z, x, 0.5)
				AdamW(w, x, y, z, 0, 0, 0, 1, 0, 1, 1, 1)
				x[0] = LogSumExp(x) + Dot(x, y) + float32(SumSquares(x))
				LayerNorm(matrix, mean, rstd, matrix, x, y, rows, n, 1e-5)
				LayerNormBackward(grad, z, w, matrix, mean, rstd, x, matrix, rows, n)
				Silu(z, x)
				SiluBackward(z, x, y)
				Swiglu(z, x, y)
				SwigluBackward(z, w, x, y, x)
				SoftmaxBackwardRow(z, x, 0.5)
				RMSNorm(matrix, rstd, matrix, x, rows, n, 1e-5)
				RMSNormBackward(grad, z, matrix, rstd, x, matrix, rows, n)
				turned, cos, sin := take(3*4*n), take(rows*n), take(rows*n)
				RoPE(turned, 4*n, []int{2, 0, 1}, cos, sin, 2, 2*n)
				RoPEBackward(turned, 4*n, []int{0, 1, 2}, cos, sin, 2, 2*n)
				AddBias(matrix, x, rows, n)
				ColumnSum(z, matrix, rows, n)
			}
		}
	})
}

func TestBFloat16StaysInsideItsOperands(t *testing.T) {
	withBFloat16(t, func() {
		for _, atEnd := range []bool{false, true} {
			take := func(n int) []float32 { return fenced(t, n, atEnd) }
			for _, shape := range [][3]int{{1, 16, 8}, {3, 5, 9}, {9, 48, 16}, {17, 50, 23}, {30, 40, 24}, {2, 3, 1}} {
				m, n, k := shape[0], shape[1], shape[2]
				a, b, c := take(m*k), take(k*n), take(m*n)
				GemmPacked(m, a, k, Pack(true, k, n, b, k), true, c, n)
				GemmPacked(m, a, k, Pack(false, k, n, b, n), false, c, n)
			}
		}
	})
}
