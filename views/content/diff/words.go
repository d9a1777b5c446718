package diff

import (
	"unicode"
	"unicode/utf8"
)

// words cuts a text into what is compared: words of letters and digits, single characters of scripts that are written
// without spaces, runs of space within a line, single line ends and signs. Together they are the text.
func words(text string) []string {
	var out []string
	for text != "" {
		length := wordLength(text)
		out = append(out, text[:length])
		text = text[length:]
	}
	return out
}

func wordLength(text string) int {
	first, length := utf8.DecodeRuneInString(text)
	class := classOf(first)
	for length < len(text) {
		r, size := utf8.DecodeRuneInString(text[length:])
		next := classOf(r)
		switch {
		case next == mark && class != space: // marks belong to what they stand on
		case class == letter && next == letter, class == space && next == space:
		case class == letter && next == apostrophe && joins(text[length+size:]): // don't, l’eau
		default:
			return length
		}
		length += size
	}
	return length
}

// joins reports whether a word goes on after an apostrophe.
func joins(rest string) bool {
	r, _ := utf8.DecodeRuneInString(rest)
	return classOf(r) == letter
}

type class int

const (
	other class = iota // stands alone
	letter
	mark
	space
	apostrophe
)

func classOf(r rune) class {
	switch {
	case r == '\n':
		return other
	case unicode.IsSpace(r):
		return space
	case r == '\'' || r == '’':
		return apostrophe
	case unicode.IsMark(r), r == 0x200D:
		return mark
	case unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Thai, unicode.Lao, unicode.Khmer, unicode.Myanmar):
		return other
	case r == '_', unicode.IsLetter(r), unicode.IsDigit(r):
		return letter
	}
	return other
}

func isBlank(word string) bool {
	r, _ := utf8.DecodeRuneInString(word)
	return classOf(r) == space
}
