package ranking

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// drawBatch draws a batch and what people ranked, with gaps.
func drawBatch(t *rapid.T) (CalibrationBatch, []Record) {
	var c CalibrationBatch
	people, tasks, k := rapid.IntRange(1, 6).Draw(t, "people"), rapid.IntRange(1, 4).Draw(t, "tasks"), rapid.IntRange(2, 5).Draw(t, "k")
	for p := range people {
		c.People = append(c.People, CalibrationPerson{User: User{ID: int64(100 + p), Pseudonym: fmt.Sprint("a-", p)}})
	}
	var records []Record
	for task := range tasks {
		one := CalibrationTask{ID: int64(1 + task), State: "open"}
		for i := range k {
			one.Responses = append(one.Responses, Response{ID: int64(10*task + i), FileIndexes: []int{i}})
		}
		c.Tasks = append(c.Tasks, one)
		for _, person := range c.People {
			if rapid.IntRange(0, 3).Draw(t, "missing") == 0 {
				continue
			}
			ranks := rapid.SliceOfN(rapid.IntRange(1, k), k, k).Draw(t, "ranks")
			r := Record{TaskID: one.ID, Annotator: person.User.Pseudonym}
			for i := range k {
				r.Responses = append(r.Responses, RecordResponse{FileIndex: i})
			}
			for rank := 1; rank <= k; rank++ {
				var tier []int
				for i, given := range ranks {
					if given == rank {
						tier = append(tier, i)
					}
				}
				if tier != nil {
					r.Tiers = append(r.Tiers, tier)
				}
			}
			records = append(records, r)
			c.Work = append(c.Work, CalibrationWork{TaskID: one.ID, UserID: person.User.ID, Outcome: CalibrationJudged})
		}
	}
	return c, records
}

// What the report counts by votes is what comparing every two people counts, pair by pair.
func TestCalibrationReportAgreesWithAgreementOf(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		batch, records := drawBatch(t)
		report := NewCalibrationReport(batch, records, 1)
		for i, task := range batch.Tasks {
			var ofTask []Record
			for _, r := range records {
				if r.TaskID == task.ID {
					ofTask = append(ofTask, r)
				}
			}
			strict, _ := agreementOf(ofTask)
			if report.Items[i].Agreement != strict {
				t.Fatalf("task %d: %+v, one by one %+v", i, report.Items[i].Agreement, strict)
			}
		}
		strict, ties := agreementOf(records)
		checkShare(t, "strict", report.Agreement, strict)
		checkShare(t, "with ties", report.Ties, ties)
		for a := range batch.People {
			var others Proportion
			for b := range batch.People {
				if a == b {
					continue
				}
				between := report.Between(a, b)
				if between != report.Between(b, a) {
					t.Fatalf("%d with %d is not %d with %d", a, b, b, a)
				}
				others.add(between)
			}
			if others != report.Standings[a].WithOthers {
				t.Fatalf("person %d agrees with the others at %+v, one by one %+v", a, report.Standings[a].WithOthers, others)
			}
			if with := report.Standings[a].WithMajority; with.Count > with.Of || with.Of < 0 {
				t.Fatalf("with the majority: %+v", with)
			}
			if s := report.Standings[a]; s.Judged+s.Left != len(batch.Tasks) {
				t.Fatalf("person %d stands at %+v", a, s)
			}
		}
	})
}

func checkShare(t *rapid.T, what string, got *Share, want Proportion) {
	switch {
	case want.Of == 0 && got == nil:
	case want.Of == 0 || got == nil || math.Abs(got.Value-want.Count/want.Of) > 1e-12 || got.Pairs != int(want.Of):
		t.Fatalf("%s: %+v, want %+v", what, got, want)
	}
}

func record(task int64, by string, tiers ...[]int) Record {
	r := Record{TaskID: task, Annotator: by, Tiers: tiers}
	for i := range 3 {
		r.Responses = append(r.Responses, RecordResponse{FileIndex: i})
	}
	return r
}

// Three people, A › B › C twice and C › A = B once, with a right answer: every number by hand.
func TestCalibrationReport(t *testing.T) {
	task := CalibrationTask{ID: 7, State: "open", Prompt: Prompt{Metadata: map[string]any{"known": map[string]any{"ranks": []any{1.0, 2.0, 2.0}}}}}
	for i := range 3 {
		task.Responses = append(task.Responses, Response{ID: int64(i), FileIndexes: []int{i}})
	}
	batch := CalibrationBatch{Tasks: []CalibrationTask{task, {ID: 8, State: "open", Sensitive: []string{"violence"}}, {ID: 9, State: "withdrawn"}}, Approval: true}
	for i, name := range []string{"a", "b", "c", "d"} {
		batch.People = append(batch.People, CalibrationPerson{User: User{ID: int64(i), Pseudonym: name}})
		if i < 3 {
			batch.Work = append(batch.Work, CalibrationWork{TaskID: 7, UserID: int64(i), Outcome: CalibrationJudged})
		}
	}
	batch.People[0].OptedOut = []string{"violence"}
	batch.Work = append(batch.Work, CalibrationWork{TaskID: 8, UserID: 1, Outcome: CalibrationSkipped, Reason: "unclear"}, CalibrationWork{TaskID: 8, UserID: 2, Outcome: CalibrationAtWork})
	edited := record(7, "b", []int{3}, []int{0}, []int{1}, []int{2})
	edited.Responses = append(edited.Responses, RecordResponse{FileIndex: 3, Written: true, Text: "better"})
	r := NewCalibrationReport(batch, []Record{
		record(7, "a", []int{0}, []int{1}, []int{2}), edited, record(7, "c", []int{2}, []int{1, 0}), record(7, "gone", []int{2}, []int{1}, []int{0}),
	}, 1)

	// a with b: 3 of 3 pairs; a and b with c: both pairs with C are opposite, A = B is no strict order.
	if got := r.Items[0].Agreement; got != (Proportion{Count: 3, Of: 7}) {
		t.Errorf("agreement %+v", got)
	}
	wantOthers := []Proportion{{3, 5}, {3, 5}, {0, 4}, {}}
	// Beside a there are b and c: on A over B b alone; on the pairs with C they cancel out. Beside c both say the same.
	wantMajority := []Proportion{{1, 1}, {1, 1}, {0, 2}, {}}
	wantKnown := []Proportion{{2, 2}, {2, 2}, {0, 1}, {}} // B and C tie in the right answer
	for i, s := range r.Standings {
		if s.WithOthers != wantOthers[i] || s.WithMajority != wantMajority[i] || s.WithKnown != wantKnown[i] {
			t.Errorf("person %d: %+v", i, s)
		}
	}
	if got := []bool{r.Waits(0), r.Waits(1), r.Waits(2), r.Waits(3)}; !slices.Equal(got, []bool{true, true, false, false}) {
		t.Errorf("who waits: %v", got)
	}
	if s := r.Standings[0]; s.Judged != 1 || s.Spared != 2 || s.Left != 0 {
		t.Errorf("who opted out stands at %+v", s)
	}
	answers := r.Items[0].Answers
	if TierExpression(answers[1].Tiers) != "A › B › C" || answers[1].Text != "better" || TierExpression(answers[2].Tiers) != "C › A = B" || TierExpression(r.Items[0].Known) != "A › B = C" {
		t.Errorf("answers %+v", answers)
	}
	if a := r.Items[1].Answers; a[1].Reason != "unclear" || a[2].Outcome != CalibrationAtWork || a[3].Outcome != CalibrationOpen {
		t.Errorf("the second task: %+v", a)
	}
}
