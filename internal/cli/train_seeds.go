package cli

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"text/tabwriter"

	"rankloop/internal/app"
	"rankloop/internal/jobs"
	"rankloop/internal/store"
	"rankloop/ranking"
)

// maxSeeds bounds a sweep.
const maxSeeds = 100

// sweep trains one run a seed, NAME-s1, NAME-s2 and so on, one after the other, and prints how far they agree. Runs that
// are there already are not trained again.
func (c TrainCmd) sweep(ctx *Context) error {
	switch {
	case c.Seeds < 2 || c.Seeds > maxSeeds:
		return Usagef("--seeds must be between 2 and %d", maxSeeds)
	case c.Name == "":
		return Usagef("--seeds needs --name: its runs are called NAME-s1, NAME-s2 and so on")
	case c.DryRun:
		return Usagef("--dry-run is of one run; leave --seeds out")
	case ctx.dataFile == "-" || c.Text == "-" || c.Prompts == "-" || c.Ptx == "-" || c.Config == "-":
		return Usagef("--seeds reads its files once a run; standard input can be read once only")
	}
	first := int64(1)
	if c.Seed != nil {
		first = *c.Seed
	}
	services, err := ctx.Open()
	if err != nil {
		return err
	}
	var views []runView
	for i := range c.Seeds {
		one := c
		one.Seed = new(first + int64(i))
		one.Name = fmt.Sprintf("%s-s%d", c.Name, *one.Seed)
		run, err := one.trainSeed(ctx, services)
		if err != nil {
			return err
		}
		// All seeds get what the first got, whatever is new by then.
		if c.Snapshot == "" && ctx.dataFile == "" && c.Text == "" {
			c.Snapshot = run.Snapshot
		}
		if c.Reward == "" {
			c.Reward = run.Reward
		}
		view, err := viewRun(ctx, services, run)
		if err != nil {
			return err
		}
		views = append(views, view)
	}
	return c.printSweep(ctx, views)
}

// trainSeed starts the run of one seed and, unless it is to be left to a worker, waits for its end.
func (c TrainCmd) trainSeed(ctx *Context, services *app.Services) (run store.Run, err error) {
	files := &openFiles{context: ctx}
	defer func() { err = errors.Join(err, files.close()) }()
	prepared, err := c.prepare(ctx, files, services)
	if err != nil {
		return store.Run{}, err
	}
	if run, _, err = prepared.Start(ctx); err != nil {
		return store.Run{}, err
	}
	ctx.Notef("%s", describeRun(run))
	if c.Enqueue {
		return run, nil
	}
	progress := &runProgress{Progress: ctx.Progress(run.Name, int64(run.StepsTotal))}
	run, err = ctx.untilEnded(services, run, progress)
	progress.Close()
	switch {
	case err != nil:
		return store.Run{}, err
	case run.State == store.RunFailed:
		return store.Run{}, ranking.Errorf(ranking.CodeInternal, "run %s failed at step %d: %s", run.Name, run.Step, run.Error)
	case run.State == store.RunStopped:
		return store.Run{}, ranking.Errorf(ranking.CodeUnavailable, "run %s was stopped at step %d; the same command goes on", run.Name, run.Step)
	}
	return run, nil
}

// prepare opens the files of the command and counts what its run would take.
func (c TrainCmd) prepare(ctx *Context, files *openFiles, services *app.Services) (*jobs.Prepared, error) {
	request := c.request()
	if err := c.openFiles(ctx, files, &request); err != nil {
		return nil, err
	}
	return services.Launcher().Prepare(ctx, request)
}

// seedMetric is the last value of a metric over the seeds.
type seedMetric struct {
	Mean     float64     `json:"mean"`
	Interval *[2]float64 `json:"interval"` // Student's, 95 %
	Values   []float64   `json:"values"`   // by seed
}

func (c TrainCmd) printSweep(ctx *Context, runs []runView) error {
	metrics := make(map[string]seedMetric)
	for name := range runs[0].Metrics {
		var values []float64
		for _, run := range runs {
			if value, ok := run.Metrics[name]; ok {
				values = append(values, value)
			}
		}
		if len(values) == len(runs) {
			mean := ranking.MeanOverSeeds(values)
			metrics[name] = seedMetric{mean.Value, mean.Interval, values}
		}
	}
	if ctx.JSON {
		return ctx.PrintJSON(struct {
			Runs    []runView             `json:"runs"`
			Metrics map[string]seedMetric `json:"metrics"`
		}{runs, metrics})
	}
	table := tabwriter.NewWriter(ctx.Stdout, 0, 0, 2, ' ', 0)
	for _, run := range runs {
		fmt.Fprintf(table, "%s\t%s\tstep %d of %d\n", run.Run, run.State, run.Step, run.StepsTotal)
	}
	for _, name := range slices.Sorted(maps.Keys(metrics)) {
		m := metrics[name]
		fmt.Fprintf(table, "  %s\t%.5g\t[%.5g, %.5g]\n", name, m.Mean, m.Interval[0], m.Interval[1])
	}
	return table.Flush()
}
