package store_test

import (
	"slices"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"rankloop/internal/store"
	"rankloop/ranking"
)

// judged leases a task and judges it as shown.
func (b *bundle) judged(campaignID, userID int64) ranking.Judgment {
	b.t.Helper()
	lease, _, err := b.LeaseTask(b.ctx(), campaignID, userID)
	b.must(err)
	j, _, err := b.Submit(b.ctx(), submission(lease))
	b.must(err)
	return j
}

// reversed is a judgment turned upside down.
func reversed(j ranking.Judgment) ranking.Revision {
	tiers := slices.Clone(j.Tiers)
	slices.Reverse(tiers)
	return ranking.Revision{JudgmentID: j.ID, UserID: j.UserID, Tiers: tiers, Answers: j.Answers, Comment: "changed", ActiveMS: j.ActiveMS + 500}
}

func TestRevise(t *testing.T) {
	b := setup(t)
	c, people := b.work(2, 1, 2)
	first := b.judged(c.ID, people[0].ID)
	_, err := b.AddGuidelines(b.ctx(), c.ID, "Be fairer.")
	b.must(err)
	past, err := b.PastJudgment(b.ctx(), first.ID, people[0].ID)
	b.must(err)
	if past.GuidelineVersion != 1 {
		t.Errorf("a change would name version %d of the guidelines, which nobody has read", past.GuidelineVersion)
	}
	_, err = b.AcknowledgeGuidelines(b.ctx(), c.ID, people[0].ID, 2)
	b.must(err)

	second, duplicate, err := b.Revise(b.ctx(), reversed(first))
	b.must(err)
	if duplicate || second.Revision != 2 || second.ID == first.ID || !second.Tiers.Equal(reversed(first).Tiers) || second.Comment != "changed" ||
		second.GuidelineVersion != 2 || second.ActiveMS != first.ActiveMS+500 || !second.StartedAt.Equal(first.StartedAt) ||
		!slices.Equal(second.OrderShown, first.OrderShown) {
		t.Errorf("revised %+v to %+v", first, second)
	}
	// A resend is known; so is what changes nothing.
	again, duplicate, err := b.Revise(b.ctx(), reversed(first))
	b.must(err)
	if !duplicate || again.ID != second.ID {
		t.Errorf("a resend made %+v", again)
	}
	same := reversed(first)
	same.JudgmentID = second.ID
	again, duplicate, err = b.Revise(b.ctx(), same)
	b.must(err)
	if !duplicate || again.ID != second.ID {
		t.Errorf("no change made %+v", again)
	}
	// A page that still shows the first state cannot overwrite the second.
	stale := reversed(first)
	stale.Comment = "from another tab"
	_, _, err = b.Revise(b.ctx(), stale)
	b.wantCode(err, ranking.CodeConflict)

	for name, spoil := range map[string]func(*ranking.Revision){
		"a missing response": func(r *ranking.Revision) { r.Tiers = r.Tiers[1:] },
		"a flag unasked for": func(r *ranking.Revision) { r.Answers.PromptFlags = []string{"ambiguous"} },
		"a negative time":    func(r *ranking.Revision) { r.ActiveMS = -1 },
		"a comment with NUL": func(r *ranking.Revision) { r.Comment = "a\x00b" },
	} {
		bad := reversed(second)
		spoil(&bad)
		if _, _, err := b.Revise(b.ctx(), bad); ranking.ErrorCode(err) != ranking.CodeInvalid {
			t.Errorf("%s: %v", name, err)
		}
	}
	foreign := reversed(second)
	foreign.UserID = people[1].ID
	_, _, err = b.Revise(b.ctx(), foreign)
	b.wantCode(err, ranking.CodeNotFound)
	_, err = b.PastJudgment(b.ctx(), first.ID, people[1].ID)
	b.wantCode(err, ranking.CodeNotFound)

	// Everything downstream takes the newest; the first stays to be read.
	records := b.records(store.Source{CampaignID: c.ID})
	if len(records) != 1 || records[0].Revision != 2 || records[0].Comment != "changed" {
		t.Errorf("records %+v", records)
	}
	counts, err := b.CampaignCounts(b.ctx(), c.ID)
	b.must(err)
	if counts.Judgments != 1 || counts.Revisions != 1 || counts.TasksComplete != 1 {
		t.Errorf("counts %+v", counts)
	}
	old, err := b.PastJudgment(b.ctx(), first.ID, people[0].ID)
	b.must(err)
	if !old.Judgment.Tiers.Equal(first.Tiers) || len(old.Revisions) != 2 || old.Revisions[0].JudgmentID != second.ID || old.Fixed == nil {
		t.Errorf("the first state is %+v", old)
	}
	newest, err := b.NewestJudgment(b.ctx(), c.ID, people[0].ID)
	b.must(err)
	if newest != second.ID {
		t.Errorf("the newest judgment is %d, want %d", newest, second.ID)
	}
	_, err = b.NewestJudgment(b.ctx(), c.ID, people[1].ID)
	b.wantCode(err, ranking.CodeNotFound)
}

