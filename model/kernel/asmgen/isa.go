//go:build ignore

package main

import (
	"fmt"
	"math"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// isa is a vector instruction set with the tile shape that fills its registers.
type isa struct {
	name                  string
	width                 int // float32 elements of a vector
	tileRows, tileVectors int
	wideRows, wideVectors int            // tiles of few rows take more vectors, to hide the latency of their sums
	pairs                 bool           // elements are pairs of bfloat16
	constants             map[string]Mem // vectors in memory, by bit pattern
}

var (
	avx512 = isa{name: "AVX512", width: 16, tileRows: 8, tileVectors: 3, wideRows: 4, wideVectors: 6, constants: map[string]Mem{}}
	bf16   = isa{name: "BF16", width: 16, tileRows: 8, tileVectors: 3, pairs: true, constants: map[string]Mem{}}
	avx2   = isa{name: "AVX2", width: 8, tileRows: 6, tileVectors: 2, wideRows: 2, wideVectors: 4, constants: map[string]Mem{}}
)

type vec = reg.VecVirtual

func (s *isa) is512() bool { return s.width == 16 }
func (s *isa) bytes() int  { return 4 * s.width }

// function starts an assembly function; sig is its parameters and results.
func (s *isa) function(name, sig, doc string) {
	TEXT(name+s.name, NOSPLIT, "func"+sig)
	Pragma("noescape")
	Doc(name + s.name + " " + doc)
}

// vec allocates a register.
func (s *isa) vec() vec {
	if s.is512() {
		return ZMM()
	}
	return YMM()
}

// zero returns a register of zeros.
func (s *isa) zero() vec {
	v := s.vec()
	if s.is512() {
		VPXORD(v, v, v)
	} else {
		VXORPS(v, v, v)
	}
	return v
}

func (s *isa) zeros(n int) []vec {
	v := make([]vec, n)
	for i := range v {
		v[i] = s.zero()
	}
	return v
}

// spread returns a register with the scalar in every element.
func (s *isa) spread(scalar Op) vec {
	v := s.vec()
	VBROADCASTSS(scalar, v)
	return v
}

// param returns a register with the float32 parameter in every element.
func (s *isa) param(name string) vec {
	x := XMM()
	Load(Param(name), x)
	return s.spread(x)
}

// constant returns an operand with x in every element: a register where there are
// 32 of them, memory where there are 16.
func (s *isa) constant(x float64) Op {
	if s.is512() {
		return s.constantVec(x)
	}
	return s.memory(math.Float32bits(float32(x)))
}

// constantVec returns a register with x in every element.
func (s *isa) constantVec(x float64) vec {
	v := s.vec()
	VBROADCASTSS(s.memory(math.Float32bits(float32(x))), v)
	return v
}

// memory returns a read-only vector with the bit pattern in every element.
func (s *isa) memory(bits uint32) Mem {
	key := fmt.Sprintf("const%s_%08x", s.name, bits)
	m, ok := s.constants[key]
	if !ok {
		m = GLOBL(key, RODATA|NOPTR)
		for i := range s.width {
			DATA(4*i, U32(bits))
		}
		s.constants[key] = m
	}
	return m
}

// round rounds to the nearest integer, ties to even.
func (s *isa) round(x vec) {
	if s.is512() {
		VRNDSCALEPS(U8(8), x, x)
	} else {
		VROUNDPS(U8(8), x, x)
	}
}

// tail selects the first elements of a vector: an opmask or a vector of sign bits.
type tail struct {
	k    reg.OpmaskVirtual
	mask vec
}

// tailOf selects the first lanes elements, 1 to width of them.
func (s *isa) tailOf(lanes reg.GPVirtual) tail {
	if s.is512() {
		bits, k := GP32(), K()
		MOVL(U32(0xffff), bits)
		BZHIL(lanes.As32(), bits, bits)
		KMOVW(bits, k)
		return tail{k: k}
	}
	const ones = "maskAVX2"
	table, ok := s.constants[ones]
	if !ok {
		table = GLOBL(ones, RODATA|NOPTR)
		for i := range 2 * s.width {
			bits := uint32(0)
			if i < s.width {
				bits = math.MaxUint32
			}
			DATA(4*i, U32(bits))
		}
		s.constants[ones] = table
	}
	base := GP64()
	LEAQ(table.Offset(s.bytes()), base)
	negated := GP64()
	MOVQ(lanes, negated)
	NEGQ(negated)
	mask := s.vec()
	VMOVUPS(Mem{Base: base, Index: negated, Scale: 4}, mask)
	return tail{mask: mask}
}

// load reads a vector, or its selected elements and zeros elsewhere.
func (s *isa) load(m Mem, t *tail) vec {
	v := s.vec()
	switch {
	case t == nil:
		VMOVUPS(m, v)
	case s.is512():
		VMOVUPS_Z(m, t.k, v)
	default:
		VMASKMOVPS(m, t.mask, v)
	}
	return v
}

// store writes a vector, or its selected elements alone.
func (s *isa) store(v vec, m Mem, t *tail) {
	switch {
	case t == nil:
		VMOVUPS(v, m)
	case s.is512():
		VMOVUPS(v, t.k, m)
	default:
		VMASKMOVPS(v, t.mask, m)
	}
}

// fill replaces the elements outside the selection.
func (s *isa) fill(v vec, with vec, t *tail) {
	switch {
	case t == nil:
	case s.is512():
		VBLENDMPS(v, with, t.k, v)
	default:
		VBLENDVPS(t.mask, v, with, v)
	}
}

// reduce combines the elements of v with the given operation, halving the vector
// until one is left, in every low element of the result.
func (s *isa) reduce(v vec, op func(ops ...Op)) reg.VecVirtual {
	y := YMM()
	if s.is512() {
		VEXTRACTF64X4(U8(1), v, y)
		op(v.AsY(), y, y)
	} else {
		VMOVAPS(v, y)
	}
	x := XMM()
	VEXTRACTF128(U8(1), y, x)
	op(y.AsX(), x, x)
	other := XMM()
	VPERMILPS(U8(0b01_00_11_10), x, other)
	op(other, x, x)
	VPERMILPS(U8(0b10_11_00_01), x, other)
	op(other, x, x)
	return x
}
