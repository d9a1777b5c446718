// Package diff tells two texts apart word by word, for a reader who compares them. It knows nothing of pages: it returns
// what both have and what only one has, in order.
//
// The comparison is Myers's (An O(ND) Difference Algorithm and Its Variations, Algorithmica 1, 1986) in linear space: the
// middle of a shortest edit is found from both ends, and the halves are compared in the same way. Its work grows with
// the product of the texts' length and their difference, which is limited: beyond that, what is left is called different.
package diff

import "strings"

// Kind says which of the two texts a segment is in.
type Kind int

const (
	Both    Kind = iota // in both texts
	Deleted             // only in the first
	Added               // only in the second
)

// Segment is a run of text. Those of Both and Deleted make the first text, those of Both and Added the second.
type Segment struct {
	Kind Kind
	Text string
}

const (
	// TextBytesMax is the longest text that is compared; a longer one is all different.
	TextBytesMax = 256 << 10
	// stepsMax bounds the work of a comparison, in steps along diagonals: about 30 ms.
	stepsMax = 4_000_000
)

// Diff compares b with a. Between two segments of Both stands what was deleted, then what was added. Spaces between
// changed words belong to the change, so that a rewritten sentence is one change.
func Diff(a, b string) []Segment {
	if len(a) > TextBytesMax || len(b) > TextBytesMax {
		return add(add(nil, Deleted, []string{a}), Added, []string{b})
	}
	c := newComparison(words(a), words(b))
	c.compare(0, len(c.a), 0, len(c.b))
	c.dropSpaces()
	return c.segments()
}

// comparison is a comparison under way. Words are kept where they are in both texts.
type comparison struct {
	wordsA, wordsB    []string
	a, b              []int32 // the words as numbers
	keptA, keptB      []bool
	forward, backward []int32 // how far each diagonal has been followed from either end, -1 for not yet
	steps             int     // that may still be taken
}

func newComparison(a, b []string) *comparison {
	c := &comparison{wordsA: a, wordsB: b, steps: stepsMax, keptA: make([]bool, len(a)), keptB: make([]bool, len(b))}
	numbers := map[string]int32{}
	number := func(words []string) []int32 {
		out := make([]int32, len(words))
		for i, word := range words {
			n, ok := numbers[word]
			if !ok {
				n = int32(len(numbers))
				numbers[word] = n
			}
			out[i] = n
		}
		return out
	}
	c.a, c.b = number(a), number(b)
	size := len(a) + len(b) + 3
	c.forward, c.backward = make([]int32, size), make([]int32, size)
	return c
}

// compare marks what a[a0:a1] and b[b0:b1] have in common.
func (c *comparison) compare(a0, a1, b0, b1 int) {
	for a0 < a1 && b0 < b1 && c.a[a0] == c.b[b0] {
		c.keptA[a0], c.keptB[b0] = true, true
		a0, b0 = a0+1, b0+1
	}
	for a0 < a1 && b0 < b1 && c.a[a1-1] == c.b[b1-1] {
		a1, b1 = a1-1, b1-1
		c.keptA[a1], c.keptB[b1] = true, true
	}
	if a0 == a1 || b0 == b1 {
		return
	}
	x, y, ok := c.middle(c.a[a0:a1], c.b[b0:b1])
	if !ok || x+y == 0 || x+y == a1-a0+b1-b0 {
		return
	}
	c.compare(a0, a0+x, b0, b0+y)
	c.compare(a0+x, a1, b0+y, b1)
}

// middle is a point that a shortest edit of a into b passes: where the furthest paths from both ends meet. There is none
// where the two have nothing in common, or the comparison has used its steps.
func (c *comparison) middle(a, b []int32) (x, y int, ok bool) {
	n, m := len(a), len(b)
	most := (n + m + 1) / 2
	c.steps -= 2 * most
	forward, backward := c.forward[:2*most+2], c.backward[:2*most+2]
	for i := range forward {
		forward[i], backward[i] = -1, -1
	}
	forward[most+1], backward[most+1] = 0, 0
	delta := n - m
	odd := delta%2 != 0
	// Diagonals whose paths have left the texts are not followed on.
	var skipLow, skipHigh, skipLowBack, skipHighBack int
	for d := range most {
		if c.steps -= 2 * (d + 1); c.steps < 0 {
			return 0, 0, false
		}
		for k := -d + skipLow; k <= d-skipHigh; k += 2 {
			i := c.follow(forward, most, k, d, n, m, func(i, j int) bool { return a[i] == b[j] })
			switch opposite := most + delta - k; {
			case i > n:
				skipHigh += 2
			case i-k > m:
				skipLow += 2
			case odd && opposite >= 0 && opposite < len(backward) && backward[opposite] >= 0 && i+int(backward[opposite]) >= n:
				return i, i - k, true
			}
		}
		for k := -d + skipLowBack; k <= d-skipHighBack; k += 2 {
			i := c.follow(backward, most, k, d, n, m, func(i, j int) bool { return a[n-1-i] == b[m-1-j] })
			switch opposite := most + delta - k; {
			case i > n:
				skipHighBack += 2
			case i-k > m:
				skipLowBack += 2
			case !odd && opposite >= 0 && opposite < len(forward) && forward[opposite] >= 0 && i+int(forward[opposite]) >= n:
				from := int(forward[opposite])
				return from, from - (delta - k), true
			}
		}
	}
	return 0, 0, false
}

// follow goes on along diagonal k, after an edit from the diagonal beside it, as far as the words are the same.
func (c *comparison) follow(reached []int32, zero, k, d, n, m int, same func(i, j int) bool) int {
	i := 0
	if k == -d || k != d && reached[zero+k-1] < reached[zero+k+1] {
		i = int(reached[zero+k+1])
	} else {
		i = int(reached[zero+k-1]) + 1
	}
	for i < n && i-k < m && same(i, i-k) {
		i++
		c.steps--
	}
	reached[zero+k] = int32(i)
	return i
}

// dropSpaces takes back the spaces that both texts have within what is otherwise changed.
func (c *comparison) dropSpaces() {
	i, j := 0, 0
	for {
		for i < len(c.a) && !c.keptA[i] {
			i++
		}
		for j < len(c.b) && !c.keptB[j] {
			j++
		}
		if i == len(c.a) || j == len(c.b) {
			return
		}
		changedBefore := i > 0 && !c.keptA[i-1] || j > 0 && !c.keptB[j-1]
		changedAfter := i+1 < len(c.a) && !c.keptA[i+1] || j+1 < len(c.b) && !c.keptB[j+1]
		if changedBefore && changedAfter && isBlank(c.wordsA[i]) {
			c.keptA[i], c.keptB[j] = false, false
		}
		i, j = i+1, j+1
	}
}

// segments joins words into runs.
func (c *comparison) segments() []Segment {
	var out []Segment
	i, j := 0, 0
	for i < len(c.a) || j < len(c.b) {
		fromA := i
		for i < len(c.a) && j < len(c.b) && c.keptA[i] && c.keptB[j] {
			i, j = i+1, j+1
		}
		out = add(out, Both, c.wordsA[fromA:i])
		fromA = i
		fromB := j
		for i < len(c.a) && !c.keptA[i] {
			i++
		}
		for j < len(c.b) && !c.keptB[j] {
			j++
		}
		out = add(out, Deleted, c.wordsA[fromA:i])
		out = add(out, Added, c.wordsB[fromB:j])
	}
	return out
}

func add(segments []Segment, kind Kind, words []string) []Segment {
	if text := strings.Join(words, ""); text != "" {
		segments = append(segments, Segment{kind, text})
	}
	return segments
}
