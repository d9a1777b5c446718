package store_test

import (
	"sync"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"rankloop/internal/store"
	"rankloop/ranking"
)

// lease is the task that somebody is at.
func (b *bundle) lease(campaignID, userID int64) (ranking.Lease, ranking.Task) {
	b.t.Helper()
	lease, task, err := b.LeaseTask(b.ctx(), campaignID, userID)
	b.must(err)
	return lease, task
}

// ahead is the task after it.
func (b *bundle) ahead(lease ranking.Lease) (ranking.Lease, ranking.Task) {
	b.t.Helper()
	next, task, err := b.LeaseAhead(b.ctx(), lease.Token, lease.UserID)
	b.must(err)
	return next, task
}

func (b *bundle) submit(lease ranking.Lease) {
	b.t.Helper()
	_, _, err := b.Submit(b.ctx(), submission(lease))
	b.must(err)
}

func (b *bundle) wantBegun(next ranking.Lease, want bool) {
	b.t.Helper()
	begun, err := b.BeginAhead(b.ctx(), next.Token, next.UserID)
	b.must(err)
	if begun != want {
		b.t.Errorf("the task ahead was begun: %t, want %t", begun, want)
	}
}

// Somebody works through a campaign with every next task in hand: the order is that of one who has none, each task comes
// once, and asking for it again, from another tab or after a lost answer, changes nothing.
func TestTasksAheadComeInOrder(t *testing.T) {
	b := setup(t)
	c, people := b.work(5, 1, 1)
	current, task := b.lease(c.ID, people[0].ID)
	for i := range 5 {
		if want := inputs(5, 4)[i].Prompt.ExternalID; task.Prompt.ExternalID != want {
			t.Fatalf("task %d is %s, want %s", i, task.Prompt.ExternalID, want)
		}
		if i == 4 {
			_, _, err := b.LeaseAhead(b.ctx(), current.Token, current.UserID)
			b.wantCode(err, ranking.CodeNotFound)
			b.submit(current)
			break
		}
		next, nextTask := b.ahead(current)
		again, _ := b.ahead(current)
		same, _ := b.lease(c.ID, people[0].ID)
		if again.Token != next.Token || same.Token != current.Token {
			t.Fatal("asking twice gave two tasks")
		}
		b.wantBegun(next, false) // the task before it is not done
		b.submit(current)
		if i%2 == 0 {
			b.wantBegun(next, true)
		}
		begun, _ := b.lease(c.ID, people[0].ID)
		if begun.Token != next.Token {
			t.Fatalf("after task %d comes lease %d, not the one ahead", i, begun.ID)
		}
		b.wantBegun(next, true)
		current, task = next, nextTask
	}
	_, _, err := b.LeaseTask(b.ctx(), c.ID, people[0].ID)
	b.wantCode(err, ranking.CodeNotFound)
	if n := b.number("SELECT count(*) FROM leases WHERE outcome = 'judged' AND NOT ahead"); n != 5 || b.number("SELECT count(*) FROM leases") != 5 {
		t.Errorf("%d leases of 5 tasks were judged", n)
	}
}

// The clock of a task ahead starts when it is begun, not when it is fetched.
func TestTaskAheadStartsWhenItIsBegun(t *testing.T) {
	b := setup(t)
	c, people := b.work(2, 1, 1)
	current, _ := b.lease(c.ID, people[0].ID)
	next, _ := b.ahead(current)
	b.exec("UPDATE leases SET granted_at = granted_at - interval '1 hour', expires_at = expires_at - interval '20 minutes'")
	b.submit(current)
	b.wantBegun(next, true)
	again, _ := b.lease(c.ID, people[0].ID)
	if time.Since(again.GrantedAt) > time.Minute || time.Until(again.ExpiresAt) < 29*time.Minute {
		t.Errorf("the task ahead was granted at %v, until %v", again.GrantedAt, again.ExpiresAt)
	}
}

