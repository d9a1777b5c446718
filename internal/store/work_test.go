package store_test

import (
	"maps"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sync/errgroup"

	"rankloop/internal/store"
	"rankloop/ranking"
)

func TestLeaseTask(t *testing.T) {
	b := setup(t)
	c, people := b.work(3, 1, 2)

	lease, task, err := b.LeaseTask(b.ctx(), c.ID, people[0].ID)
	b.must(err)
	if task.Prompt.ExternalID != "p00000" || task.Prompt.Messages[0].Content != "Question p00000?" {
		t.Errorf("the first task is %+v", task.Prompt)
	}
	for i, r := range task.Responses {
		if r.FileIndexes[0] != i {
			t.Errorf("response %d is in place %d of the file", i, r.FileIndexes[0])
		}
		if !slices.Contains(lease.OrderShown, r.ID) {
			t.Errorf("response %d is not shown", r.ID)
		}
	}
	if len(lease.OrderShown) != 4 || len(lease.Token) < 22 || lease.GuidelineVersion != 1 {
		t.Errorf("lease %+v", lease)
	}
	if left := time.Until(lease.ExpiresAt); left < 29*time.Minute || left > 31*time.Minute {
		t.Errorf("the lease runs for %v", left)
	}

	again, sameTask, err := b.LeaseTask(b.ctx(), c.ID, people[0].ID)
	b.must(err)
	if again.Token != lease.Token || sameTask.ID != task.ID {
		t.Error("asking twice gave two tasks")
	}
	other, otherTask, err := b.LeaseTask(b.ctx(), c.ID, people[1].ID)
	b.must(err)
	if otherTask.ID == task.ID || other.Token == lease.Token {
		t.Error("two people got the same task")
	}

	byToken, tokenTask, err := b.LeasedTask(b.ctx(), lease.Token, people[0].ID)
	b.must(err)
	if byToken.ID != lease.ID || tokenTask.ID != task.ID {
		t.Error("the token leads elsewhere")
	}
	_, _, err = b.LeasedTask(b.ctx(), lease.Token, people[1].ID)
	b.wantCode(err, ranking.CodeForbidden)
	_, _, err = b.LeasedTask(b.ctx(), "no\x00token", people[1].ID)
	b.wantCode(err, ranking.CodeNotFound)

	stranger := b.user("stranger", ranking.RoleAdmin)
	_, _, err = b.LeaseTask(b.ctx(), c.ID, stranger.ID)
	b.wantCode(err, ranking.CodeForbidden)

	b.must(b.SetCampaignState(b.ctx(), c.ID, ranking.CampaignPaused))
	_, _, err = b.LeaseTask(b.ctx(), c.ID, people[0].ID)
	b.must(err) // what one holds can be finished
	b.must(b.ReleaseLease(b.ctx(), lease.Token, people[0].ID))
	_, _, err = b.LeaseTask(b.ctx(), c.ID, people[0].ID)
	b.wantCode(err, ranking.CodeNotFound)
}

func TestOrderShownIsDrawnFromSeedTaskAndUser(t *testing.T) {
	b := setup(t)
	c, people := b.work(60, 100, 3)
	first := make(map[int64][]int64)
	same := 0
	for i, user := range people {
		for range 60 {
			lease, task, err := b.LeaseTask(b.ctx(), c.ID, user.ID)
			b.must(err)
			_, _, err = b.Submit(b.ctx(), submission(lease))
			b.must(err)
			if i == 0 {
				first[task.ID] = lease.OrderShown
			} else if slices.Equal(first[task.ID], lease.OrderShown) {
				same++
			}
		}
	}
	// Of 120 independent draws of 24 orders 5 agree in the mean; 20 have a probability below 1e-6.
	if same > 20 {
		t.Errorf("%d of 120 orders are the same for two people", same)
	}
	positions := make([]int, 4) // of the first response of the file
	for task, order := range first {
		positions[slices.Index(order, slices.Min(order))]++
		_ = task
	}
	for position, n := range positions {
		if n < 3 {
			t.Errorf("the first response was shown in place %d only %d times of 60", position, n)
		}
	}
}

