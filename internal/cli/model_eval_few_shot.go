package cli

import (
	"fmt"
	"text/tabwriter"

	"rankloop/internal/jobs"
	"rankloop/ranking"
	"rankloop/trainer"
)

// fewShotFlags are those of questions with known answers.
type fewShotFlags struct {
	FewShot *int `name:"few-shot" help:"Put the questions of --in to a policy, each after N examples." placeholder:"N"`
	Raw     bool `help:"With --few-shot: as text to continue instead of turns of a conversation."`
	MaxNew  int  `name:"max-new" help:"With --few-shot: longest answer in tokens. Default: 32." placeholder:"N"`
}

const defaultFewShotMaxNew = 32

// runFewShot puts the questions of a file to a policy.
func (c ModelEvalCmd) runFewShot(ctx *Context) error {
	switch {
	case c.Name == "" || c.In == "":
		return Usagef("--few-shot puts the questions of a file to a policy: model eval NAME --few-shot 3 --in questions.jsonl")
	case c.Folds != 0 || c.Snapshot != "" || c.Base != "" || c.Preset != "" || len(c.Set) > 0 || c.curveFlags != (curveFlags{}) || c.textFlags != (textFlags{}):
		return Usagef("--few-shot takes --in, --seed, --raw and --max-new alone")
	}
	file, err := ctx.OpenFile(c.In)
	if err != nil {
		return err
	}
	defer file.Close()
	questions, err := ranking.ReadTestQuestions(c.In, file)
	if err != nil {
		return err
	}
	plan := trainer.FewShotPlan{Shots: *c.FewShot, Raw: c.Raw, MaxNew: c.MaxNew, Seed: 1}
	if c.Seed != nil {
		plan.Seed = *c.Seed
	}
	if plan.MaxNew == 0 {
		plan.MaxNew = defaultFewShotMaxNew
	}
	services, err := ctx.Open()
	if err != nil {
		return err
	}
	stored, err := services.Store.CheckpointByName(ctx, c.Name)
	if err != nil {
		return err
	}
	policy, err := jobs.LoadServed(ctx, services.Artifacts, stored.SHA256)
	if err != nil {
		return err
	}
	policy.Meta.Name = c.Name
	progress := ctx.Progress("asking", int64(len(questions)))
	report, err := trainer.EvaluateFewShot(ctx, policy, questions, plan, func(done, _ int) { progress.Set(int64(done), "") })
	progress.Close()
	if err != nil {
		return err
	}
	if ctx.JSON {
		return ctx.PrintJSON(struct {
			Model string `json:"model"`
			On    string `json:"on"`
			*ranking.FewShotReport
		}{c.Name, c.In, report})
	}
	return printFewShot(ctx, report)
}

func printFewShot(ctx *Context, r *ranking.FewShotReport) error {
	table := tabwriter.NewWriter(ctx.Stdout, 0, 0, 2, ' ', 0)
	line := func(name string, share *ranking.Share) {
		if share != nil {
			fmt.Fprintf(table, "%s\t%.3f [%.3f, %.3f] of %d questions\n", name, share.Value, share.Interval[0], share.Interval[1], share.Pairs)
		}
	}
	line("exact match", r.ExactMatch)
	line("right option", r.Accuracy)
	line("right option, by byte", r.AccuracyNormalized)
	if r.Chance != nil {
		fmt.Fprintf(table, "by chance\t%.3f\n", *r.Chance)
	}
	if r.Trimmed > 0 {
		fmt.Fprintf(table, "examples left out\tof %d questions, for want of room\n", r.Trimmed)
	}
	return table.Flush()
}
