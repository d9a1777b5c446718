package store_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"rankloop/internal/store"
	"rankloop/ranking"
)

// staged is a campaign that asks what InstructGPT asked, with tasks of 4 responses and members.
func (b *bundle) staged(tasks, members int) (ranking.Campaign, []ranking.User) {
	b.t.Helper()
	c, err := b.CreateCampaign(b.ctx(), store.NewCampaign{Name: "staged", K: 4, Overlap: 2, Schema: ranking.DefaultSchema(), Seed: 7})
	b.must(err)
	b.imported(c.ID, inputs(tasks, 4))
	return c, b.annotators(c.ID, members)
}

// scored answers a staged task: the response shown first has the highest score.
func scored(lease ranking.Lease) ranking.Answers {
	answers := ranking.Answers{PromptFlags: []string{"asks_advice"}}
	for i, id := range lease.OrderShown {
		answers.Responses = append(answers.Responses, ranking.ResponseAnswer{ResponseID: id, Score: 7 - i})
	}
	answers.Responses[1].Flags = []string{"hallucination", "opinion"}
	answers.Responses[2].Comment = "short"
	return answers
}

func TestStagedJudgment(t *testing.T) {
	b := setup(t)
	c, people := b.staged(1, 2)
	lease, task, err := b.LeaseTask(b.ctx(), c.ID, people[0].ID)
	b.must(err)
	if lease.SchemaVersion != 1 || !cmp.Equal(lease.Schema, ranking.DefaultSchema()) {
		t.Errorf("lease of schema %d: %+v", lease.SchemaVersion, lease.Schema)
	}
	if slices.Equal(lease.OrderScored, lease.OrderShown) || !slices.Equal(slices.Sorted(slices.Values(lease.OrderScored)), slices.Sorted(slices.Values(lease.OrderShown))) {
		t.Errorf("scored in the order %v, shown in the order %v", lease.OrderScored, lease.OrderShown)
	}
	in := submission(lease)
	_, _, err = b.Submit(b.ctx(), in)
	b.wantCode(err, ranking.CodeInvalid) // nothing is scored
	in.Answers = scored(lease)
	in.Answers.Responses[0].Score = 8
	_, _, err = b.Submit(b.ctx(), in)
	b.wantCode(err, ranking.CodeInvalid)
	in.Answers = scored(lease)
	judged, _, err := b.Submit(b.ctx(), in)
	b.must(err)
	if judged.SchemaVersion != 1 || !cmp.Equal(judged.Answers, in.Answers) || !slices.Equal(judged.OrderScored, lease.OrderScored) {
		t.Errorf("stored %+v", judged)
	}

	// A simulated annotator ranks only, whatever the schema asks.
	b.exec("UPDATE users SET simulated = true WHERE id = $1", people[1].ID)
	other, _, err := b.LeaseTask(b.ctx(), c.ID, people[1].ID)
	b.must(err)
	_, _, err = b.Submit(b.ctx(), submission(other))
	b.must(err)

	records := b.records(store.Source{CampaignID: c.ID})
	r := records[0]
	for i, response := range task.Responses {
		want := in.Answers.Of(response.ID)
		if r.Scores[i] != want.Score || r.Comments[i] != want.Comment || strings.Join(r.Flags[i], " ") != strings.Join(want.Flags, " ") {
			t.Errorf("response %d: %d %q %v, want %+v", i, r.Scores[i], r.Comments[i], r.Flags[i], want)
		}
	}
	if r.SchemaVersion != 1 || !slices.Equal(r.PromptFlags, []string{"asks_advice"}) || task.Responses[r.OrderScored[0]].ID != lease.OrderScored[0] {
		t.Errorf("record %+v", r)
	}
	if s := records[1]; s.Scores != nil || s.Flags != nil || s.Comments != nil || s.OrderScored != nil {
		t.Errorf("a ranking without answers exports %+v", s)
	}
}

