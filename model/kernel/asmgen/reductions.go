//go:build ignore

package main

import (
	. "github.com/mmcloughlin/avo/build"
	. "github.com/mmcloughlin/avo/operand"
)

func reductions(s *isa) {
	s.function("dot", "(x, y []float32) float32", "returns Σxy.")
	sums := s.zeros(4)
	s.each(length("x"), slices("x", "y"), 4, func(p step, number int) {
		x := p.load(0)
		VFMADD231PS(p.load(1), x, sums[number])
	})
	Store(s.reduce(sum(sums, VADDPS), VADDPS), ReturnIndex(0))
	ret()

	s.function("sumSquares", "(x []float32) float64", "returns Σx², each half vector widened to float64.")
	sums = s.zeros(4)
	s.each(length("x"), slices("x"), 2, func(p step, number int) {
		x := p.load(0)
		low, high := s.vec(), s.vec()
		if s.is512() {
			VEXTRACTF64X4(U8(1), x, high.AsY())
			VCVTPS2PD(x.AsY(), low)
			VCVTPS2PD(high.AsY(), high)
		} else {
			VEXTRACTF128(U8(1), x, high.AsX())
			VCVTPS2PD(x.AsX(), low)
			VCVTPS2PD(high.AsX(), high)
		}
		VFMADD231PD(low, low, sums[2*number])
		VFMADD231PD(high, high, sums[2*number+1])
	})
	total := sum(sums, VADDPD)
	y, x, other := YMM(), XMM(), XMM()
	if s.is512() {
		VEXTRACTF64X4(U8(1), total, y)
		VADDPD(total.AsY(), y, y)
	} else {
		VMOVAPD(total, y)
	}
	VEXTRACTF128(U8(1), y, x)
	VADDPD(y.AsX(), x, x)
	VPERMILPD(U8(1), x, other)
	VADDSD(other, x, x)
	Store(x, ReturnIndex(0))
	ret()
}

// calibration emits the two loops that measure the machine.
func calibration(s *isa) {
	const perSlot = 12
	chains := perSlot * s.width / 8 // what 16 or 32 registers hold, enough to hide latency
	s.function("fmaLoop", "(n int) (flops int)",
		"runs n rounds of independent multiply-adds in registers and returns the operations of one.")
	n := GP64()
	Load(Param("n"), n)
	x := s.zero()
	sums := s.zeros(chains)
	loop := label("loop")
	Label(loop)
	for _, v := range sums {
		VFMADD231PS(x, x, v)
	}
	DECQ(n)
	JNZ(LabelRef(loop))
	flops := GP64()
	MOVQ(U32(uint32(2*chains*s.width)), flops)
	Store(flops, Return("flops"))
	ret()

	s.function("readLoop", "(x []float32) float32", "reads x and returns a sum of its elements.")
	sums = s.zeros(8)
	s.each(length("x"), slices("x"), 8, func(p step, number int) {
		VADDPS(p.load(0), sums[number], sums[number])
	})
	Store(s.reduce(sum(sums, VADDPS), VADDPS), ReturnIndex(0))
	ret()
}

// pause emits a wait that leaves a shared core to its other thread.
func pause() {
	TEXT("pause", NOSPLIT, "func(n int)")
	Doc("pause waits for n times the processor's PAUSE, some ten nanoseconds each.")
	n := GP64()
	Load(Param("n"), n)
	loop := label("loop")
	Label(loop)
	PAUSE()
	DECQ(n)
	JNZ(LabelRef(loop))
	RET()
}
