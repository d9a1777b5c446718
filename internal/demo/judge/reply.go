package judge

import "strings"

// A reply is a text as the checkers read it: what is said twice is there once,
// since repetition is a part of its own.
type reply struct {
	all        []sentence // as written
	sentences  []sentence // without repeated words and sentences
	low        string     // the words of sentences, lower case
	repetition float64    // 1: nothing is said twice
	tidy       bool       // plain spacing and plain characters
}

// What repetition costs: the first one much, each further one less.
const (
	firstRepeat   = 0.5
	furtherRepeat = 0.15
)

func readReply(text string) reply {
	r := reply{all: splitSentences(text), tidy: isTidy(text)}
	repeats := 0
	seen := map[string]bool{}
	var words []string
	for _, s := range r.all {
		clean, n := dropRepeats(s)
		repeats += n
		if key := clean.text(); seen[key] {
			repeats++
			continue
		} else {
			seen[key] = true
		}
		r.sentences = append(r.sentences, clean)
		words = append(words, clean.words...)
	}
	r.low = strings.Join(words, " ")
	r.repetition = 1
	if repeats > 0 {
		r.repetition = clamp(1 - firstRepeat - furtherRepeat*float64(repeats-1))
	}
	return r
}

// longestRun is the longest run of words that is found when it comes twice in a
// row ("bigger than a car and bigger than a car and").
const longestRun = 8

// dropRepeats removes words and runs of words that repeat what stands right
// before them and returns how many it removed.
func dropRepeats(s sentence) (sentence, int) {
	out := sentence{end: s.end}
	removed := 0
	for i := range s.words {
		out.words = append(out.words, s.words[i])
		out.raw = append(out.raw, s.raw[i])
		for run := 1; run <= longestRun && 2*run <= len(out.words); run++ {
			n := len(out.words)
			if sameWords(out.words[n-run:], out.words[n-2*run:n-run]) && !allMarks(out.words[n-run:]) && !isCookCook(out.words) {
				out.words, out.raw = out.words[:n-run], out.raw[:n-run]
				removed++
				break
			}
		}
	}
	return out, removed
}

// isCookCook allows "does the cook cook some rice", where no word is repeated by
// mistake.
func isCookCook(words []string) bool {
	n := len(words)
	return n > 2 && words[n-1] == "cook" && words[n-2] == "cook" && words[n-3] == "the"
}

func sameWords(a, b []string) bool {
	for i := range a {
		if a[i] != b[i] {
			return false
		}
	}
	return true
}

func allMarks(words []string) bool {
	for _, w := range words {
		if !isMark(w) {
			return false
		}
	}
	return true
}

// isTidy says whether the text has single spaces, plain characters and no mark
// after a space.
func isTidy(text string) bool {
	trimmed := strings.TrimSpace(text)
	for i := 0; i < len(trimmed); i++ {
		c := trimmed[i]
		if c < ' ' || c > '~' {
			return false
		}
		if c == ' ' && strings.IndexByte(" .,!?:;", trimmed[i+1]) >= 0 {
			return false
		}
		if i > 0 && strings.IndexByte(".,!?:;", c) >= 0 && strings.IndexByte(".,!?:;", trimmed[i-1]) >= 0 {
			return false
		}
	}
	return true
}
