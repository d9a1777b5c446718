package store_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"rankloop/internal/store"
	"rankloop/ranking"
)

// comparing is a campaign of comparisons with two members.
func (b *bundle) comparing(tasks int) (ranking.Campaign, []ranking.User) {
	b.t.Helper()
	c, err := b.CreateCampaign(b.ctx(), store.NewCampaign{Name: "compare", Kind: ranking.KindComparison, K: 2, Overlap: 2, Seed: 7})
	b.must(err)
	b.imported(c.ID, inputs(tasks, 3)) // of three responses, two are drawn
	return c, b.annotators(c.ID, 2)
}

func TestComparisonCampaign(t *testing.T) {
	b := setup(t)
	c, _ := b.comparing(1)
	if found, err := b.CampaignByName(b.ctx(), c.Name); err != nil || found.Kind != ranking.KindComparison || found.K != 2 {
		t.Errorf("found %+v, %v", found, err)
	}
	for name, n := range map[string]store.NewCampaign{
		"three at once":      {Name: "c3", Kind: ranking.KindComparison, K: 3, Overlap: 1},
		"stages":             {Name: "cs", Kind: ranking.KindComparison, K: 2, Overlap: 1, Schema: ranking.DefaultSchema()},
		"a kind of its own":  {Name: "ck", Kind: "duel", K: 2, Overlap: 1},
		"a ranking of one":   {Name: "c1", K: 1, Overlap: 1},
		"a ranking of many":  {Name: "c17", K: 17, Overlap: 1},
		"a ranking of none":  {Name: "c0", K: 0, Overlap: 1},
		"a negative overlap": {Name: "co", Kind: ranking.KindComparison, K: 2, Overlap: -1},
	} {
		if _, err := b.CreateCampaign(b.ctx(), n); ranking.ErrorCode(err) != ranking.CodeInvalid {
			t.Errorf("%s: %v", name, err)
		}
	}
	_, err := b.AddSchema(b.ctx(), c.ID, ranking.DefaultSchema())
	b.wantCode(err, ranking.CodeInvalid)
	version, err := b.AddSchema(b.ctx(), c.ID, ranking.Schema{PromptFlags: ranking.DefaultSchema().PromptFlags})
	b.must(err)
	if version != 2 {
		t.Errorf("version %d", version)
	}
}

