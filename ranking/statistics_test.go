package ranking_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"pgregory.net/rapid"

	"rankloop/ranking"
)

// record makes a judgment of a prompt whose responses are named by their models.
func record(id int64, prompt, annotator string, models []string, tiers ...[]int) ranking.Record {
	r := ranking.Record{
		JudgmentID: id, Revision: 1, Campaign: "c", TaskID: int64(prompt[0]), PromptID: prompt, Group: prompt,
		Messages:  []ranking.Message{{Role: "user", Content: "about " + prompt}},
		Tiers:     tiers,
		Annotator: annotator,
		ActiveMS:  1000 * id,
	}
	for i, model := range models {
		r.Responses = append(r.Responses, ranking.RecordResponse{FileIndex: i, Text: fmt.Sprint(prompt, model), Model: model})
		r.OrderShown = append(r.OrderShown, i)
	}
	return r
}

func collect(records ...ranking.Record) ranking.Statistics {
	c := ranking.NewStatisticsCollector()
	for _, r := range records {
		c.Add(r)
	}
	return c.Result(1)
}

// A case counted by hand. Prompt p: x says 0 > 1 > 2, y says 0 > 2 > 1, z says 1 = 0 > 2.
// Strict in both: x,y all 3 pairs, 2 alike (0-1, 0-2); x,z pairs 0-2, 1-2: 2 alike; y,z: 0-2 alike, 1-2 not.
// So 5 of 7. With ties: 9 pairs; the three with z's tie on 0-1 … x,z ½ and y,z ½; so (2 + 2.5 + 1.5)/9.
func TestAgreementByHand(t *testing.T) {
	models := []string{"a", "b", "ccc"}
	got := collect(
		record(1, "p", "x", models, []int{0}, []int{1}, []int{2}),
		record(2, "p", "y", models, []int{0}, []int{2}, []int{1}),
		record(3, "p", "z", models, []int{1, 0}, []int{2}),
		record(4, "q", "x", models, []int{2}, []int{1, 0}),
	)
	near(t, "agreement", got.Agreement.Value, 5.0/7, 1e-12)
	near(t, "agreement with ties", got.AgreementTies.Value, 6.0/9, 1e-12)
	if got.Agreement.Pairs != 7 || got.AgreementTies.Pairs != 9 {
		t.Errorf("pairs %d and %d, want 7 and 9", got.Agreement.Pairs, got.AgreementTies.Pairs)
	}
	if want := (ranking.ComparisonCounts{Total: 12, Strict: 10, Ties: 2}); got.Comparisons != want {
		t.Errorf("comparisons %+v, want %+v", got.Comparisons, want)
	}
	// Only "ccc" is longer; it meets a or b in 8 strict pairs and wins 3 (2 in q, 1 of y's); the 2 a-b pairs are equally long.
	near(t, "longer wins", got.LongerWins.Value, (3+2*0.5)/10, 1e-12)
	if got.Judgments != 4 || got.Prompts != 2 || len(got.Annotators) != 3 || got.Annotators[0].Judgments != 2 || got.Annotators[0].MedianS != 2.5 {
		t.Errorf("%+v", got)
	}
	for _, m := range got.Models {
		want := map[string][4]int{"a": {5, 1, 2, 2}, "b": {2, 4, 2, 2}, "ccc": {3, 5, 0, 2}}[m.Model]
		if [4]int{m.Wins, m.Losses, m.Ties, m.Responses} != want {
			t.Errorf("%s: %+v, want wins, losses, ties, responses %v", m.Model, m, want)
		}
	}
	if got.Models[0].Model != "a" || got.Models[0].Strength == nil || got.TiePropensity == nil {
		t.Errorf("models %+v", got.Models)
	}
}

func TestStatisticsOfNothing(t *testing.T) {
	got := collect()
	if got.Agreement != nil || got.LongerWins != nil || got.TiePropensity != nil || got.Annotators == nil || got.Models == nil {
		t.Errorf("%+v", got)
	}
	if got := collect(record(1, "p", "x", []string{"a", "b"}, []int{0}, []int{1})); got.Agreement != nil {
		t.Errorf("agreement without overlap is %+v", got.Agreement)
	}
}

// The bootstrap's interval covers what the theory of ratios says: with n prompts of m pairs that all agree or all
// differ, the standard error is √(p(1−p)/n), whatever m is.
func TestShareInterval(t *testing.T) {
	random := rand.New(rand.NewPCG(5, 6))
	const n, p = 400, 0.7
	var prompts []ranking.Proportion
	yes := 0.0
	for range n {
		agree := 0.0
		if random.Float64() < p {
			agree = 6
			yes++
		}
		prompts = append(prompts, ranking.Proportion{Count: agree, Of: 6})
	}
	got := ranking.NewShare(prompts, 9)
	near(t, "value", got.Value, yes/n, 1e-12)
	se := math.Sqrt(got.Value * (1 - got.Value) / n)
	near(t, "lower end", got.Interval[0], got.Value-1.96*se, 0.35*se)
	near(t, "upper end", got.Interval[1], got.Value+1.96*se, 0.35*se)
	if again := ranking.NewShare(prompts, 9); *again != *got {
		t.Error("the same seed gives another interval")
	}
}

// Whatever the rankings: an annotator agrees fully with a copy of himself, and not at all with his mirror image.
func TestAgreementExtremes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		k := rapid.IntRange(2, 6).Draw(t, "k")
		ranks := rapid.SliceOfN(rapid.IntRange(1, k), k, k).Draw(t, "ranks")
		tiers, mirrored := tiersOf(ranks), tiersOf(negated(ranks))
		models := make([]string, k)
		for i := range models {
			models[i] = fmt.Sprint("m", i)
		}
		same := collect(record(1, "p", "x", models, tiers...), record(2, "p", "y", models, tiers...))
		mirror := collect(record(1, "p", "x", models, tiers...), record(2, "p", "y", models, mirrored...))
		if strict := same.Comparisons.Strict / 2; strict == 0 {
			if same.Agreement != nil {
				t.Fatal("agreement without a strict pair")
			}
		} else if same.Agreement.Value != 1 || mirror.Agreement.Value != 0 || same.Agreement.Pairs != strict {
			t.Fatalf("copy %+v, mirror %+v", same.Agreement, mirror.Agreement)
		}
		if same.AgreementTies.Value != 1 {
			t.Fatalf("with ties %+v", same.AgreementTies)
		}
		wins, losses, ties := 0, 0, 0
		for _, m := range same.Models {
			wins, losses, ties = wins+m.Wins, losses+m.Losses, ties+m.Ties
		}
		if c := same.Comparisons; wins != c.Strict || losses != c.Strict || ties != 2*c.Ties || c.Total != c.Strict+c.Ties {
			t.Fatalf("wins %d, losses %d, ties %d of %+v", wins, losses, ties, c)
		}
	})
}

func negated(ranks []int) []int {
	out := make([]int, len(ranks))
	for i, r := range ranks {
		out[i] = -r
	}
	return out
}

// tiersOf gives tiers of indexes by rank.
func tiersOf(ranks []int) [][]int {
	ids := make([]int64, len(ranks))
	for i := range ids {
		ids[i] = int64(i)
	}
	var out [][]int
	for _, tier := range ranking.TiersFromRanks(ids, ranks) {
		var indexes []int
		for _, id := range tier {
			indexes = append(indexes, int(id))
		}
		out = append(out, indexes)
	}
	return out
}
