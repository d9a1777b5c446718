package content

import (
	"fmt"
	"unicode"
	"unicode/utf8"
)

// A mark is shown for each character that a reader cannot see and that may change how text reads or what it says to a
// program: bidirectional controls (with them "evil" reads "live"), zero-width characters, tags and variation selectors
// (which can carry a hidden message), fillers, and control characters. The nine explicit bidirectional controls are
// shown and do nothing. What writing needs stays as it is: joiners within the scripts that use them and within emoji,
// one variation selector after the character it varies, the tags of a flag.
//
// Sources: Unicode UAX #9 (bidirectional algorithm), UTS #39 (security mechanisms), CVE-2021-42574 (Trojan Source).

// abbreviations are the names that the Unicode charts print for these characters.
var abbreviations = map[rune]string{
	0x00AD: "SHY", 0x034F: "CGJ", 0x061C: "ALM", 0x115F: "HCF", 0x1160: "HJF", 0x17B4: "KIV AQ", 0x17B5: "KIV AA",
	0x180B: "FVS1", 0x180C: "FVS2", 0x180D: "FVS3", 0x180E: "MVS", 0x180F: "FVS4",
	0x200B: "ZWSP", 0x200C: "ZWNJ", 0x200D: "ZWJ", 0x200E: "LRM", 0x200F: "RLM",
	0x202A: "LRE", 0x202B: "RLE", 0x202C: "PDF", 0x202D: "LRO", 0x202E: "RLO",
	0x2060: "WJ", 0x2061: "FA", 0x2062: "IT", 0x2063: "IS", 0x2064: "IP", 0x2066: "LRI", 0x2067: "RLI", 0x2068: "FSI", 0x2069: "PDI",
	0x206A: "ISS", 0x206B: "ASS", 0x206C: "IAFS", 0x206D: "AAFS", 0x206E: "NADS", 0x206F: "NODS",
	0x3164: "HF", 0xFEFF: "BOM", 0xFFA0: "HWHF", 0xFFF9: "IAA", 0xFFFA: "IAS", 0xFFFB: "IAT", 0xFFFC: "OBJ",
}

func abbreviation(r rune) string {
	switch {
	case abbreviations[r] != "":
		return abbreviations[r]
	case r >= 0xFE00 && r <= 0xFE0F:
		return fmt.Sprintf("VS%d", r-0xFE00+1)
	case r >= 0xE0100 && r <= 0xE01EF:
		return fmt.Sprintf("VS%d", r-0xE0100+17)
	case r > 0xE0020 && r < 0xE007F:
		return "TAG " + escapeByte(byte(r-0xE0000))
	}
	return fmt.Sprintf("U+%04X", r)
}

func escapeByte(c byte) string {
	var w writer
	w.limit = 16
	w.text(string(rune(c)))
	return w.String()
}

// controlPicture is the picture of a control character, such as ␀.
func controlPicture(c byte) string {
	if c == 0x7f {
		return "␡"
	}
	return string(rune(0x2400) + rune(c))
}

// mayHide is a quick look at whether a character of more than one byte could need a mark.
func mayHide(r rune) bool {
	switch {
	case r >= 0x80 && r < 0xA0, r == 0x00AD, r == 0x034F, r == 0x061C, r == 0x115F, r == 0x1160, r == 0x3164, r == 0xFFA0:
		return true
	case r >= 0x17B4 && r <= 0x17B5, r >= 0x180B && r <= 0x180F, r >= 0x200B && r <= 0x200F, r >= 0x202A && r <= 0x202E:
		return true
	case r >= 0x2060 && r <= 0x206F, r >= 0xFE00 && r <= 0xFE0F, r == 0xFEFF, r >= 0xFFF0 && r <= 0xFFFC:
		return true
	}
	return r >= 0x1BCA0 && r <= 0x1BCA3 || r >= 0x1D173 && r <= 0x1D17A || r >= 0xE0000 && r <= 0xE0FFF
}

