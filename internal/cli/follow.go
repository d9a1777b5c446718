package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"rankloop/internal/app"
	"rankloop/internal/jobs"
	"rankloop/internal/store"
	"rankloop/ranking"
	"rankloop/trainer"
)

// headlines are the metrics a progress line shows, where a run has them.
var headlines = []string{"loss", "accuracy", "eval/accuracy", "objective/scores", "objective/kl", "loss/policy_avg", "ptx/loss"}

// describeRun is the first thing said of a run.
func describeRun(run store.Run) string {
	parts := []string{fmt.Sprintf("run %s: %s from %s", run.Name, run.Kind, run.Base)}
	if run.Reward != "" {
		parts = append(parts, "reward "+run.Reward)
	}
	if run.Snapshot != "" {
		parts = append(parts, "snapshot "+run.Snapshot)
	}
	spec, err := jobs.ReadSpec(run.Spec)
	if err != nil {
		return strings.Join(parts, ", ")
	}
	lines := []string{strings.Join(parts, ", ")}
	if spec.Prompts != nil {
		lines = append(lines, "prompts: "+promptsText(spec.Prompts))
	}
	for _, note := range spec.Notes {
		lines = append(lines, "warning: "+note.Text)
	}
	return strings.Join(lines, "\n")
}

// seeThrough follows a run while a worker is alive, else works it here, until it has ended, and prints it. With enqueue
// it prints the run as it is.
func (c *Context) seeThrough(services *app.Services, name string, enqueue bool) error {
	run, err := services.Store.RunByName(c, name)
	if err != nil {
		return err
	}
	if !enqueue {
		progress := &runProgress{Progress: c.Progress(name, int64(run.StepsTotal))}
		run, err = c.untilEnded(services, run, progress)
		progress.Close()
		if err != nil {
			return err
		}
	}
	view, err := viewRun(context.WithoutCancel(c), services, run)
	if err != nil {
		return err
	}
	switch {
	case run.State == store.RunFailed:
		return ranking.Errorf(ranking.CodeInternal, "run %s failed at step %d: %s", run.Name, run.Step, run.Error)
	case run.State == store.RunStopped && !enqueue:
		return ranking.Errorf(ranking.CodeUnavailable, "run %s was stopped at step %d; rankloop run resume %s goes on", run.Name, run.Step, run.Name)
	}
	return c.showRun(view)
}

// untilEnded watches or works the run. It takes over when no worker is alive, and watches again when one is.
func (c *Context) untilEnded(services *app.Services, run store.Run, progress *runProgress) (store.Run, error) {
	live, err := services.Store.ListenMetrics(c, run.ID)
	if err != nil {
		return store.Run{}, err
	}
	owner := services.Owner()
	owner.OnStep = func(_ store.Run, total int, report trainer.Report) { progress.step(report.Step, total, report.Metrics) }
	for {
		if run, err = services.Store.RunByID(c, run.ID); err != nil {
			return store.Run{}, c.leftBehind(run, err)
		}
		if ended(run) {
			return run, nil
		}
		progress.SetTotal(int64(run.StepsTotal))
		alive, err := services.WorkerAlive(c)
		if err != nil {
			return store.Run{}, c.leftBehind(run, err)
		}
		if !alive {
			if _, err := owner.WorkRun(c, run.ID); err != nil && c.Err() == nil {
				c.Log.Debug("the run ended with an error", "error", err)
			}
		}
		if err := c.watch(live, progress); err != nil {
			return store.Run{}, c.leftBehind(run, err)
		}
	}
}

// watch shows what comes in for a while.
func (c *Context) watch(live <-chan store.MetricRow, progress *runProgress) error {
	timer := time.NewTimer(500 * time.Millisecond)
	defer timer.Stop()
	for {
		select {
		case <-c.Done():
			return c.Err()
		case <-timer.C:
			return nil
		case row, ok := <-live:
			if !ok {
				return c.Err()
			}
			var metrics map[string]float64
			if json.Unmarshal(row.Metrics, &metrics) == nil {
				progress.step(row.Step, 0, metrics)
			}
		}
	}
}

// leftBehind says what becomes of a run whose command is cancelled.
func (c *Context) leftBehind(run store.Run, err error) error {
	if c.Err() != nil {
		c.Notef("run %s is left where it is; rankloop run resume %s follows it again, rankloop run stop %s stops it", run.Name, run.Name, run.Name)
	}
	return err
}

func ended(run store.Run) bool {
	return run.State == store.RunSucceeded || run.State == store.RunFailed || run.State == store.RunStopped
}

// runProgress is the progress of a run.
type runProgress struct{ *Progress }

// step shows a step; total is 0 where it is not known here.
func (p *runProgress) step(step, total int, metrics map[string]float64) {
	if total > 0 {
		p.SetTotal(int64(total))
	}
	var parts []string
	for _, name := range headlines {
		if value, ok := metrics[name]; ok {
			parts = append(parts, fmt.Sprintf("%s %.3g", name, value))
		}
	}
	p.Set(int64(step), strings.Join(parts, "  "))
}
