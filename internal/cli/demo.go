package cli

import (
	"log/slog"

	"rankloop/internal/demo"
	"rankloop/ranking"
)

// DemoCmd runs the loop without people.
type DemoCmd struct {
	Quick bool  `help:"A smoke run of about 90 s: passes when the gold score rises."`
	Seed  int64 `default:"1" help:"Where all randomness comes from." placeholder:"N"`
}

// Run prints the table, and fails where a requirement is not met.
func (c *DemoCmd) Run(ctx *Context) error {
	var (
		current  string
		progress *Progress
	)
	report, err := demo.Run(ctx, demo.Options{
		Seed: c.Seed, Quick: c.Quick, Log: slog.New(slog.DiscardHandler),
		Progress: func(stage string, done, total int, note string) {
			if stage != current {
				if progress != nil {
					progress.Close()
				}
				current, progress = stage, ctx.Progress(stage, int64(total))
			}
			progress.Set(int64(done), note)
		},
	})
	if progress != nil {
		progress.Close()
	}
	if err != nil {
		return err
	}
	if ctx.JSON {
		err = ctx.PrintJSON(report)
	} else {
		err = report.Write(ctx.Stdout)
	}
	if err == nil && !report.Passed {
		err = ranking.Errorf(ranking.CodeInternal, "the demo did not meet %d of its requirements", len(report.Failed))
	}
	return err
}
