package judge

import "strings"

// A frame is a sentence with gaps: "the opposite of {x} is {v}". Alternatives
// stand in parentheses, and one of them may be empty: "(it|the answer) is {v}".
// Rich says how much of a full answer the wording is, from 0 (the bare value)
// to 1 (a full sentence that names what was asked about, and a reason).
type frame struct {
	rich  float64
	flats [][]string // one list of words and gaps for each choice of alternatives
}

// A binding says what may fill a gap; a gap without one takes any words.
type binding map[string][]string

// maxGap is the largest number of words that fill a free gap.
const maxGap = 16

// newFrame compiles a pattern.
func newFrame(rich float64, pattern string) frame {
	f := frame{rich: rich}
	for _, flat := range expand(pattern) {
		words := strings.Fields(flat)
		f.flats = append(f.flats, words)
		for _, w := range words {
			vocabulary[w] = true
		}
	}
	return f
}

// frames compiles several patterns of the same richness.
func frames(rich float64, patterns ...string) []frame {
	out := make([]frame, len(patterns))
	for i, p := range patterns {
		out[i] = newFrame(rich, p)
	}
	return out
}

// join concatenates lists of frames.
func join(lists ...[]frame) []frame {
	var out []frame
	for _, l := range lists {
		out = append(out, l...)
	}
	return out
}

// expand returns the pattern once for each choice of its alternatives.
// Parentheses do not nest.
func expand(pattern string) []string {
	open := strings.IndexByte(pattern, '(')
	if open < 0 {
		return []string{pattern}
	}
	length := strings.IndexByte(pattern[open:], ')')
	rests := expand(pattern[open+length+1:])
	var out []string
	for _, choice := range strings.Split(pattern[open+1:open+length], "|") {
		for _, rest := range rests {
			out = append(out, pattern[:open]+choice+rest)
		}
	}
	return out
}

// A match is a frame that fits, with the words that filled its gaps.
type match struct {
	rich float64
	gaps []gap
}

type gap struct{ name, words string }

// gap returns the words that filled a gap.
func (m match) gap(name string) string {
	for _, g := range m.gaps {
		if g.name == name {
			return g.words
		}
	}
	return ""
}

// fit returns the first frame that fits all the words.
func fit(fs []frame, words []string, b binding) (match, bool) {
	for _, f := range fs {
		for _, flat := range f.flats {
			if m, ok := fitFlat(flat, words, b, nil); ok {
				return match{f.rich, m}, true
			}
		}
	}
	return match{}, false
}

// fitBest returns the first fitting frame whose gaps the test accepts, or else
// the first that fits. found: one fits; good: the test accepted it.
func fitBest(fs []frame, words []string, b binding, test func(match) bool) (m match, found, good bool) {
	for _, f := range fs {
		for _, flat := range f.flats {
			gaps, ok := fitFlat(flat, words, b, nil)
			if !ok {
				continue
			}
			now := match{f.rich, gaps}
			if test(now) {
				return now, true, true
			}
			if !found {
				m, found = now, true
			}
		}
	}
	return m, found, false
}

func fitFlat(flat, words []string, b binding, gaps []gap) ([]gap, bool) {
	for len(flat) > 0 && flat[0][0] != '{' {
		if len(words) == 0 || words[0] != flat[0] {
			return nil, false
		}
		flat, words = flat[1:], words[1:]
	}
	if len(flat) == 0 {
		return gaps, len(words) == 0
	}
	name := flat[0][1 : len(flat[0])-1]
	if choices, bound := b[name]; bound {
		for _, c := range choices {
			if rest, ok := cutWords(words, c); ok {
				filled := append(gaps[:len(gaps):len(gaps)], gap{name, c})
				if g, ok := fitFlat(flat[1:], rest, b, filled); ok {
					return g, true
				}
			}
		}
		return nil, false
	}
	for _, g := range gaps {
		if g.name == name { // a gap that comes twice holds the same words twice
			if rest, ok := cutWords(words, g.words); ok {
				return fitFlat(flat[1:], rest, b, gaps)
			}
			return nil, false
		}
	}
	most := min(maxGap, len(words)-(len(flat)-1))
	for n := 1; n <= most; n++ {
		if n == 1 && len(flat) == 1 {
			n = most // the last gap takes all that is left
			if n != len(words) {
				return nil, false
			}
		}
		filled := append(gaps[:len(gaps):len(gaps)], gap{name, strings.Join(words[:n], " ")})
		if g, ok := fitFlat(flat[1:], words[n:], b, filled); ok {
			return g, true
		}
	}
	return nil, false
}

// cutWords removes a phrase (words with single spaces) from the front.
func cutWords(words []string, phrase string) ([]string, bool) {
	i := 0
	for phrase != "" {
		word := phrase
		if end := strings.IndexByte(phrase, ' '); end >= 0 {
			word, phrase = phrase[:end], phrase[end+1:]
		} else {
			phrase = ""
		}
		if i == len(words) || words[i] != word {
			return nil, false
		}
		i++
	}
	return words[i:], true
}
