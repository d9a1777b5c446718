package handlers

import (
	"context"
	"sync"
	"time"

	"rankloop/ranking"
)

// playgroundWait is how long a request waits while somebody else's replies are written.
const playgroundWait = 20 * time.Second

// playgroundTurns lets one request at a time have the processor, which sampling uses whole, and one of each person
// run or wait: a newer one takes the place of the one before.
type playgroundTurns struct {
	turn chan struct{} // holds one while a request runs

	mu      sync.Mutex
	newest  map[int64]*playgroundTurn // by user
	waiting time.Duration
}

type playgroundTurn struct{ cancel context.CancelCauseFunc }

func newPlaygroundTurns() *playgroundTurns {
	return &playgroundTurns{turn: make(chan struct{}, 1), newest: map[int64]*playgroundTurn{}, waiting: playgroundWait}
}

// enter waits for a turn. The context it returns also ends when a newer request of the same person comes; leave must be
// called where there is no error.
func (t *playgroundTurns) enter(ctx context.Context, userID int64) (_ context.Context, leave func(), err error) {
	ctx, cancel := context.WithCancelCause(ctx)
	mine := &playgroundTurn{cancel}
	t.mu.Lock()
	if before := t.newest[userID]; before != nil {
		before.cancel(ranking.Errorf(ranking.CodeConflict, "a newer request of yours took the place of this one"))
	}
	t.newest[userID] = mine
	t.mu.Unlock()

	patience := time.NewTimer(t.waiting)
	defer patience.Stop()
	select {
	case t.turn <- struct{}{}:
		return ctx, func() {
			<-t.turn
			t.forget(userID, mine)
		}, nil
	case <-ctx.Done():
		err = context.Cause(ctx)
	case <-patience.C:
		err = ranking.Errorf(ranking.CodeUnavailable, "the model is busy with somebody else's replies; try again in a moment")
	}
	t.forget(userID, mine)
	return nil, nil, err
}

func (t *playgroundTurns) forget(userID int64, turn *playgroundTurn) {
	turn.cancel(nil)
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.newest[userID] == turn {
		delete(t.newest, userID)
	}
}