// Overlap 3, 64 workers of 16 annotators in parallel: each task gets exactly 3 judgments by 3 people.
func TestOverlapHoldsUnderConcurrency(t *testing.T) {
	b := setup(t)
	const tasks, overlap, workers = 60, 3, 64
	c, people := b.work(tasks, overlap, 16)
	var group errgroup.Group
	for worker := range workers {
		user := people[worker%len(people)]
		group.Go(func() error {
			for {
				lease, _, err := b.LeaseTask(b.ctx(), c.ID, user.ID)
				if ranking.ErrorCode(err) == ranking.CodeNotFound {
					return nil
				}
				if err != nil {
					return err
				}
				_, _, err = b.Submit(b.ctx(), submission(lease))
				if err != nil {
					return err
				}
			}
		})
	}
	b.must(group.Wait())
	if n := b.number("SELECT count(*) FROM judgments"); n != tasks*overlap {
		t.Errorf("%d judgments, want %d", n, tasks*overlap)
	}
	if n := b.number("SELECT count(*) FROM (SELECT FROM judgments GROUP BY task_id HAVING count(*) <> 3 OR count(DISTINCT user_id) <> 3) AS wrong"); n != 0 {
		t.Errorf("%d tasks have other than 3 judgments by 3 people", n)
	}
	if n := b.number("SELECT count(*) FROM tasks WHERE state <> 'complete' OR taken <> 3 OR judged <> 3"); n != 0 {
		t.Errorf("%d tasks are not complete", n)
	}
	if n := b.number("SELECT count(*) FROM leases WHERE outcome IS DISTINCT FROM 'judged'"); n != 0 {
		t.Errorf("%d leases were granted beyond the overlap", n)
	}
	counts, err := b.CampaignCounts(b.ctx(), c.ID)
	b.must(err)
	want := store.CampaignCounts{
		Prompts: tasks, Responses: 4 * tasks, TasksTotal: tasks, TasksComplete: tasks, Judgments: tasks * overlap, Members: 16,
	}
	if counts != want {
		t.Errorf("counts %+v, want %+v", counts, want)
	}
}

// While people work, leases run out and come back, places never exceed the overlap and nobody judges a task twice.
func TestExpiryUnderConcurrency(t *testing.T) {
	b := setup(t)
	const tasks, overlap = 20, 2
	c, people := b.work(tasks, overlap, 8)
	stop := make(chan struct{})
	var clock sync.WaitGroup
	clock.Go(func() {
		for {
			select {
			case <-stop:
				return
			case <-time.After(2 * time.Millisecond):
				_, err := b.pool.Exec(b.ctx(), "UPDATE leases SET expires_at = now() - interval '1 s' WHERE outcome IS NULL AND id % 2 = 0")
				if err != nil {
					t.Error(err)
					return
				}
			}
		}
	})
	var group errgroup.Group
	for _, user := range people {
		group.Go(func() error {
			for range 3 * tasks {
				lease, _, err := b.LeaseTask(b.ctx(), c.ID, user.ID)
				if ranking.ErrorCode(err) == ranking.CodeNotFound {
					continue
				}
				if err != nil {
					return err
				}
				_, _, err = b.Submit(b.ctx(), submission(lease))
				if err != nil && ranking.ErrorCode(err) != ranking.CodeExpired {
					return err
				}
			}
			return nil
		})
	}
	b.must(group.Wait())
	close(stop)
	clock.Wait()
	if n := b.number("SELECT count(*) FROM judgments"); n != tasks*overlap {
		t.Errorf("%d judgments, want %d", n, tasks*overlap)
	}
	if n := b.number("SELECT count(*) FROM (SELECT FROM judgments GROUP BY task_id, user_id HAVING count(*) > 1) AS twice"); n != 0 {
		t.Errorf("%d tasks were judged twice by somebody", n)
	}
}

