package judge

import "strings"

// A sentence is one sentence of a prompt or a reply. Words holds its words and
// inner marks (",", ":", "-", "+", "=") in lower case, without the end mark; a
// word with hyphens or an apostrophe ("c-a-t", "Kate's") is one word. Raw holds
// the same as written. End is the end mark, 0 where there is none.
type sentence struct {
	words []string
	raw   []string
	end   byte
}

// text joins the words of the sentence with single spaces.
func (s sentence) text() string { return strings.Join(s.words, " ") }

// splitSentences reads a text. A sentence ends at ".", "!" or "?", and also
// where a word with a capital follows one without a mark between them and the
// word is no name: two sentences then stand side by side without a full stop.
func splitSentences(text string) []sentence {
	var all []sentence
	var now sentence
	flush := func(end byte) {
		if len(now.words) > 0 {
			now.end = end
			all = append(all, now)
		}
		now = sentence{}
	}
	for _, field := range strings.Fields(text) {
		word, marks := trimMarks(field)
		if word != "" {
			if len(now.words) > 0 && startsAnew(word, now.words[len(now.words)-1]) {
				flush(0)
			}
			now.words = append(now.words, strings.ToLower(word))
			now.raw = append(now.raw, word)
		}
		for i := 0; i < len(marks); i++ {
			switch m := marks[i]; m {
			case '.', '!', '?':
				flush(m)
			default:
				now.words = append(now.words, string(m))
				now.raw = append(now.raw, string(m))
			}
		}
	}
	flush(0)
	return all
}

// trimMarks cuts the marks off the end of a field: "Hello," gives "Hello" and ",".
func trimMarks(field string) (word, marks string) {
	end := len(field)
	for end > 0 && strings.IndexByte(".!?,:;", field[end-1]) >= 0 {
		end--
	}
	return field[:end], field[end:]
}

// startsAnew says whether a word begins a new sentence although no mark stands
// before it.
func startsAnew(word, before string) bool {
	if !isUpper(word[0]) || isMark(before) || before == "dear" {
		return false
	}
	return word != "I" && !isProper(strings.ToLower(word)) && !isProper(strings.TrimSuffix(strings.ToLower(word), "'s"))
}

func isMark(word string) bool {
	return len(word) == 1 && strings.IndexByte(",:;-+=", word[0]) >= 0
}

func isUpper(c byte) bool { return c >= 'A' && c <= 'Z' }
func isLower(c byte) bool { return c >= 'a' && c <= 'z' }
func isDigit(c byte) bool { return c >= '0' && c <= '9' }

// allDigits says whether a word is a number written with digits.
func allDigits(word string) bool {
	for i := 0; i < len(word); i++ {
		if !isDigit(word[i]) {
			return false
		}
	}
	return word != ""
}

// wordsOf returns the words of a text in lower case, without end marks.
func wordsOf(text string) []string {
	var words []string
	for _, s := range splitSentences(text) {
		words = append(words, s.words...)
	}
	return words
}

// holdsPhrase says whether the words of a phrase stand in the text in a row.
// Both are lower case with single spaces.
func holdsPhrase(text, phrase string) bool {
	for from := 0; ; {
		i := strings.Index(text[from:], phrase)
		if i < 0 {
			return false
		}
		start, end := from+i, from+i+len(phrase)
		if (start == 0 || text[start-1] == ' ') && (end == len(text) || text[end] == ' ') {
			return true
		}
		from = start + 1
	}
}

// splitItems reads an enumeration: "a cat, a dog and an owl" gives its three
// items without articles.
func splitItems(words []string) []string {
	var items []string
	var now []string
	flush := func() {
		if len(now) > 0 {
			items = append(items, strings.Join(dropArticle(now), " "))
		}
		now = nil
	}
	for _, w := range words {
		if w == "," || w == "and" || w == "or" {
			flush()
		} else {
			now = append(now, w)
		}
	}
	flush()
	return items
}

func dropArticle(words []string) []string {
	if len(words) > 1 && (words[0] == "a" || words[0] == "an" || words[0] == "the") {
		return words[1:]
	}
	return words
}

// article returns "a" or "an", as the next word needs.
func article(next string) string {
	switch {
	case next == "":
		return "a"
	case strings.HasPrefix(next, "use"), strings.HasPrefix(next, "uni"), next == "one":
		return "a"
	case strings.IndexByte("aeiou", next[0]) >= 0:
		return "an"
	}
	return "a"
}
