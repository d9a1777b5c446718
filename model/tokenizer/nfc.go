package tokenizer

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
	"golang.org/x/text/unicode/rangetable"
)

// nfc is Unicode's Normalization Form C; invalid bytes stay as they are.
//
// The norm package writes the stream-safe form: it breaks a run of more than 30
// marks by a joiner of its own. The tokenizers library does not, so texts with
// such runs, which no language has, are composed by the definition. And the
// library's tables are those of Unicode 9: to it, later code points start a
// character and compose with nothing, so that texts are composed between them.
func nfc(text string) string {
	if norm.NFC.QuickSpanString(text) == len(text) {
		return text
	}
	var out strings.Builder
	for {
		at := strings.IndexFunc(text, func(r rune) bool { return r >= utf8.RuneSelf && !unicode.Is(unicode9, r) })
		if at < 0 {
			break
		}
		_, size := utf8.DecodeRuneInString(text[at:])
		out.WriteString(compose(text[:at]))
		out.WriteString(text[at : at+size])
		text = text[at+size:]
	}
	out.WriteString(compose(text))
	return out.String()
}

// unicode9 are the code points that Unicode 9 had.
var unicode9 = rangetable.Assigned("9.0.0")

func compose(text string) string {
	if longestMarks(text) <= streamSafeMarks {
		return norm.NFC.String(text)
	}
	return composeByDefinition(text)
}

// streamSafeMarks leaves room for runes that are several marks when decomposed.
const streamSafeMarks = 8

// longestMarks is the length in runes of the longest run of runes that do not
// start a character.
func longestMarks(text string) int {
	longest, run := 0, 0
	for i := 0; i < len(text); {
		if text[i] < utf8.RuneSelf {
			run = 0
			i++
			continue
		}
		p := norm.NFC.PropertiesString(text[i:])
		if p.LeadCCC() == 0 {
			run = 0
		} else if run++; run > longest {
			longest = run
		}
		i += max(p.Size(), 1)
	}
	return longest
}

// composeByDefinition is UAX #15: decompose, order the marks, compose.
func composeByDefinition(text string) string {
	var out strings.Builder
	for len(text) > 0 {
		valid := 0
		for valid < len(text) {
			r, size := utf8.DecodeRuneInString(text[valid:])
			if r == utf8.RuneError && size == 1 {
				break
			}
			valid += size
		}
		for _, m := range composed(ordered(decomposed(text[:valid]))) {
			out.WriteRune(m.rune)
		}
		text = text[valid:]
		if len(text) > 0 {
			out.WriteByte(text[0])
			text = text[1:]
		}
	}
	return out.String()
}

// mark is a rune with its canonical combining class; 0 starts a character.
type mark struct {
	rune  rune
	class uint8
}

func decomposed(text string) []mark {
	marks := make([]mark, 0, len(text)/2)
	for text != "" {
		p := norm.NFD.PropertiesString(text)
		size := p.Size()
		if whole := p.Decomposition(); whole != nil {
			marks = appendMarks(marks, string(whole))
		} else { // Hangul, which is decomposed by rule, or nothing to do
			marks = appendMarks(marks, norm.NFD.String(text[:size]))
		}
		text = text[size:]
	}
	return marks
}

func appendMarks(marks []mark, text string) []mark {
	for i, r := range text {
		marks = append(marks, mark{r, norm.NFD.PropertiesString(text[i:]).CCC()})
	}
	return marks
}

// ordered sorts the marks after each starting rune by class.
func ordered(marks []mark) []mark {
	for i := 0; i < len(marks); {
		end := i + 1
		for end < len(marks) && marks[end].class != 0 {
			end++
		}
		if marks[i].class != 0 { // marks before any starting rune
			slices.SortStableFunc(marks[i:end], byClass)
		} else {
			slices.SortStableFunc(marks[i+1:end], byClass)
		}
		i = end
	}
	return marks
}

func byClass(a, b mark) int { return int(a.class) - int(b.class) }

// composed joins each starting rune with the marks that make one rune with it
// and are not blocked by a mark of their own class in between.
func composed(marks []mark) []mark {
	out := marks[:0]
	starter := -1 // position in out
	for _, m := range marks {
		if starter >= 0 {
			between := len(out) - 1 - starter
			if between == 0 || out[len(out)-1].class != 0 && out[len(out)-1].class < m.class {
				if whole, ok := composePair(out[starter].rune, m.rune); ok {
					out[starter].rune = whole
					continue
				}
			}
		}
		out = append(out, m)
		if m.class == 0 {
			starter = len(out) - 1
		}
	}
	return out
}

// composePair asks the norm package, whose table of pairs is not exported.
func composePair(a, b rune) (rune, bool) {
	text := norm.NFC.String(string([]rune{a, b}))
	r, size := utf8.DecodeRuneInString(text)
	return r, size == len(text)
}
