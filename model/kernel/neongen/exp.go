package main

import "math"

// expKernel holds the constants of e^x after Cephes expf: x = n·ln 2 + r with
// |r| <= ln 2/2, a polynomial in r, and a scaling by 2^n.
type expKernel struct {
	a                   *assembler
	high, low           vec
	log2e, ln2Hi, ln2Lo vec
	poly                []vec // highest power first
	one, bias           vec
}

func (a *assembler) newExp() expKernel {
	e := expKernel{
		a:    a,
		high: a.constant(89), low: a.constant(-104), // beyond: Inf and 0
		log2e: a.constant(math.Log2E),
		ln2Hi: a.constant(0.693359375), ln2Lo: a.constant(-2.12194440e-4),
		one: a.constant(1), bias: a.bits(127),
	}
	for _, c := range []float64{1.9875691500e-4, 1.3981999507e-3, 8.3334519073e-3,
		4.1665795894e-2, 1.6666665459e-1, 5.0000001201e-1} {
		e.poly = append(e.poly, a.constant(c))
	}
	e.poly = append(e.poly, e.one, e.one)
	return e
}

// of replaces x by e^x.
func (e expKernel) of(x vec) {
	a := e.a
	a.scope(func() {
		a.min(x, x, e.high)
		a.max(x, x, e.low)
		n := a.vec()
		a.mul(n, x, e.log2e)
		a.word(frintn(n, n))
		a.fms(x, n, e.ln2Hi)
		a.fms(x, n, e.ln2Lo)
		// Horner's rule in two registers, since a multiply-add overwrites the addend.
		y, next := a.vec(), a.vec()
		a.move(y, e.poly[0])
		for _, c := range e.poly[1:] {
			a.move(next, c)
			a.fma(next, y, x)
			y, next = next, y
		}
		// 2^n in two halves, so that a result rounds once on its way to a subnormal
		// number or to infinity.
		whole, half := n, next
		a.word(fcvtns(whole, n))
		a.word(sshr(half, whole, 1))
		a.emit("VSUB %s, %s, %s", half.s4(), whole.s4(), whole.s4())
		for _, exponent := range []vec{half, whole} {
			a.emit("VADD %s, %s, %s", e.bias.s4(), exponent.s4(), exponent.s4())
			a.emit("VSHL $23, %s, %s", exponent.s4(), exponent.s4())
		}
		a.mul(y, y, half)
		a.mul(x, y, whole)
	})
}

// geluKernel computes σ(2u) with 2u = linear·x + cubic·x³, of which the tanh form
// of GELU is x·σ(2u).
type geluKernel struct {
	exp           expKernel
	linear, cubic vec
}

// The factors of 2u.
const (
	geluLinear = 2 * 0.7978845608028654 // 2·sqrt(2/π)
	geluCubic  = geluLinear * 0.044715
)

func (a *assembler) newGelu() geluKernel {
	return geluKernel{exp: a.newExp(), linear: a.constant(geluLinear), cubic: a.constant(geluCubic)}
}

// power returns e^(-2u), and x² for further use.
func (g geluKernel) power(x vec) (e, square vec) {
	a := g.exp.a
	e, square = a.vec(), a.vec()
	a.scope(func() {
		u := a.vec()
		a.mul(square, x, x)
		a.move(u, g.linear)
		a.fma(u, square, g.cubic)
		a.neg(e, x)
		a.mul(e, e, u)
	})
	g.exp.of(e)
	return e, square
}
