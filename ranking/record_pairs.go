package ranking

import (
	"cmp"
	"fmt"
	"slices"
)

// Validate checks that a record stands on its own: its tiers and its order shown name each of its responses once, and
// no two responses have the same place in the prompt set.
func (r *Record) Validate() error {
	if len(r.Responses) < 2 {
		return Errorf(CodeInvalid, "a ranking needs at least 2 responses, not %d", len(r.Responses))
	}
	ids := make([]int64, len(r.Responses))
	places := make(map[int]bool, len(r.Responses))
	for i, response := range r.Responses {
		ids[i] = int64(i)
		if response.FileIndex < 0 || places[response.FileIndex] {
			return Errorf(CodeInvalid, "the file index %d is negative or occurs twice", response.FileIndex)
		}
		places[response.FileIndex] = true
	}
	if err := r.tiers().Validate(ids); err != nil {
		return err
	}
	for _, answers := range []int{len(r.Scores), len(r.Flags), len(r.Comments), len(r.OrderScored)} {
		if answers != 0 && answers != len(ids) {
			return Errorf(CodeInvalid, "there are answers about %d of %d responses", answers, len(ids))
		}
	}
	shown := slices.Sorted(slices.Values(r.OrderShown))
	for i, place := range shown {
		if i != place {
			return Errorf(CodeInvalid, "the order shown names response %d, which it should not", place)
		}
	}
	if len(shown) != len(r.Responses) {
		return Errorf(CodeInvalid, "the order shown names %d of %d responses", len(shown), len(r.Responses))
	}
	return nil
}

// SetAnswers puts what was said beside the ranking into the record; ids are those of its responses, in its order.
func (r *Record) SetAnswers(a Answers, ids []int64) {
	r.PromptFlags = a.PromptFlags
	for i, id := range ids {
		said := a.Of(id)
		if said.Score != 0 && r.Scores == nil {
			r.Scores = make([]int, len(ids))
		}
		if len(said.Flags) != 0 && r.Flags == nil {
			r.Flags = make([][]string, len(ids))
			for j := range r.Flags {
				r.Flags[j] = []string{}
			}
		}
		if said.Comment != "" && r.Comments == nil {
			r.Comments = make([]string, len(ids))
		}
		if r.Scores != nil {
			r.Scores[i] = said.Score
		}
		if len(said.Flags) != 0 {
			r.Flags[i] = said.Flags
		}
		if r.Comments != nil {
			r.Comments[i] = said.Comment
		}
	}
}

// tiers is the record's weak order, its indexes taken for ids.
func (r *Record) tiers() Tiers {
	tiers := make(Tiers, len(r.Tiers))
	for i, tier := range r.Tiers {
		for _, index := range tier {
			tiers[i] = append(tiers[i], int64(index))
		}
	}
	return tiers
}

// Comparisons lists the C(K,2) pairs that the record's ranking implies, ordered by the two indexes into Responses
// (the winner's first for strict pairs, the smaller first for ties).
func (r *Record) Comparisons() []Comparison {
	var out []Comparison
	for _, p := range r.tiers().Pairs() {
		c := Comparison{Winner: int(p.Winner), Loser: int(p.Loser), Tied: p.Tied}
		if c.Tied && c.Winner > c.Loser {
			c.Winner, c.Loser = c.Loser, c.Winner
		}
		out = append(out, c)
	}
	slices.SortFunc(out, func(a, b Comparison) int {
		return cmp.Or(cmp.Compare(a.Winner, b.Winner), cmp.Compare(a.Loser, b.Loser))
	})
	return out
}

// Comparison is a pair of a record's responses, by index. Of a tied pair, Winner is merely the smaller index.
type Comparison struct {
	Winner, Loser int
	Tied          bool
}

// String is the pair as people write it: "2 > 0", "1 = 3".
func (c Comparison) String() string {
	if c.Tied {
		return fmt.Sprintf("%d = %d", c.Winner, c.Loser)
	}
	return fmt.Sprintf("%d > %d", c.Winner, c.Loser)
}
