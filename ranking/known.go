package ranking

import (
	"encoding/json"
	"math"
	"slices"
	"unicode/utf8"
)

// Known is the right answer to a task, as the key "known" of its prompt's metadata gives it:
//
//	{"known": {"ranks": [2, 1, 2], "explanation": "The second one answers …"}}
//
// ranks are of the responses in the order of the prompt set's file, 1 for the best, equal ranks tie. The explanation is
// Markdown. Nobody who judges the task sees any of it before they have answered.
type Known struct {
	Tiers       Tiers
	Explanation string
}

// Known is the right answer to the task; ok is false where it has none that fits the responses shown.
func (t Task) Known() (known Known, ok bool) {
	ranks, explanation, ok := readKnown(t.Prompt.Metadata)
	if !ok || len(t.Responses) == 0 {
		return Known{}, false
	}
	ids, shown := make([]int64, len(t.Responses)), make([]int, len(t.Responses))
	for i, r := range t.Responses {
		if len(r.FileIndexes) == 0 || r.FileIndexes[0] >= len(ranks) {
			return Known{}, false // it was generated, and nobody knows its rank
		}
		ids[i], shown[i] = r.ID, ranks[r.FileIndexes[0]]
	}
	return Known{TiersFromRanks(ids, shown), explanation}, true
}

// readKnown reads the key of a prompt's metadata.
func readKnown(metadata map[string]any) (ranks []int, explanation string, ok bool) {
	known, ok := metadata["known"].(map[string]any)
	if !ok {
		return nil, "", false
	}
	list, ok := known["ranks"].([]any)
	if !ok {
		return nil, "", false
	}
	for _, item := range list {
		rank, ok := metadataNumber(item)
		if !ok || rank < 1 {
			return nil, "", false
		}
		ranks = append(ranks, rank)
	}
	explanation, _ = known["explanation"].(string)
	return ranks, explanation, true
}

// metadataNumber reads a number of a prompt's metadata: as a file brought it, or as the database keeps it.
func metadataNumber(value any) (n int, ok bool) {
	number, ok := value.(float64)
	if text, isText := value.(json.Number); isText {
		parsed, err := text.Float64()
		number, ok = parsed, err == nil
	}
	if !ok || number != math.Trunc(number) || math.Abs(number) > math.MaxInt32 {
		return 0, false
	}
	return int(number), true
}

// checkKnown refuses a right answer that cannot be one. Whatever else stands at its key is somebody else's.
func checkKnown(metadata map[string]any, responses int) (reason *Error) {
	if _, meant := metadata["known"].(map[string]any); !meant {
		return nil
	}
	ranks, explanation, ok := readKnown(metadata)
	switch {
	case !ok || len(ranks) != responses:
		return because("metadata.known must have ranks: a whole number from 1 on for each of the %d responses", responses)
	case utf8.RuneCountInString(explanation) > explanationMax:
		return because("metadata.known has an explanation of more than %d characters", explanationMax)
	}
	return nil
}

// explanationMax bounds the explanation of a right answer, in characters.
const explanationMax = 10_000

// Agreement counts the pairs that two rankings of the same responses order alike, of how many. Responses that only one of
// them ranks are left out.
func Agreement(a, b Tiers) (alike, pairs int) {
	ranks := b.Ranks()
	for _, pair := range a.Pairs() {
		winner, inB := ranks[pair.Winner]
		loser, bothInB := ranks[pair.Loser]
		if !inB || !bothInB {
			continue
		}
		pairs++
		if pair.Tied && winner == loser || !pair.Tied && winner < loser {
			alike++
		}
	}
	return alike, pairs
}

// Only is the ranking without the responses that are not among ids.
func (t Tiers) Only(ids []int64) (kept Tiers) {
	for _, tier := range t {
		tier = slices.DeleteFunc(slices.Clone(tier), func(id int64) bool { return !slices.Contains(ids, id) })
		if len(tier) > 0 {
			kept = append(kept, tier)
		}
	}
	return kept
}
