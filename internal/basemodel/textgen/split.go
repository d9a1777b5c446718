package textgen

import (
	"hash/fnv"
	"sort"
	"strings"
	"unicode"
)

// heldOutShare is one in ten.
const heldOutShare = 10

// HeldOut says whether a prompt belongs to the held-out tenth. The split looks
// at the prompt's content alone: the words that are not part of any phrasing, in
// any order. So all wordings of one request, "compare X and Y" and "compare Y
// and X" fall on the same side, and a held-out prompt is a combination that the
// training stream never asked about in any wording.
func HeldOut(prompt string) bool {
	key := contentKey(prompt)
	if key == "" {
		return false
	}
	h := fnv.New64a()
	h.Write([]byte(key)) //nolint:errcheck // a hash never fails
	return scramble(h.Sum64())%heldOutShare == 0
}

// scramble is the finaliser of SplitMix64 (Steele, Lea, Flood 2014): FNV alone
// leaves short keys with related low bits.
func scramble(x uint64) uint64 {
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

func contentKey(prompt string) string {
	var content []string
	for _, word := range words(prompt) {
		if !frameWords[word] {
			content = append(content, word)
		}
	}
	sort.Strings(content)
	return strings.Join(content, " ")
}

// frameWords are the words that phrasings consist of, with the few function
// words that fill slots.
var frameWords = collectFrameWords()

func collectFrameWords() map[string]bool {
	frame := map[string]bool{}
	add := func(text string) {
		for _, word := range words(text) {
			frame[word] = true
		}
	}
	for _, k := range kinds {
		for _, phrasings := range k.forms {
			for _, p := range phrasings {
				add(literal(p))
			}
		}
	}
	for _, o := range openers {
		add(o)
	}
	add("a an the and or")
	return frame
}

// literal is a phrasing without its slots.
func literal(phrasing string) string {
	var b strings.Builder
	inSlot := false
	for _, r := range phrasing {
		switch {
		case r == '{':
			inSlot = true
		case r == '}':
			inSlot = false
		case !inSlot:
			b.WriteRune(r)
		}
	}
	return b.String()
}

// words are the lower-cased runs of letters and digits of a text.
func words(text string) []string {
	return strings.FieldsFunc(strings.ToLower(text), func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r)
	})
}
