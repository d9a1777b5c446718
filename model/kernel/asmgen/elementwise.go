//go:build ignore

package main

import (
	"math"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

func elementwise(s *isa) {
	exponential(s)
	gelu(s)
	geluBackward(s)
	adamw(s)
	arithmetic(s)
}

func exponential(s *isa) {
	s.function("exp", "(dst, x []float32)", "writes e^x.")
	exp := newExp(s)
	s.each(length("x"), slices("dst", "x"), 1, func(p step, _ int) {
		x := p.load(1)
		exp.of(x)
		p.store(0, x)
	})
	ret()
}

func gelu(s *isa) {
	s.function("gelu", "(dst, x []float32)", "writes x/(1+e^(-2u)), the tanh form of GELU.")
	gelu := newGelu(s)
	s.each(length("x"), slices("dst", "x"), 1, func(p step, _ int) {
		x := p.load(1)
		e, _ := gelu.power(x)
		VADDPS(gelu.one, e, e)
		VDIVPS(e, x, x)
		p.store(0, x)
	})
	ret()
}

func geluBackward(s *isa) {
	s.function("geluBackward", "(dx, x, dy []float32)", "writes dy·gelu'(x) with gelu' = σ + x·(2u)'·σ·(1-σ).")
	gelu := newGelu(s)
	// Beyond ±10 the derivative is within 1e-34 of 0 or 1; the bound keeps e finite.
	high, low := s.memory(math.Float32bits(10)), s.memory(math.Float32bits(-10))
	s.each(length("x"), slices("dx", "x", "dy"), 1, func(p step, _ int) {
		x := p.load(1)
		bound := s.vec()
		VMOVUPS(high, bound)
		VMINPS(x, bound, x)
		VMOVUPS(low, bound)
		VMAXPS(x, bound, x)
		e, square := gelu.power(x)
		sigmoid := s.vec()
		VADDPS(gelu.one, e, sigmoid)
		VDIVPS(sigmoid, gelu.one, sigmoid)
		slope := s.vec()
		VMOVUPS(gelu.linear, slope)
		VFMADD231PS(gelu.slope3, square, slope)
		VMULPS(x, slope, slope)
		VMULPS(sigmoid, slope, slope)
		VMULPS(sigmoid, e, e) // 1-σ without cancellation
		VFMADD231PS(e, slope, sigmoid)
		VMULPS(p.load(2), sigmoid, sigmoid)
		p.store(0, sigmoid)
	})
	ret()
}

func adamw(s *isa) {
	s.function("adamw", "(w, g, m, v []float32, scalars *float32)",
		"makes one AdamW step; scalars are the fields of adamwScalars in order.")
	base := GP64()
	Load(Param("scalars"), base)
	next := 0
	scalar := func() vec {
		next += 4
		return s.spread(Mem{Base: base, Disp: next - 4})
	}
	gradScale, beta1, rest1, beta2, rest2 := scalar(), scalar(), scalar(), scalar(), scalar()
	decay, rate, rootScale, eps := scalar(), scalar(), scalar(), scalar()
	s.each(length("w"), slices("w", "g", "m", "v"), 1, func(p step, _ int) {
		w, g, m, v := p.load(0), p.load(1), p.load(2), p.load(3)
		VMULPS(gradScale, g, g)
		VMULPS(beta1, m, m)
		VFMADD231PS(rest1, g, m)
		p.store(2, m)
		VMULPS(g, g, g)
		VMULPS(beta2, v, v)
		VFMADD231PS(rest2, g, v)
		p.store(3, v)
		VSQRTPS(v, v)
		VFMADD213PS(eps, rootScale, v)
		VMULPS(rate, m, m)
		VDIVPS(v, m, m)
		VFMSUB213PS(m, decay, w)
		p.store(0, w)
	})
	ret()
}

// arithmetic emits the one-line operations on slices.
func arithmetic(s *isa) {
	s.function("add", "(dst, x []float32)", "adds x to dst.")
	s.each(length("dst"), slices("dst", "x"), 1, func(p step, _ int) {
		v := p.load(0)
		VADDPS(p.load(1), v, v)
		p.store(0, v)
	})
	ret()

	s.function("scale", "(dst []float32, s float32)", "multiplies dst by s.")
	factor := s.param("s")
	scale(s, length("dst"), slices("dst"), factor)
	ret()

	s.function("axpy", "(dst []float32, s float32, x []float32)", "adds s·x to dst.")
	factor = s.param("s")
	s.each(length("dst"), slices("dst", "x"), 1, func(p step, _ int) {
		v := p.load(0)
		VFMADD231PS(p.load(1), factor, v)
		p.store(0, v)
	})
	ret()

	s.function("lerp", "(dst, x []float32, s, rest float32)", "writes s·dst + rest·x to dst.")
	factor = s.param("s")
	rest := s.param("rest")
	s.each(length("dst"), slices("dst", "x"), 1, func(p step, _ int) {
		v := p.load(1)
		VMULPS(rest, v, v)
		VFMADD231PS(p.load(0), factor, v)
		p.store(0, v)
	})
	ret()
}

// scale multiplies n elements by factor.
func scale(s *isa, n reg.GPVirtual, ptrs []reg.GPVirtual, factor vec) {
	s.each(n, ptrs, 1, func(p step, _ int) {
		v := p.load(0)
		VMULPS(factor, v, v)
		p.store(0, v)
	})
}
