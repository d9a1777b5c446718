package ranking

import (
	"cmp"
	"fmt"
	"slices"
)

// Validate checks that a record stands on its own: its tiers and its order shown name each of its responses once (the
// order shown all but the written ones), and no two responses have the same place in the prompt set.
func (r *Record) Validate() error {
	if len(r.Responses) < 2 && (len(r.Responses) == 0 || !r.Responses[0].Written && r.Dialogue == nil && r.Probe == nil) {
		return Errorf(CodeInvalid, "a ranking needs at least 2 responses, not %d", len(r.Responses))
	}
	ids := make([]int64, len(r.Responses))
	var wantShown []int
	places := make(map[int]bool, len(r.Responses))
	for i, response := range r.Responses {
		ids[i] = int64(i)
		if response.FileIndex < 0 || places[response.FileIndex] {
			return Errorf(CodeInvalid, "the file index %d is negative or occurs twice", response.FileIndex)
		}
		places[response.FileIndex] = true
		if !response.Written {
			wantShown = append(wantShown, i)
		}
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
		if i >= len(wantShown) || wantShown[i] != place {
			return Errorf(CodeInvalid, "the order shown names response %d, which it should not", place)
		}
	}
	if len(shown) != len(wantShown) {
		return Errorf(CodeInvalid, "the order shown names %d of %d responses", len(shown), len(wantShown))
	}
	if r.Dialogue != nil && (r.Dialogue.Reply < 0 || r.Dialogue.Reply >= len(r.Responses)) {
		return Errorf(CodeInvalid, "the dialogue's reply is none of the %d responses", len(r.Responses))
	}
	return nil
}

// SetAnswers puts what was said beside the ranking into the record; ids are those of its responses, in its order.
func (r *Record) SetAnswers(a Answers, ids []int64) {
	r.PromptFlags, r.Strength, r.BothBad = a.PromptFlags, a.Strength, a.BothBad
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

// Comparisons lists the pairs that the record's ranking implies, ordered by the two indexes into Responses (the winner's
// first for strict pairs, the smaller first for ties): all C(K,2), but those among responses that were passed over.
func (r *Record) Comparisons() []Comparison {
	var out []Comparison
	for _, p := range r.tiers().Pairs() {
		c := Comparison{Winner: int(p.Winner), Loser: int(p.Loser), Tied: p.Tied}
		if c.Tied && r.Picked && slices.Contains(r.Tiers[len(r.Tiers)-1], c.Winner) {
			continue
		}
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

// comparisons counts them.
func (r *Record) comparisons() int {
	pairs := func(n int) int { return n * (n - 1) / 2 }
	if r.Picked && len(r.Tiers) > 0 {
		return pairs(len(r.Responses)) - pairs(len(r.Tiers[len(r.Tiers)-1]))
	}
	return pairs(len(r.Responses))
}

// StrengthOf is how strongly a pair's winner was preferred: the strength given is that between the two responses shown,
// and an edit of the better one is at least as much better than the other. 0 where none was given, and between a
// response and its edit.
func (r *Record) StrengthOf(c Comparison) int {
	if c.Tied || r.Responses[c.Loser].Written || r.Responses[c.Winner].Written && !slices.Contains(r.Tiers[len(r.Tiers)-1], c.Loser) {
		return 0
	}
	return r.Strength
}

// Margin is the strength of a strict pair as the reward model's loss takes it: 0 to 1 in thirds, and 0 where none was
// given. Source: Llama 2 (arXiv 2307.09288), equation 2 and the smaller margins of Table 27.
func (r *Record) Margin(winner, loser int) float64 {
	return float64(max(r.StrengthOf(Comparison{Winner: winner, Loser: loser})-1, 0)) / 3
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