// A task that is held goes on under the schema it was leased with.
func TestSchemaVersions(t *testing.T) {
	b := setup(t)
	c, people := b.staged(2, 1)
	held, _, err := b.LeaseTask(b.ctx(), c.ID, people[0].ID)
	b.must(err)
	same, err := b.AddSchema(b.ctx(), c.ID, ranking.DefaultSchema())
	b.must(err)
	_, err = b.AddSchema(b.ctx(), c.ID, ranking.Schema{ScoreMax: 3})
	b.wantCode(err, ranking.CodeInvalid)
	_, err = b.AddSchema(b.ctx(), 4711, ranking.Schema{})
	b.wantCode(err, ranking.CodeNotFound)
	next, err := b.AddSchema(b.ctx(), c.ID, ranking.Schema{})
	b.must(err)
	if same != 1 || next != 2 {
		t.Errorf("versions %d and %d", same, next)
	}
	again, _, err := b.LeaseTask(b.ctx(), c.ID, people[0].ID)
	b.must(err)
	if again.SchemaVersion != 1 || !again.Schema.StageOne {
		t.Errorf("a held task changed to schema %d", again.SchemaVersion)
	}
	in := submission(held)
	in.Answers = scored(held)
	_, _, err = b.Submit(b.ctx(), in)
	b.must(err)
	second, _, err := b.LeaseTask(b.ctx(), c.ID, people[0].ID)
	b.must(err)
	judged, _, err := b.Submit(b.ctx(), submission(second))
	b.must(err)
	if second.SchemaVersion != 2 || judged.SchemaVersion != 2 {
		t.Errorf("the next task has schema %d, its judgment %d", second.SchemaVersion, judged.SchemaVersion)
	}
}

func TestDrafts(t *testing.T) {
	b := setup(t)
	c, people := b.staged(1, 2)
	lease, task, err := b.LeaseTask(b.ctx(), c.ID, people[0].ID)
	b.must(err)
	none, err := b.Draft(b.ctx(), task.ID, people[0].ID)
	b.must(err)
	if !none.SavedAt.IsZero() {
		t.Errorf("a draft nobody saved: %+v", none)
	}
	draft := ranking.Draft{Ranks: map[int64]int{lease.OrderShown[0]: 2}, Answers: scored(lease), Comment: "half", ActiveMS: 700}
	for range 2 { // the newest replaces the one before
		draft.Comment += " done"
		_, err = b.SaveDraft(b.ctx(), lease.Token, people[0].ID, draft)
		b.must(err)
	}
	check := func() {
		t.Helper()
		got, err := b.Draft(b.ctx(), task.ID, people[0].ID)
		b.must(err)
		if got.SavedAt.IsZero() {
			t.Fatal("the draft is gone")
		}
		draft.SavedAt = got.SavedAt
		if diff := cmp.Diff(draft, got); diff != "" {
			t.Errorf("(-saved +got)\n%s", diff)
		}
	}
	check()
	_, err = b.SaveDraft(b.ctx(), lease.Token, people[1].ID, draft)
	b.wantCode(err, ranking.CodeForbidden)
	for _, bad := range []ranking.Draft{
		{Ranks: map[int64]int{4711: 1}}, {Ranks: map[int64]int{lease.OrderShown[0]: 5}}, {ActiveMS: -1}, {Comment: "a\x00"},
		{Answers: ranking.Answers{PromptFlags: []string{"unknown"}}},
	} {
		_, err = b.SaveDraft(b.ctx(), lease.Token, people[0].ID, bad)
		b.wantCode(err, ranking.CodeInvalid)
	}

	// The end of the lease keeps it, and takes what comes late.
	b.expire(lease)
	other, _, err := b.LeaseTask(b.ctx(), c.ID, people[1].ID)
	b.must(err)
	draft.Comment = "late"
	_, err = b.SaveDraft(b.ctx(), lease.Token, people[0].ID, draft)
	b.must(err)
	check()
	b.must(b.Skip(b.ctx(), other.Token, people[1].ID, "unclear"))

	// The judgment takes its place.
	in := submission(lease)
	in.Answers = scored(lease)
	_, _, err = b.Submit(b.ctx(), in)
	b.must(err)
	if b.number("SELECT count(*) FROM drafts") != 0 {
		t.Error("the draft of a judged task is kept")
	}
	_, err = b.SaveDraft(b.ctx(), lease.Token, people[0].ID, draft)
	b.wantCode(err, ranking.CodeConflict)
}