func TestSubmit(t *testing.T) {
	b := setup(t)
	c, people := b.work(2, 1, 2)
	lease, task, err := b.LeaseTask(b.ctx(), c.ID, people[0].ID)
	b.must(err)

	in := submission(lease)
	ids := lease.OrderShown
	for name, tiers := range map[string]ranking.Tiers{
		"one is missing": {{ids[0]}, {ids[1], ids[2]}},
		"one is twice":   {{ids[0]}, {ids[1], ids[2]}, {ids[3], ids[0]}},
		"a stranger":     {{ids[0]}, {ids[1], ids[2]}, {ids[3], 999999}},
		"an empty tier":  {{ids[0]}, {}, {ids[1], ids[2], ids[3]}},
		"nothing":        nil,
	} {
		in.Tiers = tiers
		if _, _, err := b.Submit(b.ctx(), in); ranking.ErrorCode(err) != ranking.CodeInvalid {
			t.Errorf("%s: %v", name, err)
		}
	}
	in = submission(lease)
	in.Comment = "nul\x00"
	_, _, err = b.Submit(b.ctx(), in)
	b.wantCode(err, ranking.CodeInvalid)
	in.Comment, in.ActiveMS = "", -1
	_, _, err = b.Submit(b.ctx(), in)
	b.wantCode(err, ranking.CodeInvalid)
	in = submission(lease)
	in.UserID = people[1].ID
	_, _, err = b.Submit(b.ctx(), in)
	b.wantCode(err, ranking.CodeForbidden)
	if n := b.number("SELECT count(*) FROM judgments"); n != 0 {
		t.Fatalf("%d judgments came of bad submissions", n)
	}

	_, err = b.AddGuidelines(b.ctx(), c.ID, "Be fairer.")
	b.must(err)
	in = submission(lease)
	in.Tiers = ranking.Tiers{{ids[3]}, {ids[0], ids[2]}, {ids[1]}}
	in.Comment, in.KeptAsShown = "接近 – 🙂", true
	in.StartedAt = time.Now().Add(-100 * time.Hour)
	j, duplicate, err := b.Submit(b.ctx(), in)
	b.must(err)
	if duplicate || j.TaskID != task.ID || j.Revision != 1 || !slices.EqualFunc(j.Tiers, in.Tiers, slices.Equal) ||
		!slices.Equal(j.OrderShown, ids) || !j.KeptAsShown || j.Comment != in.Comment || j.ActiveMS != 1200 || j.Simulated {
		t.Errorf("stored %+v", j)
	}
	if j.GuidelineVersion != 1 {
		t.Errorf("the judgment names version %d of the guidelines, the annotator saw 1", j.GuidelineVersion)
	}
	if !j.StartedAt.Equal(lease.GrantedAt) {
		t.Errorf("work began at %v, before the task was handed out at %v", j.StartedAt, lease.GrantedAt)
	}
	in.Tiers = asShown(lease)
	resent, duplicate, err := b.Submit(b.ctx(), in)
	b.must(err)
	if !duplicate || resent.ID != j.ID || !slices.EqualFunc(resent.Tiers, j.Tiers, slices.Equal) {
		t.Errorf("a resend gave %+v, %t", resent, duplicate)
	}
	_, _, err = b.LeasedTask(b.ctx(), lease.Token, people[0].ID)
	b.wantCode(err, ranking.CodeExpired)
	b.wantCode(b.Skip(b.ctx(), lease.Token, people[0].ID, "late"), ranking.CodeConflict)

	_, err = b.AcknowledgeGuidelines(b.ctx(), c.ID, people[0].ID, 2)
	b.must(err)
	next, _, err := b.LeaseTask(b.ctx(), c.ID, people[0].ID)
	b.must(err)
	if next.GuidelineVersion != 2 {
		t.Errorf("the next task is under version %d of the guidelines", next.GuidelineVersion)
	}
}

func TestParallelSubmitsStoreOne(t *testing.T) {
	b := setup(t)
	c, people := b.work(5, 2, 1)
	for range 5 {
		lease, _, err := b.LeaseTask(b.ctx(), c.ID, people[0].ID)
		b.must(err)
		var mu sync.Mutex
		stored := make(map[int64]int)
		firsts := 0
		var group errgroup.Group
		for range 12 {
			group.Go(func() error {
				j, duplicate, err := b.Submit(b.ctx(), submission(lease))
				mu.Lock()
				defer mu.Unlock()
				stored[j.ID]++
				if !duplicate {
					firsts++
				}
				return err
			})
		}
		b.must(group.Wait())
		if firsts != 1 || len(stored) != 1 {
			t.Errorf("%d submissions were the first, the judgments are %v", firsts, slices.Collect(maps.Keys(stored)))
		}
	}
	if n := b.number("SELECT count(*) FROM judgments"); n != 5 {
		t.Errorf("%d judgments", n)
	}
	if n := b.number("SELECT count(*) FROM tasks WHERE taken <> 1 OR judged <> 1"); n != 0 {
		t.Errorf("%d tasks are miscounted", n)
	}
}

func TestTwoTabsGetOneLease(t *testing.T) {
	b := setup(t)
	c, people := b.work(30, 1, 1)
	for range 10 {
		var mu sync.Mutex
		var leases []ranking.Lease
		var group errgroup.Group
		for range 8 {
			group.Go(func() error {
				lease, _, err := b.LeaseTask(b.ctx(), c.ID, people[0].ID)
				mu.Lock()
				defer mu.Unlock()
				leases = append(leases, lease)
				return err
			})
		}
		b.must(group.Wait())
		for _, lease := range leases[1:] {
			if lease.Token != leases[0].Token {
				t.Fatal("two tabs hold two leases")
			}
		}
		_, _, err := b.Submit(b.ctx(), submission(leases[0]))
		b.must(err)
	}
	if n := b.number("SELECT count(*) FROM leases"); n != 10 {
		t.Errorf("%d leases", n)
	}
}

