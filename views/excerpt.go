package views

import (
	"strings"
	"unicode/utf8"
)

// excerpt is the beginning of a text on one line, at most n characters.
func excerpt(source string, n int) string {
	line := strings.Join(strings.Fields(truncateRunes(source, 4*n)), " ")
	if utf8.RuneCountInString(line) <= n {
		return line
	}
	return strings.TrimSpace(truncateRunes(line, n)) + "…"
}

func truncateRunes(s string, n int) string {
	for i := range s {
		if n == 0 {
			return s[:i]
		}
		n--
	}
	return s
}
