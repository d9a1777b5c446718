package tokenizer

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// A stage is one pre-tokenizer: it cuts every piece of text that the stages
// before it left into smaller ones.
type stage struct {
	prefixSpace bool // a piece that does not start with a space gets one
	next        cutter
}

// A cutter returns the length in bytes of the first piece of text, which must
// not be empty, and whether the piece stays.
type cutter func(text string) (n int, keep bool)

// A pattern returns the length in bytes of the first part of text, which must
// not be empty: one match, or everything up to the next match.
type pattern func(text string) (n int, match bool)

// words is the pattern of a scanner, of which every word is a match.
func (s scanner) pattern() pattern {
	return func(text string) (int, bool) { return s(text), true }
}

// literal matches one text.
func literal(content string) pattern {
	return func(text string) (int, bool) {
		switch at := strings.Index(text, content); {
		case at == 0:
			return len(content), true
		case at > 0:
			return at, false
		}
		return len(text), false
	}
}

// numbers matches up to most neighbouring runes that are numbers.
func numbers(most int, isNumber func(text string) (yes bool, size int)) pattern {
	return func(text string) (n int, match bool) {
		match, n = isNumber(text)
		for runes := 1; n < len(text) && !(match && runes == most); runes++ {
			again, size := isNumber(text[n:])
			if again != match {
				break
			}
			n += size
		}
		return n, match
	}
}

// regexNumber is \p{N}.
func regexNumber(text string) (bool, int) {
	c, size := classAt(text)
	return c == number, size
}

// charNumber is what the Digits pre-tokenizer takes for a digit.
func charNumber(text string) (bool, int) {
	c, size := classAt(text)
	if c == other && size == utf8.UTFMax {
		r, _ := utf8.DecodeRuneInString(text)
		return unicode.Is(laterDigits, r), size
	}
	return c == number, size
}

// inverted swaps what is a match and what is not.
func (p pattern) inverted() pattern {
	return func(text string) (int, bool) {
		n, match := p(text)
		return n, !match
	}
}

// cutters are the behaviours of a Split, named for what becomes of a match.
// They need to know the next part, never the one before the text.
var cutters = map[string]func(pattern) cutter{
	"Isolated": func(p pattern) cutter {
		return func(text string) (int, bool) {
			n, _ := p(text)
			return n, true
		}
	},
	"Removed": func(p pattern) cutter {
		return func(text string) (int, bool) {
			n, match := p(text)
			return n, !match
		}
	},
	"MergedWithPrevious": func(p pattern) cutter { return mergedPair(p, false) },
	"MergedWithNext":     func(p pattern) cutter { return mergedPair(p, true) },
	"Contiguous": func(p pattern) cutter {
		return func(text string) (int, bool) {
			n, match := p(text)
			for n < len(text) {
				more, again := p(text[n:])
				if again != match {
					break
				}
				n += more
			}
			return n, true
		}
	},
}

// mergedPair joins a part for which p says first with the next part, if that is
// of the other kind.
func mergedPair(p pattern, first bool) cutter {
	return func(text string) (int, bool) {
		n, match := p(text)
		if match == first && n < len(text) {
			if more, next := p(text[n:]); next != first {
				n += more
			}
		}
		return n, true
	}
}
