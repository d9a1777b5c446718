package store

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"rankloop/internal/store/db"
	"rankloop/ranking"
)

// Leases that ran out are reclaimed in batches: at most one a second while there are free tasks, and at once when there
// is none.
const (
	reclaimEvery = time.Second
	reclaimBatch = 200
)

// takeTask looks behind the cursor first, then from the beginning, where places may have become free again, then among
// the places of leases that ran out, and last among what others hold ahead and have not begun. It passes over tasks that somebody is at, so that nobody waits while there is
// other work; pgx.ErrNoRows therefore does not say that nothing is left.
func (s *Store) takeTask(ctx context.Context, q *db.Queries, search db.TakeTaskParams) (db.Task, error) {
	if now := time.Now().UnixMilli(); now-s.reclaimed.Load() >= reclaimEvery.Milliseconds() {
		s.reclaimed.Store(now)
		if _, err := q.ReclaimLeases(ctx, reclaimBatch); err != nil {
			return db.Task{}, err
		}
	}
	for {
		task, err := q.TakeTask(ctx, search)
		if !noRows(err) {
			return task, err
		}
		if search.AfterID > 0 {
			search.AfterID = 0
			continue
		}
		freed, err := q.ReclaimLeases(ctx, reclaimBatch)
		if err == nil && freed == 0 {
			freed, err = q.TakeBackAhead(ctx, db.TakeBackAheadParams{CampaignID: search.CampaignID, UserID: search.UserID, OptedOut: search.OptedOut})
		}
		if err != nil {
			return db.Task{}, err
		}
		if freed == 0 {
			return db.Task{}, pgx.ErrNoRows
		}
	}
}

// busyTask is a task with a place for the user that takeTask passed over, since another transaction has it locked.
// CodeNotFound when there is none: then nothing is left.
//
// The wait for it happens in a transaction of its own, which holds nothing but the user's row of members and waits for
// this one task. Whoever holds a task's lock goes on to leases at most, never back to a member or to another task
// without SKIP LOCKED, so no circle of waits can close. When the lock is there the search begins again: what it finds
// may be this task, which it does not pass over any more, or one in front of it. A try that fails means that somebody
// else has taken or filled a place meanwhile, of which there is a finite number.
func busyTask(ctx context.Context, q *db.Queries, search db.TakeTaskParams) (int64, error) {
	id, err := q.BusyTask(ctx, db.BusyTaskParams{CampaignID: search.CampaignID, UserID: search.UserID, OptedOut: search.OptedOut})
	if err != nil {
		return 0, missing("busy task", err, ranking.Errorf(ranking.CodeNotFound, "there is no task left for you"))
	}
	return id, nil
}

// The search among tasks that others are at: how long it goes on (each single wait also ends with the connection's
// lock_timeout), and how many wait at once, since everybody who does keeps one of the pool's connections.
const (
	searchMax  = 10 * time.Second
	waitersMax = 4
)

// whileBusy repeats a search that waits for tasks in others' hands.
func (s *Store) whileBusy(ctx context.Context, search func(ctx context.Context) (again bool, err error)) error {
	ctx, cancel := context.WithTimeoutCause(ctx, searchMax, errBusy)
	defer cancel()
	select {
	case s.waiters <- struct{}{}:
		defer func() { <-s.waiters }()
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	for {
		again, err := search(ctx)
		if err != nil && ctx.Err() != nil {
			return context.Cause(ctx)
		}
		if err != nil || !again {
			return err
		}
	}
}

var errBusy = ranking.Errorf(ranking.CodeUnavailable, "the database is busy; try again in a moment")