// What somebody holds ahead is no reason to tell others that nothing is left: they get it, and its holder gets another.
func TestTaskAheadIsTakenBackForOthers(t *testing.T) {
	b := setup(t)
	c, people := b.work(2, 1, 2)
	current, _ := b.lease(c.ID, people[0].ID)
	next, nextTask := b.ahead(current)
	other, otherTask := b.lease(c.ID, people[1].ID)
	if otherTask.ID != nextTask.ID {
		t.Fatalf("the other person got task %d, not %d", otherTask.ID, nextTask.ID)
	}
	_, _, err := b.LeaseAhead(b.ctx(), other.Token, other.UserID)
	b.wantCode(err, ranking.CodeNotFound) // what somebody is at is not taken back
	b.submit(current)
	b.wantBegun(next, false)
	_, _, err = b.Submit(b.ctx(), submission(next))
	b.wantCode(err, ranking.CodeExpired)
	_, _, err = b.LeaseTask(b.ctx(), c.ID, people[0].ID)
	b.wantCode(err, ranking.CodeNotFound)
	b.submit(other)
	if n := b.number("SELECT count(*) FROM tasks WHERE taken = 1 AND judged = 1 AND state = 'complete'"); n != 2 {
		t.Errorf("%d of 2 tasks are complete", n)
	}
}

// While nothing else is free, a search waits for a task that somebody is taking ahead at this moment.
func TestLeaseWaitsForATaskTakenAhead(t *testing.T) {
	b := setup(t)
	c, people := b.work(2, 1, 2)
	current, _ := b.lease(c.ID, people[0].ID)
	_, nextTask := b.ahead(current)
	letGo := b.inHand()
	var group errgroup.Group
	var got ranking.Task
	group.Go(func() (err error) {
		_, got, err = b.LeaseTask(b.ctx(), c.ID, people[1].ID)
		return err
	})
	b.waiting(1)
	letGo(nothing)
	b.must(group.Wait())
	if got.ID != nextTask.ID {
		t.Errorf("got task %d, want %d", got.ID, nextTask.ID)
	}
}

func TestTaskAheadGoesBack(t *testing.T) {
	free := "SELECT count(*) FROM tasks WHERE taken = 0"
	for name, test := range map[string]struct {
		do   func(b *bundle, c ranking.Campaign, current, next ranking.Lease)
		free int // of 3 tasks
	}{
		"with a break": {func(b *bundle, _ ranking.Campaign, current, _ ranking.Lease) {
			b.must(b.ReleaseLease(b.ctx(), current.Token, current.UserID))
		}, 3},
		"when both run out": {func(b *bundle, c ranking.Campaign, current, next ranking.Lease) {
			b.expire(current)
			b.expire(next)
			other := b.user("other", ranking.RoleAnnotator)
			b.must(b.AddMember(b.ctx(), c.ID, other.ID))
			_, err := b.AcknowledgeGuidelines(b.ctx(), c.ID, other.ID, 1)
			b.must(err)
			lease, _, err := store.New(b.pool).LeaseTask(b.ctx(), c.ID, other.ID) // one that has reclaimed nothing yet
			b.must(err)
			b.must(b.ReleaseLease(b.ctx(), lease.Token, other.ID))
		}, 3},
		"when the guidelines change": {func(b *bundle, c ranking.Campaign, current, next ranking.Lease) {
			_, err := b.AddGuidelines(b.ctx(), c.ID, "Be fairer.")
			b.must(err)
			b.submit(current)
			b.wantBegun(next, false)
		}, 2},
		"when the schema changes": {func(b *bundle, c ranking.Campaign, current, next ranking.Lease) {
			_, err := b.AddSchema(b.ctx(), c.ID, ranking.Schema{StageOne: true, ScoreMax: 5})
			b.must(err)
			b.submit(current)
			b.wantBegun(next, false)
		}, 2},
		"when it is withdrawn": {func(b *bundle, c ranking.Campaign, current, next ranking.Lease) {
			b.must(b.WithdrawTask(b.ctx(), c.ID, next.TaskID))
			b.submit(current)
			b.wantBegun(next, false)
		}, 2},
	} {
		t.Run(name, func(t *testing.T) {
			b := setup(t)
			c, people := b.work(3, 1, 1)
			current, _ := b.lease(c.ID, people[0].ID)
			next, _ := b.ahead(current)
			test.do(b, c, current, next)
			if n := b.number(free); n != test.free {
				t.Errorf("%d tasks are free, want %d", n, test.free)
			}
			if n := b.number("SELECT count(*) FROM leases WHERE ahead AND outcome IS NULL"); n != 0 {
				t.Errorf("%d tasks are still held ahead", n)
			}
		})
	}
}

