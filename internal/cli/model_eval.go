package cli

import (
	"errors"
	"fmt"
	"text/tabwriter"

	"rankloop/internal/jobs"
	"rankloop/ranking"
)

// ModelEvalCmd measures a checkpoint: a reward model on held-out rankings, or, with --folds, on annotators whose rankings it
// has not seen; a policy against a gold scorer, over its distance from where it began, on questions, or on text.
type ModelEvalCmd struct {
	Name     string   `arg:"" optional:"" help:"A reward model (with --folds, the one whose base, rankings and settings to train with), or a policy, whose run's kept checkpoints are measured."`
	Snapshot string   `help:"The snapshot whose validation split is predicted. Default: the newest." placeholder:"S"`
	In       string   `help:"Rankings in the native format, instead of a snapshot (.jsonl or -); of a policy, a prompt set instead of held-out prompts." placeholder:"FILE"`
	Folds    int      `help:"Cross-validate: hold out each of N groups of annotators in turn and train on the others." placeholder:"N"`
	Base     string   `help:"With --folds: the checkpoint to start from. Default: base." placeholder:"N"`
	Preset   string   `help:"With --folds: named settings of a reward run." placeholder:"P"`
	Set      []string `help:"With --folds: change one setting." placeholder:"KEY=VALUE" sep:"none"`
	Seed     *int64   `help:"With --folds, of a policy: where all randomness comes from. Default: that of the run, else 1." placeholder:"N"`

	curveFlags
	fewShotFlags
	textFlags
}

// Run prints the report.
func (c ModelEvalCmd) Run(ctx *Context) (err error) {
	switch {
	case c.FewShot != nil:
		return c.runFewShot(ctx)
	case c.Text != "":
		return c.runText(ctx)
	case c.HeldOut != 0 || c.Window != 0:
		return Usagef("--held-out and --window are for --text")
	case c.Raw || c.MaxNew != 0:
		return Usagef("--raw and --max-new are for --few-shot")
	case c.Folds == 0 && c.Name == "":
		return Usagef("name a reward model, or cross-validate with --folds 5")
	case c.Folds != 0 && c.Name != "" && (c.Base != "" || c.Preset != "" || len(c.Set) > 0 || c.Seed != nil):
		return Usagef("--folds trains with the base, settings and seed of %q; leave --base, --preset, --set and --seed out, or leave its name out", c.Name)
	case c.Folds == 0 && (c.Base != "" || c.Preset != "" || len(c.Set) > 0):
		return Usagef("--base, --preset and --set are for --folds")
	case c.Folds != 0 && c.curveFlags != (curveFlags{}):
		return Usagef("%s is of a policy; leave it out with --folds", c.curveFlags.first())
	case c.Snapshot != "" && c.In != "":
		return Usagef("give either --snapshot or --in, not both")
	}
	files := &openFiles{context: ctx}
	defer func() { err = errors.Join(err, files.close()) }()
	data, err := files.open(c.In)
	if err != nil {
		return err
	}
	services, err := ctx.Open()
	if err != nil {
		return err
	}
	if c.Folds == 0 {
		switch checkpoint, err := services.Store.CheckpointByName(ctx, c.Name); {
		case err != nil && ranking.ErrorCode(err) != ranking.CodeNotFound:
			return err
		case err == nil && checkpoint.Kind == "policy":
			return c.runCurve(ctx, services.Launcher(), data)
		case c.curveFlags != (curveFlags{}):
			return Usagef("%s is of a policy, and %q is none", c.curveFlags.first(), c.Name)
		case c.Seed != nil:
			return Usagef("--seed is for --folds and for policies")
		}
	}
	request := jobs.EvaluationRequest{Kind: ranking.EvaluationReport, Checkpoint: c.Name, Folds: c.Folds}
	if c.Folds != 0 {
		request.Kind = ranking.EvaluationFolds
		request.Own = c.Name != "" && c.Snapshot == "" && data == nil
	}
	request.Request = jobs.Request{Base: c.Base, Snapshot: c.Snapshot, Data: data, Preset: c.Preset, Sets: c.Set, Seed: c.Seed}
	return c.evaluate(ctx, services.Launcher(), request)
}

