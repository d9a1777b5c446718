package tokenizer

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// class is what GPT-2's pre-tokenisation pattern distinguishes about a rune.
type class uint8

const (
	other  class = iota // neither of the below, invalid bytes included
	letter              // \p{L}
	number              // \p{N}
	space               // \s
)

func classOf(r rune) class {
	switch {
	case r < utf8.RuneSelf:
		switch {
		case r|0x20 >= 'a' && r|0x20 <= 'z':
			return letter
		case r >= '0' && r <= '9':
			return number
		case r == ' ' || r >= '\t' && r <= '\r':
			return space
		}
		return other
	case unicode.IsLetter(r):
		return letter
	case unicode.IsNumber(r):
		return number
	case unicode.IsSpace(r):
		return space
	}
	return other
}

// contractions are tried in this order before anything else.
var contractions = []string{"'s", "'t", "'re", "'ve", "'m", "'ll", "'d"}

// nextWord returns the length in bytes of the first word of text, which must
// not be empty. It scans GPT-2's pattern
//
//	's|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+
//
// by hand, since Go's regular expressions have no look-ahead. An invalid byte
// counts as one rune of the class "other", so nothing is ever lost.
func nextWord(text string) int {
	if text[0] == '\'' {
		for _, c := range contractions {
			if strings.HasPrefix(text, c) {
				return len(c)
			}
		}
	}
	start := 0
	if text[0] == ' ' && len(text) > 1 {
		start = 1 // the optional space that a word may carry in front
	}
	r, _ := utf8.DecodeRuneInString(text[start:])
	if first := classOf(r); first != space {
		return start + runLength(text[start:], first)
	}
	// White space: all of it at the end of the text. Before a word its last
	// rune is left alone, for the word to carry if it is a plain space.
	run := runLength(text, space)
	if run == len(text) {
		return run
	}
	_, last := utf8.DecodeLastRuneInString(text[:run])
	if run > last {
		return run - last
	}
	return run
}

// runLength returns how many bytes at the start of text are runes of class c.
func runLength(text string, c class) int {
	n := 0
	for n < len(text) {
		r, size := rune(text[n]), 1
		if r >= utf8.RuneSelf {
			r, size = utf8.DecodeRuneInString(text[n:])
		}
		if classOf(r) != c {
			break
		}
		n += size
	}
	return n
}
