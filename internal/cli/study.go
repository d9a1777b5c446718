package cli

import (
	"io"
	"log/slog"
	"os"
	"path/filepath"

	"rankloop/internal/study"
	"rankloop/ranking"
	"rankloop/views"
)

// StudyCmd runs the long experiments whose figures the documentation reports.
type StudyCmd struct {
	Labelers StudyLabelersCmd `cmd:"" help:"Noisy simulated annotators: reward models by comparisons seen, policies on untouched prompts, and policies that no KL holds back. About 90 minutes."`
	Ptx      StudyPtxCmd      `cmd:"" help:"What PPO does to the loss on pretraining text, without the pretraining mix and with it. About half an hour."`
	Alpaca   StudyAlpacaCmd   `cmd:"" help:"SmolLM2-135M as a reward model on a judge's order of seven models' replies, beside rules that read no text. About an hour; in the data folder, where it goes on after an interruption."`
}

// studyFlags are those of every study on a private database.
type studyFlags struct {
	Quick bool  `help:"A smoke run of some minutes that shows nothing but that everything works; it does not fail for what it measures."`
	Seed  int64 `default:"1" help:"Where all randomness comes from." placeholder:"N"`
}

func (f studyFlags) options(ctx *Context) (study.Options, func()) {
	o, done := studyOptions(ctx, slog.New(slog.DiscardHandler))
	o.Seed, o.Quick = f.Seed, f.Quick
	return o, done
}

// studyOptions shows a study's progress; done ends the last bar.
func studyOptions(ctx *Context, log *slog.Logger) (o study.Options, done func()) {
	var (
		current  string
		progress *Progress
	)
	done = func() {
		if progress != nil {
			progress.Close()
		}
	}
	o = study.Options{Seed: 1, Log: log, Progress: func(stage string, at, total int, note string) {
		if stage != current {
			done()
			current, progress = stage, ctx.Progress(stage, int64(total))
		}
		progress.Set(int64(at), note)
	}}
	return o, done
}

// finish prints a report, and fails where it did not show what it was to show.
func finish(ctx *Context, report interface{ Write(io.Writer) error }, verdict study.Verdict, quick bool) error {
	print := report.Write
	if ctx.JSON {
		print = func(io.Writer) error { return ctx.PrintJSON(report) }
	}
	if err := print(ctx.Stdout); err != nil || verdict.Passed || quick {
		return err
	}
	return ranking.Errorf(ranking.CodeInternal, "the study did not reach %d of its aims", len(verdict.Failed))
}

// StudyLabelersCmd studies simulated labelers.
type StudyLabelersCmd struct {
	studyFlags
	Charts string `help:"Write accuracy.svg and drift.svg into this folder." placeholder:"DIR"`
}

// Run prints the report and draws its charts.
func (c StudyLabelersCmd) Run(ctx *Context) error {
	o, done := c.options(ctx)
	report, err := study.RunLabelers(ctx, o)
	done()
	if err != nil {
		return err
	}
	if c.Charts != "" {
		if err := os.MkdirAll(c.Charts, 0o755); err != nil {
			return err
		}
		for name, svg := range map[string]string{"accuracy.svg": report.AccuracyChart().File(), "drift.svg": views.OptimisationChart(ctx, report.Drift).File()} {
			if err := os.WriteFile(filepath.Join(c.Charts, name), []byte(svg), 0o644); err != nil {
				return err
			}
		}
	}
	return finish(ctx, report, report.Verdict, c.Quick)
}

// StudyPtxCmd studies the pretraining mix.
type StudyPtxCmd struct{ studyFlags }

// Run prints the report.
func (c StudyPtxCmd) Run(ctx *Context) error {
	o, done := c.options(ctx)
	report, err := study.RunPtx(ctx, o)
	done()
	if err != nil {
		return err
	}
	return finish(ctx, report, report.Verdict, c.Quick)
}

// StudyAlpacaCmd studies real preferences.
type StudyAlpacaCmd struct {
	Model   string `required:"" help:"SmolLM2-135M-Instruct: a GGUF or a Hugging Face folder." placeholder:"PATH"`
	Prompts string `required:"" help:"A prompt set with the replies of seven models." placeholder:"FILE"`
	Scores  string `required:"" help:"A judge's scores of them." placeholder:"FILE"`
}

// Run prints the report.
func (c StudyAlpacaCmd) Run(ctx *Context) error {
	for _, path := range []string{c.Model, c.Prompts, c.Scores} {
		if _, err := os.Stat(path); err != nil {
			return missingFile(path, err)
		}
	}
	services, err := ctx.Open()
	if err != nil {
		return err
	}
	o, done := studyOptions(ctx, ctx.Log)
	report, err := study.RunAlpaca(ctx, services, study.AlpacaOptions{Options: o, Model: c.Model, Prompts: c.Prompts, Scores: c.Scores})
	done()
	if err != nil {
		return err
	}
	return finish(ctx, report, report.Verdict, false)
}
