package handlers

import (
	"context"
	"sync"
	"time"

	"rankloop/ranking"
)

// SamplingTurns lets one request at a time have the processor, which sampling uses whole, in the order in which they came,
// and one of each person run or wait: a newer one takes the place of the one before. The playground and the suggestions of
// dialogues share them.
type SamplingTurns struct {
	turn chan struct{} // holds one while a request runs

	mu     sync.Mutex
	newest map[int64]*samplingTurn // by user
}

type samplingTurn struct{ cancel context.CancelCauseFunc }

// NewSamplingTurns makes the turns of one server.
func NewSamplingTurns() *SamplingTurns {
	return &SamplingTurns{turn: make(chan struct{}, 1), newest: map[int64]*samplingTurn{}}
}

// enter waits for a turn, for so long. The context it returns also ends when a newer request of the same person comes; leave must be
// called where there is no error.
func (t *SamplingTurns) enter(ctx context.Context, userID int64, wait time.Duration) (_ context.Context, leave func(), err error) {
	ctx, cancel := context.WithCancelCause(ctx)
	mine := &samplingTurn{cancel}
	t.mu.Lock()
	if before := t.newest[userID]; before != nil {
		before.cancel(ranking.Errorf(ranking.CodeConflict, "a newer request of yours took the place of this one"))
	}
	t.newest[userID] = mine
	t.mu.Unlock()

	patience := time.NewTimer(wait)
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

func (t *SamplingTurns) forget(userID int64, turn *samplingTurn) {
	turn.cancel(nil)
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.newest[userID] == turn {
		delete(t.newest, userID)
	}
}
