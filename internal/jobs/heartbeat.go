package jobs

import (
	"context"
	"errors"
	"log/slog"
	"sync/atomic"
	"time"

	"rankloop/internal/store"
	"rankloop/ranking"
)

// errLost ends a session whose run somebody else has claimed: the fence was passed, so nothing of it may be stored.
var errLost = errors.New("the run was claimed by another worker")

// heartbeat keeps a claim alive and hears what is asked of the run.
type heartbeat struct {
	stop atomic.Bool   // somebody asked the run to stop
	end  func()        // ends the beating
	done chan struct{} // closed when it has ended
}

// beat renews the claim until its end is called. When the fence was passed it cancels the session with errLost. A
// database that cannot be reached is no reason to stop training: the fence decides at the next commit.
func beat(ctx context.Context, s *store.Store, log *slog.Logger, run store.Run, every time.Duration, lost context.CancelCauseFunc) *heartbeat {
	ctx, end := context.WithCancel(ctx)
	h := &heartbeat{end: end, done: make(chan struct{})}
	go func() {
		defer close(h.done)
		for {
			control, err := s.Heartbeat(ctx, run.ID, run.Fence)
			switch {
			case ctx.Err() != nil:
				return
			case ranking.ErrorCode(err) == ranking.CodeConflict:
				lost(errLost)
				return
			case err != nil:
				log.Warn("heartbeat failed", "error", err)
			case control.Stop:
				h.stop.Store(true)
			}
			sleep(ctx, every)
		}
	}()
	return h
}

// close ends the beating and waits for the last beat.
func (h *heartbeat) close() {
	h.end()
	<-h.done
}

// within gives a context that outlives ctx by grace: a step under way may end before the process leaves. A lost claim
// ends it at once, since nothing of the step may be stored.
func within(ctx context.Context, grace time.Duration) (context.Context, context.CancelFunc) {
	longer, cancel := context.WithCancelCause(context.WithoutCancel(ctx))
	stop := context.AfterFunc(ctx, func() {
		if context.Cause(ctx) != errLost {
			sleep(longer, grace)
		}
		cancel(context.Cause(ctx))
	})
	return longer, func() {
		stop()
		cancel(context.Canceled)
	}
}
