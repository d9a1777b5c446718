package kernel

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/blas"
	"gonum.org/v1/gonum/blas/blas64"
)

// operands is a random product with strides wider than the rows, so that a
// kernel that confuses a stride with a width is seen.
type operands struct {
	transA, transB bool
	m, n, k        int
	a, b           []float32
	lda, ldb, ldc  int
}

func newOperands(r *rand.Rand, transA, transB bool, m, n, k int) operands {
	o := operands{transA: transA, transB: transB, m: m, n: n, k: k}
	aRows, aCols, bRows, bCols := m, k, k, n
	if transA {
		aRows, aCols = k, m
	}
	if transB {
		bRows, bCols = n, k
	}
	o.lda, o.ldb, o.ldc = aCols+3, bCols+5, n+7
	o.a = uniform(r, aRows*o.lda, -0.5, 0.5)
	o.b = uniform(r, bRows*o.ldb, -0.5, 0.5)
	return o
}

func (o operands) gemm(accumulate bool, c []float32) {
	Gemm(o.transA, o.transB, o.m, o.n, o.k, o.a, o.lda, o.b, o.ldb, accumulate, c, o.ldc)
}

// exact computes the product in float64 with gonum.
func (o operands) exact() []float64 {
	wide := func(x []float32) []float64 {
		y := make([]float64, len(x))
		for i, v := range x {
			y[i] = float64(v)
		}
		return y
	}
	flag := func(trans bool) blas.Transpose {
		if trans {
			return blas.Trans
		}
		return blas.NoTrans
	}
	c := make([]float64, o.m*o.n)
	blas64.Implementation().Dgemm(flag(o.transA), flag(o.transB), o.m, o.n, o.k,
		1, wide(o.a), o.lda, wide(o.b), o.ldb, 0, c, o.n)
	return c
}

var forms = []struct {
	name           string
	transA, transB bool
}{{"NN", false, false}, {"NT", false, true}, {"TN", true, false}, {"TT", true, true}}

var shapes = [][3]int{
	{1, 1, 1}, {1, 48, 7}, {7, 1, 9}, {2, 3, 300}, {8, 48, 64}, {9, 49, 65}, {13, 95, 31}, {16, 64, 256},
	{17, 16, 257}, {31, 33, 40}, {64, 64, 64}, {97, 100, 129}, {100, 193, 385}, {130, 401, 520}, {250, 31, 1000},
}

func TestGemmAgainstFloat64(t *testing.T) {
	eachSet(t, func(t *testing.T) {
		for _, form := range forms {
			for _, shape := range shapes {
				for _, accumulate := range []bool{false, true} {
					m, n, k := shape[0], shape[1], shape[2]
					name := fmt.Sprintf("%s %d×%d×%d accumulate=%v", form.name, m, n, k, accumulate)
					r := random(uint64(m*n + k))
					o := newOperands(r, form.transA, form.transB, m, n, k)
					want := o.exact()
					c, check := guarded(t, (m-1)*o.ldc+n)
					start := make([]float32, len(c))
					if accumulate {
						copy(start, uniform(r, len(c), -0.5, 0.5))
					}
					copy(c, start)
					o.gemm(accumulate, c)
					check()
					worst := 0.0
					for i := range m {
						row := c[i*o.ldc:]
						for j := range n {
							exact := want[i*n+j] + float64(start[i*o.ldc+j])
							worst = max(worst, math.Abs(float64(row[j])-exact))
						}
						if i < m-1 {
							sameBits(t, name+" between rows", row[n:o.ldc], start[i*o.ldc+n:(i+1)*o.ldc])
						}
					}
					if scaled := worst / math.Sqrt(float64(k)); !(scaled <= 3e-7) {
						t.Errorf("%s: error/√k is %.3g", name, scaled)
					}
				}
			}
		}
	})
}

