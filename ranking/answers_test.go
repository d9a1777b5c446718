package ranking_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"rankloop/ranking"
)

func TestDefaultSchemaIsInstructGPTs(t *testing.T) {
	s := ranking.DefaultSchema()
	if err := s.Validate(); err != nil {
		t.Fatal(err)
	}
	if !s.StageOne || s.ScoreMax != 7 || len(s.Flags) != 11 || len(s.PromptFlags) != 11 {
		t.Errorf("%+v", s)
	}
	for _, f := range slices.Concat(s.Flags, s.PromptFlags) {
		if f.In("en") == "" || f.In("zh-Hans") == f.In("en") || f.In("fr") != f.In("en") {
			t.Errorf("texts of %+v", f)
		}
	}
	encoded, err := json.Marshal(s)
	if err != nil {
		t.Fatal(err)
	}
	again, err := ranking.ReadSchema(encoded)
	if diff := cmp.Diff(s, again); err != nil || diff != "" {
		t.Errorf("%v\n%s", err, diff)
	}
}

func TestBadSchemas(t *testing.T) {
	many := `{"key":"k0","text":{"en":"x"}}`
	for i := range ranking.FlagsMax {
		many += fmt.Sprintf(`,{"key":"k%d","text":{"en":"x"}}`, i+1)
	}
	for name, text := range map[string]string{
		"not JSON":           `{`,
		"an unknown key":     `{"stage_one":false,"flgs":[]}`,
		"two values":         `{} {}`,
		"no scale":           `{"stage_one":true}`,
		"a scale of 1":       `{"stage_one":true,"score_max":1}`,
		"a scale of 10":      `{"stage_one":true,"score_max":10}`,
		"flags nobody sees":  `{"stage_one":false,"flags":[{"key":"a","text":{"en":"A"}}]}`,
		"a flag twice":       `{"stage_one":true,"score_max":7,"flags":[{"key":"a","text":{"en":"A"}},{"key":"a","text":{"en":"B"}}]}`,
		"a key with a space": `{"prompt_flags":[{"key":"a b","text":{"en":"A"}}]}`,
		"no English":         `{"prompt_flags":[{"key":"a","text":{"zh-Hans":"甲"}}]}`,
		"a long text":        `{"prompt_flags":[{"key":"a","text":{"en":"` + strings.Repeat("字", 201) + `"}}]}`,
		"17 flags":           `{"prompt_flags":[` + many + `]}`,
	} {
		if _, err := ranking.ReadSchema([]byte(text)); ranking.ErrorCode(err) != ranking.CodeInvalid {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := ranking.ReadSchema(make([]byte, ranking.SchemaBytesMax+1)); ranking.ErrorCode(err) != ranking.CodeTooLarge {
		t.Errorf("a schema over the limit: %v", err)
	}
}

// A score contradicts a ranking exactly where a strictly better response has the lower score.
func TestContradictions(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		k := rapid.IntRange(2, 9).Draw(t, "k")
		ranks := rapid.SliceOfN(rapid.IntRange(1, k), k, k).Draw(t, "ranks")
		scores := rapid.SliceOfN(rapid.IntRange(0, 7), k, k).Draw(t, "scores")
		var answers ranking.Answers
		ids := make([]int64, k)
		for i := range ids {
			ids[i] = int64(10 + i)
			answers.Responses = append(answers.Responses, ranking.ResponseAnswer{ResponseID: ids[i], Score: scores[i]})
		}
		if err := answers.Check(ranking.DefaultSchema(), ids); err != nil {
			t.Fatal(err)
		}
		if err := answers.Complete(ranking.DefaultSchema(), ids); (err != nil) != slices.Contains(scores, 0) {
			t.Fatalf("complete with scores %v: %v", scores, err)
		}
		want := 0
		for i := range ids {
			for j := range ids {
				if ranks[i] < ranks[j] && scores[i] > 0 && scores[j] > 0 && scores[i] < scores[j] {
					want++
				}
			}
		}
		got := answers.Contradictions(ranking.TiersFromRanks(ids, ranks))
		if len(got) != want {
			t.Fatalf("ranks %v, scores %v: %v", ranks, scores, got)
		}
		for _, pair := range got {
			if pair.Tied || answers.Of(pair.Winner).Score >= answers.Of(pair.Loser).Score {
				t.Fatalf("%v is no contradiction", pair)
			}
		}
	})
}

