package content

import (
	"unicode"

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

// isEastAsian reports whether r belongs to a script written without spaces, or to its signs.
func isEastAsian(r rune) bool {
	return r >= 0x3000 && r <= 0x303F || r >= 0xFF00 && r <= 0xFFEF ||
		unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul, unicode.Bopomofo, unicode.Thai, unicode.Lao, unicode.Khmer, unicode.Myanmar)
}
