//go:build ignore

package main

import (
	"math"

	. "github.com/mmcloughlin/avo/build"
)

// gated emits SiLU, x·σ(x), and its product with a second operand.
func gated(s *isa) {
	s.function("silu", "(dst, x []float32)", "writes x/(1+e^(-x)).")
	silu := newSilu(s)
	s.each(length("x"), slices("dst", "x"), 1, func(p step, _ int) {
		p.store(0, silu.of(p.load(1)))
	})
	ret()

	s.function("siluBackward", "(dx, x, dy []float32)", "writes dy·silu'(x) with silu' = σ + x·σ·(1-σ).")
	silu = newSilu(s)
	s.each(length("x"), slices("dx", "x", "dy"), 1, func(p step, _ int) {
		_, slope := silu.slope(p.load(1))
		VMULPS(p.load(2), slope, slope)
		p.store(0, slope)
	})
	ret()

	s.function("swiglu", "(dst, gate, up []float32)", "writes silu(gate)·up.")
	silu = newSilu(s)
	s.each(length("gate"), slices("dst", "gate", "up"), 1, func(p step, _ int) {
		y := silu.of(p.load(1))
		VMULPS(p.load(2), y, y)
		p.store(0, y)
	})
	ret()

	s.function("swigluBackward", "(dgate, dup, gate, up, dy []float32)",
		"writes dy·up·silu'(gate) and dy·silu(gate).")
	silu = newSilu(s)
	s.each(length("gate"), slices("dgate", "dup", "gate", "up", "dy"), 1, func(p step, _ int) {
		y, slope := silu.slope(p.load(2))
		up, dy := p.load(3), p.load(4)
		VMULPS(up, slope, slope)
		VMULPS(dy, slope, slope)
		VMULPS(dy, y, y)
		p.store(0, slope)
		p.store(1, y)
	})
	ret()
}

// siluKernel computes SiLU and its derivative.
type siluKernel struct {
	exp expKernel
	one vec
}

func newSilu(s *isa) siluKernel { return siluKernel{newExp(s), s.constantVec(1)} }

// power returns e^(-x).
func (k siluKernel) power(x vec) vec {
	e := k.exp.s.zero()
	VSUBPS(x, e, e)
	k.exp.of(e)
	return e
}

// of replaces x by silu(x).
func (k siluKernel) of(x vec) vec {
	e := k.power(x)
	VADDPS(k.one, e, e)
	VDIVPS(e, x, x)
	return x
}

// slope replaces x by silu(x) and returns silu'(x) beside it. Below -80 both are
// within 2e-33 of 0; the bound keeps e^(-x) finite.
func (k siluKernel) slope(x vec) (y, slope vec) {
	s := k.exp.s
	low := s.vec()
	VMOVUPS(s.memory(math.Float32bits(-80)), low)
	VMAXPS(x, low, x)
	e, sigmoid := k.power(x), s.vec()
	VADDPS(k.one, e, sigmoid)
	VDIVPS(sigmoid, k.one, sigmoid)
	VMULPS(sigmoid, x, x)
	VMULPS(sigmoid, e, e) // 1-σ without cancellation
	VFMADD231PS(e, x, sigmoid)
	return x, sigmoid
}
