//go:build ignore

package main

import (
	"math"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

func layerNorm(s *isa) {
	normRow(s)
	normBackwardRow(s)
	normColumns(s)
	columnSum(s)
}

// mean divides a sum by the length of the slice parameter and spreads it.
func mean(s *isa, total vec, n reg.GPVirtual) (x reg.VecVirtual, spread vec) {
	count := XMM()
	VXORPS(count, count, count)
	VCVTSI2SSQ(n, count, count)
	x = s.reduce(total, VADDPS)
	VDIVSS(count, x, x)
	return x, s.spread(x)
}

func normRow(s *isa) {
	s.function("normRow", "(out, x, gain, bias []float32, eps float32) (mean, rstd float32)",
		"normalises one row in three passes: mean, variance, result.")
	n, ptrs := length("x"), slices("out", "x", "gain", "bias")
	sums := s.zeros(4)
	s.each(n, ptrs[1:2], 4, func(p step, number int) {
		VADDPS(p.load(0), sums[number], sums[number])
	})
	average, center := mean(s, sum(sums, VADDPS), n)
	Store(average, Return("mean"))

	squares := s.zeros(4)
	s.each(n, ptrs[1:2], 4, func(p step, number int) {
		x := p.load(0)
		p.fill(x, center)
		VSUBPS(center, x, x)
		VFMADD231PS(x, x, squares[number])
	})
	variance, _ := mean(s, sum(squares, VADDPS), n)
	eps, one := XMM(), XMM()
	Load(Param("eps"), eps)
	VADDSS(eps, variance, variance)
	VSQRTSS(variance, variance, variance)
	VBROADCASTSS(s.memory(math.Float32bits(1)), one)
	VDIVSS(variance, one, one)
	Store(one, Return("rstd"))
	rstd := s.spread(one)

	s.each(n, ptrs, 1, func(p step, _ int) {
		x := p.load(1)
		VSUBPS(center, x, x)
		VMULPS(rstd, x, x)
		gain := p.load(2)
		VFMADD213PS(p.load(3), gain, x)
		p.store(0, x)
	})
	ret()
}

func normBackwardRow(s *isa) {
	s.function("normBackwardRow", "(dx, x, gain, dy []float32, mean, rstd float32)",
		"adds rstd·(g - mean(g) - x̂·mean(g·x̂)) to dx, with g = dy·gain.")
	n, ptrs := length("x"), slices("dx", "x", "gain", "dy")
	center, rstd := s.param("mean"), s.param("rstd")
	terms := func(p step) (hat, g vec) {
		hat = p.load(1)
		VSUBPS(center, hat, hat)
		VMULPS(rstd, hat, hat)
		g = p.load(3)
		VMULPS(p.load(2), g, g)
		return hat, g
	}
	sums, hats := s.zeros(2), s.zeros(2)
	s.each(n, ptrs, 2, func(p step, number int) {
		hat, g := terms(p)
		VADDPS(g, sums[number], sums[number])
		VFMADD231PS(hat, g, hats[number])
	})
	_, meanG := mean(s, sum(sums, VADDPS), n)
	_, meanHat := mean(s, sum(hats, VADDPS), n)
	s.each(n, ptrs, 1, func(p step, _ int) {
		hat, g := terms(p)
		VSUBPS(meanG, g, g)
		VFNMADD231PS(meanHat, hat, g)
		dx := p.load(0)
		VFMADD231PS(rstd, g, dx)
		p.store(0, dx)
	})
	ret()
}

// columns emits, for blocks of up to four vectors of columns, begin, then body for
// every row, then finish: each column is summed in row order on its own.
func columns(s *isa, n reg.GPVirtual, ptrs []reg.GPVirtual, block func(steps []step)) {
	left := GP64()
	MOVQ(n, left)
	for _, vectors := range []int{4, 1} {
		loop, end := label("columns"), label("end")
		Label(loop)
		CMPQ(left, I32(int32(vectors*s.width)))
		JL(LabelRef(end))
		steps := make([]step, vectors)
		for i := range steps {
			steps[i] = step{s, ptrs, i * s.bytes(), nil}
		}
		block(steps)
		for _, p := range ptrs {
			ADDQ(I32(int32(vectors*s.bytes())), p)
		}
		SUBQ(I32(int32(vectors*s.width)), left)
		JMP(LabelRef(loop))
		Label(end)
	}
	done := label("done")
	TESTQ(left, left)
	JZ(LabelRef(done))
	t := s.tailOf(left)
	block([]step{{s, ptrs, 0, &t}})
	Label(done)
}

// rows emits body for rows of the matrices at ptrs, stride bytes apart.
func rows(count reg.GPVirtual, stride reg.GPVirtual, ptrs []reg.GPVirtual, body func(ptrs []reg.GPVirtual)) {
	left := GP64()
	MOVQ(count, left)
	ptrs = rewind(ptrs)
	loop := label("rows")
	Label(loop)
	body(ptrs)
	for _, p := range ptrs {
		ADDQ(stride, p)
	}
	DECQ(left)
	JNZ(LabelRef(loop))
}

func pointers(names ...string) []reg.GPVirtual {
	ptrs := make([]reg.GPVirtual, len(names))
	for i, name := range names {
		ptrs[i] = GP64()
		Load(Param(name), ptrs[i])
	}
	return ptrs
}

func byteStride() reg.GPVirtual {
	stride := GP64()
	Load(Param("stride"), stride)
	SHLQ(U8(2), stride)
	return stride
}

func normColumns(s *isa) {
	s.function("normColumns", "(dgain, dbias []float32, x, dy *float32, mean, rstd []float32, stride int)",
		"adds dy·x̂ to dgain and dy to dbias, in row order.")
	ptrs := append(slices("dgain", "dbias"), pointers("x", "dy")...)
	scalars := slices("mean", "rstd")
	count, stride := length("mean"), byteStride()
	columns(s, length("dgain"), ptrs, func(steps []step) {
		var dgain, dbias []vec
		for _, p := range steps {
			dgain = append(dgain, p.load(0))
			dbias = append(dbias, p.load(1))
		}
		row := rewind(scalars)
		rows(count, stride, ptrs[2:], func(matrices []reg.GPVirtual) {
			center, rstd := s.spread(Mem{Base: row[0]}), s.spread(Mem{Base: row[1]})
			for i, p := range steps {
				p.ptrs = matrices
				hat, dy := p.load(0), p.load(1)
				VSUBPS(center, hat, hat)
				VMULPS(rstd, hat, hat)
				VFMADD231PS(dy, hat, dgain[i])
				VADDPS(dy, dbias[i], dbias[i])
			}
			ADDQ(U8(4), row[0])
			ADDQ(U8(4), row[1])
		})
		for i, p := range steps {
			p.store(0, dgain[i])
			p.store(1, dbias[i])
		}
	})
	ret()
}

func columnSum(s *isa) {
	s.function("columnSum", "(dst []float32, x *float32, rows, stride int)", "adds the rows of x to dst, in order.")
	ptrs := append(slices("dst"), pointers("x")...)
	count, stride := GP64(), byteStride()
	Load(Param("rows"), count)
	columns(s, length("dst"), ptrs, func(steps []step) {
		var dst []vec
		for _, p := range steps {
			dst = append(dst, p.load(0))
		}
		rows(count, stride, ptrs[1:], func(matrices []reg.GPVirtual) {
			for i, p := range steps {
				p.ptrs = matrices
				VADDPS(p.load(0), dst[i], dst[i])
			}
		})
		for i, p := range steps {
			p.store(0, dst[i])
		}
	})
	ret()
}
