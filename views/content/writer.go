package content

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Errors that send a text to the plain view.
var (
	errTooLarge    = errors.New("the text is too large")
	errTooDeep     = errors.New("the text is nested too deeply")
	errTooLaboured = errors.New("the text takes too long to parse")
)

// overLimit carries an error out of the parser, whose functions return none.
type overLimit struct{ error }

// writer collects HTML up to a limit.
type writer struct {
	strings.Builder
	limit  int // bytes
	marks  int // written so far
	marked bool
}

// raw writes markup of this package, which must hold nothing of the content.
func (w *writer) raw(markup string) {
	if w.Len()+len(markup) > w.limit {
		panic(overLimit{errTooLarge})
	}
	w.WriteString(markup)
}

// text writes text of the content, with what cannot be seen made visible (marks.go).
func (w *writer) text(s string) {
	start := 0 // of what has not been written
	for i := 0; i < len(s); {
		c := s[i]
		if c < utf8.RuneSelf {
			escaped := ""
			switch c {
			case '&':
				escaped = "&amp;"
			case '<':
				escaped = "&lt;"
			case '>':
				escaped = "&gt;"
			case '"':
				escaped = "&#34;"
			case '\'':
				escaped = "&#39;"
			default:
				if c >= ' ' && c != 0x7f || c == '\n' || c == '\t' {
					i++
					continue
				}
			}
			w.raw(s[start:i])
			if escaped != "" {
				w.raw(escaped)
			} else {
				w.mark(controlPicture(c), rune(c), 1)
			}
			i++
			start = i
			continue
		}
		r, size := utf8.DecodeRuneInString(s[i:])
		switch {
		case r >= 0x300 && !mayHide(r) && unicode.In(r, unicode.Mn, unicode.Me):
			end, dropped := pileEnd(s, i)
			if dropped > 0 {
				w.raw(s[start:i])
				kept := keepMarks(s[i:])
				w.raw(s[i : i+kept])
				w.mark("+"+strconv.Itoa(dropped), r, dropped)
				start = end
			}
			i = end
		case mayHide(r) && hides(s, i, r):
			w.raw(s[start:i])
			n := 1
			i += size
			for {
				next, size := utf8.DecodeRuneInString(s[i:])
				if next != r || size == 0 {
					break
				}
				n++
				i += size
			}
			w.mark(abbreviation(r), r, n)
			if actsHarmlessly(r) && n == 1 {
				w.raw(string(r))
			}
			start = i
		default:
			i += size
		}
	}
	w.raw(s[start:])
}

// marksMax is how many marks are named in a text; any further one is a replacement character.
const marksMax = 2000

// mark stands for n characters that cannot be seen.
func (w *writer) mark(label string, r rune, n int) {
	w.marked = true
	if w.marks++; w.marks > marksMax {
		w.raw("\uFFFD")
		return
	}
	if n > 1 && label[0] != '+' {
		label += "×" + strconv.Itoa(n)
	}
	w.raw(`<span class="md-mark" dir="ltr" title="` + fmt.Sprintf("U+%04X", r) + `">` + label + `</span>`)
}
