package kernel

import (
	"fmt"
	"os"
	"strings"
	"sync/atomic"
)

// set is one implementation of every primitive. The exported functions check
// shapes, split the work and call through the active set.
type set struct {
	name string

	// Matrix tiles. tiles[r-1][v-1] computes r rows by v vectors of width
	// vector; see tileFunc.
	rows, vectors, width int
	tiles                [][]tileFunc
	// Up to wideRows rows there are tiles of up to wideVectors vectors: the sums of
	// a tile of one row and three vectors would wait for one another.
	wideRows, wideVectors int
	// transpose writes 8 source rows of k elements (k a multiple of 8, rows
	// srcStride apart) as k rows of 8 elements, dstStride apart.
	transpose func(dst *float32, dstStride int, src *float32, srcStride, k int)
	// bfloat16 computes the products of Packed matrices, where these are rounded;
	// nil where they are float32. Such a set is never chosen unasked.
	bfloat16 *pairKernels

	// Elementwise and row kernels. Slices have equal, non-zero lengths.
	exp          func(dst, x []float32)
	softmax      func(dst, x []float32)
	maxExpSum    func(x []float32) (max, sum float32) // sum of exp(x-max)
	gelu         func(dst, x []float32)
	geluBackward func(dx, x, dy []float32)
	silu         func(dst, x []float32)
	siluBackward func(dx, x, dy []float32)
	swiglu       func(dst, gate, up []float32)
	// swigluBackward writes dy·up·silu'(gate) and dy·silu(gate).
	swigluBackward  func(dgate, dup, gate, up, dy []float32)
	softmaxBackward func(d, p []float32, inner float32)

	normRow         func(out, x, gain, bias []float32, eps float32) (mean, rstd float32)
	normBackwardRow func(dx, x, gain, dy []float32, mean, rstd float32)
	// normColumns adds, for the len(dgain) columns at x and dy (rows stride
	// apart, len(mean) of them), dy·x̂ to dgain and dy to dbias in row order.
	normColumns func(dgain, dbias []float32, x, dy *float32, mean, rstd []float32, stride int)

	rmsNormRow         func(out, x, gain []float32, eps float32) (rstd float32)
	rmsNormBackwardRow func(dx, x, gain, dy []float32, rstd float32)
	// rmsNormColumns adds dy·x̂ to dgain, laid out as normColumns.
	rmsNormColumns func(dgain []float32, x, dy *float32, rstd []float32, stride int)
	// rope turns heads heads of 2·len(cos) elements at x by the angles given, times
	// sign.
	rope func(x *float32, heads int, cos, sin []float32, sign float32)

	adamw      func(w, g, m, v []float32, s *adamwScalars)
	add        func(dst, x []float32)
	scale      func(dst []float32, s float32)
	axpy       func(dst []float32, s float32, x []float32)
	lerp       func(dst, x []float32, s float32)
	dot        func(x, y []float32) float32
	sumSquares func(x []float32) float64
	// columnSum adds rows rows at x, stride apart, to dst in row order.
	columnSum func(dst []float32, x *float32, rows, stride int)

	// fmaLoop runs n rounds of independent multiply-adds held in registers and
	// returns the floating-point operations of one round; readLoop streams x.
	fmaLoop  func(n int) (flops int)
	readLoop func(x []float32) float32
}

// tileFunc computes C (+)= A·B for one register tile: k terms per element, added
// one after the other from zero and then stored to, or added to, C. Element
// (r, p) of A lies at a[r*rowStride+p*colStride], row p of B at b[p*bStride],
// row r of C at c[r*cStride]. All vectors of B are read whole; of C's last vector
// only the first lanes elements are touched.
type tileFunc func(k int, a *float32, rowStride, colStride int, b *float32, bStride int,
	c *float32, cStride, lanes int, accumulate bool)

var (
	active atomic.Pointer[set]
	envErr error
)

func init() {
	active.Store(sets()[0])
	if name := os.Getenv("RANKLOOP_CPU"); name != "" {
		if err := Select(name); err != nil {
			envErr = fmt.Errorf("RANKLOOP_CPU is %q, which is no kernel set of this machine: write %s, or leave it unset", name, strings.Join(append(Sets(), BFloat16Sets()...), ", "))
		}
	}
}

// EnvError returns why RANKLOOP_CPU could not be followed, or nil. The best set
// is active then; a program should refuse to start.
func EnvError() error { return envErr }

// Name returns the active set: "avx512", "avx512-bf16", "avx2", "neon" or
// "generic".
func Name() string { return active.Load().name }

// Sets returns the names of the sets that this machine can run, best first, but
// for those of BFloat16Sets.
func Sets() []string { return names(func(s *set) bool { return s.bfloat16 == nil }) }

// BFloat16Sets returns the names of the sets that this machine can run and that
// round both operands of GemmPacked to bfloat16. They have to be asked for.
func BFloat16Sets() []string { return names(func(s *set) bool { return s.bfloat16 != nil }) }

func names(of func(s *set) bool) []string {
	var names []string
	for _, s := range sets() {
		if of(s) {
			names = append(names, s.name)
		}
	}
	return names
}

// Select makes the named set the active one. It fails where the machine does not
// support it. A Packed matrix stays with the set that packed it.
func Select(name string) error {
	for _, s := range sets() {
		if s.name == name {
			active.Store(s)
			return nil
		}
	}
	return fmt.Errorf("kernel: set %q is not available on this machine (available: %v)", name, append(Sets(), BFloat16Sets()...))
}
