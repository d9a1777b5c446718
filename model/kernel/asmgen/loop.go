//go:build ignore

package main

import (
	"fmt"

	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

var labels int

func label(name string) string {
	labels++
	return fmt.Sprintf("%s%d", name, labels)
}

// step is one vector of a loop over slices: whole, or cut off at the end.
type step struct {
	s      *isa
	ptrs   []reg.GPVirtual
	offset int
	tail   *tail
}

func (p step) at(i int) Mem         { return Mem{Base: p.ptrs[i], Disp: p.offset} }
func (p step) load(i int) vec       { return p.s.load(p.at(i), p.tail) }
func (p step) store(i int, v vec)   { p.s.store(v, p.at(i), p.tail) }
func (p step) fill(v vec, with vec) { p.s.fill(v, with, p.tail) }

// slices loads the base pointers of slice parameters.
func slices(names ...string) []reg.GPVirtual {
	ptrs := make([]reg.GPVirtual, len(names))
	for i, name := range names {
		ptrs[i] = GP64()
		Load(Param(name).Base(), ptrs[i])
	}
	return ptrs
}

func length(name string) reg.GPVirtual {
	n := GP64()
	Load(Param(name).Len(), n)
	return n
}

// rewind prepares another pass over the same slices.
func rewind(ptrs []reg.GPVirtual) []reg.GPVirtual {
	fresh := make([]reg.GPVirtual, len(ptrs))
	for i, p := range ptrs {
		fresh[i] = GP64()
		MOVQ(p, fresh[i])
	}
	return fresh
}

// each emits body for all n elements at the pointers: blocks of unroll vectors,
// then single vectors, then the masked rest. body receives the number of the
// vector in its block, which picks an accumulator where there are several. The
// order depends on n alone.
func (s *isa) each(n reg.GPVirtual, ptrs []reg.GPVirtual, unroll int, body func(p step, number int)) {
	left := GP64()
	MOVQ(n, left)
	ptrs = rewind(ptrs)
	whole := func(vectors int) {
		loop, end := label("loop"), label("end")
		Label(loop)
		CMPQ(left, I32(int32(vectors*s.width)))
		JL(LabelRef(end))
		for i := range vectors {
			body(step{s, ptrs, i * s.bytes(), nil}, i)
		}
		for _, p := range ptrs {
			ADDQ(I32(int32(vectors*s.bytes())), p)
		}
		SUBQ(I32(int32(vectors*s.width)), left)
		JMP(LabelRef(loop))
		Label(end)
	}
	if unroll > 1 {
		whole(unroll)
	}
	whole(1)
	done := label("done")
	TESTQ(left, left)
	JZ(LabelRef(done))
	t := s.tailOf(left)
	body(step{s, ptrs, 0, &t}, 0)
	Label(done)
}

// sum adds up accumulators pairwise into the first.
func sum(accumulators []vec, add func(ops ...Op)) vec {
	for n := len(accumulators); n > 1; n /= 2 {
		for i := range n / 2 {
			add(accumulators[i+n/2], accumulators[i], accumulators[i])
		}
	}
	return accumulators[0]
}

func ret() {
	VZEROUPPER()
	RET()
}
