package tokenizer

import (
	"strings"
	"unicode/utf8"
)

// A scanner returns the length in bytes of the first word of text, which must
// not be empty. The scanners below are the patterns of their families by hand:
// Go's regular expressions have no look-ahead, and each of these takes a text
// in linear time.
type scanner func(text string) int

// contractions are tried in this order before anything else.
var contractions = []string{"'s", "'t", "'re", "'ve", "'m", "'ll", "'d"}

// gpt2Word scans the pattern of GPT-2 and of ByteLevel's use_regex:
//
//	's|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+
func gpt2Word(text string) int {
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
	if first, size := classAt(text[start:]); first != space {
		start += size
		return start + runLength(text[start:], first)
	}
	return spacesBeforeWord(text, runLength(text, space))
}

// spacesBeforeWord is \s+(?!\S)|\s+ of a text that starts with run bytes of
// white space: all of it at the end of the text; before a word its last rune is
// left alone, for the word to carry if the pattern lets it.
func spacesBeforeWord(text string, run int) int {
	if run == len(text) {
		return run
	}
	_, last := utf8.DecodeLastRuneInString(text[:run])
	if run > last {
		return run - last
	}
	return run
}

// llama3Word scans Llama-3's pattern:
//
//	(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+
func llama3Word(text string) int { return llama3Like(text, 3) }

// qwen2Word scans the pattern of Qwen2 and 2.5: Llama-3's with \p{N} alone.
func qwen2Word(text string) int { return llama3Like(text, 1) }

func llama3Like(text string, maxDigits int) int {
	if text[0] == '\'' {
		if n := foldedContraction(text[1:]); n > 0 {
			return 1 + n
		}
	}
	first, size := classAt(text)
	switch first {
	case letter:
		return size + runLength(text[size:], letter)
	case number:
		n := size
		for i := 1; i < maxDigits && n < len(text); i++ {
			next, width := classAt(text[n:])
			if next != number {
				break
			}
			n += width
		}
		return n
	}
	// One rune of any other kind, but no line break, may lead a word.
	if size < len(text) && text[0] != '\r' && text[0] != '\n' {
		next, width := classAt(text[size:])
		if next == letter {
			return size + width + runLength(text[size+width:], letter)
		}
		if text[0] == ' ' && next == other { // and a space may lead punctuation
			first, size = other, size+width
		}
	}
	if first == other {
		n := size + runLength(text[size:], other)
		return n + lineBreaks(text[n:])
	}
	run := runLength(text, space)
	if end := strings.LastIndexAny(text[:run], "\r\n"); end >= 0 {
		return end + 1
	}
	return spacesBeforeWord(text, run)
}

func lineBreaks(text string) int {
	n := 0
	for n < len(text) && (text[n] == '\r' || text[n] == '\n') {
		n++
	}
	return n
}

// foldedContraction returns how many bytes of text, which follows an
// apostrophe, end a contraction in any case; 'ſ is a folded 's.
func foldedContraction(text string) int {
	if strings.HasPrefix(text, "ſ") {
		return len("ſ")
	}
	for _, c := range contractions {
		if end := c[1:]; len(text) >= len(end) && strings.EqualFold(text[:len(end)], end) {
			return len(end)
		}
	}
	return 0
}
