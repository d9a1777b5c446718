package content

import (
	"html"
	"strings"
)

// referenceBytesMax is the length of the longest name of a character reference, with its signs.
const referenceBytesMax = 34

// unescape resolves backslashes before signs and character references, once: what comes out is not looked at again.
func unescape(s string) string {
	if !strings.ContainsAny(s, `\&`) {
		return s
	}
	var out strings.Builder
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] == '\\' && i+1 < len(s) && isSign(s[i+1]):
			i++
			out.WriteByte(s[i])
		case s[i] == '&':
			end := strings.IndexByte(s[i:min(len(s), i+referenceBytesMax)], ';')
			if end < 0 {
				out.WriteByte('&')
				continue
			}
			reference := s[i : i+end+1]
			resolved := html.UnescapeString(reference)
			if strings.HasSuffix(resolved, ";") && resolved != ";" { // no reference, or one that ends before the semicolon
				resolved = reference
			}
			out.WriteString(strings.ToValidUTF8(resolved, "\uFFFD"))
			i += end
		default:
			out.WriteByte(s[i])
		}
	}
	return out.String()
}

// isSign reports whether c is a sign of ASCII that a backslash may stand before.
func isSign(c byte) bool {
	return c >= '!' && c <= '/' || c >= ':' && c <= '@' || c >= '[' && c <= '`' || c >= '{' && c <= '~'
}