// What decides whether a judgment can still be changed, and what is said when it cannot.
func TestRevisionWindow(t *testing.T) {
	b := setup(t)
	c, people := b.work(4, 1, 1)
	user := people[0]
	first, second := b.judged(c.ID, user.ID), b.judged(c.ID, user.ID)
	window := func(seconds, last int) {
		t.Helper()
		b.must(b.SetRevisionWindow(b.ctx(), c.ID, ranking.RevisionWindow{Seconds: seconds, Last: last}))
	}
	refused := func(what string, j ranking.Judgment, code ranking.Code) {
		t.Helper()
		_, _, err := b.Revise(b.ctx(), reversed(j))
		past, pastErr := b.PastJudgment(b.ctx(), j.ID, user.ID)
		_, draftErr := b.SaveRevisionDraft(b.ctx(), j.ID, user.ID, ranking.Draft{})
		if ranking.ErrorCode(err) != code || pastErr != nil || ranking.ErrorCode(past.Fixed) != code || ranking.ErrorCode(draftErr) != code {
			t.Errorf("%s: %v; the page says %v, a draft %v", what, err, past.Fixed, draftErr)
		}
	}
	w, err := b.RevisionWindow(b.ctx(), c.ID)
	b.must(err)
	if w.Seconds != 24*60*60 || w.Last != 50 {
		t.Errorf("a new campaign's window is %+v", w)
	}
	for _, bad := range []ranking.RevisionWindow{{Seconds: -1, Last: 1}, {Seconds: ranking.RevisionSecondsMax + 1}, {Last: ranking.RevisionLastMax + 1}} {
		b.wantCode(b.SetRevisionWindow(b.ctx(), c.ID, bad), ranking.CodeInvalid)
	}
	b.wantCode(b.SetRevisionWindow(b.ctx(), 4711, w), ranking.CodeNotFound)

	window(0, 5)
	refused("no time", first, ranking.CodeConflict)
	window(60, 0)
	refused("no count", first, ranking.CodeConflict)
	window(3600, 1)
	refused("not among the last", first, ranking.CodeExpired)
	second, _, err = b.Revise(b.ctx(), reversed(second))
	b.must(err)
	// A revision is no newer judgment, and its time counts from the first submission.
	window(3600, 2)
	first, _, err = b.Revise(b.ctx(), reversed(first))
	b.must(err)
	b.exec("UPDATE judgments SET submitted_at = submitted_at - interval '2 hours' WHERE revision = 1")
	refused("too late", first, ranking.CodeExpired)
	window(3*3600, 2)
	b.must(b.SetCampaignState(b.ctx(), c.ID, ranking.CampaignClosed))
	refused("closed", second, ranking.CodeConflict)
	b.must(b.SetCampaignState(b.ctx(), c.ID, ranking.CampaignPaused))
	_, _, err = b.Revise(b.ctx(), reversed(second))
	b.must(err)
	b.must(b.RemoveMember(b.ctx(), c.ID, user.ID))
	refused("no member", first, ranking.CodeForbidden)
}

