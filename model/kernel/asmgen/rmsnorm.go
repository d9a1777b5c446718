//go:build ignore

package main

import (
	"math"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

func rmsNorm(s *isa) {
	rmsNormRow(s)
	rmsNormBackwardRow(s)
	rmsNormColumns(s)
}

func rmsNormRow(s *isa) {
	s.function("rmsNormRow", "(out, x, gain []float32, eps float32) (rstd float32)",
		"normalises one row by its root mean square.")
	n, ptrs := length("x"), slices("out", "x", "gain")
	squares := s.zeros(4)
	s.each(n, ptrs[1:2], 4, func(p step, number int) {
		x := p.load(0)
		VFMADD231PS(x, x, squares[number])
	})
	square, _ := mean(s, sum(squares, VADDPS), n)
	eps, one := XMM(), XMM()
	Load(Param("eps"), eps)
	VADDSS(eps, square, square)
	VSQRTSS(square, square, square)
	VBROADCASTSS(s.memory(math.Float32bits(1)), one)
	VDIVSS(square, one, one)
	Store(one, Return("rstd"))
	rstd := s.spread(one)
	s.each(n, ptrs, 1, func(p step, _ int) {
		x := p.load(1)
		VMULPS(rstd, x, x)
		VMULPS(p.load(2), x, x)
		p.store(0, x)
	})
	ret()
}

func rmsNormBackwardRow(s *isa) {
	s.function("rmsNormBackwardRow", "(dx, x, gain, dy []float32, rstd float32)",
		"adds rstd·(g - x̂·mean(g·x̂)) to dx, with g = dy·gain.")
	n, ptrs := length("x"), slices("dx", "x", "gain", "dy")
	rstd := s.param("rstd")
	terms := func(p step) (hat, g vec) {
		hat = p.load(1)
		VMULPS(rstd, hat, hat)
		g = p.load(3)
		VMULPS(p.load(2), g, g)
		return hat, g
	}
	hats := s.zeros(4)
	s.each(n, ptrs, 4, func(p step, number int) {
		hat, g := terms(p)
		VFMADD231PS(hat, g, hats[number])
	})
	_, meanHat := mean(s, sum(hats, VADDPS), n)
	s.each(n, ptrs, 1, func(p step, _ int) {
		hat, g := terms(p)
		VFNMADD231PS(meanHat, hat, g)
		dx := p.load(0)
		VFMADD231PS(rstd, g, dx)
		p.store(0, dx)
	})
	ret()
}

func rmsNormColumns(s *isa) {
	s.function("rmsNormColumns", "(dgain []float32, x, dy *float32, rstd []float32, stride int)",
		"adds dy·x̂ to dgain, in row order.")
	ptrs := append(slices("dgain"), pointers("x", "dy")...)
	scalars := slices("rstd")
	count, stride := length("rstd"), byteStride()
	columns(s, length("dgain"), ptrs, func(steps []step) {
		var dgain []vec
		for _, p := range steps {
			dgain = append(dgain, p.load(0))
		}
		row := rewind(scalars)
		rows(count, stride, ptrs[1:], func(matrices []reg.GPVirtual) {
			rstd := s.spread(Mem{Base: row[0]})
			for i, p := range steps {
				p.ptrs = matrices
				hat := p.load(0)
				VMULPS(rstd, hat, hat)
				VFMADD231PS(p.load(1), hat, dgain[i])
			}
			ADDQ(U8(4), row[0])
		})
		for i, p := range steps {
			p.store(0, dgain[i])
		}
	})
	ret()
}
