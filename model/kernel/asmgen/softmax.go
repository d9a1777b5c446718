//go:build ignore

package main

import (
	"math"

	. "github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/reg"
)

func softmax(s *isa) {
	s.function("softmax", "(dst, x []float32)", "writes e^(x-max)/Σe^(x-max).")
	n, ptrs := length("x"), slices("dst", "x")
	greatest := s.spread(maximum(s, n, ptrs[1:]))
	total := expSum(s, n, ptrs, 1, greatest, true)
	factor := s.spread(total)
	VDIVPS(factor, s.constantVec(1), factor)
	scale(s, n, ptrs[:1], factor)
	ret()

	s.function("maxExpSum", "(x []float32) (max, sum float32)", "returns the greatest element and Σe^(x-max).")
	n, ptrs = length("x"), slices("x")
	top := maximum(s, n, ptrs)
	total = expSum(s, n, ptrs, 0, s.spread(top), false)
	Store(top, Return("max"))
	Store(total, Return("sum"))
	ret()

	softmaxBackward(s)
}

// softmaxBackward emits the gradient of a row of softmax.
func softmaxBackward(s *isa) {
	s.function("softmaxBackward", "(d, p []float32, inner float32)", "writes p·(d-inner) to d.")
	inner := s.param("inner")
	s.each(length("p"), slices("d", "p"), 1, func(p step, _ int) {
		d := p.load(0)
		VSUBPS(inner, d, d)
		VMULPS(p.load(1), d, d)
		p.store(0, d)
	})
	ret()
}

// maximum returns the greatest of n elements.
func maximum(s *isa, n reg.GPVirtual, ptrs []reg.GPVirtual) reg.VecVirtual {
	lowest := s.constantVec(math.Inf(-1))
	parts := make([]vec, 4)
	for i := range parts {
		parts[i] = s.vec()
		VMOVAPS(lowest, parts[i])
	}
	s.each(n, ptrs, 4, func(p step, number int) {
		x := p.load(0)
		p.fill(x, lowest)
		VMAXPS(x, parts[number], parts[number])
	})
	return s.reduce(sum(parts, VMAXPS), VMAXPS)
}

// expSum returns Σe^(x-shift), the powers kept in ptrs[0] when store is set. The
// shift of a NaN row does not matter: the sum is NaN.
func expSum(s *isa, n reg.GPVirtual, ptrs []reg.GPVirtual, from int, shift vec, store bool) reg.VecVirtual {
	exp := newExp(s)
	total, nothing := s.zero(), s.zero()
	s.each(n, ptrs, 1, func(p step, _ int) {
		x := p.load(from)
		VSUBPS(shift, x, x)
		exp.of(x)
		if store {
			p.store(0, x)
		}
		p.fill(x, nothing)
		VADDPS(x, total, total)
	})
	return s.reduce(total, VADDPS)
}
