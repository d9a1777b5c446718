package ranking

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"math"
	"slices"
)

// TruthKind is what a truth file gives for each response.
type TruthKind string

// The kinds of truth.
const (
	TruthScores TruthKind = "scores" // higher is better
	TruthRanks  TruthKind = "ranks"  // 1 is best, equal ranks tie, gaps are ignored
)

// Truth is what simulated annotators know: by prompt id, one score for each response in the order of the prompt set's
// file, higher is better. Ranks become scores 0, −1, −2 … of the distinct ranks, best first.
type Truth map[string][]float64

// LoadTruth reads a truth file: a line {"id":"a1","scores":[…]} or {"id":"a1","ranks":[1,2,2]} for each prompt. The
// limits are those of prompt sets. Bad lines end it: the error's details name the first ones.
func LoadTruth(name string, r io.Reader, kind TruthKind, limits PromptSetLimits) (Truth, error) {
	const maxDetails = 100
	s := &promptSet{name: name, limits: limits}
	plain, err := s.open(r)
	if err != nil {
		return nil, truthFault(name, err)
	}
	truth := make(Truth)
	var bad []Detail
	for number := 1; len(bad) < maxDetails; number++ {
		line, tooLong, readErr := readLine(plain, limits.LineBytes)
		if readErr != nil && !errors.Is(readErr, io.EOF) {
			return nil, truthFault(name, readErr)
		}
		var reason *Error
		switch line := bytes.TrimSpace(line); {
		case tooLong:
			reason = because("the line is over the limit of %d bytes", limits.LineBytes)
		case len(line) > 0:
			reason = truth.add(line, kind, limits)
		}
		if reason != nil {
			bad = append(bad, reason.At(name, number))
		}
		if readErr != nil {
			break
		}
	}
	if len(bad) > 0 {
		return nil, Errorf(CodeInvalid, "%s cannot be read as a file of %s", name, string(kind)).WithDetails(bad)
	}
	if len(truth) == 0 {
		return nil, Errorf(CodeInvalid, "%s holds no %s", name, string(kind))
	}
	return truth, nil
}

// truthFault rewords a fault of the reader: the file is no prompt set.
func truthFault(name string, err error) error {
	var fault *Error
	if !errors.As(err, &fault) {
		return Errorf(CodeUnavailable, "%s cannot be read", name).WithCause(err)
	}
	return Errorf(fault.Code, "%s cannot be read as a truth file", name).WithDetails(fault.Details).WithCause(fault.Cause)
}

// add reads one line.
func (t Truth) add(line []byte, kind TruthKind, limits PromptSetLimits) (reason *Error) {
	if reason := checkJSON(line); reason != nil {
		return because("the line %s", reason)
	}
	var id string
	var values []float64
	given := false
	reason = objectFields(line, func(key string, value []byte) (reason *Error) {
		switch {
		case key == "id":
			id, reason = jsonID(value)
		case key == string(kind):
			given = true
			values, reason = truthValues(key, value, limits.Responses)
		case key == string(TruthScores):
			reason = because("holds scores; name the file with --scores")
		case key == string(TruthRanks):
			reason = because("holds ranks; name the file with --ranks")
		default:
			reason = unknownKey(key, []string{"id", string(kind)})
		}
		return reason
	})
	switch {
	case reason != nil:
		return reason
	case id == "":
		return because("has no id")
	case !given || len(values) == 0:
		return because("has no %s", string(kind))
	}
	if kind == TruthRanks {
		values = scoresFromRanks(values)
	}
	if before, ok := t[id]; ok && !slices.Equal(before, values) {
		return because("gives other %s for the id %q than an earlier line", kind, clip(id))
	}
	t[id] = values
	return nil
}

func truthValues(key string, raw []byte, limit int) (values []float64, reason *Error) {
	reason = arrayItems(raw, func(i int, item []byte) *Error {
		if i >= limit {
			return because("more than %d items in %s; the limit is %d", limit, key, limit)
		}
		var v float64
		if err := json.Unmarshal(item, &v); err != nil || string(item) == "null" || math.IsInf(v, 0) {
			return because("%s: item %d is not a number", key, i+1)
		}
		if key == string(TruthRanks) && (v < 1 || v != math.Trunc(v)) {
			return because("ranks: item %d is not a whole number from 1 on", i+1)
		}
		values = append(values, v)
		return nil
	})
	if reason == notAList {
		reason = because("%s must be a list", key)
	}
	return values, reason
}

// scoresFromRanks turns ranks into scores 0, −1, −2 … of the distinct ranks.
func scoresFromRanks(ranks []float64) []float64 {
	distinct := slices.Compact(slices.Sorted(slices.Values(ranks)))
	scores := make([]float64, len(ranks))
	for i, rank := range ranks {
		place, _ := slices.BinarySearch(distinct, rank)
		scores[i] = -float64(place)
	}
	return scores
}

// TiersFromScores orders ids by score, best first. A response joins a tier if its score lies within margin of the
// tier's best; with margin 0 only equal scores tie. Within a tier the ids keep their order.
func TiersFromScores(ids []int64, scores []float64, margin float64) Tiers {
	if len(ids) != len(scores) {
		panic("ranking: as many scores as ids are needed")
	}
	order := make([]int, len(ids))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int {
		switch {
		case scores[a] > scores[b]:
			return -1
		case scores[a] < scores[b]:
			return 1
		}
		return 0
	})
	var tiers Tiers
	best := 0.0
	for _, i := range order {
		if len(tiers) == 0 || best-scores[i] > margin {
			tiers = append(tiers, nil)
			best = scores[i]
		}
		tiers[len(tiers)-1] = append(tiers[len(tiers)-1], ids[i])
	}
	for _, tier := range tiers {
		slices.SortFunc(tier, func(a, b int64) int { return slices.Index(ids, a) - slices.Index(ids, b) })
	}
	return tiers
}
