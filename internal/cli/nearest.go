package cli

import "strings"

// nearest finds the candidate closest to name by edit distance (with swaps of neighbours); ok is false where none is
// close enough to be what somebody meant: more than a third of the name would have to change.
func nearest(name string, candidates []string) (best string, ok bool) {
	limit := max(len(name)/3, 1)
	for _, candidate := range candidates {
		if d := editDistance(strings.ToLower(name), strings.ToLower(candidate)); d <= limit {
			best, limit, ok = candidate, d-1, true
		}
	}
	return best, ok
}

// editDistance is the optimal string alignment distance of two byte strings.
func editDistance(a, b string) int {
	before, previous := make([]int, len(b)+1), make([]int, len(b)+1)
	current := make([]int, len(b)+1)
	for j := range previous {
		previous[j] = j
	}
	for i := 1; i <= len(a); i++ {
		current[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			current[j] = min(previous[j]+1, current[j-1]+1, previous[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				current[j] = min(current[j], before[j-2]+1)
			}
		}
		before, previous, current = previous, current, before
	}
	return previous[len(b)]
}
