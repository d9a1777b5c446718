package store_test

import (
	"testing"
	"time"

	"rankloop/internal/store"
	"rankloop/ranking"
)

// The page of a task says how its person comes along, and when a break is due.
func TestPace(t *testing.T) {
	b := setup(t)
	c, people := b.work(4, 1, 1)
	user := people[0].ID
	for range 2 {
		j := b.judged(c.ID, user)
		b.exec("UPDATE judgments SET active_ms = 1500000, started_at = now() - interval '25 minutes' WHERE id = $1", j.ID)
	}
	b.exec("UPDATE judgments SET submitted_at = now() - interval '25 minutes', started_at = now() - interval '50 minutes' WHERE id = (SELECT min(id) FROM judgments)")
	pace := func(today time.Time, current time.Duration) ranking.Pace {
		t.Helper()
		pace, err := b.Pace(b.ctx(), c.ID, user, today, current)
		b.must(err)
		return pace
	}
	got := pace(time.Now().Add(-time.Hour), 0)
	if want := (ranking.Pace{Today: 2, MedianActiveMS: 1_500_000, Worked: 50 * time.Minute, BreakAfter: 50 * time.Minute}); got != want || !got.DueBreak() {
		t.Errorf("pace %+v, want %+v", got, want)
	}
	if got := pace(time.Now().Add(-time.Minute), 0); got.Today != 1 {
		t.Errorf("%d today, want what came after midnight", got.Today)
	}
	// Somebody at another task for long is not resting.
	b.exec("UPDATE judgments SET submitted_at = submitted_at - interval '10 minutes', started_at = started_at - interval '10 minutes'")
	if got := pace(time.Now(), 0); got.Worked != 0 {
		t.Errorf("after ten minutes of nothing: %v of work", got.Worked)
	}
	if got := pace(time.Now(), 8*time.Minute); got.Worked != 50*time.Minute {
		t.Errorf("with eight minutes at the task at hand: %v of work", got.Worked)
	}
	b.must(b.SetPaceSettings(b.ctx(), c.ID, ranking.PaceSettings{BreakMinutes: 0, ShowKnown: true}))
	if got := pace(time.Now(), 8*time.Minute); got.BreakAfter != 0 {
		t.Errorf("a campaign without breaks: %+v", got)
	}
	if settings, err := b.PaceSettings(b.ctx(), c.ID); err != nil || settings != (ranking.PaceSettings{ShowKnown: true}) {
		t.Errorf("settings %+v, %v", settings, err)
	}
	b.must(b.SetPaceSettings(b.ctx(), c.ID, ranking.PaceSettings{BreakMinutes: 20}))
	b.must(b.SetSuggestsBreaks(b.ctx(), user, false))
	if got := pace(time.Now(), 8*time.Minute); got.BreakAfter != 0 {
		t.Errorf("somebody who wants no suggestions: %+v", got)
	}
	if wants, err := b.SuggestsBreaks(b.ctx(), user); err != nil || wants {
		t.Errorf("wants breaks to be suggested: %v, %v", wants, err)
	}
	b.wantCode(b.SetPaceSettings(b.ctx(), c.ID, ranking.PaceSettings{BreakMinutes: -1}), ranking.CodeInvalid)
	b.wantCode(b.SetPaceSettings(b.ctx(), c.ID+1, ranking.PaceSettings{}), ranking.CodeNotFound)
}

// The right answer is shown where the campaign says so, to who has answered, and then nothing can be changed.
func TestShowKnown(t *testing.T) {
	b := setup(t)
	c := b.campaign(4, 1)
	in := inputs(2, 4)
	in[0].Prompt.Metadata = map[string]any{"known": map[string]any{"ranks": []any{1, 2, 2, 3}, "explanation": "So."}}
	b.imported(c.ID, in)
	user := b.annotators(c.ID, 1)[0]
	first := b.judged(c.ID, user.ID)
	if past, err := b.PastJudgment(b.ctx(), first.ID, user.ID); err != nil || past.Known != nil || past.Fixed != nil || first.ShowsKnown {
		t.Errorf("a campaign that shows nothing: %+v, %v", past.Known, err)
	}
	b.must(b.SetPaceSettings(b.ctx(), c.ID, ranking.PaceSettings{ShowKnown: true}))
	past, err := b.PastJudgment(b.ctx(), first.ID, user.ID)
	b.must(err)
	if past.Known == nil || len(past.Known.Tiers) != 3 || past.Known.Explanation != "So." {
		t.Errorf("shown %+v", past.Known)
	}
	_, _, err = b.Revise(b.ctx(), reversed(first))
	b.wantCode(err, ranking.CodeConflict)
	lease, _, err := b.LeaseTask(b.ctx(), c.ID, user.ID)
	b.must(err)
	second, _, err := b.Submit(b.ctx(), submission(lease))
	b.must(err)
	if second.ShowsKnown {
		t.Error("a task without a right answer shows one")
	}
	other := b.campaign2(t, in)
	lease, _, err = b.LeaseTask(b.ctx(), other.ID, user.ID)
	b.must(err)
	for range 2 { // the second is a resend
		if j, _, err := b.Submit(b.ctx(), submission(lease)); err != nil || !j.ShowsKnown {
			t.Errorf("submitted: %+v, %v", j, err)
		}
	}
}

// campaign2 is another campaign on the same prompts, which shows right answers, with everybody as members.
func (b *bundle) campaign2(t *testing.T, in []store.PromptInput) ranking.Campaign {
	t.Helper()
	c, err := b.CreateCampaign(b.ctx(), store.NewCampaign{Name: "other", K: 4, Overlap: 1, Seed: 3})
	b.must(err)
	b.imported(c.ID, in)
	b.must(b.SetPaceSettings(b.ctx(), c.ID, ranking.PaceSettings{ShowKnown: true}))
	b.exec("INSERT INTO campaign_members (campaign_id, user_id) SELECT $1, id FROM users", c.ID)
	return c
}
