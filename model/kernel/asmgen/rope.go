//go:build ignore

package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
)

func rope(s *isa) {
	s.function("rope", "(x *float32, heads int, cos, sin []float32, sign float32)",
		"turns element i of each head's first half and element i of its second half by one angle.")
	ptrs := append(pointers("x", "x"), slices("cos", "sin")...)
	half, heads, headBytes := length("cos"), GP64(), GP64()
	Load(Param("heads"), heads)
	MOVQ(half, headBytes)
	SHLQ(U8(2), headBytes)
	ADDQ(headBytes, ptrs[1])
	SHLQ(U8(1), headBytes)
	sign := s.param("sign")
	loop := label("heads")
	Label(loop)
	s.each(half, ptrs, 1, func(p step, _ int) {
		a, b, cos, sin := p.load(0), p.load(1), p.load(2), p.load(3)
		VMULPS(sign, sin, sin)
		first, second := s.vec(), s.vec()
		VMULPS(sin, b, first)
		VFMSUB231PS(cos, a, first)
		VMULPS(sin, a, second)
		VFMADD231PS(cos, b, second)
		p.store(0, first)
		p.store(1, second)
	})
	ADDQ(headBytes, ptrs[0])
	ADDQ(headBytes, ptrs[1])
	DECQ(heads)
	JNZ(LabelRef(loop))
	ret()
}
