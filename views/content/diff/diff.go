// Package diff tells two versions of a text apart: by lines, and word by word within lines that changed. The method is
// Myers' greedy one (An O(ND) Difference Algorithm and Its Variations, 1986), bounded, so that two texts with nothing in
// common take no longer than two with little.
package diff

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Kind says in which of the two versions a piece stands.
type Kind int

// The kinds.
const (
	Same Kind = iota
	Removed
	Added
)

// Piece is a stretch of text of one kind.
type Piece struct {
	Kind Kind
	Text string
}

// differencesMax bounds the search: beyond it, what lies between the common ends counts as replaced.
const differencesMax = 1000

// sharedMin is the share of the shorter text's words that must be common for marking single words; below it, the old
// text is shown whole and the new one after it.
const sharedMin = 0.3

// Changes lists what differs between two versions, each place with up to around unchanged lines before and after it.
// There is none where the texts are the same.
func Changes(before, after string, around int) [][]Piece {
	var places [][]Piece
	var place []Piece
	var tail []string // unchanged lines since the last change
	for _, b := range blocks(lines(before), lines(after)) {
		if len(b.removed)+len(b.added) == 0 {
			tail = b.same
			continue
		}
		if place != nil && len(tail) > 2*around {
			places = append(places, append(place, Piece{Same, strings.Join(tail[:around], "")}))
			place = nil
		}
		if place == nil {
			tail = tail[max(0, len(tail)-around):]
		}
		place = append(place, Piece{Same, strings.Join(tail, "")})
		place = append(place, words(strings.Join(b.removed, ""), strings.Join(b.added, ""))...)
		tail = nil
	}
	if place != nil {
		places = append(places, append(place, Piece{Same, strings.Join(tail[:min(around, len(tail))], "")}))
	}
	for i := range places {
		places[i] = merged(places[i])
	}
	return places
}

// words tells two texts apart word by word.
func words(before, after string) []Piece {
	var pieces []Piece
	shared := 0
	old, new := cut(before), cut(after)
	for _, b := range blocks(old, new) {
		for _, word := range b.same {
			if strings.TrimSpace(word) != "" {
				shared++
			}
		}
		pieces = append(pieces, Piece{Same, strings.Join(b.same, "")}, Piece{Removed, strings.Join(b.removed, "")}, Piece{Added, strings.Join(b.added, "")})
	}
	if float64(shared) < sharedMin*float64(min(visible(old), visible(new))) {
		return []Piece{{Removed, before}, {Added, after}}
	}
	return pieces
}

func visible(words []string) int {
	n := 0
	for _, word := range words {
		if strings.TrimSpace(word) != "" {
			n++
		}
	}
	return n
}

// merged joins neighbours of one kind and leaves empty pieces out.
func merged(pieces []Piece) []Piece {
	var all []Piece
	for _, p := range pieces {
		switch last := len(all) - 1; {
		case p.Text == "":
		case last >= 0 && all[last].Kind == p.Kind:
			all[last].Text += p.Text
		default:
			all = append(all, p)
		}
	}
	return all
}

// lines cuts a text behind its line ends. The last line gets one too, so that a text that grows does not change it.
func lines(text string) []string {
	all := strings.SplitAfter(text, "\n")
	if last := len(all) - 1; all[last] == "" {
		all = all[:last]
	} else {
		all[last] += "\n"
	}
	return all
}

// cut cuts a text into words, spaces and signs; scripts without spaces are cut into characters.
func cut(text string) []string {
	var all []string
	start, last := 0, ' '
	for i, r := range text {
		if i > 0 && !(sort(last) == sort(r) && sort(r) != single) {
			all = append(all, text[start:i])
			start = i
		}
		last = r
	}
	if text != "" {
		all = append(all, text[start:])
	}
	return all
}

const (
	single = iota // stands by itself
	letter
	space
)

func sort(r rune) int {
	switch {
	case r == '\n' || r == utf8.RuneError || unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Thai):
		return single
	case unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r) || r == '_' || r == '\'' || r == '’':
		return letter
	case unicode.IsSpace(r):
		return space
	}
	return single
}

// block is a stretch of both texts: what is the same, or what of one text stands where what of the other stood.
type block struct{ same, removed, added []string }

// blocks aligns two lists along a longest common subsequence.
func blocks(before, after []string) []block {
	var all []block
	head := 0
	for head < len(before) && head < len(after) && before[head] == after[head] {
		head++
	}
	tail := 0
	for tail < len(before)-head && tail < len(after)-head && before[len(before)-1-tail] == after[len(after)-1-tail] {
		tail++
	}
	all = append(all, block{same: before[:head]})
	a, b := before[head:len(before)-tail], after[head:len(after)-tail]
	keptA, keptB := common(a, b)
	for x, y := 0, 0; x < len(a) || y < len(b); {
		fromX, fromY := x, y
		for x < len(a) && !keptA[x] {
			x++
		}
		for y < len(b) && !keptB[y] {
			y++
		}
		if x > fromX || y > fromY {
			all = append(all, block{removed: a[fromX:x], added: b[fromY:y]})
		}
		fromX = x
		for x < len(a) && y < len(b) && keptA[x] && keptB[y] {
			x, y = x+1, y+1
		}
		if x > fromX {
			all = append(all, block{same: a[fromX:x]})
		}
	}
	return append(all, block{same: before[len(before)-tail:]})
}

// common marks the members of a longest common subsequence in both lists; none where they differ too much.
func common(a, b []string) (keptA, keptB []bool) {
	keptA, keptB = make([]bool, len(a)), make([]bool, len(b))
	most := min(len(a)+len(b), differencesMax)
	// reach[k+most] is how far into a the furthest path on diagonal k = x−y comes; trace keeps it before each step.
	reach := make([]int, 2*most+2)
	var trace [][]int
	for d := 0; d <= most; d++ {
		trace = append(trace, slices.Clone(reach[max(0, most-d-1):min(len(reach), most+d+2)]))
		for k := -d; k <= d; k += 2 {
			x := step(func(k int) int { return reach[k+most] }, k, d)
			for x < len(a) && x-k < len(b) && a[x] == b[x-k] {
				x++
			}
			reach[k+most] = x
			if x >= len(a) && x-k >= len(b) {
				walkBack(trace, most, keptA, keptB)
				return keptA, keptB
			}
		}
	}
	return keptA, keptB
}

// step is where a path of d differences begins on diagonal k: beside the further one of its two neighbours of d−1.
func step(reach func(k int) int, k, d int) int {
	switch {
	case d == 0:
		return 0
	case k == -d || k != d && reach(k-1) < reach(k+1):
		return reach(k + 1)
	}
	return reach(k-1) + 1
}

// walkBack follows the path that reached both ends back to the beginning and marks what it kept.
func walkBack(trace [][]int, most int, keptA, keptB []bool) {
	x, y := len(keptA), len(keptB)
	for d := len(trace) - 1; d >= 0; d-- {
		low := max(0, most-d-1) - most // the diagonal of the trace's first entry
		reach := func(k int) int { return trace[d][k-low] }
		k := x - y
		fromX := step(reach, k, d)
		for x > fromX && x > 0 && y > 0 {
			x, y = x-1, y-1
			keptA[x], keptB[y] = true, true
		}
		if d == 0 {
			return
		}
		if k == -d || k != d && reach(k-1) < reach(k+1) {
			y--
		} else {
			x--
		}
	}
}
