package gguf

import (
	"encoding/binary"
	"fmt"
	"math"
)

// Type is how numbers are stored; the values are those of files (ggml_type).
type Type uint32

// The types that are read.
const (
	F32  Type = 0
	F16  Type = 1
	Q4_0 Type = 2
	Q4_1 Type = 3
	Q8_0 Type = 8
	Q6_K Type = 14
	BF16 Type = 30
)

// others are the names of types that files have and this package does not read.
var others = map[Type]string{
	6: "Q5_0", 7: "Q5_1", 9: "Q8_1", 10: "Q2_K", 11: "Q3_K", 12: "Q4_K", 13: "Q5_K", 15: "Q8_K", 16: "IQ2_XXS", 17: "IQ2_XS",
	18: "IQ3_XXS", 19: "IQ1_S", 20: "IQ4_NL", 21: "IQ3_S", 22: "IQ2_S", 23: "IQ4_XS", 24: "I8", 25: "I16", 26: "I32",
	27: "I64", 28: "F64", 29: "IQ1_M", 34: "TQ1_0", 35: "TQ2_0", 39: "MXFP4",
}

// String is the type's name.
func (t Type) String() string {
	if l, ok := layouts[t]; ok {
		return l.name
	}
	if name, ok := others[t]; ok {
		return name
	}
	return fmt.Sprintf("%d", uint32(t))
}

// layout is how blocks of numbers become float32. The arithmetic is that of
// ggml's reference, one rounding an operation.
type layout struct {
	name   string
	size   int64 // numbers in a block
	bytes  int64 // of a block
	decode func(dst []float32, blocks []byte)
}

var layouts = map[Type]layout{
	F32:  {"F32", 1, 4, decodeF32},
	F16:  {"F16", 1, 2, decodeF16},
	BF16: {"BF16", 1, 2, decodeBF16},
	Q8_0: {"Q8_0", 32, 34, decodeQ8_0},
	Q4_0: {"Q4_0", 32, 18, decodeQ4_0},
	Q4_1: {"Q4_1", 32, 20, decodeQ4_1},
	Q6_K: {"Q6_K", 256, 210, decodeQ6_K},
}

func (t Type) blockSize() int64  { return layouts[t].size }
func (t Type) blockBytes() int64 { return layouts[t].bytes }

const readBytes = 1 << 18 // read at a time, rounded down to whole blocks

// Read converts a tensor to float32 into dst, which has its number of elements.
func (f *File) Read(name string, dst []float32) error {
	t, ok := f.tensors[name]
	if !ok {
		return fmt.Errorf("there is no tensor %q", name)
	}
	if int64(len(dst)) != t.elements {
		return fmt.Errorf("tensor %q: shape %v does not have %d numbers", name, t.shape, len(dst))
	}
	l := layouts[t.kind]
	at, left := f.data+t.offset, t.bytes()
	buffer := make([]byte, min(readBytes/l.bytes*l.bytes, left))
	for left > 0 {
		raw := buffer[:min(int64(len(buffer)), left)]
		if got, err := f.source.ReadAt(raw, at); got < len(raw) {
			return fmt.Errorf("tensor %q: %w", name, err)
		}
		n := int64(len(raw)) / l.bytes * l.size
		l.decode(dst[:n], raw)
		dst, at, left = dst[n:], at+int64(len(raw)), left-int64(len(raw))
	}
	return nil
}

func decodeF32(dst []float32, raw []byte) {
	for i := range dst {
		dst[i] = math.Float32frombits(binary.LittleEndian.Uint32(raw[4*i:]))
	}
}

func decodeF16(dst []float32, raw []byte) {
	for i := range dst {
		dst[i] = half(raw[2*i:])
	}
}

func decodeBF16(dst []float32, raw []byte) {
	for i := range dst {
		dst[i] = math.Float32frombits(uint32(binary.LittleEndian.Uint16(raw[2*i:])) << 16)
	}
}

// decodeQ8_0: a scale d and 32 signed bytes q; d·q.
func decodeQ8_0(dst []float32, raw []byte) {
	for ; len(raw) > 0; dst, raw = dst[32:], raw[34:] {
		d := half(raw)
		for i, q := range raw[2:34] {
			dst[i] = d * float32(int8(q))
		}
	}
}

// decodeQ4_0: a scale d and 32 numbers q of 4 bits; d·(q−8). Byte i holds number
// i in its low half and number i+16 in its high one.
func decodeQ4_0(dst []float32, raw []byte) {
	for ; len(raw) > 0; dst, raw = dst[32:], raw[18:] {
		d := half(raw)
		for i, q := range raw[2:18] {
			dst[i] = d * float32(int(q&0xf)-8)
			dst[i+16] = d * float32(int(q>>4)-8)
		}
	}
}

// decodeQ4_1: a scale d, an offset m and 32 numbers q of 4 bits, laid out as in
// Q4_0; d·q + m. The conversions keep the compiler from fusing the two
// operations where the processor could.
func decodeQ4_1(dst []float32, raw []byte) {
	for ; len(raw) > 0; dst, raw = dst[32:], raw[20:] {
		d, m := half(raw), half(raw[2:])
		for i, q := range raw[4:20] {
			dst[i] = float32(d*float32(q&0xf)) + m
			dst[i+16] = float32(d*float32(q>>4)) + m
		}
	}
}

// decodeQ6_K: 256 numbers q of 6 bits, the low four of each in 128 bytes and the
// high two in 64; a signed scale s for every 16 of them; and a scale d of the
// whole block; (d·s)·(q−32).
func decodeQ6_K(dst []float32, raw []byte) {
	for ; len(raw) > 0; dst, raw = dst[256:], raw[210:] {
		d := half(raw[208:])
		for part := range 2 { // 128 numbers each, in quarters
			out, low, high, scales := dst[128*part:], raw[64*part:], raw[128+32*part:], raw[192+8*part:]
			for quarter := range 4 {
				for i := range 32 {
					q := low[i+32*(quarter&1)] >> (4 * (quarter >> 1)) & 0xf
					q |= high[i] >> (2 * quarter) & 3 << 4
					scale := d * float32(int8(scales[2*quarter+i/16]))
					out[32*quarter+i] = scale * float32(int(q)-32)
				}
			}
		}
	}
}

// half reads an IEEE 754 binary16.
func half(b []byte) float32 {
	h := binary.LittleEndian.Uint16(b)
	sign, exponent, fraction := uint32(h&0x8000)<<16, uint32(h>>10&0x1f), uint32(h&0x3ff)
	switch exponent {
	case 0:
		return math.Float32frombits(sign | math.Float32bits(float32(fraction)/(1<<24)))
	case 0x1f:
		return math.Float32frombits(sign | 0x7f800000 | fraction<<13)
	}
	return math.Float32frombits(sign | (exponent+112)<<23 | fraction<<13)
}
