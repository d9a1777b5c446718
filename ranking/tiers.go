package ranking

import (
	"cmp"
	"slices"
)

// Tiers is a weak order of response ids: the best tier first, responses of one tier tied.
type Tiers [][]int64

// Validate checks that t orders exactly the given responses, each once, with no empty tier.
func (t Tiers) Validate(responses []int64) error {
	seen := make(map[int64]bool, len(responses))
	for _, tier := range t {
		if len(tier) == 0 {
			return Errorf(CodeInvalid, "a tier of the ranking is empty")
		}
		for _, id := range tier {
			if !slices.Contains(responses, id) {
				return Errorf(CodeInvalid, "the ranking names a response that is not part of the task")
			}
			if seen[id] {
				return Errorf(CodeInvalid, "the ranking names a response twice")
			}
			seen[id] = true
		}
	}
	if len(seen) != len(responses) {
		return Errorf(CodeInvalid, "the ranking leaves out %d of %d responses", len(responses)-len(seen), len(responses))
	}
	return nil
}

// Equal reports whether both order their responses alike; the order within a tier means nothing.
func (t Tiers) Equal(other Tiers) bool {
	return slices.EqualFunc(t, other, sameSet[int64])
}

// sameSet reports whether two lists without repeats hold the same.
func sameSet[E cmp.Ordered](a, b []E) bool {
	return slices.Equal(slices.Sorted(slices.Values(a)), slices.Sorted(slices.Values(b)))
}

// Ranks gives each response its tier's number, 1 for the best.
func (t Tiers) Ranks() map[int64]int {
	ranks := map[int64]int{}
	for i, tier := range t {
		for _, id := range tier {
			ranks[id] = i + 1
		}
	}
	return ranks
}

// TiersFromRanks groups ids by rank: rank 1 (the smallest) is best, equal ranks tie, gaps are ignored. Within a tier
// the ids keep their order.
func TiersFromRanks(ids []int64, ranks []int) Tiers {
	if len(ids) != len(ranks) {
		panic("ranking: as many ranks as ids are needed")
	}
	distinct := slices.Clone(ranks)
	slices.Sort(distinct)
	distinct = slices.Compact(distinct)
	tiers := make(Tiers, len(distinct))
	for i, id := range ids {
		place, _ := slices.BinarySearch(distinct, ranks[i])
		tiers[place] = append(tiers[place], id)
	}
	return tiers
}

// Pair is one comparison implied by a ranking: Winner above Loser, or tied (then Winner is merely named first).
type Pair struct {
	Winner, Loser int64
	Tied          bool
}

// Pairs lists all C(K,2) comparisons that t implies: strict ones with the winner first, tied ones in tier order.
func (t Tiers) Pairs() []Pair {
	var pairs []Pair
	for i, tier := range t {
		for j, winner := range tier {
			for _, other := range tier[j+1:] {
				pairs = append(pairs, Pair{Winner: winner, Loser: other, Tied: true})
			}
			for _, below := range t[i+1:] {
				for _, loser := range below {
					pairs = append(pairs, Pair{Winner: winner, Loser: loser})
				}
			}
		}
	}
	return pairs
}
