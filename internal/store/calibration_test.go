package store_test

import (
	"fmt"
	"maps"
	"slices"
	"sync"
	"testing"

	"golang.org/x/sync/errgroup"

	"rankloop/internal/store"
	"rankloop/ranking"
)

func (b *bundle) calibrate(campaignID int64, c ranking.CalibrationChoice) int {
	b.t.Helper()
	n, err := b.SetCalibration(b.ctx(), campaignID, c)
	b.must(err)
	return n
}

// judgeNext takes the next task of somebody and submits it; it returns the prompt's id.
func (b *bundle) judgeNext(campaignID int64, user ranking.User) string {
	b.t.Helper()
	lease, task, err := b.LeaseTask(b.ctx(), campaignID, user.ID)
	b.must(err)
	_, _, err = b.Submit(b.ctx(), submission(lease))
	b.must(err)
	return task.Prompt.ExternalID
}

// 16 annotators, four tabs each: every one of them judges each calibration task exactly once and before any other, in its
// order, and the free queue keeps to its overlap.
func TestCalibrationUnderConcurrency(t *testing.T) {
	b := setup(t)
	const tasks, overlap, members, tabs = 30, 2, 16, 4
	c, people := b.work(tasks, overlap, members)
	batch := []string{"p00020", "p00003", "p00011", "p00004", "p00029"}
	if n := b.calibrate(c.ID, ranking.CalibrationChoice{Prompts: batch}); n != len(batch) {
		t.Fatalf("%d tasks in the batch", n)
	}
	var mu sync.Mutex
	order := map[int64][]string{} // by person, as the tasks were first leased
	seen := map[string]bool{}
	var group errgroup.Group
	for worker := range members * tabs {
		user := people[worker%members]
		group.Go(func() error {
			for {
				lease, task, err := b.LeaseTask(b.ctx(), c.ID, user.ID)
				if ranking.ErrorCode(err) == ranking.CodeNotFound {
					return nil
				}
				if err != nil {
					return err
				}
				mu.Lock()
				if key := fmt.Sprint(user.ID, task.ID); !seen[key] {
					seen[key] = true
					order[user.ID] = append(order[user.ID], task.Prompt.ExternalID)
				}
				mu.Unlock()
				next, _, err := b.LeaseAhead(b.ctx(), lease.Token, user.ID)
				ahead := err == nil
				if code := ranking.ErrorCode(err); err != nil && code != ranking.CodeNotFound && code != ranking.CodeExpired {
					return err
				}
				if _, _, err := b.Submit(b.ctx(), submission(lease)); err != nil {
					return err
				}
				if ahead {
					if _, err := b.BeginAhead(b.ctx(), next.Token, user.ID); err != nil {
						return err
					}
				}
			}
		})
	}
	b.must(group.Wait())
	for _, user := range people {
		// Two tabs may note the same two tasks in the other order, one after the other; the batch as a whole comes first.
		first := order[user.ID][:len(batch)]
		if !slices.Equal(slices.Sorted(slices.Values(first)), slices.Sorted(slices.Values(batch))) {
			t.Errorf("%s began with %v", user.Name, order[user.ID])
		}
	}
	if n := b.number(`SELECT count(*) FROM (SELECT user_id FROM judgments j JOIN tasks t ON t.id = j.task_id
		WHERE t.calibration IS NOT NULL AND j.calibration GROUP BY user_id HAVING count(*) = 5 AND count(DISTINCT task_id) = 5) AS whole`); n != members {
		t.Errorf("%d of %d people judged each calibration task once", n, members)
	}
	if n := b.number(`SELECT count(*) FROM judgments j JOIN judgments f ON f.user_id = j.user_id AND f.id < j.id WHERE j.calibration AND NOT f.calibration`); n != 0 {
		t.Errorf("%d calibration tasks were judged after a free one", n)
	}
	if n := b.number(`SELECT count(*) FROM judgments WHERE NOT calibration`); n != (tasks-5)*overlap {
		t.Errorf("%d free judgments, want %d", n, (tasks-5)*overlap)
	}
	if n := b.number(`SELECT count(*) FROM tasks WHERE calibration IS NULL AND (state <> 'complete' OR taken <> 2 OR judged <> 2)`); n != 0 {
		t.Errorf("%d free tasks are not complete", n)
	}
	if n := b.number(`SELECT count(*) FROM tasks WHERE calibration IS NOT NULL AND (state <> 'open' OR taken <> 16 OR judged <> 16)`); n != 0 {
		t.Errorf("%d calibration tasks are miscounted", n)
	}
	counts, err := b.CampaignCounts(b.ctx(), c.ID)
	b.must(err)
	if counts.TasksTotal != 25 || counts.TasksComplete != 25 || counts.CalibrationTasks != 5 || counts.CalibrationJudgments != 80 || counts.Judgments != 130 {
		t.Errorf("counts %+v", counts)
	}

	// Somebody who comes late gets the batch, though nothing else is left.
	late := b.user("late", ranking.RoleAnnotator)
	b.must(b.AddMember(b.ctx(), c.ID, late.ID))
	_, err = b.AcknowledgeGuidelines(b.ctx(), c.ID, late.ID, 1)
	b.must(err)
	var got []string
	for range batch {
		got = append(got, b.judgeNext(c.ID, late))
	}
	if !slices.Equal(got, batch) {
		t.Errorf("late, the batch was %v", got)
	}
	_, _, err = b.LeaseTask(b.ctx(), c.ID, late.ID)
	b.wantCode(err, ranking.CodeNotFound)
}

