package ranking

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// ResponseCommentMax is how long a comment on one response may be, in characters.
const ResponseCommentMax = 2000

// Answers are what a judgment says beside the ranking, as the campaign's schema asks for it.
type Answers struct {
	PromptFlags []string         `json:"prompt_flags,omitempty"`
	Responses   []ResponseAnswer `json:"responses,omitempty"` // those about which something is said
	Strength    int              `json:"strength,omitempty"`  // of a comparison's preference: 1..StrengthMax, 0 for none given
	BothBad     bool             `json:"both_bad,omitempty"`  // of a comparison: tied, and neither is any good
	Mark        *Mark            `json:"mark,omitempty"`      // of a probe
}

// ResponseAnswer is what was said about one response by itself.
type ResponseAnswer struct {
	ResponseID int64    `json:"response"`
	Score      int      `json:"score,omitempty"` // 1..Schema.ScoreMax, 0 for none
	Flags      []string `json:"flags,omitempty"` // keys of the schema, in its order
	Comment    string   `json:"comment,omitempty"`
}

// Empty reports whether nothing is said.
func (a Answers) Empty() bool {
	return len(a.PromptFlags) == 0 && len(a.Responses) == 0 && a.Strength == 0 && !a.BothBad && a.Mark == nil
}

// Equal reports whether both say the same, in whatever order.
func (a Answers) Equal(other Answers) bool {
	if a.Strength != other.Strength || a.BothBad != other.BothBad || !a.Mark.Equal(other.Mark) ||
		!sameSet(a.PromptFlags, other.PromptFlags) || len(a.Responses) != len(other.Responses) {
		return false
	}
	for _, r := range a.Responses {
		o := other.Of(r.ResponseID)
		if r.Score != o.Score || r.Comment != o.Comment || !sameSet(r.Flags, o.Flags) {
			return false
		}
	}
	return true
}

// Of is what is said about a response; the zero answer where nothing is.
func (a Answers) Of(responseID int64) ResponseAnswer {
	for _, r := range a.Responses {
		if r.ResponseID == responseID {
			return r
		}
	}
	return ResponseAnswer{ResponseID: responseID}
}

// Check holds answers against the schema and the responses of the task. It does not ask for what is missing: drafts
// are checked too.
func (a Answers) Check(s Schema, responses []int64) error {
	if err := checkTicked(a.PromptFlags, s.PromptFlags); err != nil {
		return err
	}
	if a.Strength < 0 || a.Strength > StrengthMax {
		return Errorf(CodeInvalid, "the strength of a preference is a number from 1 to %d", StrengthMax)
	}
	if a.Mark != nil {
		if len(s.Rules) == 0 {
			return Errorf(CodeInvalid, "this campaign probes no rules: there is nothing to mark")
		}
		if err := a.Mark.check(); err != nil {
			return err
		}
	}
	seen := map[int64]bool{}
	for _, r := range a.Responses {
		if !slices.Contains(responses, r.ResponseID) || seen[r.ResponseID] {
			return Errorf(CodeInvalid, "the answers name a response twice or one that is not part of the task")
		}
		seen[r.ResponseID] = true
		if r.Score < 0 || r.Score > s.ScoreMax {
			return Errorf(CodeInvalid, "a score is a number from 1 to %d", s.ScoreMax)
		}
		if err := checkTicked(r.Flags, s.Flags); err != nil {
			return err
		}
		if !storable(r.Comment) || utf8.RuneCountInString(r.Comment) > ResponseCommentMax {
			return Errorf(CodeInvalid, "a comment on a response is not valid text or has more than %d characters", ResponseCommentMax)
		}
		if r.Comment != "" && !s.StageOne {
			return Errorf(CodeInvalid, "this campaign asks for no comments on single responses")
		}
	}
	return nil
}

// Complete checks that every response has its score where the schema asks for one.
func (a Answers) Complete(s Schema, responses []int64) error {
	if !s.StageOne {
		return nil
	}
	missing := 0
	for _, id := range responses {
		if a.Of(id).Score == 0 {
			missing++
		}
	}
	if missing > 0 {
		return Errorf(CodeInvalid, "%d of %d responses have no score", missing, len(responses))
	}
	return nil
}

func checkTicked(ticked []string, flags []Flag) error {
	seen := map[string]bool{}
	for _, key := range ticked {
		if seen[key] || !slices.ContainsFunc(flags, func(f Flag) bool { return f.Key == key }) {
			return Errorf(CodeInvalid, "%q is not a flag of this campaign, or occurs twice", key)
		}
		seen[key] = true
	}
	return nil
}

// Contradictions lists the pairs that the ranking orders strictly against their scores: Winner has the lower one.
// A tie contradicts nothing, and neither does a missing score.
func (a Answers) Contradictions(t Tiers) []Pair {
	var against []Pair
	for _, pair := range t.Pairs() {
		winner, loser := a.Of(pair.Winner).Score, a.Of(pair.Loser).Score
		if !pair.Tied && winner > 0 && loser > 0 && winner < loser {
			against = append(against, pair)
		}
	}
	return against
}

// storable reports whether Postgres can keep a text.
func storable(text string) bool {
	return utf8.ValidString(text) && !strings.ContainsRune(text, 0)
}