// A row of the result must depend on its own row of op(A) and on B alone, bit for
// bit: batching, row order and threads must not show.
func TestGemmRowsAreIndependent(t *testing.T) {
	eachSet(t, func(t *testing.T) {
		for _, form := range forms {
			for _, shape := range [][3]int{{37, 70, 300}, {150, 200, 130}, {530, 97, 64}, {40, 850, 72}} {
				m, n, k := shape[0], shape[1], shape[2]
				r := random(uint64(m))
				o := newOperands(r, form.transA, form.transB, m, n, k)
				o.ldc = n
				whole := make([]float32, m*n)
				withThreads(1, func() { o.gemm(false, whole) })

				for _, threads := range []int{2, 3, 8} {
					c := make([]float32, m*n)
					withThreads(threads, func() { o.gemm(false, c) })
					sameBits(t, fmt.Sprintf("%s, %d threads", form.name, threads), c, whole)
				}
				serial := make([]float32, m*n)
				GemmSerial(o.transA, o.transB, m, n, k, o.a, o.lda, o.b, o.ldb, false, serial, n)
				sameBits(t, form.name+" serial", serial, whole)

				for _, rows := range []int{1, 2, 5, 11, m - 1} {
					order := r.Perm(m)[:rows]
					part := o.pick(order)
					c := make([]float32, rows*n)
					part.gemm(false, c)
					for i, from := range order {
						sameBits(t, fmt.Sprintf("%s, row %d in a batch of %d", form.name, from, rows),
							c[i*n:(i+1)*n], whole[from*n:(from+1)*n])
					}
				}
				if !form.transA {
					packed := Pack(o.transB, k, n, o.b, o.ldb)
					for _, threads := range []int{1, 3} {
						c := make([]float32, m*n)
						withThreads(threads, func() { GemmPacked(m, o.a, o.lda, packed, false, c, n) })
						sameBits(t, form.name+" packed", c, whole)
					}
					clear(serial)
					GemmPacked(3, o.a, o.lda, packed, true, serial, n)
					sameBits(t, form.name+" packed, accumulated on zero", serial[:3*n], whole[:3*n])
				}
			}
		}
	})
}

// pick returns the product restricted to some rows of op(A), in the given order.
func (o operands) pick(rows []int) operands {
	part := o
	part.m = len(rows)
	if o.transA {
		part.lda = part.m
		part.a = make([]float32, o.k*part.m)
		for p := range o.k {
			for i, from := range rows {
				part.a[p*part.lda+i] = o.a[p*o.lda+from]
			}
		}
		return part
	}
	part.lda = o.k
	part.a = make([]float32, part.m*o.k)
	for i, from := range rows {
		copy(part.a[i*o.k:(i+1)*o.k], o.a[from*o.lda:])
	}
	return part
}

func TestGemmOfNothing(t *testing.T) {
	eachSet(t, func(t *testing.T) {
		c := []float32{1, 2, 3, 4}
		Gemm(false, false, 0, 2, 2, nil, 2, c, 2, false, nil, 2)
		Gemm(false, true, 2, 0, 2, c, 2, nil, 2, false, nil, 0)
		Gemm(false, false, 2, 2, 0, nil, 0, nil, 2, true, c, 2)
		sameBits(t, "C += 0", c, []float32{1, 2, 3, 4})
		GemmPacked(2, nil, 0, Pack(false, 0, 2, nil, 2), false, c, 2)
		sameBits(t, "C = 0", c, []float32{0, 0, 0, 0})
	})
}

func TestGemmCarriesNaNAndInf(t *testing.T) {
	inf, nan := float32(math.Inf(1)), float32(math.NaN())
	eachSet(t, func(t *testing.T) {
		a := []float32{1, 0, inf, 2, nan, 1}
		b := []float32{1, 2, 3, -1, 0, 1}
		c := make([]float32, 9)
		Gemm(false, false, 3, 3, 2, a, 2, b, 3, false, c, 3)
		sameBits(t, "finite row", c[:3], []float32{1, 2, 3})
		sameBits(t, "infinite row", c[3:6], []float32{inf, inf, inf})
		for _, v := range c[6:] {
			if v == v {
				t.Errorf("a NaN factor gave %g", v)
			}
		}
	})
}

func TestGemmRejectsShortOperands(t *testing.T) {
	x := make([]float32, 12)
	for name, call := range map[string]func(){
		"short A":           func() { Gemm(false, false, 4, 3, 4, x, 4, x, 3, false, x, 3) },
		"short B":           func() { Gemm(false, true, 3, 4, 4, x, 4, x, 4, false, x, 4) },
		"short C":           func() { GemmSerial(false, false, 3, 4, 3, x, 3, x, 4, false, x, 5) },
		"narrow stride":     func() { Gemm(true, false, 3, 3, 3, x, 2, x, 3, false, x, 3) },
		"negative shape":    func() { Gemm(false, false, -1, 3, 3, x, 3, x, 3, false, x, 3) },
		"short packed C":    func() { GemmPacked(4, x, 3, Pack(false, 3, 4, x, 4), false, x, 4) },
		"memory to pack in": func() { NewPacked(make([]float32, PackedLen(3, 4)-1), false, 3, 4) },
		"short to repack":   func() { Pack(true, 3, 4, x, 3).Repack(x[:11], 3) },
	} {
		t.Run(name, func(t *testing.T) {
			defer func() {
				if recover() == nil {
					t.Error("no panic")
				}
			}()
			call()
		})
	}
}