// A lease of the batch is a lease like any other: it is resumed, released, runs out and is late, and its place is free for
// others all the time. A skip ends the task for its person; a broken one tells the admins.
func TestCalibrationLeases(t *testing.T) {
	b := setup(t)
	c, people := b.work(4, 1, 3)
	b.calibrate(c.ID, ranking.CalibrationChoice{First: 2})
	first, task, err := b.LeaseTask(b.ctx(), c.ID, people[0].ID)
	b.must(err)
	if task.Calibration == nil || *task.Calibration != (ranking.CalibrationPlace{Place: 1, Of: 2}) || task.Prompt.ExternalID != "p00000" {
		t.Errorf("the first task is %+v of %s", task.Calibration, task.Prompt.ExternalID)
	}
	other, same, err := b.LeaseTask(b.ctx(), c.ID, people[1].ID)
	b.must(err)
	if same.ID != task.ID || other.Token == first.Token {
		t.Error("two people do not get the same calibration task")
	}
	if slices.Equal(first.OrderShown, other.OrderShown) && slices.Equal(first.OrderScored, other.OrderScored) {
		t.Error("two people see the responses in the same orders")
	}
	b.must(b.ReleaseLease(b.ctx(), first.Token, people[0].ID))
	again, same, err := b.LeaseTask(b.ctx(), c.ID, people[0].ID)
	b.must(err)
	if same.ID != task.ID || again.Token == first.Token || !slices.Equal(again.OrderShown, first.OrderShown) {
		t.Error("a task given back does not come back as it was")
	}

	// It runs out unnoticed, others are served, and the late answer counts.
	b.exec("UPDATE leases SET expires_at = now() - interval '1 minute' WHERE token = $1", again.Token)
	_, _, err = b.LeaseTask(b.ctx(), c.ID, people[2].ID)
	b.must(err)
	b.exec("UPDATE leases SET outcome = 'expired', ended_at = now() WHERE token = $1 AND outcome IS NULL", again.Token)
	b.exec("UPDATE tasks SET taken = (SELECT count(*) FROM leases l WHERE l.task_id = tasks.id AND (l.outcome IS NULL OR l.outcome = 'judged'))")
	_, err = b.SaveDraft(b.ctx(), again.Token, people[0].ID, ranking.Draft{Comment: "half"})
	b.must(err)
	stored, duplicate, err := b.Submit(b.ctx(), submission(again))
	b.must(err)
	resent, second, err := b.Submit(b.ctx(), submission(again))
	b.must(err)
	if duplicate || !second || resent.ID != stored.ID {
		t.Errorf("sent twice: %v, %v", duplicate, second)
	}
	if n := b.number("SELECT taken FROM tasks WHERE id = $1", task.ID); n != 3 {
		t.Errorf("%d places are taken of a calibration task with one answer and two at work", n)
	}

	b.must(b.Skip(b.ctx(), other.Token, people[1].ID, "broken:the image is missing"))
	if got := b.judgeNext(c.ID, people[1]); got != "p00001" {
		t.Errorf("after a skip comes %s", got)
	}
	report, err := b.CalibrationReport(b.ctx(), c.ID)
	b.must(err)
	answer := report.Items[0].Answers[1]
	if answer.Outcome != ranking.CalibrationSkipped || answer.Reason != "broken:the image is missing" || report.Standings[1] != (ranking.CalibrationStanding{Judged: 1, Skipped: 1}) {
		t.Errorf("the skip is %+v, the person %+v", answer, report.Standings[1])
	}
	if asked := b.number("SELECT count(*) FROM questions WHERE kind = 'broken' AND task_id = $1", task.ID); asked != 1 {
		t.Errorf("%d reports that the task is broken", asked)
	}
	if report.Items[0].Answers[2].Outcome != ranking.CalibrationAtWork || report.Standings[2].Left != 2 {
		t.Errorf("who is at it: %+v", report.Items[0].Answers[2])
	}
}