// expire lets a lease run out.
func (b *bundle) expire(lease ranking.Lease) {
	b.t.Helper()
	b.exec("UPDATE leases SET expires_at = now() - interval '1 s' WHERE id = $1", lease.ID)
}

func TestExpiredLease(t *testing.T) {
	t.Run("GoesToTheNext", func(t *testing.T) {
		b := setup(t)
		c, people := b.work(1, 1, 2)
		lease, task, err := b.LeaseTask(b.ctx(), c.ID, people[0].ID)
		b.must(err)
		_, _, err = b.LeaseTask(b.ctx(), c.ID, people[1].ID)
		b.wantCode(err, ranking.CodeNotFound)
		b.expire(lease)
		second, secondTask, err := b.LeaseTask(b.ctx(), c.ID, people[1].ID)
		b.must(err)
		if secondTask.ID != task.ID {
			t.Fatal("another task")
		}
		_, err = b.RenewLease(b.ctx(), lease.Token, people[0].ID)
		b.wantCode(err, ranking.CodeExpired)
		_, _, err = b.Submit(b.ctx(), submission(lease)) // the place is taken
		b.wantCode(err, ranking.CodeExpired)
		b.wantCode(b.Skip(b.ctx(), lease.Token, people[0].ID, ""), ranking.CodeExpired)
		_, _, err = b.Submit(b.ctx(), submission(second))
		b.must(err)
		_, _, err = b.Submit(b.ctx(), submission(lease)) // the task is complete
		b.wantCode(err, ranking.CodeExpired)
	})
	t.Run("CountsWhileItsPlaceIsHeld", func(t *testing.T) {
		b := setup(t)
		c, people := b.work(1, 1, 1)
		lease, _, err := b.LeaseTask(b.ctx(), c.ID, people[0].ID)
		b.must(err)
		b.expire(lease)
		_, duplicate, err := b.Submit(b.ctx(), submission(lease))
		b.must(err)
		if duplicate {
			t.Error("the first submission is a duplicate")
		}
	})
	t.Run("CountsWhileItsPlaceIsFree", func(t *testing.T) {
		b := setup(t)
		c, people := b.work(1, 1, 2)
		lease, _, err := b.LeaseTask(b.ctx(), c.ID, people[0].ID)
		b.must(err)
		b.expire(lease)
		second, _, err := b.LeaseTask(b.ctx(), c.ID, people[1].ID)
		b.must(err)
		b.must(b.ReleaseLease(b.ctx(), second.Token, people[1].ID))
		_, _, err = b.Submit(b.ctx(), submission(lease))
		b.must(err)
		if n := b.number("SELECT count(*) FROM tasks WHERE taken = 1 AND judged = 1 AND state = 'complete'"); n != 1 {
			t.Error("the late judgment was not counted")
		}
	})
	t.Run("UsesThePlaceOfTheUsersNewLease", func(t *testing.T) {
		b := setup(t)
		c, people := b.work(1, 1, 2)
		late, _, err := b.LeaseTask(b.ctx(), c.ID, people[0].ID)
		b.must(err)
		b.expire(late)
		other, _, err := b.LeaseTask(b.ctx(), c.ID, people[1].ID)
		b.must(err)
		b.must(b.ReleaseLease(b.ctx(), other.Token, people[1].ID))
		fresh, _, err := b.LeaseTask(b.ctx(), c.ID, people[0].ID)
		b.must(err)
		if fresh.Token == late.Token {
			t.Fatal("the lease that ended came back")
		}
		j, _, err := b.Submit(b.ctx(), submission(late))
		b.must(err)
		again, duplicate, err := b.Submit(b.ctx(), submission(fresh))
		b.must(err)
		if !duplicate || again.ID != j.ID {
			t.Error("one task was judged twice by one person")
		}
	})
	t.Run("IsProlongedForItsHolder", func(t *testing.T) {
		b := setup(t)
		c, people := b.work(1, 1, 1)
		lease, _, err := b.LeaseTask(b.ctx(), c.ID, people[0].ID)
		b.must(err)
		b.expire(lease)
		again, _, err := b.LeaseTask(b.ctx(), c.ID, people[0].ID)
		b.must(err)
		if again.Token != lease.Token || time.Until(again.ExpiresAt) < time.Minute {
			t.Errorf("got %+v", again)
		}
		expires, err := b.RenewLease(b.ctx(), lease.Token, people[0].ID)
		b.must(err)
		if expires.Before(again.ExpiresAt) {
			t.Error("renewing shortened the lease")
		}
	})
}

