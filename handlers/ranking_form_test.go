package handlers

import (
	"fmt"
	"maps"
	"net/url"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"rankloop/ranking"
)

// Whatever ranks a form gives, its tiers hold each response once and order any two as their ranks do.
func TestTiersFromForm(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		ranks := rapid.MapOfN(rapid.Int64Range(1, 1<<60), rapid.IntRange(1, 16), 1, 16).Draw(t, "ranks")
		form := url.Values{"comment": {"x"}, "campaign": {"c"}}
		for id, rank := range ranks {
			form.Set(fmt.Sprintf("rank_%d", id), fmt.Sprint(rank))
		}
		s, draft, err := answerFromForm(form)
		if err != nil {
			t.Fatal(err)
		}
		tiers := s.Tiers
		if !maps.Equal(draft.Ranks, ranks) {
			t.Fatalf("draft of ranks %v, want %v", draft.Ranks, ranks)
		}
		var ids []int64
		for id := range ranks {
			ids = append(ids, id)
		}
		if err := tiers.Validate(ids); err != nil {
			t.Fatal(err)
		}
		for _, pair := range tiers.Pairs() {
			if winner, loser := ranks[pair.Winner], ranks[pair.Loser]; pair.Tied != (winner == loser) || !pair.Tied && winner > loser {
				t.Fatalf("%v of ranks %d and %d", pair, winner, loser)
			}
		}
	})
}

func TestBadRanksInForm(t *testing.T) {
	tooMany := url.Values{}
	for i := range 300 {
		tooMany.Set(fmt.Sprintf("rank_%d", i), "1")
	}
	for name, form := range map[string]url.Values{
		"no number":        {"rank_1": {"first"}},
		"rank 0":           {"rank_1": {"0"}},
		"rank 17":          {"rank_1": {"17"}},
		"two ranks":        {"rank_1": {"1", "2"}},
		"no id":            {"rank_": {"1"}},
		"an id too large":  {"rank_99999999999999999999": {"1"}},
		"300 responses":    tooMany,
		"an id in letters": {"rank_x": {"1"}},
	} {
		if _, _, err := answerFromForm(form); ranking.ErrorCode(err) != ranking.CodeInvalid {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestAnswersFromForm(t *testing.T) {
	form := url.Values{
		"prompt_flag": {"ambiguous", "sensitive"}, "score_12": {"7"}, "flag_11": {"opinion", "hallucination"},
		"note_12": {" two\r\nlines "}, "note_13": {"  "}, "comment": {"all"},
	}
	s, draft, err := answerFromForm(form)
	want := ranking.Answers{PromptFlags: []string{"ambiguous", "sensitive"}, Responses: []ranking.ResponseAnswer{
		{ResponseID: 11, Flags: []string{"opinion", "hallucination"}}, {ResponseID: 12, Score: 7, Comment: "two\nlines"},
	}}
	if diff := cmp.Diff(want, s.Answers); err != nil || diff != "" || !cmp.Equal(draft.Answers, s.Answers) || s.Comment != "all" {
		t.Errorf("%v\n%s", err, diff)
	}
	for _, field := range []string{"score_x", "flag_x", "note_", "score_1"} {
		if _, _, err := answerFromForm(url.Values{field: {"zero"}}); ranking.ErrorCode(err) != ranking.CodeInvalid {
			t.Errorf("%s: %v", field, err)
		}
	}
}

func TestLocalPath(t *testing.T) {
	local := []string{"/", "/campaigns/x/rank?y=1#z"}
	foreign := []string{"", "//evil.example", "/\\evil.example", "https://evil.example", "javascript:alert(1)", "/a\nb", "x"}
	for _, next := range slices.Concat(local, foreign) {
		want := "/"
		if slices.Contains(local, next) {
			want = next
		}
		if got := localPath(next); got != want {
			t.Errorf("localPath(%q) = %q", next, got)
		}
	}
}
