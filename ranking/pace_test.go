package ranking

import (
	"encoding/json"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// A stretch of work ends at five minutes without any, between two answers or within one.
func TestUninterrupted(t *testing.T) {
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	ago := func(minutes float64) time.Time { return now.Add(-time.Duration(minutes * float64(time.Minute))) }
	span := func(start, end, active float64) WorkSpan {
		return WorkSpan{ago(start), ago(end), time.Duration(active * float64(time.Minute))}
	}
	for name, c := range map[string]struct {
		work []WorkSpan
		want float64
	}{
		"nothing":                      {nil, 0},
		"three in a row":               {[]WorkSpan{span(10, 1, 9), span(20, 11, 8), span(30, 20, 10)}, 27},
		"a break just before":          {[]WorkSpan{span(20, 5, 15)}, 0},
		"not quite a break":            {[]WorkSpan{span(20, 4.9, 15)}, 15},
		"a break between two":          {[]WorkSpan{span(10, 0, 10), span(40, 15, 25)}, 10},
		"a break within one":           {[]WorkSpan{span(10, 0, 10), span(40, 10, 25), span(60, 40, 20)}, 10},
		"time carried over in a draft": {[]WorkSpan{span(1, 0, 30), span(2, 1, 1)}, 31},
	} {
		if got := Uninterrupted(c.work, now).Minutes(); got != c.want {
			t.Errorf("%s: %g minutes, want %g", name, got, c.want)
		}
	}
}

func TestPaceSettings(t *testing.T) {
	for minutes, ok := range map[int]bool{-1: false, 0: true, BreakMinutesMax: true, BreakMinutesMax + 1: false} {
		if err := (PaceSettings{BreakMinutes: minutes}).Validate(); (err == nil) != ok {
			t.Errorf("%d minutes: %v", minutes, err)
		}
	}
	if !(Pace{Worked: time.Hour, BreakAfter: time.Hour}).DueBreak() || (Pace{Worked: time.Hour}).DueBreak() {
		t.Error("a break is due after the time set, and never without one")
	}
}

// known is a task with the right answer of its metadata.
func known(metadata map[string]any, fileIndexes ...int) Task {
	task := Task{Prompt: Prompt{Metadata: metadata}}
	for i, index := range fileIndexes {
		task.Responses = append(task.Responses, Response{ID: int64(100 + i), FileIndexes: []int{index}})
	}
	return task
}

// The right answer is one of the responses shown, by their places in the file.
func TestKnown(t *testing.T) {
	metadata := map[string]any{"known": map[string]any{"ranks": []any{3.0, 1.0, 3.0, 2.0}, "explanation": "Because."}}
	got, ok := known(metadata, 3, 0, 2).Known()
	if want := (Tiers{{100}, {101, 102}}); !ok || !got.Tiers.Equal(want) || got.Explanation != "Because." {
		t.Errorf("%+v, %v", got, ok)
	}
	if _, ok := known(metadata, 3, 4).Known(); ok {
		t.Error("a response that was generated has a known rank")
	}
	for name, foreign := range map[string]map[string]any{
		"none": {}, "a word": {"known": "yes"}, "no ranks": {"known": map[string]any{"explanation": "x"}},
		"a word among ranks": {"known": map[string]any{"ranks": []any{"1"}}}, "rank 0": {"known": map[string]any{"ranks": []any{0.0}}},
		"half a rank": {"known": map[string]any{"ranks": []any{1.5}}},
	} {
		if _, ok := known(foreign, 0).Known(); ok {
			t.Errorf("%s: there is a right answer", name)
		}
	}
	for _, c := range []struct {
		metadata  map[string]any
		responses int
		ok        bool
	}{
		{metadata, 4, true}, {metadata, 3, false},
		{map[string]any{"known": map[string]any{"ranks": []any{json.Number("1"), json.Number("2")}}}, 2, true},
		{map[string]any{"known": map[string]any{"ranks": []any{json.Number("1.5")}}}, 1, false},
		{map[string]any{"known": true}, 4, true}, {nil, 4, true},
		{map[string]any{"known": map[string]any{}}, 0, false},
	} {
		if reason := checkKnown(c.metadata, c.responses); (reason == nil) != c.ok {
			t.Errorf("%v of %d responses: %v", c.metadata, c.responses, reason)
		}
	}
}

// A ranking agrees with itself in all pairs, with its reverse in its ties alone, and as much either way.
func TestAgreementOfRankings(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		draw := func(name string) Tiers {
			ranks := rapid.SliceOfN(rapid.IntRange(1, 5), 5, 5).Draw(t, name)
			return TiersFromRanks([]int64{1, 2, 3, 4, 5}, ranks)
		}
		a, b := draw("a"), draw("b")
		if alike, pairs := Agreement(a, a); alike != 10 || pairs != 10 {
			t.Fatalf("%v agrees with itself in %d of %d pairs", a, alike, pairs)
		}
		one, _ := Agreement(a, b)
		other, _ := Agreement(b, a)
		if one != other {
			t.Fatalf("%v and %v agree in %d pairs, and in %d", a, b, one, other)
		}
		if alike, pairs := Agreement(a, b.Only([]int64{1, 2})); pairs != 1 || alike > 1 {
			t.Fatalf("%d of %d pairs of two responses", alike, pairs)
		}
	})
}
