package jobs

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"time"

	"rankloop/internal/store"
	"rankloop/trainer"
)

// What a commit may do beside moving the pointer, or end the session with store.RunStopped and its like.
const (
	goOn    = ""
	release = store.RunQueued // anybody may claim the run at once
)

// session is one owner's time with one claimed run.
type session struct {
	owner *Owner
	run   store.Run
	log   *slog.Logger

	spec     Spec
	training trainer.Run
	earlier  []StoredState // before run.StateSHA256, the newest first
	beat     *heartbeat

	// What has happened since the last commit.
	metrics   []store.MetricRow
	samples   []store.SampleRow
	kept      published // checkpoints beside the last
	warnings  *warnings
	last      map[string]float64
	since     time.Time // start of the interval
	committed time.Duration
	notified  time.Time
}

// step is how far the run has come in memory.
func (s *session) step() int {
	if s.training == nil {
		return s.run.Step
	}
	return s.training.Step()
}

// work takes the run from its last checkpoint to its end, or to where it is stopped, lost or left. A fault of the run
// itself is stored as its error; errors returned are those of the surroundings.
func (s *session) work(ctx context.Context) (err error) {
	inner, lost := context.WithCancelCause(ctx)
	defer lost(nil)
	// The heartbeat outlives ctx: the claim must hold while the last checkpoint is written.
	beating, endBeating := context.WithCancel(context.WithoutCancel(ctx))
	defer endBeating()
	s.beat = beat(beating, s.owner.Store, s.log, s.run, cmp.Or(s.owner.beatEvery, beatEvery), lost)
	defer s.beat.close()

	err = s.guarded(func() error { return s.train(inner) })
	switch {
	case err == nil:
		return nil
	case errors.Is(err, errLost):
		return err
	case ctx.Err() != nil || errors.Is(err, errDatabase):
		// Told to leave while it loaded its inputs, or cut off: the run goes on from its last checkpoint elsewhere.
		return errors.Join(err, s.leaveAsStored(ctx, release, ""))
	default:
		s.log.Error("the run failed", "step", s.step(), "error", err)
		return errors.Join(err, s.leaveAsStored(ctx, store.RunFailed, err.Error()))
	}
}

// guarded turns a panic of the trainer into the run's error: it must not take the other work of the process along.
func (s *session) guarded(work func() error) (err error) {
	defer func() {
		if cause := recover(); cause != nil {
			s.log.Error("the trainer panicked", "panic", cause, "stack", string(debug.Stack()))
			err = fmt.Errorf("the trainer panicked at step %d: %v", s.step(), cause)
		}
	}()
	return work()
}

// train advances the run to its end.
func (s *session) train(ctx context.Context) error {
	if err := s.open(ctx); err != nil {
		return err
	}
	if err := s.commit(ctx, goOn, nil); err != nil { // shows the number of steps, and fails early on a full disk
		return err
	}
	for s.training.Step() < s.training.StepsTotal() {
		switch {
		case context.Cause(ctx) == errLost:
			return errLost
		case s.beat.stop.Load():
			s.log.Info("stopped", "step", s.step())
			return s.commit(ctx, store.RunStopped, nil)
		case ctx.Err() != nil:
			s.log.Info("leaving the run for another worker", "step", s.step())
			return s.commit(ctx, release, nil)
		}
		if err := s.advance(ctx); err != nil {
			return err
		}
		if time.Since(s.since) < s.interval() || s.training.Step() == s.training.StepsTotal() {
			continue
		}
		if err := s.commit(ctx, goOn, nil); err != nil {
			return err
		}
		if s.owner.Cold || s.spec.Cold {
			if err := s.reopen(context.WithoutCancel(ctx)); err != nil {
				return err
			}
		}
	}
	return s.finish(ctx)
}

// advance does one optimizer step and keeps what it reports.
func (s *session) advance(ctx context.Context) error {
	stepCtx, cancel := within(ctx, stepGrace)
	defer cancel()
	report, err := s.training.Advance(stepCtx)
	if err != nil && stepCtx.Err() != nil && errors.Is(err, stepCtx.Err()) {
		return nil // the step was given up and the run is as it was before; the loop sees why
	}
	if err != nil {
		return err
	}
	row, err := metricRow(report)
	if err != nil {
		return err
	}
	s.metrics = append(s.metrics, row)
	s.last = report.Metrics
	for _, warning := range report.Warnings {
		s.warnings.add(Warning(warning))
	}
	if err := s.addSamples(report); err != nil {
		return err
	}
	if err := s.keep(ctx, report); err != nil {
		return err
	}
	s.publish(ctx, row)
	if s.owner.OnStep != nil {
		s.owner.OnStep(s.run, s.training.StepsTotal(), report)
	}
	return nil
}

// publish shows the step to whoever watches, at most four times a second. The table stays the truth.
func (s *session) publish(ctx context.Context, row store.MetricRow) {
	if time.Since(s.notified) < 250*time.Millisecond {
		return
	}
	s.notified = time.Now()
	if err := s.owner.Store.NotifyMetrics(ctx, s.run.ID, row); err != nil {
		s.log.Debug("live metrics not sent", "error", err)
	}
}

// interval is the time between two checkpoints: what the run asks for, but so long that writing one stays within
// overheadLimit of it.
func (s *session) interval() time.Duration {
	if s.spec.CheckpointEvery > 0 {
		return s.spec.CheckpointEvery
	}
	return max(checkpointEvery, time.Duration(float64(s.committed)/overheadLimit))
}

// finish publishes the run's checkpoint and ends the run in the same transaction.
func (s *session) finish(ctx context.Context) error {
	checkpoints, files, err := s.final(context.WithoutCancel(ctx))
	if err != nil {
		return err
	}
	s.log.Info("finished", "step", s.step())
	return s.commit(ctx, store.RunSucceeded, &published{checkpoints, files})
}
