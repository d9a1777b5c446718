package ranking

import "unicode"

// Passage is a part of a text: the code points from Start up to, and without, End.
type Passage struct {
	Start int `json:"start"`
	End   int `json:"end"`
}

// In is the passage's text.
func (p Passage) In(text []rune) string { return string(text[p.Start:p.End]) }

// Sentences cuts a text into passages that can be pointed at one by one: its sentences, without the white space around
// them. A line ends a sentence; within a line a closing mark does, with what may close behind it, where white space
// follows or the script needs none. It is a help for pointing, not a grammar: "Dr. No" is two.
func Sentences(text string) []Passage {
	runes := []rune(text)
	var all []Passage
	start := 0
	cut := func(end int) {
		from, to := start, end
		for from < to && unicode.IsSpace(runes[from]) {
			from++
		}
		for to > from && unicode.IsSpace(runes[to-1]) {
			to--
		}
		if from < to {
			all = append(all, Passage{from, to})
		}
		start = end
	}
	for i := 0; i < len(runes); i++ {
		switch runes[i] {
		case '\n':
			cut(i)
		case '。', '！', '？', '．':
			for i+1 < len(runes) && closes(runes[i+1]) {
				i++
			}
			cut(i + 1)
		case '.', '!', '?', '…', '؟', '।':
			for i+1 < len(runes) && closes(runes[i+1]) {
				i++
			}
			if i+1 == len(runes) || unicode.IsSpace(runes[i+1]) {
				cut(i + 1)
			}
		}
	}
	cut(len(runes))
	return all
}

// closes reports whether a sign belongs to the end of the sentence before it.
func closes(r rune) bool {
	switch r {
	case '.', '!', '?', '…', '。', '！', '？', '"', '\'':
		return true
	}
	return unicode.In(r, unicode.Pe, unicode.Pf)
}
