//go:build ignore

package main

import (
	"math"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
)

// expKernel holds the constants of e^x after Cephes expf: x = n·ln 2 + r with
// |r| <= ln 2/2, a polynomial in r, and a scaling by 2^n.
type expKernel struct {
	s                   *isa
	high, low           vec
	log2e, ln2Hi, ln2Lo Op
	poly                []Op // highest power first
}

func newExp(s *isa) expKernel {
	e := expKernel{
		s:    s,
		high: s.constantVec(89), low: s.constantVec(-104), // beyond: Inf and 0
		log2e: s.constant(math.Log2E),
		ln2Hi: s.constant(0.693359375), ln2Lo: s.constant(-2.12194440e-4),
	}
	for _, c := range []float64{1.9875691500e-4, 1.3981999507e-3, 8.3334519073e-3,
		4.1665795894e-2, 1.6666665459e-1, 5.0000001201e-1, 1, 1} {
		e.poly = append(e.poly, s.constant(c))
	}
	return e
}

// of replaces x by e^x. The bounds are the first source of MIN and MAX, which
// return the second where either is NaN, so that NaN stays.
func (e expKernel) of(x vec) {
	s := e.s
	VMINPS(x, e.high, x)
	VMAXPS(x, e.low, x)
	n := s.vec()
	VMULPS(e.log2e, x, n)
	s.round(n)
	VFNMADD231PS(e.ln2Hi, n, x)
	VFNMADD231PS(e.ln2Lo, n, x)
	y := s.vec()
	VMOVUPS(e.poly[0], y)
	for _, c := range e.poly[1:] {
		VFMADD213PS(c, x, y)
	}
	if s.is512() {
		VSCALEFPS(n, y, x)
		return
	}
	// 2^n in two halves, so that a result rounds once on its way to a subnormal
	// number or to infinity.
	whole, half := s.vec(), s.vec()
	VCVTPS2DQ(n, whole)
	VPSRAD(U8(1), whole, half)
	VPSUBD(half, whole, whole)
	bias := s.memory(127)
	for _, exponent := range []vec{half, whole} {
		VPADDD(bias, exponent, exponent)
		VPSLLD(U8(23), exponent, exponent)
		VMULPS(exponent, y, y)
	}
	VMOVAPS(y, x)
}

// geluKernel computes σ(2u) with 2u = linear·x + cubic·x³, of which the tanh form
// of GELU is x·σ(2u).
type geluKernel struct {
	exp                   expKernel
	linear, cubic, slope3 Op // slope3 = 3·cubic
	one                   vec
}

func newGelu(s *isa) geluKernel {
	const linear = 2 * 0.7978845608028654 // 2·sqrt(2/π)
	const cubic = linear * 0.044715
	return geluKernel{
		exp:    newExp(s),
		linear: s.constant(linear), cubic: s.constant(cubic), slope3: s.constant(3 * cubic),
		one: s.constantVec(1),
	}
}

// power returns e^(-2u), and x² for further use.
func (g geluKernel) power(x vec) (e, square vec) {
	s := g.exp.s
	e, square = s.vec(), s.vec()
	u := s.vec()
	VMULPS(x, x, square)
	VMOVUPS(g.linear, u)
	VFMADD231PS(g.cubic, square, u)
	negative := s.zero()
	VSUBPS(x, negative, negative)
	VMULPS(u, negative, e)
	g.exp.of(e)
	return e, square
}
