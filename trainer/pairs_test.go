package trainer

import (
	"slices"
	"strings"
	"testing"

	"rankloop/ranking"
)

func build(t *testing.T, options pairOptions, records ...ranking.Record) ([]*rewardTask, pairCounts) {
	t.Helper()
	if options.norm == "" {
		options.norm = "used"
	}
	if options.ties == "" {
		options.ties = "drop"
	}
	tasks, counts, err := buildTasks(records, testSequencer(t), options)
	if err != nil {
		t.Fatal(err)
	}
	return tasks, counts
}

func TestBuildTasksCountsWhatItLeavesOut(t *testing.T) {
	long := strings.Repeat("much too long ", 20)
	tasks, counts := build(t, pairOptions{},
		record("tied", []string{"a", "b"}, []int{0, 1}),
		record("long", []string{"a", long, "c"}, []int{1}, []int{0}, []int{2}),
		record("hopeless", []string{"a", long}, []int{1}, []int{0}),
		record(strings.Repeat("older words ", 30)+"p", []string{"a", "b"}, []int{1}, []int{0}))
	if len(tasks) != 2 {
		t.Fatalf("%d tasks", len(tasks))
	}
	if n := len(tasks[0].sequences); n != 2 {
		t.Errorf("the task with a long response keeps %d responses", n)
	}
	want := pairCounts{TrimmedPrompts: 1, DroppedResponses: 2, SkippedRankings: 2, SkippedTasks: 2, Strict: 5, Tied: 1}
	if counts != want {
		t.Errorf("counts %+v, want %+v", counts, want)
	}
	for _, task := range tasks {
		for _, s := range task.sequences {
			if len(s) > tinyConfig().Context || s[len(s)-1] != testSequencer(t).chat.End {
				t.Errorf("a sequence of %d tokens that ends in %d", len(s), s[len(s)-1])
			}
		}
	}
}

func TestRankingsOfOneTaskAreOneElement(t *testing.T) {
	a := record("p", []string{"x", "y", "z"}, []int{0}, []int{1}, []int{2})
	// Another annotator's record lists the responses in another order.
	b := record("p", []string{"z", "x", "y"}, []int{0}, []int{1, 2})
	other := record("q", []string{"x", "y"}, []int{0}, []int{1})
	tasks, _ := build(t, pairOptions{}, a, other, b)
	if len(tasks) != 2 || len(tasks[0].rankings) != 2 || len(tasks[0].sequences) != 3 {
		t.Fatalf("%d tasks", len(tasks))
	}
	text := func(place int) string {
		s := tasks[0].sequences[place]
		return testTokenizer.Decode(s[len(tasks[0].promptIDs):])
	}
	var second []string
	for _, p := range tasks[0].rankings[1].pairs {
		second = append(second, text(p.winner)+">"+text(p.loser))
	}
	if !slices.Equal(second, []string{"z>x", "z>y"}) {
		t.Errorf("pairs of the second ranking: %v", second)
	}
}

func TestBuildTasksRefusesBrokenRankings(t *testing.T) {
	for _, r := range []ranking.Record{
		record("p", []string{"a", "b"}, []int{0}),
		record("p", []string{"a", "b"}, []int{0}, []int{2}),
		record("p", []string{"a", "b"}, []int{0, 0}, []int{1}),
		record("p", []string{"a", "b"}, []int{-1}, []int{1}),
	} {
		if _, _, err := buildTasks([]ranking.Record{r}, testSequencer(t), pairOptions{norm: "used", ties: "drop"}); ranking.ErrorCode(err) != ranking.CodeInvalid {
			t.Errorf("tiers %v: %v", r.Tiers, err)
		}
	}
}

func TestAccuracyInterval(t *testing.T) {
	value, pairs := accuracy([]tally{{3, 4}, {0.5, 1}, {0, 0}})
	near(t, "accuracy", value, 3.5/5, 1e-12)
	if pairs != 5 {
		t.Errorf("%d pairs", pairs)
	}
	// Prompts that are all right or all wrong: the interval is that of 40 coins, not of 400 pairs.
	var tallies []tally
	for i := range 40 {
		tallies = append(tallies, tally{right: float64(10 * (i % 2)), pairs: 10})
	}
	low, high := accuracyInterval(tallies, 1)
	near(t, "low", low, 0.5-1.96*0.079, 0.03)
	near(t, "high", high, 0.5+1.96*0.079, 0.03)
	if low, high = accuracyInterval(nil, 1); low != 0 || high != 1 {
		t.Errorf("the interval of nothing is %v to %v", low, high)
	}
}

func TestLengthBaselineKnowsItsDirection(t *testing.T) {
	shorter := []ranking.Record{
		record("1", []string{"aa", "b"}, []int{1}, []int{0}),
		record("2", []string{"cccc", "dd"}, []int{1}, []int{0}),
		record("3", []string{"e", "ff"}, []int{1}, []int{0}),
	}
	tasks, _ := build(t, pairOptions{}, shorter...)
	sign := lengthRule(tasks)
	if sign != -1 {
		t.Fatalf("sign %v where the shorter response wins", sign)
	}
	value, _ := accuracy(tallyTasks(tasks, longerBy(tasks, sign)))
	near(t, "baseline", value, 2.0/3, 1e-12)
}