func TestAnswersRefuse(t *testing.T) {
	schema, ids := ranking.DefaultSchema(), []int64{1, 2}
	one := func(r ranking.ResponseAnswer) ranking.Answers {
		return ranking.Answers{Responses: []ranking.ResponseAnswer{r}}
	}
	good := one(ranking.ResponseAnswer{ResponseID: 1, Score: 7, Flags: []string{"opinion"}, Comment: "fine"})
	good.PromptFlags = []string{"ambiguous"}
	if err := good.Check(schema, ids); err != nil {
		t.Fatal(err)
	}
	for name, bad := range map[string]ranking.Answers{
		"a foreign response": one(ranking.ResponseAnswer{ResponseID: 3, Score: 1}),
		"a response twice":   {Responses: []ranking.ResponseAnswer{{ResponseID: 1}, {ResponseID: 1}}},
		"score 8":            one(ranking.ResponseAnswer{ResponseID: 1, Score: 8}),
		"score -1":           one(ranking.ResponseAnswer{ResponseID: 1, Score: -1}),
		"an unknown flag":    one(ranking.ResponseAnswer{ResponseID: 1, Flags: []string{"opnion"}}),
		"a flag twice":       one(ranking.ResponseAnswer{ResponseID: 1, Flags: []string{"opinion", "opinion"}}),
		"a prompt's flag":    one(ranking.ResponseAnswer{ResponseID: 1, Flags: []string{"ambiguous"}}),
		"a response's flag":  {PromptFlags: []string{"opinion"}},
		"a long comment":     one(ranking.ResponseAnswer{ResponseID: 1, Comment: strings.Repeat("字", ranking.ResponseCommentMax+1)}),
		"NUL":                one(ranking.ResponseAnswer{ResponseID: 1, Comment: "a\x00b"}),
	} {
		if err := bad.Check(schema, ids); ranking.ErrorCode(err) != ranking.CodeInvalid {
			t.Errorf("%s: %v", name, err)
		}
	}
	var none ranking.Schema
	for name, bad := range map[string]ranking.Answers{
		"a score":   one(ranking.ResponseAnswer{ResponseID: 1, Score: 1}),
		"a comment": one(ranking.ResponseAnswer{ResponseID: 1, Comment: "x"}),
	} {
		if err := bad.Check(none, ids); ranking.ErrorCode(err) != ranking.CodeInvalid {
			t.Errorf("%s where none is asked for: %v", name, err)
		}
	}
}

// Whatever is said otherwise makes answers differ; only the order in which it is said does not.
func TestAnswersEqual(t *testing.T) {
	said := func(change func(*ranking.Answers)) ranking.Answers {
		a := ranking.Answers{
			PromptFlags: []string{"ambiguous", "vague"}, Strength: 2,
			Responses: []ranking.ResponseAnswer{{ResponseID: 1, Score: 7, Flags: []string{"opinion"}, Comment: "fine"}, {ResponseID: 2, Score: 3}},
		}
		change(&a)
		return a
	}
	a := said(func(*ranking.Answers) {})
	reordered := said(func(a *ranking.Answers) { slices.Reverse(a.PromptFlags); slices.Reverse(a.Responses) })
	if !a.Equal(reordered) || !reordered.Equal(a) {
		t.Error("another order makes answers differ")
	}
	for name, change := range map[string]func(*ranking.Answers){
		"a flag of the prompt":   func(a *ranking.Answers) { a.PromptFlags = a.PromptFlags[:1] },
		"the strength":           func(a *ranking.Answers) { a.Strength = 3 },
		"both bad":               func(a *ranking.Answers) { a.BothBad = true },
		"a score":                func(a *ranking.Answers) { a.Responses[0].Score = 6 },
		"a comment":              func(a *ranking.Answers) { a.Responses[0].Comment = "good" },
		"a flag of a response":   func(a *ranking.Answers) { a.Responses[0].Flags = nil },
		"one response less":      func(a *ranking.Answers) { a.Responses = a.Responses[:1] },
		"another response in it": func(a *ranking.Answers) { a.Responses[1].ResponseID = 3 },
	} {
		if other := said(change); a.Equal(other) || other.Equal(a) {
			t.Errorf("%s makes no difference", name)
		}
	}
}
