package views

import "unicode"

// CountWords counts words for a reader: runs of letters and digits, and every Chinese, Japanese or Thai character by
// itself, since those scripts write without spaces.
func CountWords(text string) int {
	words, inside := 0, false
	for _, r := range text {
		switch {
		case unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Thai):
			words, inside = words+1, false
		case unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.Is(unicode.Mn, r):
			if !inside {
				words++
			}
			inside = true
		case (r == '\'' || r == '’') && inside: // don't, l’eau
		default:
			inside = false
		}
	}
	return words
}
