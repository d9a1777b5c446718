package content

import (
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/bidi"
)

// direction is the direction of a text's first strong character ("rtl" or "ltr"), as dir="auto" finds it, or "". Lists
// and tables need it written: dir="auto" does not look into items that have a direction of their own.
func direction(text []byte) string {
	for len(text) > 0 {
		properties, size := bidi.Lookup(text)
		text = text[max(1, size):]
		switch properties.Class() {
		case bidi.R, bidi.AL:
			return "rtl"
		case bidi.L:
			return "ltr"
		}
	}
	return ""
}

// eastAsianLanguage is "ja", "ko" or "zh" by the scripts of a text, or "".
func eastAsianLanguage(text []byte) string {
	found := ""
	for len(text) > 0 {
		r, size := utf8.DecodeRune(text)
		text = text[size:]
		switch {
		case r < 0x1100:
		case unicode.In(r, unicode.Hiragana, unicode.Katakana):
			return "ja"
		case unicode.Is(unicode.Hangul, r):
			return "ko"
		case unicode.Is(unicode.Han, r):
			found = "zh"
		}
	}
	return found
}

// isEastAsian reports whether r belongs to a script written without spaces, or to its signs.
func isEastAsian(r rune) bool {
	return r >= 0x3000 && r <= 0x303F || r >= 0xFF00 && r <= 0xFFEF ||
		unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul, unicode.Bopomofo, unicode.Thai, unicode.Lao, unicode.Khmer, unicode.Myanmar)
}
