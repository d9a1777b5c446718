package main

import "fmt"

// word is an instruction that Go's assembler does not know, encoded by hand: the
// tables of "Arm Architecture Reference Manual", C4.1, Advanced SIMD. Its text is
// in the manual's syntax, the destination first.
type word struct {
	bits uint32
	text string
}

// Elements of a vector operand: four float32 or two float64.
const (
	fourSingles = "4s"
	twoDoubles  = "2d"
)

// three is an instruction d = x op y on whole vectors.
func three(name string, bits uint32, elements string, d, x, y vec) word {
	return word{bits | uint32(y)<<16 | uint32(x)<<5 | uint32(d),
		fmt.Sprintf("%s v%d.%[3]s, v%[4]d.%[3]s, v%[5]d.%[3]s", name, d, elements, x, y)}
}

// two is an instruction d = op x on whole vectors of float32.
func two(name string, bits uint32, d, x vec) word {
	return word{bits | uint32(x)<<5 | uint32(d), fmt.Sprintf("%s v%d.4s, v%d.4s", name, d, x)}
}

func fadd(d, x, y vec) word   { return three("fadd", 0x4e20d400, fourSingles, d, x, y) }
func fsub(d, x, y vec) word   { return three("fsub", 0x4ea0d400, fourSingles, d, x, y) }
func fmul(d, x, y vec) word   { return three("fmul", 0x6e20dc00, fourSingles, d, x, y) }
func fdiv(d, x, y vec) word   { return three("fdiv", 0x6e20fc00, fourSingles, d, x, y) }
func fmax(d, x, y vec) word   { return three("fmax", 0x4e20f400, fourSingles, d, x, y) }
func fmin(d, x, y vec) word   { return three("fmin", 0x4ea0f400, fourSingles, d, x, y) }
func fadd2d(d, x, y vec) word { return three("fadd", 0x4e60d400, twoDoubles, d, x, y) }

func fneg(d, x vec) word   { return two("fneg", 0x6ea0f800, d, x) }
func fsqrt(d, x vec) word  { return two("fsqrt", 0x6ea1f800, d, x) }
func frintn(d, x vec) word { return two("frintn", 0x4e218800, d, x) }
func fcvtns(d, x vec) word { return two("fcvtns", 0x4e21a800, d, x) }

// fmlaElement is d += x·y[lane].
func fmlaElement(d, x, y vec, lane int) word {
	l, h := uint32(lane&1), uint32(lane>>1)
	return word{0x4f801000 | l<<21 | uint32(y)<<16 | h<<11 | uint32(x)<<5 | uint32(d),
		fmt.Sprintf("fmla v%d.4s, v%d.4s, v%d.s[%d]", d, x, y, lane)}
}

// sshr is an arithmetic shift of four int32, by 1 to 32.
func sshr(d, x vec, by int) word {
	return word{0x4f000400 | uint32(64-by)<<16 | uint32(x)<<5 | uint32(d),
		fmt.Sprintf("sshr v%d.4s, v%d.4s, #%d", d, x, by)}
}

// fcvtl widens the first two float32 to float64, fcvtl2 the last two.
func fcvtl(d, x vec) word {
	return word{0x0e617800 | uint32(x)<<5 | uint32(d), fmt.Sprintf("fcvtl v%d.2d, v%d.2s", d, x)}
}

func fcvtl2(d, x vec) word {
	return word{0x4e617800 | uint32(x)<<5 | uint32(d), fmt.Sprintf("fcvtl2 v%d.2d, v%d.4s", d, x)}
}