// hides reports whether r, at s[i:], is to be marked where it stands.
func hides(s string, i int, r rune) bool {
	before, _ := utf8.DecodeLastRuneInString(s[:i])
	after, _ := utf8.DecodeRuneInString(s[i+utf8.RuneLen(r):])
	switch {
	case r == 0x200D: // in emoji and in the scripts that join letters
		return !(joins(before) || isEmoji(before) && isEmoji(after))
	case r == 0x200C:
		return !(joins(before) && joins(after))
	case r >= 0xFE00 && r <= 0xFE0F: // one after its base
		return i == 0 || before == ' ' || before == '\n' || mayHide(before)
	case r >= 0xE0100 && r <= 0xE01EF:
		return !unicode.Is(unicode.Han, before)
	case r >= 0x180B && r <= 0x180F:
		return !unicode.Is(unicode.Mongolian, before)
	case r == 0x17B4, r == 0x17B5:
		return !unicode.Is(unicode.Khmer, before)
	case r > 0xE0020 && r <= 0xE007F:
		return !inFlag(s, i)
	}
	return true
}

// joins reports whether a letter is of a script that writes with joiners.
func joins(r rune) bool {
	return unicode.In(r, unicode.Arabic, unicode.Syriac, unicode.Mongolian, unicode.Nko, unicode.Devanagari, unicode.Bengali,
		unicode.Gurmukhi, unicode.Gujarati, unicode.Oriya, unicode.Tamil, unicode.Telugu, unicode.Kannada, unicode.Malayalam,
		unicode.Sinhala, unicode.Khmer, unicode.Myanmar, unicode.Tibetan)
}

// isEmoji is generous: what a joiner joins here is drawn, whatever it is.
func isEmoji(r rune) bool {
	return r >= 0x1F000 && r <= 0x1FAFF || r >= 0x2190 && r <= 0x2BFF || r == 0xFE0F || r >= 0x1F3FB && r <= 0x1F3FF
}

// tagsMax is how many tags a flag has: a country and its part, and the end.
const tagsMax = 7

// inFlag reports whether the tag at s[i:] belongs to a flag: a black flag, letters as tags, an end.
func inFlag(s string, i int) bool {
	start, tags := i, 0
	for start > 0 && tags <= tagsMax {
		r, size := utf8.DecodeLastRuneInString(s[:start])
		if r == 0x1F3F4 {
			length := 0
			for _, r := range s[start:] {
				if length++; r == 0xE007F {
					return length <= tagsMax
				}
				if r < 0xE0030 || r > 0xE007A || length > tagsMax {
					return false
				}
			}
			return false
		}
		if r <= 0xE0020 || r > 0xE007F {
			return false
		}
		start -= size
		tags++
	}
	return false
}

// actsHarmlessly names the marks of direction that Arabic and Hebrew text needs to be read right, and that cannot turn
// other text around.
func actsHarmlessly(r rune) bool { return r == 0x200E || r == 0x200F || r == 0x061C }

// pileMax is how many combining marks may stand on one letter. Vietnamese, Hebrew and Tibetan need up to five; more than
// this grow over the lines around.
const pileMax = 6

// pileEnd is where the combining marks that begin at s[i:] end, and how many of them are beyond pileMax.
func pileEnd(s string, i int) (end, beyond int) {
	n := 0
	for i < len(s) {
		r, size := utf8.DecodeRuneInString(s[i:])
		if !unicode.In(r, unicode.Mn, unicode.Me) || mayHide(r) {
			break
		}
		n++
		i += size
	}
	return i, max(0, n-pileMax)
}

// keepMarks is the length of the first pileMax combining marks.
func keepMarks(s string) int {
	length := 0
	for range pileMax {
		_, size := utf8.DecodeRuneInString(s[length:])
		length += size
	}
	return length
}