func TestSkip(t *testing.T) {
	b := setup(t)
	c, people := b.work(2, 1, 2)
	lease, task, err := b.LeaseTask(b.ctx(), c.ID, people[0].ID)
	b.must(err)
	b.must(b.Skip(b.ctx(), lease.Token, people[0].ID, "I know the author"))
	b.must(b.Skip(b.ctx(), lease.Token, people[0].ID, "I know the author"))
	_, _, err = b.Submit(b.ctx(), submission(lease))
	b.wantCode(err, ranking.CodeConflict)

	next, nextTask, err := b.LeaseTask(b.ctx(), c.ID, people[0].ID)
	b.must(err)
	if nextTask.ID == task.ID {
		t.Fatal("a skipped task came back")
	}
	_, _, err = b.Submit(b.ctx(), submission(next))
	b.must(err)
	_, _, err = b.LeaseTask(b.ctx(), c.ID, people[0].ID)
	b.wantCode(err, ranking.CodeNotFound)
	other, otherTask, err := b.LeaseTask(b.ctx(), c.ID, people[1].ID)
	b.must(err)
	if otherTask.ID != task.ID {
		t.Error("a skipped task is lost to others")
	}
	b.must(b.ReleaseLease(b.ctx(), other.Token, people[1].ID))
	b.must(b.ReleaseLease(b.ctx(), other.Token, people[1].ID))
	_, again, err := b.LeaseTask(b.ctx(), c.ID, people[1].ID)
	b.must(err)
	if again.ID != task.ID {
		t.Error("a released task does not come back")
	}
	counts, err := b.CampaignCounts(b.ctx(), c.ID)
	b.must(err)
	if counts.Skips != 1 || counts.TasksLeased != 1 || counts.TasksOpen != 0 || counts.TasksComplete != 1 {
		t.Errorf("counts %+v", counts)
	}
}

func TestSimulatedJudgmentsAreMarked(t *testing.T) {
	b := setup(t)
	c, _ := b.work(2, 1, 0)
	robot, err := b.CreateUser(b.ctx(), store.NewUser{
		Email: "sim-01@simulated.invalid", Role: ranking.RoleAnnotator, Simulated: true,
	})
	b.must(err)
	b.must(b.AddMember(b.ctx(), c.ID, robot.ID))
	lease, _, err := b.LeaseTask(b.ctx(), c.ID, robot.ID)
	b.must(err)
	j, _, err := b.Submit(b.ctx(), submission(lease))
	b.must(err)
	counts, err := b.CampaignCounts(b.ctx(), c.ID)
	b.must(err)
	if !j.Simulated || counts.SimulatedJudgments != 1 || counts.Judgments != 1 || robot.Pseudonym[:4] != "sim-" {
		t.Errorf("judgment %+v, counts %+v, pseudonym %s", j, counts, robot.Pseudonym)
	}
}

func TestHistoryAndAssignments(t *testing.T) {
	b := setup(t)
	c, people := b.work(5, 2, 2)
	for i := range 3 {
		lease, _, err := b.LeaseTask(b.ctx(), c.ID, people[0].ID)
		b.must(err)
		in := submission(lease)
		in.ActiveMS = int64(1000 * (i + 1))
		_, _, err = b.Submit(b.ctx(), in)
		b.must(err)
	}
	page, err := b.History(b.ctx(), people[0].ID, ranking.HistoryQuery{Limit: 2})
	b.must(err)
	if len(page) != 2 || page[0].PromptID != "p00002" || page[1].PromptID != "p00001" || page[0].Campaign != "main" {
		t.Fatalf("history %+v", page)
	}
	last := ranking.HistoryCursor{At: page[1].SubmittedAt, ID: page[1].ID}
	page, err = b.History(b.ctx(), people[0].ID, ranking.HistoryQuery{Before: last, Limit: 10})
	b.must(err)
	if len(page) != 1 || page[0].PromptID != "p00000" || page[0].Messages[0].Content != "Question p00000?" {
		t.Fatalf("second page %+v", page)
	}
	_, _, err = b.LeaseTask(b.ctx(), c.ID, people[0].ID)
	b.must(err)
	for i, want := range []store.Assignment{{Left: 2, Mine: 3, MineToday: 3, MedianActiveMS: 2000, Next: ranking.NextResume}, {Left: 5, Next: ranking.NextTask}} {
		all, err := b.Assignments(b.ctx(), people[i].ID, time.Now().Add(-time.Hour))
		b.must(err)
		want.Campaign = c
		if len(all) != 1 || !cmp.Equal(all[0], want) {
			t.Errorf("assignments %+v, want %+v", all, want)
		}
	}
}
