package store_test

import (
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"rankloop/ranking"
)

// As many places as people, who all come at once while slow requests are at every task: nobody may hear that nothing is
// left.
func TestNobodyIsTurnedAwayFromFreePlaces(t *testing.T) {
	b := setup(t)
	const people, tasks, rounds, together = 48, 3, 4, 3
	c, members := b.work(tasks*rounds, people/tasks, people)
	for range rounds {
		letGo := b.inHand()
		var group errgroup.Group
		leases := make([]ranking.Lease, people)
		for i, user := range members {
			group.Go(func() (err error) {
				leases[i], _, err = b.LeaseTask(b.ctx(), c.ID, user.ID)
				return err
			})
		}
		b.waiting(together)
		letGo(nothing)
		b.must(group.Wait())
		for _, lease := range leases {
			group.Go(func() error {
				_, _, err := b.Submit(b.ctx(), submission(lease))
				return err
			})
		}
		b.must(group.Wait())
	}
	if n := b.number("SELECT count(*) FROM tasks WHERE state = 'complete' AND taken = overlap AND judged = overlap"); n != tasks*rounds {
		t.Errorf("%d of %d tasks are complete", n, tasks*rounds)
	}
	_, _, err := b.LeaseTask(b.ctx(), c.ID, members[0].ID)
	b.wantCode(err, ranking.CodeNotFound)
}

// inHand keeps the row of every task locked, as a slow request would, until let go.
func (b *bundle) inHand() (letGo func(change string)) {
	b.t.Helper()
	tx, err := b.pool.Begin(b.ctx())
	b.must(err)
	b.t.Cleanup(func() { _ = tx.Rollback(b.ctx()) })
	_, err = tx.Exec(b.ctx(), "SELECT FROM tasks FOR NO KEY UPDATE")
	b.must(err)
	return func(change string) {
		b.t.Helper()
		_, err := tx.Exec(b.ctx(), change)
		b.must(err)
		b.must(tx.Commit(b.ctx()))
	}
}

// waiting waits until as many requests stand at a lock.
func (b *bundle) waiting(requests int) {
	b.t.Helper()
	const standing = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
	for started := time.Now(); b.number(standing) < requests; time.Sleep(5 * time.Millisecond) {
		if time.Since(started) > 5*time.Second { // locks time out after ten
			b.t.Errorf("%d requests wait for a task in hand, want %d", b.number(standing), requests)
			return
		}
	}
}

// nothing is a statement that changes nothing.
const nothing = "SELECT"

func TestLeaseWaitsForATaskInHand(t *testing.T) {
	for name, test := range map[string]struct {
		before, change string
		found          bool
	}{
		"that stays free":             {nothing, nothing, true},
		"that is filled meanwhile":    {nothing, "UPDATE tasks SET taken = overlap", false},
		"that is withdrawn meanwhile": {nothing, "UPDATE tasks SET state = 'withdrawn'", false},
		"whose lease ran out": {
			"UPDATE leases SET expires_at = now() - interval '1 s'", nothing, true,
		},
		"whose lease ran out and is used after all": {
			"UPDATE leases SET expires_at = now() - interval '1 s'", "UPDATE leases SET outcome = 'judged', ended_at = now()", false,
		},
	} {
		t.Run(name, func(t *testing.T) {
			b := setup(t)
			c, people := b.work(1, 1, 2)
			if test.before != nothing {
				_, _, err := b.LeaseTask(b.ctx(), c.ID, people[1].ID)
				b.must(err)
				b.exec(test.before)
			}
			letGo := b.inHand()
			var group errgroup.Group
			var got ranking.Task
			group.Go(func() (err error) {
				_, got, err = b.LeaseTask(b.ctx(), c.ID, people[0].ID)
				return err
			})
			b.waiting(1)
			letGo(test.change)
			err := group.Wait()
			if !test.found {
				b.wantCode(err, ranking.CodeNotFound)
				return
			}
			b.must(err)
			if got.Prompt.ExternalID != "p00000" {
				t.Errorf("got %+v", got)
			}
		})
	}
}

// What somebody has judged, skipped or would rather not see is no reason to wait.
func TestNothingLeftDoesNotWait(t *testing.T) {
	b := setup(t)
	c, people := b.work(2, 2, 1)
	for _, end := range []func(ranking.Lease) error{
		func(lease ranking.Lease) error { _, _, err := b.Submit(b.ctx(), submission(lease)); return err },
		func(lease ranking.Lease) error { return b.Skip(b.ctx(), lease.Token, lease.UserID, "unclear") },
	} {
		lease, _, err := b.LeaseTask(b.ctx(), c.ID, people[0].ID)
		b.must(err)
		b.must(end(lease))
	}
	letGo := b.inHand()
	_, _, err := b.LeaseTask(b.ctx(), c.ID, people[0].ID)
	b.wantCode(err, ranking.CodeNotFound)
	letGo(nothing)
}