// What the annotator wrote is a response of the prompt, on top of the ranking, and the task shows it to nobody.
func TestSubmitComparison(t *testing.T) {
	b := setup(t)
	c, people := b.comparing(4)
	lease := func(user ranking.User) (ranking.Lease, ranking.Task) {
		lease, task, err := b.LeaseTask(b.ctx(), c.ID, user.ID)
		b.must(err)
		return lease, task
	}
	textOf := func(task ranking.Task, id int64) string {
		for _, r := range task.Responses {
			if r.ID == id {
				return r.Text
			}
		}
		t.Fatalf("the task lacks response %d", id)
		return ""
	}

	first, task := lease(people[0])
	left, right := first.OrderShown[0], first.OrderShown[1]
	in := submission(first)
	in.Answers.Strength, in.Edits = 3, map[int64]string{left: textOf(task, right)}
	_, _, err := b.Submit(b.ctx(), in)
	b.wantCode(err, ranking.CodeInvalid) // the edit is the other response
	in.Edits, in.Tiers = map[int64]string{left: "Edited."}, ranking.Tiers{{left, right}}
	_, _, err = b.Submit(b.ctx(), in)
	b.wantCode(err, ranking.CodeInvalid) // of which one?
	if n := b.number("SELECT count(*) FROM responses WHERE written_by IS NOT NULL"); n != 0 {
		t.Fatalf("%d responses came of bad submissions", n)
	}
	in.Tiers = ranking.Tiers{{left}, {right}}
	j, duplicate, err := b.Submit(b.ctx(), in)
	b.must(err)
	if duplicate || len(j.Tiers) != 3 || len(j.OrderShown) != 2 {
		t.Errorf("stored %+v", j)
	}
	if past, err := b.PastJudgment(b.ctx(), j.ID, people[0].ID); err != nil || past.Written != "Edited." || past.Judgment.Answers.Strength != 3 {
		t.Errorf("read again, it is %+v, %v", past, err)
	}
	again, duplicate, err := b.Submit(b.ctx(), in)
	b.must(err)
	if !duplicate || again.ID != j.ID {
		t.Errorf("a resend gave %+v, %t", again, duplicate)
	}

	// Another annotator writes the same, and a third task is tied, both bad.
	second, same := lease(people[1])
	if same.ID != task.ID || len(same.Responses) != 2 {
		t.Fatalf("the second annotator sees %+v", same)
	}
	in = submission(second)
	in.Edits = map[int64]string{second.OrderShown[0]: "Edited."}
	_, _, err = b.Submit(b.ctx(), in)
	b.must(err)
	unchanged, task := lease(people[0])
	in = submission(unchanged)
	in.Edits = map[int64]string{unchanged.OrderShown[0]: textOf(task, unchanged.OrderShown[0])}
	j, _, err = b.Submit(b.ctx(), in)
	b.must(err)
	if len(j.Tiers) != 2 {
		t.Errorf("a response that came back as it was is an edit: %v", j.Tiers)
	}
	bad, _ := lease(people[0])
	in = submission(bad)
	in.Tiers, in.Answers.BothBad = ranking.Tiers{{bad.OrderShown[0], bad.OrderShown[1]}}, true
	_, _, err = b.Submit(b.ctx(), in)
	b.must(err)

	records := b.records(store.Source{CampaignID: c.ID})
	if len(records) != 4 {
		t.Fatalf("%d records", len(records))
	}
	for i, r := range records {
		if err := r.Validate(); err != nil || r.Kind != ranking.KindComparison {
			t.Errorf("record %d: %v, kind %q", i, err, r.Kind)
		}
	}
	want := ranking.RecordResponse{FileIndex: 3, Text: "Edited.", Model: ranking.ModelAnnotator, Written: true}
	for _, r := range records[:2] {
		if diff := cmp.Diff(want, r.Responses[2], cmpopts.EquateEmpty()); diff != "" || r.Tiers[0][0] != 2 {
			t.Errorf("tiers %v, the edit (-want +got):\n%s", r.Tiers, diff)
		}
	}
	if records[0].Strength != 3 || records[1].Strength != 0 || !records[3].BothBad || len(records[3].Tiers) != 1 {
		t.Errorf("strengths %d and %d; %+v", records[0].Strength, records[1].Strength, records[3])
	}
	if n := b.number("SELECT count(*) FROM responses WHERE written_by = $1", people[0].ID); n != 1 {
		t.Errorf("%d responses are by the first annotator, want the one that both wrote", n)
	}
}

// What is written by hand says who wrote it, and a simulated annotator is called simulated.
func TestSimulatedEdit(t *testing.T) {
	b := setup(t)
	c, _ := b.comparing(1)
	robot, err := b.CreateUser(b.ctx(), store.NewUser{Email: "sim@simulated.invalid", Role: ranking.RoleAnnotator, Simulated: true})
	b.must(err)
	b.must(b.AddMember(b.ctx(), c.ID, robot.ID))
	lease, _, err := b.LeaseTask(b.ctx(), c.ID, robot.ID)
	b.must(err)
	in := submission(lease)
	in.Edits = map[int64]string{lease.OrderShown[0]: "Edited."}
	_, _, err = b.Submit(b.ctx(), in)
	b.must(err)
	if r := b.records(store.Source{CampaignID: c.ID})[0]; !r.Simulated || r.Responses[2].Model != "simulated annotator" {
		t.Errorf("stored %+v", r)
	}
}

// A draft keeps what was edited, of either response.
func TestComparisonDraft(t *testing.T) {
	b := setup(t)
	c, people := b.comparing(1)
	lease, _, err := b.LeaseTask(b.ctx(), c.ID, people[0].ID)
	b.must(err)
	draft := ranking.Draft{
		Ranks: map[int64]int{lease.OrderShown[0]: 1, lease.OrderShown[1]: 2}, Answers: ranking.Answers{Strength: 2},
		Edits: map[int64]string{lease.OrderShown[1]: "Edited."},
	}
	_, err = b.SaveDraft(b.ctx(), lease.Token, lease.UserID, draft)
	b.must(err)
	kept, err := b.Draft(b.ctx(), lease.TaskID, lease.UserID)
	b.must(err)
	if diff := cmp.Diff(draft, kept, cmpopts.IgnoreFields(ranking.Draft{}, "SavedAt")); diff != "" {
		t.Errorf("(-kept +found):\n%s", diff)
	}
	draft.Edits = map[int64]string{99: "Edited."}
	_, err = b.SaveDraft(b.ctx(), lease.Token, lease.UserID, draft)
	b.wantCode(err, ranking.CodeInvalid)
}