// However many tabs change a judgment at once, its revisions form one row of numbers and nobody overwrites unseen.
func TestRevisionsUnderConcurrency(t *testing.T) {
	b := setup(t)
	c, people := b.work(1, 1, 1)
	first := b.judged(c.ID, people[0].ID)
	var group errgroup.Group
	results := make([]error, 16)
	for i := range results {
		group.Go(func() error {
			in := reversed(first)
			in.Comment = string(rune('a' + i))
			_, _, results[i] = b.Revise(b.ctx(), in)
			return nil
		})
	}
	b.must(group.Wait())
	stored := 0
	for _, err := range results {
		if err == nil {
			stored++
		} else if ranking.ErrorCode(err) != ranking.CodeConflict {
			t.Error(err)
		}
	}
	if n := b.number("SELECT max(revision) FROM judgments"); stored != 1 || n != 2 {
		t.Errorf("%d of 16 were stored, up to revision %d", stored, n)
	}
	b.exec(`INSERT INTO judgments (campaign_id, task_id, user_id, revision, lease_id, tiers, order_shown, active_ms, started_at, guideline_version, simulated)
		SELECT campaign_id, task_id, user_id, $1, lease_id, tiers, order_shown, 5, started_at, guideline_version, simulated FROM judgments WHERE revision = 1`, ranking.RevisionsMax)
	newest, err := b.NewestJudgment(b.ctx(), c.ID, people[0].ID)
	b.must(err)
	past, err := b.PastJudgment(b.ctx(), newest, people[0].ID)
	b.must(err)
	b.wantCode(past.Fixed, ranking.CodeConflict)
}

// A draft of a revision is kept apart from a task's own, and goes with the revision.
func TestRevisionDrafts(t *testing.T) {
	b := setup(t)
	c, people := b.work(2, 1, 2)
	first := b.judged(c.ID, people[0].ID)
	id := first.OrderShown[0]
	_, err := b.SaveRevisionDraft(b.ctx(), first.ID, people[0].ID, ranking.Draft{Ranks: map[int64]int{id: 3}, Comment: "half"})
	b.must(err)
	draft, err := b.RevisionDraft(b.ctx(), first)
	b.must(err)
	own, err := b.Draft(b.ctx(), first.TaskID, people[0].ID)
	b.must(err)
	if draft.Comment != "half" || draft.Ranks[id] != 3 || draft.SavedAt.IsZero() || !own.SavedAt.IsZero() {
		t.Errorf("draft of the revision %+v, of the task %+v", draft, own)
	}
	_, err = b.SaveRevisionDraft(b.ctx(), first.ID, people[1].ID, ranking.Draft{})
	b.wantCode(err, ranking.CodeNotFound)
	_, err = b.SaveRevisionDraft(b.ctx(), first.ID, people[0].ID, ranking.Draft{Ranks: map[int64]int{id: 9}})
	b.wantCode(err, ranking.CodeInvalid)
	second, _, err := b.Revise(b.ctx(), reversed(first))
	b.must(err)
	for _, j := range []ranking.Judgment{first, second} {
		if draft, err = b.RevisionDraft(b.ctx(), j); err != nil || !draft.SavedAt.IsZero() {
			t.Errorf("after the revision there is a draft %+v, %v", draft, err)
		}
	}
	_, err = b.SaveRevisionDraft(b.ctx(), first.ID, people[0].ID, ranking.Draft{})
	b.wantCode(err, ranking.CodeConflict)
}