// Nothing but the batch is held ahead while it is pending, and what was held ahead outside of it is given back.
func TestCalibrationAhead(t *testing.T) {
	b := setup(t)
	c, people := b.work(6, 2, 1)
	user := people[0]
	current, _, err := b.LeaseTask(b.ctx(), c.ID, user.ID)
	b.must(err)
	free, _, err := b.LeaseAhead(b.ctx(), current.Token, user.ID)
	b.must(err)
	b.calibrate(c.ID, ranking.CalibrationChoice{Prompts: []string{"p00004", "p00005"}})
	_, _, err = b.Submit(b.ctx(), submission(current))
	b.must(err)
	begun, err := b.BeginAhead(b.ctx(), free.Token, user.ID)
	b.must(err)
	if begun {
		t.Error("a free task was begun before the batch")
	}
	current, task, err := b.LeaseTask(b.ctx(), c.ID, user.ID)
	b.must(err)
	next, ahead, err := b.LeaseAhead(b.ctx(), current.Token, user.ID)
	b.must(err)
	if task.Prompt.ExternalID != "p00004" || ahead.Prompt.ExternalID != "p00005" || ahead.Calibration.Place != 2 {
		t.Errorf("at %s, ahead %s (%+v)", task.Prompt.ExternalID, ahead.Prompt.ExternalID, ahead.Calibration)
	}
	_, _, err = b.Submit(b.ctx(), submission(current))
	b.must(err)
	if begun, err = b.BeginAhead(b.ctx(), next.Token, user.ID); err != nil || !begun {
		t.Errorf("the second of the batch: begun %v, %v", begun, err)
	}
	_, _, err = b.LeaseAhead(b.ctx(), next.Token, user.ID)
	b.wantCode(err, ranking.CodeNotFound)
	_, _, err = b.Submit(b.ctx(), submission(next))
	b.must(err)
	if got := b.judgeNext(c.ID, user); got != "p00001" {
		t.Errorf("behind the batch comes %s", got)
	}
	if n := b.number("SELECT count(*) FROM tasks t WHERE taken <> (SELECT count(*) FROM leases l WHERE l.task_id = t.id AND (l.outcome IS NULL OR l.outcome = 'judged'))"); n != 0 {
		t.Errorf("%d tasks miscount their places", n)
	}
}

