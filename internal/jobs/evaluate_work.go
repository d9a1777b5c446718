package jobs

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"sync/atomic"
	"time"

	"github.com/riverqueue/river"

	"rankloop/internal/store"
	"rankloop/ranking"
)

const (
	// evaluationTimeout is how long one evaluation may take.
	evaluationTimeout = 24 * time.Hour
	// reviveEvery is how often a worker looks for evaluations whose worker was killed.
	reviveEvery = 5 * time.Second
)

// evaluateArgs asks for an evaluation to be worked.
type evaluateArgs struct {
	EvaluationID int64 `json:"evaluation_id"`
}

func (evaluateArgs) Kind() string { return "evaluate" }

func (evaluateArgs) InsertOpts() river.InsertOpts { return river.InsertOpts{Queue: queueEvaluate} }

func (c *Client) enqueueEvaluation(ctx context.Context, tx Tx, id int64) error {
	_, err := c.river.InsertTx(ctx, tx, evaluateArgs{EvaluationID: id}, nil)
	return err
}

// ReviveEvaluations queues evaluations again whose worker was killed, until ctx ends. River itself would wait for their time
// limit, which is long.
func ReviveEvaluations(ctx context.Context, s *store.Store, c *Client, log *slog.Logger) {
	for ctx.Err() == nil {
		switch revived, err := s.ReviveEvaluations(ctx, c.enqueueEvaluation); {
		case err != nil && ctx.Err() == nil:
			log.Warn("lost evaluations not looked for", "error", err)
		case revived > 0:
			log.Info("evaluations queued again", "evaluations", revived)
		}
		sleep(ctx, reviveEvery)
	}
}

// errUnwanted marks an evaluation that was stopped, or claimed by another worker.
var errUnwanted = errors.New("the evaluation is no longer wanted here")

// evaluateWorker works evaluations. The row's fence decides who may write: a job that comes twice finds nothing to claim.
type evaluateWorker struct {
	river.WorkerDefaults[evaluateArgs]
	launcher *Launcher
	log      *slog.Logger
}

func (w *evaluateWorker) Timeout(*river.Job[evaluateArgs]) time.Duration { return evaluationTimeout }

func (w *evaluateWorker) Work(ctx context.Context, job *river.Job[evaluateArgs]) error {
	s := w.launcher.Store
	e, claimed, err := s.ClaimEvaluation(ctx, job.Args.EvaluationID)
	if err != nil || !claimed {
		return err
	}
	inner, unwanted := context.WithCancelCause(ctx)
	defer unwanted(nil)
	beat := &evaluationBeat{store: s, log: w.log, of: e, unwanted: unwanted}
	stop := beat.start(context.WithoutCancel(ctx))
	result, err := w.measure(inner, e, beat)
	stop() // before the end is stored, so that no beat comes after it

	storing := context.WithoutCancel(ctx)
	switch {
	case context.Cause(inner) == errUnwanted:
		return nil
	case err == nil:
		return s.EndEvaluation(storing, e.ID, e.Fence, store.RunSucceeded, result, "")
	case ctx.Err() != nil || ranking.ErrorCode(err) == ranking.CodeUnavailable: // another worker goes on from what is kept
		return errors.Join(err, s.EndEvaluation(storing, e.ID, e.Fence, store.RunQueued, nil, ""))
	default:
		w.log.Error("the evaluation failed", "evaluation", e.ID, "error", err)
		return s.EndEvaluation(storing, e.ID, e.Fence, store.RunFailed, nil, err.Error())
	}
}

// measure turns a panic into the evaluation's error: else it would be tried again and again.
func (w *evaluateWorker) measure(ctx context.Context, e store.Evaluation, beat *evaluationBeat) (result json.RawMessage, err error) {
	defer func() {
		if cause := recover(); cause != nil {
			w.log.Error("the evaluation panicked", "evaluation", e.ID, "panic", cause, "stack", string(debug.Stack()))
			err = fmt.Errorf("the evaluation panicked: %v", cause)
		}
	}()
	spec, err := ReadEvaluationSpec(e.Spec)
	if err != nil {
		return nil, err
	}
	w.log.Info("working an evaluation", "evaluation", e.ID, "kind", e.Kind, "checkpoint", e.Checkpoint)
	p := EvaluationProgress{OnProgress: beat.progress, OnPartial: beat.keep}
	if string(e.Partial) != "null" {
		p.Partial = e.Partial
	}
	measured, err := w.launcher.Evaluate(ctx, spec, p)
	if err != nil {
		return nil, err
	}
	return json.Marshal(measured)
}

// evaluationBeat tells the table how far an evaluation is, and hears whether it is still wanted.
type evaluationBeat struct {
	store       *store.Store
	log         *slog.Logger
	of          store.Evaluation
	unwanted    context.CancelCauseFunc
	done, total atomic.Int64
}

func (b *evaluationBeat) progress(done, total int) {
	b.done.Store(int64(done))
	b.total.Store(int64(total))
}

func (b *evaluationBeat) keep(partial json.RawMessage) error {
	wanted, err := b.store.KeepPartial(context.Background(), b.of.ID, b.of.Fence, partial)
	if err == nil && !wanted {
		b.unwanted(errUnwanted)
		return errUnwanted
	}
	return err
}

// start beats until stop is called, which waits for the last beat.
func (b *evaluationBeat) start(ctx context.Context) (stop func()) {
	ctx, end := context.WithCancel(ctx)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		for over := false; !over; sleep(ctx, beatEvery/2) {
			over = ctx.Err() != nil // asked before the beat, so that the last one has the last progress
			b.beat(context.WithoutCancel(ctx))
		}
	}()
	return func() {
		end()
		<-ended
	}
}

// beat tries once. A database that is away is no reason to stop measuring.
func (b *evaluationBeat) beat(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, beatEvery)
	defer cancel()
	switch wanted, err := b.store.BeatEvaluation(ctx, b.of.ID, b.of.Fence, int(b.done.Load()), int(b.total.Load())); {
	case err != nil:
		b.log.Warn("heartbeat of an evaluation failed", "error", err)
	case !wanted:
		b.unwanted(errUnwanted)
	}
}
