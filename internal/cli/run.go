package cli

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"rankloop/internal/app"
	"rankloop/internal/store"
	"rankloop/ranking"
)

// RunCmd looks after training runs.
type RunCmd struct {
	List    RunListCmd    `cmd:"" help:"List runs."`
	Show    RunShowCmd    `cmd:"" help:"Show a run."`
	Metrics RunMetricsCmd `cmd:"" help:"Print a run's metrics, step by step."`
	Stop    RunStopCmd    `cmd:"" help:"Stop a run at its next step; it can be resumed."`
	Resume  RunResumeCmd  `cmd:"" help:"Go on with a run that was stopped or has failed."`
}

// RunListCmd lists runs.
type RunListCmd struct{}

// Run prints the runs, newest first.
func (RunListCmd) Run(ctx *Context) error {
	services, err := ctx.Open()
	if err != nil {
		return err
	}
	runs, err := services.Store.ListRuns(ctx)
	if err != nil {
		return err
	}
	if ctx.JSON {
		views := make([]runView, len(runs))
		for i, run := range runs {
			if views[i], err = viewRun(ctx, services, run); err != nil {
				return err
			}
		}
		return ctx.PrintJSON(struct {
			Runs []runView `json:"runs"`
		}{views})
	}
	table := tabwriter.NewWriter(ctx.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "RUN\tKIND\tSTATE\tSTEP\tBASE\tREWARD\tSNAPSHOT")
	for _, run := range runs {
		fmt.Fprintf(table, "%s\t%s\t%s\t%d/%d\t%s\t%s\t%s\n", run.Name, run.Kind, run.State, run.Step, run.StepsTotal, run.Base, run.Reward, run.Snapshot)
	}
	return table.Flush()
}

// RunShowCmd shows a run.
type RunShowCmd struct {
	Name string `arg:"" help:"The run."`
}

// Run prints the run.
func (c RunShowCmd) Run(ctx *Context) error {
	services, err := ctx.Open()
	if err != nil {
		return err
	}
	run, err := services.Store.RunByName(ctx, c.Name)
	if err != nil {
		return err
	}
	view, err := viewRun(ctx, services, run)
	if err != nil {
		return err
	}
	return ctx.showRun(view)
}

// RunMetricsCmd prints metrics.
type RunMetricsCmd struct {
	Name        string `arg:"" help:"The run."`
	Tensorboard string `help:"Write them as TensorBoard's event files below this folder instead." placeholder:"DIR"`
}

// Run prints one line a step, as far as the run's last checkpoint.
func (c RunMetricsCmd) Run(ctx *Context) error {
	services, err := ctx.Open()
	if err != nil {
		return err
	}
	run, err := services.Store.RunByName(ctx, c.Name)
	if err != nil {
		return err
	}
	if c.Tensorboard != "" {
		return ctx.writeTensorboard(services, run, c.Tensorboard)
	}
	return ctx.eachMetricRow(services, run, ctx.printMetrics)
}

// eachMetricRow reads a run's metrics by step.
func (c *Context) eachMetricRow(services *app.Services, run store.Run, visit func(store.MetricRow) error) error {
	const page = 500
	for after := 0; ; {
		rows, err := services.Store.RunMetrics(c, run.ID, after, page)
		if err != nil {
			return err
		}
		for _, row := range rows {
			if err := visit(row); err != nil {
				return err
			}
			after = row.Step
		}
		if len(rows) < page {
			return nil
		}
	}
}

func (c *Context) printMetrics(row store.MetricRow) error {
	if c.JSON {
		return c.PrintJSON(struct {
			Step    int             `json:"step"`
			Time    time.Time       `json:"time"`
			Metrics json.RawMessage `json:"metrics"`

			Histograms json.RawMessage `json:"histograms,omitempty"`
		}{row.Step, row.At.UTC(), row.Metrics, row.Histograms})
	}
	var metrics map[string]float64
	if err := json.Unmarshal(row.Metrics, &metrics); err != nil {
		return err
	}
	parts := []string{fmt.Sprint(row.Step)}
	for _, name := range slices.Sorted(maps.Keys(metrics)) {
		parts = append(parts, fmt.Sprintf("%s=%.5g", name, metrics[name]))
	}
	c.Printf("%s\n", strings.Join(parts, " "))
	return nil
}

// RunStopCmd stops a run.
type RunStopCmd struct {
	Name string `arg:"" help:"The run."`
}

// stopPatience is how long stop waits for the run's owner, which hears of it with its next heartbeat.
const stopPatience = 90 * time.Second

// Run asks the run to stop and waits until it has. A run whose owner died is stopped here.
func (c RunStopCmd) Run(ctx *Context) error {
	services, err := ctx.Open()
	if err != nil {
		return err
	}
	if err := services.Store.StopRun(ctx, c.Name); err != nil {
		return err
	}
	for deadline := time.Now().Add(stopPatience); ; {
		run, err := services.Store.RunByName(ctx, c.Name)
		if err != nil {
			return err
		}
		if run.State != "stopping" {
			view, err := viewRun(ctx, services, run)
			if err != nil {
				return err
			}
			return ctx.showRun(view)
		}
		if time.Now().After(deadline) {
			return ranking.Errorf(ranking.CodeUnavailable, "%s was asked to stop but has not yet; see rankloop run show %s", c.Name, c.Name)
		}
		if _, err := services.Owner().WorkRun(ctx, run.ID); err != nil {
			return err
		}
		if err := ctx.wait(500 * time.Millisecond); err != nil {
			return err
		}
	}
}

// RunResumeCmd resumes a run.
type RunResumeCmd struct {
	Name    string `arg:"" help:"The run."`
	Enqueue bool   `help:"Leave the work to a worker and return at once."`
}

// Run queues the run again and follows or works it.
func (c RunResumeCmd) Run(ctx *Context) error {
	services, err := ctx.Open()
	if err != nil {
		return err
	}
	if err := services.Store.ResumeRun(ctx, c.Name); err != nil {
		return err
	}
	return ctx.seeThrough(services, c.Name, c.Enqueue)
}

// wait sleeps, or fails when the command is cancelled.
func (c *Context) wait(d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-c.Done():
		return c.Err()
	case <-timer.C:
		return nil
	}
}