// Judgments and skips in one list, newest first, however it is cut into pages.
func TestHistory(t *testing.T) {
	b := setup(t)
	c, people := b.work(9, 1, 1)
	user := people[0].ID
	var want []string
	var second ranking.Judgment
	for i := range 7 {
		lease, task, err := b.LeaseTask(b.ctx(), c.ID, user)
		b.must(err)
		want = append([]string{task.Prompt.ExternalID}, want...)
		if i%3 == 2 {
			b.must(b.Skip(b.ctx(), lease.Token, user, "unclear: which?"))
			continue
		}
		j, _, err := b.Submit(b.ctx(), submission(lease))
		b.must(err)
		if i == 1 {
			second = j
		}
	}
	list := func(query ranking.HistoryQuery) (rows []ranking.HistoryRow) {
		t.Helper()
		for query.Limit = 2; ; {
			page, err := b.History(b.ctx(), user, query)
			b.must(err)
			rows = append(rows, page...)
			if len(page) < 2 {
				return rows
			}
			query.Before = ranking.HistoryCursor{At: page[1].SubmittedAt, ID: page[1].ID}
		}
	}
	prompts := func(rows []ranking.HistoryRow) (ids []string) {
		for _, row := range rows {
			ids = append(ids, row.PromptID)
		}
		return ids
	}
	if got := prompts(list(ranking.HistoryQuery{})); !slices.Equal(got, want) {
		t.Errorf("all: %v, want %v", got, want)
	}
	skips := list(ranking.HistoryQuery{Kind: ranking.HistorySkipped})
	if got := prompts(skips); !slices.Equal(got, []string{want[1], want[4]}) || !skips[0].Skipped || skips[0].Comment != "unclear: which?" {
		t.Errorf("skips: %+v", skips)
	}
	if got := list(ranking.HistoryQuery{Kind: ranking.HistoryJudged}); len(got) != 5 {
		t.Errorf("%d judgments", len(got))
	}
	if got := list(ranking.HistoryQuery{Kind: ranking.HistoryRevised}); len(got) != 0 {
		t.Errorf("revised: %+v", got)
	}
	revised, _, err := b.Revise(b.ctx(), reversed(second))
	b.must(err)
	if got := list(ranking.HistoryQuery{Kind: ranking.HistoryRevised}); len(got) != 1 || got[0].ID != revised.ID || got[0].Revision != 2 {
		t.Errorf("revised: %+v", got)
	}
	if got := list(ranking.HistoryQuery{Campaign: "other"}); len(got) != 0 {
		t.Errorf("another campaign's: %+v", got)
	}
	if got := list(ranking.HistoryQuery{Campaign: "main"}); len(got) != 7 || time.Since(got[0].SubmittedAt) > time.Hour {
		t.Errorf("of the campaign: %+v", got)
	}
	names, err := b.CampaignsOfUser(b.ctx(), user)
	b.must(err)
	if !slices.Equal(names, []string{"main"}) {
		t.Errorf("campaigns %v", names)
	}
	skip, err := b.PastSkip(b.ctx(), skips[0].ID, user)
	b.must(err)
	if skip.Task.Prompt.ExternalID != want[1] || len(skip.OrderShown) != 4 || skip.Reason != "unclear: which?" {
		t.Errorf("skip %+v", skip)
	}
	_, err = b.PastSkip(b.ctx(), skips[0].ID, user+1)
	b.wantCode(err, ranking.CodeNotFound)
}

// A day's time holds every judgment once and every change with what it added.
func TestWorkedHours(t *testing.T) {
	b := setup(t)
	c, people := b.work(3, 1, 2)
	first := b.judged(c.ID, people[0].ID)
	b.exec("UPDATE judgments SET submitted_at = '2026-03-01 23:30:00+00'")
	second := b.judged(c.ID, people[0].ID)
	b.judged(c.ID, people[1].ID)
	_, _, err := b.Revise(b.ctx(), reversed(second))
	b.must(err)
	hours, err := b.WorkedHours(b.ctx(), people[0].ID, "UTC")
	b.must(err)
	if len(hours) != 2 || hours[0].Day.Format(time.DateOnly) != "2026-03-01" || hours[0].Judgments != 1 || hours[0].ActiveMS != first.ActiveMS ||
		hours[1].Judgments != 1 || hours[1].Changes != 1 || hours[1].ActiveMS != second.ActiveMS+500 || hours[1].Campaign != "main" {
		t.Errorf("hours %+v", hours)
	}
	// A day ends at midnight where the person is: half an hour later it is the next one there.
	for zone, day := range map[string]string{"Asia/Shanghai": "2026-03-02", "America/New_York": "2026-03-01", "Pacific/Kiritimati": "2026-03-02"} {
		hours, err := b.WorkedHours(b.ctx(), people[0].ID, zone)
		b.must(err)
		if len(hours) != 2 || hours[0].Day.Format(time.DateOnly) != day || hours[0].ActiveMS != first.ActiveMS {
			t.Errorf("in %s: %+v", zone, hours)
		}
	}
	_, err = b.WorkedHours(b.ctx(), people[0].ID, "Mars/Olympus")
	b.wantCode(err, ranking.CodeInvalid)
}
