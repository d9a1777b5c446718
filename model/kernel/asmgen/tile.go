//go:build ignore

package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// strided addresses rows of a matrix whose stride is known at run time: four rows
// are reached from one base, so eight rows take two.
type strided struct {
	bases   []reg.GPVirtual
	stride  reg.GPVirtual
	stride3 reg.GPVirtual
}

// newStrided loads a pointer and a stride in elements, for the given rows.
func newStrided(pointer, stride string, rows int) strided {
	m := strided{stride: GP64()}
	base := GP64()
	Load(Param(pointer), base)
	Load(Param(stride), m.stride)
	SHLQ(U8(2), m.stride)
	m.bases = append(m.bases, base)
	if rows > 3 {
		m.stride3 = GP64()
		LEAQ(Mem{Base: m.stride, Index: m.stride, Scale: 2}, m.stride3)
	}
	if rows > 4 {
		second := GP64()
		LEAQ(Mem{Base: base, Index: m.stride, Scale: 4}, second)
		m.bases = append(m.bases, second)
	}
	return m
}

func (m strided) row(r, offset int) Mem {
	mem := Mem{Base: m.bases[r/4], Disp: offset}
	switch r % 4 {
	case 1:
		mem.Index, mem.Scale = m.stride, 1
	case 2:
		mem.Index, mem.Scale = m.stride, 2
	case 3:
		mem.Index, mem.Scale = m.stride3, 1
	}
	return mem
}

func (m strided) advance(by Op) {
	for _, base := range m.bases {
		ADDQ(by, base)
	}
}

// tile emits the product of one register tile; see tileFunc in the kernel package.
// Each element is one chain of multiply-adds over k whatever the tile's shape.
func tile(s *isa, rows, vectors int) {
	s.function(fmt.Sprintf("tile%dx%d", rows, vectors),
		"(k int, a *float32, rowStride, colStride int, b *float32, bStride int, c *float32, cStride, lanes int, accumulate bool)",
		fmt.Sprintf("computes %d rows by %d vectors of C (+)= A·B.", rows, vectors))
	a := newStrided("a", "rowStride", rows)
	k, step, b, bStep := GP64(), GP64(), GP64(), GP64()
	Load(Param("k"), k)
	Load(Param("colStride"), step)
	SHLQ(U8(2), step)
	Load(Param("b"), b)
	Load(Param("bStride"), bStep)
	SHLQ(U8(2), bStep)

	sums := make([][]vec, rows)
	for r := range sums {
		sums[r] = s.zeros(vectors)
	}
	term := func() {
		row := make([]vec, vectors)
		for v := range row {
			row[v] = s.load(Mem{Base: b, Disp: v * s.bytes()}, nil)
		}
		for r := range rows {
			x := s.spread(a.row(r, 0))
			for v := range row {
				s.multiplyAdd(row[v], x, sums[r][v])
			}
		}
		a.advance(step)
		ADDQ(bStep, b)
	}
	loop, end := label("loop"), label("end")
	SUBQ(U8(2), k)
	JL(LabelRef(end))
	Label(loop)
	term()
	term()
	SUBQ(U8(2), k)
	JGE(LabelRef(loop))
	Label(end)
	even := label("even")
	TESTQ(U32(1), k)
	JZ(LabelRef(even))
	term()
	Label(even)
	writeTile(s, sums)
}

// writeTile stores or adds the sums to C. Whole vectors take a path of their own
// with AVX2, whose masked stores are slow.
func writeTile(s *isa, sums [][]vec) {
	rows, vectors := len(sums), len(sums[0])
	c := newStrided("c", "cStride", rows)
	lanes, accumulate := GP64(), GP8()
	Load(Param("lanes"), lanes)
	Load(Param("accumulate"), accumulate)
	write := func(last *tail) {
		store := label("store")
		TESTB(accumulate, accumulate)
		JZ(LabelRef(store))
		each := func(do func(sum vec, m Mem, t *tail)) {
			for r := range sums {
				for v, sum := range sums[r] {
					t := last
					if v < vectors-1 {
						t = nil
					}
					do(sum, c.row(r, v*s.bytes()), t)
				}
			}
		}
		each(func(sum vec, m Mem, t *tail) {
			if t == nil {
				VADDPS(m, sum, sum)
			} else {
				VADDPS(s.load(m, t), sum, sum)
			}
		})
		Label(store)
		each(s.store)
		ret()
	}
	if !s.is512() {
		ragged := label("ragged")
		CMPQ(lanes, U8(s.width))
		JNE(LabelRef(ragged))
		write(nil)
		Label(ragged)
	}
	t := s.tailOf(lanes)
	write(&t)
}

// transpose emits the packing of 8 rows into columns, 8×8 elements at a time: two
// half rows are joined by the load, so that only shuffles within lanes are left.
func transpose(s *isa) {
	s.function("transpose", "(dst *float32, dstStride int, src *float32, srcStride, k int)",
		"writes 8 rows of k elements as k rows of 8, k a multiple of 8.")
	src := newStrided("src", "srcStride", 8)
	dst, dstStep, k := GP64(), GP64(), GP64()
	Load(Param("dst"), dst)
	Load(Param("dstStride"), dstStep)
	SHLQ(U8(2), dstStep)
	Load(Param("k"), k)
	loop := label("loop")
	Label(loop)
	for half := range 2 {
		var y, t [4]vec
		for i := range y {
			y[i], t[i] = YMM(), YMM()
			VMOVUPS(src.row(i, 16*half), y[i].AsX())
			VINSERTF128(U8(1), src.row(i+4, 16*half), y[i], y[i])
		}
		VUNPCKLPS(y[1], y[0], t[0])
		VUNPCKHPS(y[1], y[0], t[1])
		VUNPCKLPS(y[3], y[2], t[2])
		VUNPCKHPS(y[3], y[2], t[3])
		VUNPCKLPD(t[2], t[0], y[0])
		VUNPCKHPD(t[2], t[0], y[1])
		VUNPCKLPD(t[3], t[1], y[2])
		VUNPCKHPD(t[3], t[1], y[3])
		for _, row := range y {
			VMOVUPS(row, Mem{Base: dst})
			ADDQ(dstStep, dst)
		}
	}
	src.advance(U8(32))
	SUBQ(U8(8), k)
	JNZ(LabelRef(loop))
	ret()
}