// Behind the batch people wait until an admin lets them go on; that can be taken back.
func TestCalibrationApproval(t *testing.T) {
	b := setup(t)
	c, people := b.work(5, 3, 2)
	b.calibrate(c.ID, ranking.CalibrationChoice{First: 1, Approval: true})
	user := people[0]
	current, _, err := b.LeaseTask(b.ctx(), c.ID, user.ID)
	b.must(err)
	_, _, err = b.LeaseAhead(b.ctx(), current.Token, user.ID)
	b.wantCode(err, ranking.CodeNotFound)
	_, _, err = b.Submit(b.ctx(), submission(current))
	b.must(err)
	_, _, err = b.LeaseTask(b.ctx(), c.ID, user.ID)
	b.wantCode(err, ranking.CodeUncalibrated)

	assigned := func() store.Assignment {
		all, err := b.Assignments(b.ctx(), user.ID, current.GrantedAt)
		b.must(err)
		return all[0]
	}
	if a := assigned(); a.Calibration != 0 || a.Next != ranking.NextWait || a.Left != 4 {
		t.Errorf("while waiting, the home says %+v", a)
	}
	report, err := b.CalibrationReport(b.ctx(), c.ID)
	b.must(err)
	if !report.Waits(0) || report.Waits(1) {
		t.Error("who is through waits, and nobody else")
	}
	b.must(b.ApproveMember(b.ctx(), c.ID, user.ID, true))
	if a := assigned(); a.Next != ranking.NextTask {
		t.Error("approved, and still waiting")
	}
	current, _, err = b.LeaseTask(b.ctx(), c.ID, user.ID)
	b.must(err)
	ahead, _, err := b.LeaseAhead(b.ctx(), current.Token, user.ID)
	b.must(err)
	b.must(b.ApproveMember(b.ctx(), c.ID, user.ID, false))
	_, _, err = b.Submit(b.ctx(), submission(current)) // what one is at is finished
	b.must(err)
	if begun, err := b.BeginAhead(b.ctx(), ahead.Token, user.ID); err != nil || begun {
		t.Errorf("begun %v, %v though the approval was taken back", begun, err)
	}
	_, _, err = b.LeaseTask(b.ctx(), c.ID, user.ID)
	b.wantCode(err, ranking.CodeUncalibrated)
	b.wantCode(b.ApproveMember(b.ctx(), c.ID, b.user("stranger", ranking.RoleAnnotator).ID, true), ranking.CodeNotFound)

	// Without a batch nobody waits, whatever the setting says.
	b.calibrate(c.ID, ranking.CalibrationChoice{Approval: true})
	_, _, err = b.LeaseTask(b.ctx(), c.ID, user.ID)
	b.must(err)
}

// The first prompts: those that are there, and those of later imports until the number is reached.
func TestCalibrationOfImports(t *testing.T) {
	b := setup(t)
	c, err := b.CreateCampaign(b.ctx(), store.NewCampaign{Name: "main", K: 4, Overlap: 1, Calibration: ranking.CalibrationChoice{First: 3, Approval: true}})
	b.must(err)
	all := inputs(6, 4)
	b.imported(c.ID, all[:2])
	b.imported(c.ID, all)
	choice, err := b.CalibrationChoice(b.ctx(), c.ID)
	b.must(err)
	if choice.First != 3 || !choice.Approval || !slices.Equal(choice.Prompts, []string{"p00000", "p00001", "p00002"}) {
		t.Errorf("the batch is %+v", choice)
	}

	// Named prompts keep their order, and imports leave them alone.
	b.calibrate(c.ID, ranking.CalibrationChoice{Prompts: []string{"p00005", "p00000"}})
	b.imported(c.ID, []store.PromptInput{input("new", 1, 4)})
	choice, err = b.CalibrationChoice(b.ctx(), c.ID)
	b.must(err)
	if choice.First != 0 || choice.Approval || !slices.Equal(choice.Prompts, []string{"p00005", "p00000"}) {
		t.Errorf("the named batch is %+v", choice)
	}

	for _, bad := range []struct {
		choice ranking.CalibrationChoice
		code   ranking.Code
	}{
		{ranking.CalibrationChoice{First: 51}, ranking.CodeInvalid},
		{ranking.CalibrationChoice{First: -1}, ranking.CodeInvalid},
		{ranking.CalibrationChoice{First: 1, Prompts: []string{"p00000"}}, ranking.CodeInvalid},
		{ranking.CalibrationChoice{Prompts: []string{"p00000", "p00000"}}, ranking.CodeInvalid},
		{ranking.CalibrationChoice{Prompts: []string{"p00000", "nowhere"}}, ranking.CodeInvalid},
		{ranking.CalibrationChoice{Prompts: []string{"no\x00where"}}, ranking.CodeInvalid},
		{ranking.CalibrationChoice{Prompts: make([]string, 51)}, ranking.CodeTooLarge},
	} {
		_, err := b.SetCalibration(b.ctx(), c.ID, bad.choice)
		b.wantCode(err, bad.code)
	}
	b.must(b.WithdrawTask(b.ctx(), c.ID, int64(b.number("SELECT min(id) FROM tasks"))))
	_, err = b.SetCalibration(b.ctx(), c.ID, ranking.CalibrationChoice{Prompts: []string{"p00000"}})
	b.wantCode(err, ranking.CodeInvalid)
	_, err = b.SetCalibration(b.ctx(), c.ID+1, ranking.CalibrationChoice{})
	b.wantCode(err, ranking.CodeNotFound)
	if choice, err = b.CalibrationChoice(b.ctx(), c.ID); err != nil || len(choice.Prompts) != 2 {
		t.Errorf("what was refused changed the batch to %+v, %v", choice, err)
	}
	_, err = b.CreateCampaign(b.ctx(), store.NewCampaign{Name: "named", K: 4, Overlap: 1, Calibration: ranking.CalibrationChoice{Prompts: []string{"p"}}})
	b.wantCode(err, ranking.CodeInvalid)
	_, err = b.CreateCampaign(b.ctx(), store.NewCampaign{Name: "probes", Kind: ranking.KindProbe, K: 1, Overlap: 1,
		Schema: ranking.Schema{Rules: []ranking.Rule{{Name: "kind", Text: "be kind"}}}, Calibration: ranking.CalibrationChoice{First: 1}})
	b.wantCode(err, ranking.CodeInvalid)
}

