// Package study has the long experiments whose figures docs/training.md reports. They are made of the product's own parts:
// campaigns and judgments over HTTP, stored runs and checkpoints, and the reports of `model eval`.
package study

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"time"

	"rankloop/internal/app"
	"rankloop/internal/jobs"
	"rankloop/internal/store"
	"rankloop/ranking"
	"rankloop/trainer"
)

// Options of a study.
type Options struct {
	Seed  int64
	Quick bool // a smoke run of some minutes, which shows that everything works and proves nothing
	Log   *slog.Logger
	// Progress hears what is going on: a label, and how much of how much is done. It may be nil.
	Progress func(stage string, done, total int, note string)
}

// Verdict holds a study against what it was to show.
type Verdict struct {
	Passed bool     `json:"passed"`
	Failed []string `json:"failed"` // what was not reached
}

// require notes what was not reached.
func (v *Verdict) require(holds bool, format string, args ...any) {
	if !holds {
		v.Failed = append(v.Failed, fmt.Sprintf(format, args...))
	}
	v.Passed = len(v.Failed) == 0
}

func newVerdict() Verdict { return Verdict{Passed: true, Failed: []string{}} }

// lab is where a study works: the program's services, and somebody who watches.
type lab struct {
	*app.Services
	Options
}

func (l *lab) step(stage string, done, total int, note string) {
	if l.Progress != nil {
		l.Progress(stage, done, total, note)
	}
}

// inPrivate runs a study on a database of its own, which is removed afterwards.
func inPrivate(ctx context.Context, o Options, run func(*lab) error) (err error) {
	folder, err := os.MkdirTemp("", "rankloop-study-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
	if err := os.Chmod(folder, 0o755); err != nil { // the database's user must enter it
		return err
	}
	services, err := app.Open(ctx, app.Options{DataDir: folder, Log: o.Log})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, services.Close()) }()
	return run(&lab{services, o})
}

// train launches a run, or the one that exists where it was cut off, and works it in this process to its end.
func (l *lab) train(ctx context.Context, request jobs.Request) (store.Run, error) {
	run, _, err := l.Launcher().Launch(ctx, request)
	if err != nil {
		return run, err
	}
	owner := l.Owner()
	owner.OnStep = func(_ store.Run, total int, report trainer.Report) {
		l.step(run.Name, report.Step, total, note(request.Kind, report.Metrics))
	}
	for !ended(run.State) {
		claimed, err := owner.WorkRun(ctx, run.ID)
		if err != nil {
			return run, err
		}
		if run, err = l.Store.RunByID(ctx, run.ID); err != nil {
			return run, err
		}
		if !claimed && !ended(run.State) { // somebody else has it, or died a moment ago
			l.step(run.Name, run.Step, run.StepsTotal, "another process has it")
			select {
			case <-ctx.Done():
				return run, ctx.Err()
			case <-time.After(time.Second):
			}
		}
	}
	if run.State != store.RunSucceeded {
		return run, errors.Join(ctx.Err(), ranking.Errorf(ranking.CodeInternal, "the run %s is %s: %s", run.Name, run.State, run.Error))
	}
	return run, nil
}

// ended says whether nobody will go on with a run by himself. A run that its worker has left, as Ctrl-C makes it, is still
// running, and waits for the next.
func ended(state string) bool {
	return state == store.RunSucceeded || state == store.RunFailed || state == store.RunStopped
}

// lastMetrics are the last value of each metric of a run.
func (l *lab) lastMetrics(ctx context.Context, runID int64, steps int) (map[string]float64, error) {
	rows, err := l.Store.RunMetrics(ctx, runID, 0, steps+1)
	if err != nil {
		return nil, err
	}
	last := make(map[string]float64)
	for _, row := range rows {
		if err := json.Unmarshal(row.Metrics, &last); err != nil {
			return nil, err
		}
	}
	return last, nil
}

func note(kind string, metrics map[string]float64) string {
	if kind == trainer.KindReward {
		return fmt.Sprintf("loss %.3f, accuracy %.2f", metrics["loss"], metrics["accuracy"])
	}
	return fmt.Sprintf("score %+.2f, KL %.1f nats", metrics["objective/scores"], metrics["objective/kl"])
}