func TestOneIsAheadOfTheirOwnTaskOnly(t *testing.T) {
	b := setup(t)
	c, people := b.work(4, 2, 2)
	current, _ := b.lease(c.ID, people[0].ID)
	_, _, err := b.LeaseAhead(b.ctx(), current.Token, people[1].ID)
	b.wantCode(err, ranking.CodeForbidden)
	next, _ := b.ahead(current)
	_, _, err = b.LeaseAhead(b.ctx(), next.Token, people[0].ID) // two ahead are not given
	b.wantCode(err, ranking.CodeNotFound)
	b.submit(current)
	if begun, err := b.BeginAhead(b.ctx(), next.Token, people[1].ID); err != nil || begun {
		t.Errorf("somebody else began it: %t, %v", begun, err)
	}
	b.must(b.SetCampaignState(b.ctx(), c.ID, ranking.CampaignPaused))
	b.wantBegun(next, false)
	b.must(b.SetCampaignState(b.ctx(), c.ID, ranking.CampaignOpen))
	b.wantBegun(next, true)
}

// Everybody works with the next task in hand, some in two tabs, some leave theirs behind: each task gets its judgments,
// nobody judges one twice, and no place is lost.
func TestOverlapHoldsWithTasksAhead(t *testing.T) {
	b := setup(t)
	const tasks, overlap, members = 40, 3, 12
	c, people := b.work(tasks, overlap, members)
	var group errgroup.Group
	var mu sync.Mutex
	acknowledged := map[int64]bool{}
	for worker := range 2 * members {
		user := people[worker%members]
		group.Go(func() error {
			var next ranking.Lease
			for round := 0; ; round++ {
				lease, _, err := b.LeaseTask(b.ctx(), c.ID, user.ID)
				if ranking.ErrorCode(err) == ranking.CodeNotFound {
					return nil
				}
				if err != nil {
					return err
				}
				next, _, err = b.LeaseAhead(b.ctx(), lease.Token, user.ID)
				switch ranking.ErrorCode(err) {
				case "", ranking.CodeNotFound, ranking.CodeExpired: // the other tab may be further already
				default:
					return err
				}
				if (worker+round)%7 == 0 {
					if err := b.ReleaseLease(b.ctx(), lease.Token, user.ID); err != nil {
						return err
					}
					continue
				}
				j, _, err := b.Submit(b.ctx(), submission(lease))
				if ranking.ErrorCode(err) == ranking.CodeExpired {
					continue
				}
				if err != nil {
					return err
				}
				mu.Lock()
				acknowledged[j.ID] = true
				mu.Unlock()
				if next.Token != "" && worker%3 > 0 {
					if _, err := b.BeginAhead(b.ctx(), next.Token, user.ID); err != nil {
						return err
					}
				}
			}
		})
	}
	b.must(group.Wait())
	if n := b.number("SELECT count(*) FROM judgments"); n != tasks*overlap || n != len(acknowledged) {
		t.Errorf("%d judgments, %d acknowledged, want %d", n, len(acknowledged), tasks*overlap)
	}
	if n := b.number("SELECT count(*) FROM (SELECT FROM judgments GROUP BY task_id HAVING count(*) <> 3 OR count(DISTINCT user_id) <> 3) AS wrong"); n != 0 {
		t.Errorf("%d tasks have other than 3 judgments by 3 people", n)
	}
	if n := b.number("SELECT count(*) FROM tasks WHERE state <> 'complete' OR taken <> 3 OR judged <> 3"); n != 0 {
		t.Errorf("%d tasks are not complete", n)
	}
	if n := b.number("SELECT count(*) FROM leases WHERE outcome IS NULL"); n != 0 {
		t.Errorf("%d leases are left over", n)
	}
}

func TestHeldAheadIsStillToDo(t *testing.T) {
	b := setup(t)
	c, people := b.work(3, 1, 1)
	current, _ := b.lease(c.ID, people[0].ID)
	b.ahead(current)
	all, err := b.Assignments(b.ctx(), people[0].ID, time.Now().Add(-time.Hour))
	b.must(err)
	if len(all) != 1 || all[0].Left != 3 {
		t.Errorf("assignments %+v", all)
	}
}
