package model

import "math"

// halfFromFloat rounds to IEEE 754 binary16, to nearest even. Too large values
// become infinities, NaN stays NaN.
func halfFromFloat(x float32) uint16 {
	bits := math.Float32bits(x)
	sign := uint16(bits >> 16 & 0x8000)
	bits &= 0x7fffffff
	switch {
	case bits > 0x7f800000: // NaN
		return sign | 0x7e00
	case bits >= 0x477ff000: // 65520 and above round to infinity
		return sign | 0x7c00
	case bits < 0x38800000: // below 2^-14: subnormal, in units of 2^-24
		scaled := math.Float32frombits(bits) * (1 << 24)
		return sign | uint16(math.RoundToEven(float64(scaled)))
	}
	bits += 0xfff + bits>>13&1 // round the 13 bits that go
	return sign | uint16((bits-0x38000000)>>13)
}

func floatFromHalf(h uint16) float32 {
	sign, exponent, fraction := uint32(h&0x8000)<<16, uint32(h>>10&0x1f), uint32(h&0x3ff)
	switch exponent {
	case 0:
		return math.Float32frombits(sign | math.Float32bits(float32(fraction)/(1<<24)))
	case 0x1f:
		return math.Float32frombits(sign | 0x7f800000 | fraction<<13)
	}
	return math.Float32frombits(sign | (exponent+112)<<23 | fraction<<13)
}

// bfloatFromFloat rounds to bfloat16, the upper half of a float32, to nearest
// even.
func bfloatFromFloat(x float32) uint16 {
	bits := math.Float32bits(x)
	if bits&0x7fffffff > 0x7f800000 {
		return uint16(bits>>16) | 0x40 // keep NaN a NaN
	}
	return uint16((bits + 0x7fff + bits>>16&1) >> 16)
}

func floatFromBfloat(b uint16) float32 { return math.Float32frombits(uint32(b) << 16) }
