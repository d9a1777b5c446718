package store_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"rankloop/internal/store"
	"rankloop/ranking"
)

// A comparison is changed as a ranking is: what the person wrote goes on top, and what says nothing new is no revision.
func TestReviseComparison(t *testing.T) {
	b := setup(t)
	c, people := b.comparing(1)
	lease, _, err := b.LeaseTask(b.ctx(), c.ID, people[0].ID)
	b.must(err)
	left, right := lease.OrderShown[0], lease.OrderShown[1]
	in := submission(lease)
	in.Tiers, in.Answers.Strength, in.Edits = ranking.Tiers{{left}, {right}}, 2, map[int64]string{left: "Edited once."}
	first, _, err := b.Submit(b.ctx(), in)
	b.must(err)

	change := ranking.Revision{
		JudgmentID: first.ID, UserID: people[0].ID, Tiers: in.Tiers, Edits: in.Edits, Answers: in.Answers, Comment: in.Comment, ActiveMS: 2000,
	}
	if same, duplicate, err := b.Revise(b.ctx(), change); err != nil || !duplicate || same.ID != first.ID {
		t.Errorf("what changes nothing: %+v, %v, %v", same, duplicate, err)
	}
	bad := change
	bad.Tiers, bad.Edits = ranking.Tiers{{left, right}}, nil
	_, _, err = b.Revise(b.ctx(), bad)
	b.wantCode(err, ranking.CodeInvalid) // a tie has no strength
	bad = change
	bad.Tiers = ranking.Tiers{{right}, {left}}
	_, _, err = b.Revise(b.ctx(), bad)
	b.wantCode(err, ranking.CodeInvalid) // the edit is of the worse one

	change.Tiers, change.Edits, change.Answers.Strength = ranking.Tiers{{right}, {left}}, map[int64]string{right: "Edited twice."}, 4
	second, _, err := b.Revise(b.ctx(), change)
	b.must(err)
	if resent, duplicate, err := b.Revise(b.ctx(), change); err != nil || !duplicate || resent.ID != second.ID {
		t.Errorf("a resend: %+v, %v, %v", resent, duplicate, err)
	}
	records := b.records(store.Source{CampaignID: c.ID})
	if len(records) != 1 || records[0].Revision != 2 || records[0].Strength != 4 || records[0].Responses[records[0].Tiers[0][0]].Text != "Edited twice." {
		t.Errorf("exported %+v", records)
	}
	past, err := b.PastJudgment(b.ctx(), first.ID, people[0].ID)
	b.must(err)
	if past.Written != "Edited once." || len(past.Revisions) != 2 {
		t.Errorf("the first state %+v", past)
	}
}

// A demonstration is written anew; the first text stays with the first state.
func TestReviseDemonstration(t *testing.T) {
	b := setup(t)
	c, err := b.CreateCampaign(b.ctx(), store.NewCampaign{Name: "write", Kind: ranking.KindDemonstration, Overlap: 1})
	b.must(err)
	b.imported(c.ID, inputs(1, 1))
	user := b.annotators(c.ID, 1)[0]
	lease, _, err := b.LeaseTask(b.ctx(), c.ID, user.ID)
	b.must(err)
	first, _, err := b.Submit(b.ctx(), store.Submission{LeaseToken: lease.Token, UserID: user.ID, Written: "First."})
	b.must(err)
	change := ranking.Revision{JudgmentID: first.ID, UserID: user.ID, Written: " "}
	_, _, err = b.Revise(b.ctx(), change)
	b.wantCode(err, ranking.CodeInvalid)
	change.Written = "Second.\r\n"
	second, _, err := b.Revise(b.ctx(), change)
	b.must(err)
	texts := map[int64]string{}
	for _, id := range []int64{first.ID, second.ID} {
		past, err := b.PastJudgment(b.ctx(), id, user.ID)
		b.must(err)
		texts[id] = past.Written
	}
	if diff := cmp.Diff(map[int64]string{first.ID: "First.", second.ID: "Second."}, texts); diff != "" {
		t.Errorf("states (-want +got):\n%s", diff)
	}
	records := b.records(store.Source{CampaignID: c.ID})
	if len(records) != 1 || len(records[0].Responses) != 1 || records[0].Responses[0].Text != "Second." {
		t.Errorf("exported %+v", records)
	}
}
