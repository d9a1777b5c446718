package ranking

import (
	"math/bits"
	"unicode"
)

// Survival is the share of a suggestion's words that an edit of it keeps, in their order: the length of their longest
// common subsequence over the suggestion's number of words. 1 for a suggestion without words that is left as it is.
func Survival(suggestion, edited string) float64 {
	before, after := words(suggestion), words(edited)
	if len(before) == 0 {
		if suggestion == edited {
			return 1
		}
		return 0
	}
	return float64(commonWords(before, after)) / float64(len(before))
}

// words are runs of letters and digits, and every Chinese, Japanese or Thai character and every other sign by itself.
func words(text string) []string {
	var found []string
	start := -1 // of the run at hand
	for i, r := range text {
		alone := unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Thai)
		inside := !alone && (unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r) || start >= 0 && (r == '\'' || r == '’'))
		if inside && start < 0 {
			start = i
		}
		if !inside && start >= 0 {
			found, start = append(found, text[start:i]), -1
		}
		if !inside && !unicode.IsSpace(r) {
			found = append(found, string(r))
		}
	}
	if start >= 0 {
		found = append(found, text[start:])
	}
	return found
}

// commonWords is the length of the longest common subsequence, 64 words of a at a time: a 0 in row marks a word of a at
// which the length rises. Source: Hyyrö, "Bit-parallel LCS-length computation revisited" (2004), figure 2.
func commonWords(a, b []string) int {
	blocks := (len(a) + 63) / 64
	places := make(map[string][]uint64, len(a))
	for i, word := range a {
		if places[word] == nil {
			places[word] = make([]uint64, blocks)
		}
		places[word][i/64] |= 1 << (i % 64)
	}
	row := make([]uint64, blocks)
	for i := range row {
		row[i] = ^uint64(0)
	}
	for _, word := range b {
		match, carry := places[word], uint64(0)
		if match == nil {
			continue
		}
		for i, v := range row {
			u := v & match[i]
			row[i], carry = bits.Add64(v, u, carry)
			row[i] |= v &^ u
		}
	}
	common := 0
	for i := range a {
		if row[i/64]>>(i%64)&1 == 0 {
			common++
		}
	}
	return common
}