// The batch may change while people work: what was judged stays and counts for the overlap of a task that leaves, and a
// complete task that comes in is given to everybody who has not had it.
func TestCalibrationChanges(t *testing.T) {
	b := setup(t)
	c, people := b.work(3, 1, 3)
	b.calibrate(c.ID, ranking.CalibrationChoice{First: 1})
	for _, user := range people {
		b.judgeNext(c.ID, user)
	}
	if got := b.judgeNext(c.ID, people[0]); got != "p00001" {
		t.Fatalf("behind the batch comes %s", got)
	}
	b.calibrate(c.ID, ranking.CalibrationChoice{Prompts: []string{"p00001"}})
	if n := b.number("SELECT count(*) FROM tasks WHERE calibration IS NULL AND state = 'complete' AND overlap = 3 AND judged = 3"); n != 1 {
		t.Error("the task that left is not complete")
	}
	for _, user := range people[1:] {
		if got := b.judgeNext(c.ID, user); got != "p00001" {
			t.Errorf("after the change %s comes first", got)
		}
	}
	if got := b.judgeNext(c.ID, people[0]); got != "p00002" {
		t.Errorf("who had the task before gets %s", got)
	}
	if n := b.number("SELECT count(*) FROM judgments WHERE calibration"); n != 5 { // 3 + 2: people[0] judged p00001 as a free task
		t.Errorf("%d judgments are marked", n)
	}
	b.calibrate(c.ID, ranking.CalibrationChoice{})
	if n := b.number("SELECT count(*) FROM tasks WHERE calibration IS NOT NULL OR state <> 'complete'"); n != 0 {
		t.Errorf("%d tasks are not as they were", n)
	}
}

// A task of a category that somebody opted out of is not theirs to do; a withdrawn one is nobody's; one that waits for its
// responses holds everybody.
func TestCalibrationSpares(t *testing.T) {
	b := setup(t)
	c := b.campaign(4, 1)
	sensitive := input("upsetting", 1, 4)
	sensitive.Prompt.Metadata = map[string]any{"sensitive": []any{"violence"}}
	b.imported(c.ID, []store.PromptInput{sensitive, input("plain", 2, 4), input("waiting", 3, 0), input("free", 4, 4)})
	people := b.annotators(c.ID, 1)
	b.calibrate(c.ID, ranking.CalibrationChoice{First: 3})
	b.must(b.SetOptOuts(b.ctx(), people[0].ID, []string{"violence"}))
	if got := b.judgeNext(c.ID, people[0]); got != "plain" {
		t.Errorf("opted out, the first task is %s", got)
	}
	_, _, err := b.LeaseTask(b.ctx(), c.ID, people[0].ID)
	b.wantCode(err, ranking.CodeUncalibrated)
	counts, err := b.CampaignCounts(b.ctx(), c.ID)
	b.must(err)
	if counts.CalibrationWaiting != 1 || counts.TasksWaiting != 0 || counts.TasksTotal != 1 {
		t.Errorf("counts %+v", counts)
	}
	b.exec("UPDATE tasks SET state = 'withdrawn' WHERE state = 'waiting'")
	report, err := b.CalibrationReport(b.ctx(), c.ID)
	b.must(err)
	if report.Standings[0] != (ranking.CalibrationStanding{Judged: 1, Spared: 2}) {
		t.Errorf("the person stands at %+v", report.Standings[0])
	}
	if got := b.judgeNext(c.ID, people[0]); got != "free" {
		t.Errorf("then comes %s", got)
	}
}