func (c ModelEvalCmd) evaluate(ctx *Context, launcher *jobs.Launcher, request jobs.EvaluationRequest) error {
	spec, err := launcher.SpecifyEvaluation(ctx, request)
	if err != nil {
		return err
	}
	what := "scoring"
	if request.Kind == ranking.EvaluationFolds {
		what = "cross-validating"
	}
	progress := ctx.Progress(what, 0)
	measured, err := launcher.Evaluate(ctx, spec, jobs.EvaluationProgress{OnProgress: func(done, total int) {
		progress.SetTotal(int64(total))
		progress.Set(int64(done), "")
	}})
	progress.Close()
	if err != nil {
		return err
	}
	switch result := measured.(type) {
	case *ranking.RewardReport:
		if !ctx.JSON {
			return c.print(ctx, result, spec.Source())
		}
		return ctx.PrintJSON(struct {
			Model string `json:"model"`
			On    string `json:"on"`
			*ranking.RewardReport
		}{c.Name, spec.Source(), result})
	case *ranking.CrossValidation:
		if !ctx.JSON {
			return printFolds(ctx, result)
		}
		return ctx.PrintJSON(struct {
			On string `json:"on"`
			*ranking.CrossValidation
		}{spec.Source(), result})
	}
	return fmt.Errorf("an evaluation gave a %T", measured)
}

func printFolds(ctx *Context, result *ranking.CrossValidation) error {
	table := tabwriter.NewWriter(ctx.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "FOLD\tHELD OUT\tRANKINGS\tANNOTATORS SEEN\tANNOTATORS HELD OUT")
	for i, fold := range result.Folds {
		fmt.Fprintf(table, "%d\t%d\t%d\t%s\t%s\n", i+1, len(fold.HeldOutAnnotators), fold.Rankings, accuracyText(fold.Seen), accuracyText(fold.HeldOut))
	}
	fmt.Fprintf(table, "mean\t\t\t%s\t%s\n", foldsText(result.Seen), foldsText(result.HeldOut))
	return table.Flush()
}

func (c ModelEvalCmd) print(ctx *Context, r *ranking.RewardReport, source string) error {
	ctx.Printf("%s on %s: %d strict pairs of %d prompts, %d rankings", c.Name, source, r.Pairs, r.Prompts, r.Rankings)
	if r.Simulated > 0 {
		ctx.Printf(" (%d simulated)", r.Simulated)
	}
	if r.Dropped > 0 {
		ctx.Printf("; %d responses did not fit and were left out", r.Dropped)
	}
	ctx.Printf("\n\n")
	table := tabwriter.NewWriter(ctx.Stdout, 0, 0, 2, ' ', 0)
	line := func(name string, share ranking.Share) {
		fmt.Fprintf(table, "%s\t%s\n", name, accuracyText(share))
	}
	line("accuracy", r.Accuracy)
	if r.Agreement != nil {
		line("annotators with one another", *r.Agreement)
	} else {
		fmt.Fprintln(table, "annotators with one another\tunknown: no task has two")
	}
	line("length alone", r.LengthBaseline)
	line("model alone", r.ModelBaseline)
	line("of similar length", r.SimilarLength.Accuracy)
	line("  length alone", r.SimilarLength.LengthBaseline)
	line("  difference", r.SimilarLength.Difference)
	for _, part := range []struct {
		title  string
		slices []ranking.Slice
	}{{"annotator", r.Annotators}, {"margin in σ_ref", r.Margins}, {"models", r.Models}} {
		for _, s := range part.slices {
			simulated := ""
			if s.Simulated {
				simulated = " (simulated)"
			}
			line(part.title+" "+s.Name+simulated, s.Accuracy)
		}
	}
	for _, bin := range r.Calibration.Bins {
		fmt.Fprintf(table, "said %.2f to %.2f\t%.3f right, %.3f said, %d pairs\n", bin.Low, bin.High, bin.Observed, bin.Predicted, bin.Pairs)
	}
	fmt.Fprintf(table, "calibration\tECE %.3f, Brier %.3f\n", r.Calibration.ECE, r.Calibration.Brier)
	fmt.Fprintf(table, "score and length\tcorrelation %.3f\n", r.LengthCorrelation)
	return table.Flush()
}

func accuracyText(s ranking.Share) string {
	if s.Pairs == 0 {
		return "no pairs"
	}
	return fmt.Sprintf("%.3f [%.3f, %.3f] of %d pairs", s.Value, s.Interval[0], s.Interval[1], s.Pairs)
}

func foldsText(m ranking.MeanOfFolds) string {
	return fmt.Sprintf("%.3f ± %.3f over %d folds", m.Mean, m.StandardError, m.Folds)
}
