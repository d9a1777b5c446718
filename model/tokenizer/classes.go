package tokenizer

import (
	"unicode"
	"unicode/utf8"
)

// class is what the pre-tokenisation patterns distinguish about a rune.
type class uint8

const (
	other  class = iota // neither of the below, invalid bytes included
	letter              // \p{L}
	number              // \p{N}
	space               // \s
)

// classes has the class of every rune, four to a byte: a vocabulary's words
// depend on it, and range tables are too slow to ask about each rune of a text.
var classes [(unicode.MaxRune + 1) / 4]uint8

func init() {
	for c, tables := range map[class][]*unicode.RangeTable{
		letter: {unicode.L, laterLetters},
		number: {unicode.N, laterNumbers},
		space:  {unicode.White_Space},
	} {
		for _, table := range tables {
			for _, in := range table.R16 {
				setClass(c, rune(in.Lo), rune(in.Hi), rune(in.Stride))
			}
			for _, in := range table.R32 {
				setClass(c, rune(in.Lo), rune(in.Hi), rune(in.Stride))
			}
		}
	}
}

// setClass needs runes whose class is still other.
func setClass(c class, low, high, stride rune) {
	for r := low; r <= high; r += stride {
		shift := r & 3 * 2
		classes[r>>2] = classes[r>>2]&^(3<<shift) | uint8(c)<<shift
	}
}

func classOf(r rune) class { return class(classes[r>>2] >> (r & 3 * 2) & 3) }

// classAt returns the class and the length in bytes of the rune at the start of
// text, which must not be empty. An invalid byte is one rune of class other, so
// nothing is ever lost.
func classAt(text string) (class, int) {
	if b := text[0]; b < utf8.RuneSelf {
		return classOf(rune(b)), 1
	}
	r, size := utf8.DecodeRuneInString(text)
	if r == utf8.RuneError {
		return other, size
	}
	return classOf(r), size
}

// runLength returns how many bytes at the start of text are runes of class c.
func runLength(text string, c class) int {
	n := 0
	for n < len(text) {
		found, size := classAt(text[n:])
		if found != c {
			break
		}
		n += size
	}
	return n
}

// isWord is \w of the regular expressions that a "single_word" added token is
// held to.
func isWord(r rune) bool {
	if r < utf8.RuneSelf {
		return r|0x20 >= 'a' && r|0x20 <= 'z' || r >= '0' && r <= '9' || r == '_'
	}
	return unicode.In(r, unicode.L, unicode.M, unicode.Nd, unicode.Nl, unicode.Pc, unicode.Other_Alphabetic,
		unicode.Join_Control, laterLetters, laterMarks) || unicode.Is(laterNumbers, r)
}

// What Unicode 16, which the tokenizers library follows, has above Unicode 15,
// which Go's tables follow.
var (
	laterLetters = &unicode.RangeTable{
		R16: []unicode.Range16{{0x1c89, 0x1c8a, 1}, {0xa7cb, 0xa7cd, 1}, {0xa7da, 0xa7dc, 1}},
		R32: []unicode.Range32{
			{0x105c0, 0x105f3, 1}, {0x10d4a, 0x10d65, 1}, {0x10d6f, 0x10d85, 1}, {0x10ec2, 0x10ec4, 1}, {0x11380, 0x11389, 1},
			{0x1138b, 0x1138b, 1}, {0x1138e, 0x1138e, 1}, {0x11390, 0x113b5, 1}, {0x113b7, 0x113b7, 1}, {0x113d1, 0x113d1, 1},
			{0x113d3, 0x113d3, 1}, {0x11bc0, 0x11be0, 1}, {0x13460, 0x143fa, 1}, {0x16100, 0x1611d, 1}, {0x16d40, 0x16d6c, 1},
			{0x18cff, 0x18cff, 1}, {0x1e5d0, 0x1e5ed, 1}, {0x1e5f0, 0x1e5f0, 1}, {0x2ebf0, 0x2ee5d, 1},
		},
	}
	laterNumbers = &unicode.RangeTable{R32: []unicode.Range32{
		{0x10d40, 0x10d49, 1}, {0x116d0, 0x116e3, 1}, {0x11bf0, 0x11bf9, 1}, {0x16130, 0x16139, 1}, {0x16d70, 0x16d79, 1},
		{0x1ccf0, 0x1ccf9, 1}, {0x1e5f1, 0x1e5fa, 1},
	}}
	laterMarks = &unicode.RangeTable{
		R16: []unicode.Range16{{0x897, 0x897, 1}},
		R32: []unicode.Range32{
			{0x10d69, 0x10d6d, 1}, {0x10efc, 0x10efc, 1}, {0x113b8, 0x113c0, 1}, {0x113c2, 0x113c2, 1}, {0x113c5, 0x113c5, 1},
			{0x113c7, 0x113ca, 1}, {0x113cc, 0x113d0, 1}, {0x113d2, 0x113d2, 1}, {0x113e1, 0x113e2, 1}, {0x11f5a, 0x11f5a, 1},
			{0x1611e, 0x1612f, 1}, {0x1e5ee, 0x1e5ef, 1},
		},
	}
	// Numbers of Unicode 17, which its Digits pre-tokenizer already knows.
	laterDigits = &unicode.RangeTable{R32: []unicode.Range32{{0x11de0, 0x11de9, 1}, {0x16ff4, 0x16ff6, 1}}}
)
