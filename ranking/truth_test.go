package ranking_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"rankloop/ranking"
)

func TestLoadTruth(t *testing.T) {
	limits := ranking.DefaultPromptSetLimits()
	scores, err := ranking.LoadTruth("s.jsonl", strings.NewReader(`{"id":"a","scores":[1.5,-2,0]}`+"\n\n"+`{"id":7,"scores":[1e3]}`), ranking.TruthScores, limits)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(ranking.Truth{"a": {1.5, -2, 0}, "7": {1000}}, scores); diff != "" {
		t.Error(diff)
	}
	ranks, err := ranking.LoadTruth("r.jsonl.gz", strings.NewReader(zip(`{"id":"a","ranks":[2,9,2,1]}`)), ranking.TruthRanks, limits)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(ranking.Truth{"a": {-1, -2, -1, 0}}, ranks); diff != "" {
		t.Error(diff)
	}
	for line, reason := range map[string]string{
		`{"id":"a"}`:                  "has no ranks",
		`{"ranks":[1]}`:               "has no id",
		`{"id":"a","ranks":[]}`:       "has no ranks",
		`{"id":"a","ranks":[0]}`:      "ranks: item 1 is not a whole number from 1 on",
		`{"id":"a","ranks":[1.5]}`:    "ranks: item 1 is not a whole number from 1 on",
		`{"id":"a","ranks":[1,null]}`: "ranks: item 2 is not a number",
		`{"id":"a","ranks":["1"]}`:    "ranks: item 1 is not a number",
		`{"id":"a","ranks":1}`:        "ranks must be a list",
		`{"id":"a","scores":[1]}`:     "holds scores; name the file with --scores",
		`{"id":"a","rank":[1]}`:       `has the unknown key "rank"; did you mean "ranks"?`,
		`{"id":"first","ranks":[2]}` + "\n" + `{"id":"first","ranks":[1,2]}`: `gives other ranks for the id "first" than an earlier line`,
		`nonsense`: "the line is not valid JSON",
	} {
		_, err := ranking.LoadTruth("r.jsonl", strings.NewReader(line), ranking.TruthRanks, limits)
		d := details(err)
		if ranking.ErrorCode(err) != ranking.CodeInvalid || len(d) != 1 || d[0].File != "r.jsonl" || d[0].Line < 1 || !strings.HasPrefix(d[0].Reason, reason) {
			t.Errorf("%s: %v %v, want %s", line, err, d, reason)
		}
	}
}

func TestTiersFromScores(t *testing.T) {
	ids := []int64{10, 11, 12, 13}
	for _, c := range []struct {
		scores []float64
		margin float64
		want   ranking.Tiers
	}{
		{[]float64{1, 2, 2, 0}, 0, ranking.Tiers{{11, 12}, {10}, {13}}},
		{[]float64{1, 2, 1.5, 0}, 0.5, ranking.Tiers{{11, 12}, {10}, {13}}},
		{[]float64{1, 2, 1.5, 0}, 1, ranking.Tiers{{10, 11, 12}, {13}}}, // measured from the tier's best, not from neighbour to neighbour
		{[]float64{3, 2, 1, 0}, 1, ranking.Tiers{{10, 11}, {12, 13}}},
		{[]float64{0, 0, 0, 0}, 0, ranking.Tiers{{10, 11, 12, 13}}},
	} {
		if got := ranking.TiersFromScores(ids, c.scores, c.margin); !cmp.Equal(got, c.want) {
			t.Errorf("%v within %g: %v, want %v", c.scores, c.margin, got, c.want)
		}
	}
}

// Ranks and the scores made of them give the same tiers, and pairs count C(K,2).
func TestTiersAgree(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		k := rapid.IntRange(1, 9).Draw(t, "k")
		ranks := rapid.SliceOfN(rapid.IntRange(1, 2*k), k, k).Draw(t, "ranks")
		ids, scores := make([]int64, k), make([]float64, k)
		for i := range ids {
			ids[i], scores[i] = int64(100+i), -float64(ranks[i])
		}
		byRank, byScore := ranking.TiersFromRanks(ids, ranks), ranking.TiersFromScores(ids, scores, 0)
		if !cmp.Equal(byRank, byScore) {
			t.Fatalf("ranks give %v, scores %v", byRank, byScore)
		}
		if err := byRank.Validate(ids); err != nil {
			t.Fatal(err)
		}
		pairs := byRank.Pairs()
		if len(pairs) != k*(k-1)/2 {
			t.Fatalf("%d pairs of %d responses", len(pairs), k)
		}
		for _, p := range pairs {
			w, l := ranks[slices.Index(ids, p.Winner)], ranks[slices.Index(ids, p.Loser)]
			if p.Tied != (w == l) || w > l {
				t.Fatalf("pair %+v of ranks %v", p, ranks)
			}
		}
	})
}
