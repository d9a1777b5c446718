package handlers

import (
	"fmt"
	"net/url"
	"slices"
	"testing"

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
		tiers, err := tiersFromForm(form)
		if err != nil {
			t.Fatal(err)
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
		if _, err := tiersFromForm(form); ranking.ErrorCode(err) != ranking.CodeInvalid {
			t.Errorf("%s: %v", name, err)
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