// Simulated annotators are given none of it.
func TestCalibrationSimulated(t *testing.T) {
	b := setup(t)
	c := b.campaign(4, 1)
	b.imported(c.ID, inputs(3, 4))
	b.calibrate(c.ID, ranking.CalibrationChoice{First: 2, Approval: true})
	program, err := b.CreateUser(b.ctx(), store.NewUser{Email: "program@example.com", Role: ranking.RoleAnnotator, Simulated: true})
	b.must(err)
	b.must(b.AddMember(b.ctx(), c.ID, program.ID))
	if got := b.judgeNext(c.ID, program); got != "p00002" {
		t.Errorf("a simulated annotator got %s", got)
	}
	seen := 0
	b.must(b.EachTask(b.ctx(), c.ID, func(ranking.Task) error { seen++; return nil }))
	if seen != 1 {
		t.Errorf("%d tasks are for simulated annotators", seen)
	}
}

// The other kinds that go through the queue have a batch as well, and records say which judgments were of one.
func TestCalibrationOfKinds(t *testing.T) {
	for kind, k := range map[ranking.CampaignKind]int{ranking.KindComparison: 2, ranking.KindDemonstration: 0} {
		t.Run(string(kind), func(t *testing.T) {
			b := setup(t)
			c, err := b.CreateCampaign(b.ctx(), store.NewCampaign{Name: "main", Kind: kind, K: k, Overlap: 1})
			b.must(err)
			b.imported(c.ID, inputs(3, k))
			b.calibrate(c.ID, ranking.CalibrationChoice{First: 2})
			for _, user := range b.members(c.ID, 2) {
				for range 2 {
					lease, task, err := b.LeaseTask(b.ctx(), c.ID, user.ID)
					b.must(err)
					if task.Calibration == nil {
						t.Errorf("%s comes before the batch", task.Prompt.ExternalID)
					}
					in := submission(lease)
					if kind == ranking.KindDemonstration {
						in.Tiers, in.Written = nil, "A reply of "+user.Email
					}
					_, _, err = b.Submit(b.ctx(), in)
					b.must(err)
				}
			}
			marked := map[string]int{}
			b.must(b.EachRecord(b.ctx(), store.Source{CampaignID: c.ID}, func(r ranking.Record) error {
				if r.Calibration {
					marked[r.PromptID]++
				}
				return nil
			}))
			if want := map[string]int{"p00000": 2, "p00001": 2}; !maps.Equal(marked, want) {
				t.Errorf("marked records: %v", marked)
			}
			report, err := b.CalibrationReport(b.ctx(), c.ID)
			b.must(err)
			for _, item := range report.Items {
				if a := item.Answers[0]; a.Outcome != ranking.CalibrationJudged || (a.Text == "") != (kind == ranking.KindComparison) || (len(a.Tiers) == 2) != (kind == ranking.KindComparison) {
					t.Errorf("answer %+v", a)
				}
			}
		})
	}
}

// members makes people who work on a campaign without guidelines.
func (b *bundle) members(campaignID int64, n int) []ranking.User {
	b.t.Helper()
	var all []ranking.User
	for i := range n {
		user := b.user(fmt.Sprintf("member-%d", i), ranking.RoleAnnotator)
		b.must(b.AddMember(b.ctx(), campaignID, user.ID))
		all = append(all, user)
	}
	return all
}
