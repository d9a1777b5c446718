package app

import (
	"context"
	"errors"
	"os"
	"time"

	"golang.org/x/sync/errgroup"

	"rankloop/internal/jobs"
)

// WorkOptions are for a worker that a server started.
type WorkOptions struct {
	Parent int  // leave when this process is no longer the parent; 0: stay
	Cold   bool // reload everything after each checkpoint
}

var errParentGone = errors.New("the server that started this worker has gone")

// Work does queued runs and generation until ctx ends. The run at hand is checkpointed and left to the next worker.
func (s *Services) Work(ctx context.Context, o WorkOptions) error {
	queue, err := jobs.NewWorker(s.Cluster.Pool(), s.Launcher(), s.Engine, s.Log)
	if err != nil {
		return err
	}
	if err := queue.Start(ctx); err != nil {
		return err
	}
	s.Log.Info("working", "pid", os.Getpid())
	owner := s.Owner()
	owner.Cold = o.Cold
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return owner.Work(ctx) })
	group.Go(func() error { return watchParent(ctx, o.Parent) })
	group.Go(func() error {
		jobs.Announce(ctx, s.Cluster.Pool(), s.Log)
		return nil
	})
	group.Go(func() error {
		jobs.SweepArtifacts(ctx, s.Store, s.Artifacts, s.Log)
		return nil
	})
	group.Go(func() error {
		jobs.ReviveEvaluations(ctx, s.Store, queue, s.Log)
		return nil
	})
	err = group.Wait()
	if errors.Is(err, errParentGone) {
		s.Log.Info("leaving", "reason", err)
		err = nil
	}
	return errors.Join(err, queue.Stop(ctx))
}

// watchParent fails once the process has another parent. The kernel tells too where it can; this holds elsewhere.
func watchParent(ctx context.Context, parent int) error {
	if parent == 0 {
		return nil
	}
	for {
		if os.Getppid() != parent {
			return errParentGone
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(500 * time.Millisecond):
		}
	}
}
