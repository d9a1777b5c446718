//go:build ignore

package main

import (
	"fmt"
	"os"
	"regexp"
	"strconv"

	. "github.com/mmcloughlin/avo/build"
	"github.com/mmcloughlin/avo/ir"
	. "github.com/mmcloughlin/avo/operand"
	"github.com/mmcloughlin/avo/reg"
)

// bfloat16 emits products of pairs of bfloat16: an element of a matrix is a pair
// of terms of k, of which an instruction adds both products to a float32 sum.
func bfloat16(s *isa) {
	for vectors := 1; vectors <= s.tileVectors; vectors++ {
		for rows := 1; rows <= s.tileRows; rows++ {
			tile(s, rows, vectors)
		}
	}
	roundPairs(s)
	joinPairs(s)
}

// roundPairs emits the rounding of a row of A, whose terms are pairs already.
func roundPairs(s *isa) {
	s.function("roundPairs", "(dst *float32, x []float32)",
		"writes x as bfloat16, rounded to nearest even, and a zero behind an odd end.")
	dst, left, x := pointers("dst")[0], length("x"), slices("x")[0]
	loop, end, done := label("loop"), label("end"), label("done")
	Label(loop)
	CMPQ(left, U8(s.width))
	JL(LabelRef(end))
	row := s.vec()
	VMOVUPS(Mem{Base: x}, row)
	evex("VCVTNEPS2BF16", row, row)
	VMOVUPS(row.AsY(), Mem{Base: dst})
	ADDQ(I32(int32(s.bytes())), x)
	ADDQ(I32(int32(s.bytes()/2)), dst)
	SUBQ(I32(int32(s.width)), left)
	JMP(LabelRef(loop))
	Label(end)
	TESTQ(left, left)
	JZ(LabelRef(done))
	t := s.tailOf(left)
	row = s.load(Mem{Base: x}, &t)
	evex("VCVTNEPS2BF16", row, row)
	INCQ(left)
	SHRQ(U8(1), left)
	t = s.tailOf(left)
	s.store(row, Mem{Base: dst}, &t)
	Label(done)
	ret()
}

// joinPairs emits the packing of two rows of B.
func joinPairs(s *isa) {
	s.function("joinPairs", "(dst []float32, even, odd *float32)",
		"writes pairs of two rows' elements as bfloat16, rounded to nearest even; whole vectors.")
	ptrs, left := append(slices("dst"), pointers("even", "odd")...), length("dst")
	order := s.vec()
	VMOVUPS(interleaved(), order)
	loop := label("loop")
	Label(loop)
	even, odd := s.vec(), s.vec()
	VMOVUPS(Mem{Base: ptrs[1]}, even)
	VMOVUPS(Mem{Base: ptrs[2]}, odd)
	evex("VCVTNE2PS2BF16", even, odd, even) // all of even, then all of odd
	VPERMW(even, order, even)
	VMOVUPS(even, Mem{Base: ptrs[0]})
	for _, p := range ptrs {
		ADDQ(I32(int32(s.bytes())), p)
	}
	SUBQ(U8(s.width), left)
	JNZ(LabelRef(loop))
	ret()
}

// interleaved is a table of 32 words: 0, 16, 1, 17 and so on.
func interleaved() Mem {
	m := GLOBL("interleavedBF16", RODATA|NOPTR)
	for i := range 32 {
		DATA(2*i, U16(uint16(i/2+i%2*16)))
	}
	return m
}

// evex emits an instruction that neither avo nor Go's assembler knows, the last
// operand its destination; encode makes numbers of it.
func evex(opcode string, ops ...Op) {
	inputs := ops[:len(ops)-1]
	if opcode == "VDPBF16PS" {
		inputs = ops // it adds to its destination
	}
	Instruction(&ir.Instruction{Opcode: opcode, Operands: ops, Inputs: inputs, Outputs: ops[len(ops)-1:]})
}

// encodings are the prefix and opcode bytes of the instructions of AVX512_BF16
// (Intel 64 and IA-32 Architectures Software Developer's Manual, volume 2).
var encodings = map[string]struct{ prefix, opcode byte }{
	"VDPBF16PS":      {2, 0x52}, // F3
	"VCVTNEPS2BF16":  {2, 0x72},
	"VCVTNE2PS2BF16": {3, 0x72}, // F2
}

// encode rewrites the file that Generate has written: the instructions of
// AVX512_BF16 as numbers, since the registers are known now.
func encode(path string) error {
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	line := regexp.MustCompile(`\t(VDPBF16PS|VCVTNEPS2BF16|VCVTNE2PS2BF16) +(?:Z(\d+), )?Z(\d+), Z(\d+)\n`)
	encoded := line.ReplaceAllFunc(text, func(m []byte) []byte {
		parts := line.FindSubmatch(m)
		number := func(i int) byte {
			n, _ := strconv.Atoi(string(parts[i])) // absent is register 0, which is encoded as such
			return byte(n)
		}
		e := encodings[string(parts[1])]
		second, first := number(3), number(2)
		if parts[2] == nil { // one source
			second, first = 0, number(3)
		}
		return fmt.Appendf(nil, "%s\t// %s", evexBytes(e.prefix, e.opcode, number(4), second, first), m[1:])
	})
	return os.WriteFile(path, encoded, 0o644)
}

// evexBytes encodes an instruction of the map 0F38 on registers of 512 bits:
// destination, second and first source in Go's order.
func evexBytes(prefix, opcode, dst, second, first byte) string {
	not := func(register, bit byte) byte { return ^register >> bit & 1 }
	p0 := not(dst, 3)<<7 | not(first, 4)<<6 | not(first, 3)<<5 | not(dst, 4)<<4 | 2
	p1 := ^second&15<<3 | 1<<2 | prefix
	p2 := byte(2<<5) | not(second, 4)<<3
	modRM := 3<<6 | dst&7<<3 | first&7
	return fmt.Sprintf("\tBYTE $0x62; BYTE $0x%02x; BYTE $0x%02x; BYTE $0x%02x; BYTE $0x%02x; BYTE $0x%02x", p0, p1, p2, opcode, modRM)
}

// multiplyAdd adds the products of x and y to sum.
func (s *isa) multiplyAdd(x, y, sum reg.VecVirtual) {
	if s.pairs {
		evex("VDPBF16PS", x, y, sum)
	} else {
		VFMADD231PS(x, y, sum)
	}
}
