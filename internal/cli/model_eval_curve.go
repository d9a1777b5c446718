package cli

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"text/tabwriter"

	"rankloop/internal/jobs"
	"rankloop/ranking"
	"rankloop/views"
)

// curveFlags are those of a policy's evaluation.
type curveFlags struct {
	Gold       string `help:"Of a policy: a reward model that it was not tuned with." placeholder:"N"`
	GoldScores string `name:"gold-scores" help:"Of a policy: scores of the replies in --samples, from elsewhere, as for simulate." placeholder:"FILE"`
	Reward     string `help:"Of a policy that no ppo run made: the reward model to choose replies by. Default: the newest of the same base." placeholder:"N"`
	BestOf     int    `name:"best-of" help:"Of a policy: replies of the reference to each prompt, of which best-of-n chooses; 1 is none. Default: 16." placeholder:"N"`
	PerPrompt  int    `name:"per-prompt" help:"Of a policy: replies of each checkpoint to each prompt. Default: 1." placeholder:"N"`
	Limit      int    `help:"Of a policy: how many held-out prompts. Default: 50." placeholder:"N"`
	Samples    string `help:"Of a policy: keep the replies as a prompt set, to be ranked or scored; where the file exists, they are read from it." placeholder:"FILE"`
	Chart      string `help:"Of a policy: draw the curve as SVG." placeholder:"FILE"`
}

// first names a flag that was given.
func (f curveFlags) first() string {
	for _, flag := range []struct {
		name  string
		given bool
	}{
		{"--gold", f.Gold != ""}, {"--gold-scores", f.GoldScores != ""}, {"--reward", f.Reward != ""}, {"--best-of", f.BestOf != 0},
		{"--per-prompt", f.PerPrompt != 0}, {"--limit", f.Limit != 0}, {"--samples", f.Samples != ""}, {"--chart", f.Chart != ""},
	} {
		if flag.given {
			return flag.name
		}
	}
	return ""
}

// runCurve measures a policy's checkpoints and best-of-n by the reward model it was tuned with and by gold.
func (c ModelEvalCmd) runCurve(ctx *Context, launcher *jobs.Launcher, prompts *jobs.File) error {
	if c.Gold != "" && c.GoldScores != "" {
		return Usagef("give either --gold or --gold-scores, not both")
	}
	request := jobs.EvaluationRequest{
		Kind: ranking.EvaluationCurve, Checkpoint: c.Name,
		Curve: jobs.CurveRequest{Gold: c.Gold, Prompts: c.Limit, PerPrompt: c.PerPrompt, Pool: c.BestOf},
	}
	request.Reward, request.Snapshot, request.Data, request.Seed = c.Reward, c.Snapshot, prompts, c.Seed
	spec, err := launcher.SpecifyEvaluation(ctx, request)
	if err != nil {
		return err
	}
	sampled, err := c.sampled(ctx, launcher, spec)
	if err != nil {
		return err
	}
	curve, err := launcher.DrawCurve(ctx, spec, sampled)
	if err != nil {
		return err
	}
	if c.GoldScores != "" {
		curve.Gold = c.GoldScores
	}
	if c.Chart != "" {
		if err := os.WriteFile(c.Chart, []byte(views.OptimisationChart(ctx, *curve).File()), 0o644); err != nil {
			return err
		}
	}
	if ctx.JSON {
		return ctx.PrintJSON(struct {
			Model string `json:"model"`
			*ranking.OptimisationCurve
		}{c.Name, curve})
	}
	return printCurve(ctx, c.Name, curve)
}

// sampled draws the replies, or reads those that were drawn before.
func (c ModelEvalCmd) sampled(ctx *Context, launcher *jobs.Launcher, spec jobs.EvaluationSpec) (*jobs.Sampled, error) {
	kept, err := c.keptSamples()
	if err != nil {
		return nil, err
	}
	if c.GoldScores != "" && kept == nil {
		return nil, Usagef("--gold-scores has scores of replies: keep them first with --samples FILE, score that file, then give both")
	}
	if kept == nil {
		progress := ctx.Progress("sampling", 0)
		kept, err = launcher.SampleCurve(ctx, spec, jobs.EvaluationProgress{OnProgress: func(done, total int) {
			progress.SetTotal(int64(total))
			progress.Set(int64(done), "")
		}})
		progress.Close()
		if err != nil {
			return nil, err
		}
		if c.Samples != "" {
			var file bytes.Buffer
			if err := kept.Write(&file); err != nil {
				return nil, err
			}
			return kept, os.WriteFile(c.Samples, file.Bytes(), 0o644)
		}
		return kept, nil
	}
	if c.Gold != "" {
		return nil, Usagef("%s exists, so its replies are read and not scored again: leave --gold out or name a new file", c.Samples)
	}
	if c.GoldScores == "" {
		return kept, nil
	}
	file, err := ctx.OpenFile(c.GoldScores)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	truth, err := ranking.LoadTruth(c.GoldScores, file, ranking.TruthScores, ranking.DefaultPromptSetLimits())
	if err != nil {
		return nil, err
	}
	return kept, kept.AddGold(truth)
}

// keptSamples reads the file of --samples; nil where there is none yet.
func (c ModelEvalCmd) keptSamples() (*jobs.Sampled, error) {
	if c.Samples == "" {
		return nil, nil
	}
	file, err := os.Open(c.Samples)
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer file.Close()
	return jobs.ReadSampled(c.Samples, file)
}

func printCurve(ctx *Context, name string, curve *ranking.OptimisationCurve) error {
	ctx.Printf("%s from %s on %d prompts; proxy %s", name, curve.Reference, curve.Prompts, curve.Proxy)
	if curve.Gold != "" {
		ctx.Printf("; gold %s", curve.Gold)
	}
	if curve.Human != "" {
		ctx.Printf("; people in %s", curve.Human)
	}
	ctx.Printf("\n\n")
	table := tabwriter.NewWriter(ctx.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "POLICY\tKL\t√KL\tPROXY\tGOLD\tPEOPLE PREFER IT\tENDED\tTOKENS")
	for _, p := range curve.Checkpoints {
		fmt.Fprintf(table, "%s\t%s\t%.2f\t%s\t%s\t%s\t%.2f\t%.1f\n", p.Name, meanText(&p.KL), p.RootKL, meanText(&p.Proxy), meanText(p.Gold), winsText(p.Human), *p.Ended, *p.Length)
	}
	for _, p := range curve.BestOf {
		fmt.Fprintf(table, "best of %d\t%.3f\t%.2f\t%s\t%s\n", p.N, p.KL.Value, p.RootKL, meanText(&p.Proxy), meanText(p.Gold))
	}
	if err := table.Flush(); err != nil {
		return err
	}
	if curve.Peak != "" {
		ctx.Printf("\ngold is highest at %s", curve.Peak)
		if curve.BestOfPeak > 0 {
			ctx.Printf(", of best-of-n at n = %d", curve.BestOfPeak)
		}
		ctx.Printf("\n")
	}
	return nil
}

func meanText(m *ranking.Mean) string {
	switch {
	case m == nil:
		return "–"
	case m.Interval == nil:
		return fmt.Sprintf("%.3f", m.Value)
	}
	return fmt.Sprintf("%.3f [%.3f, %.3f]", m.Value, m.Interval[0], m.Interval[1])
}

func winsText(s *ranking.Share) string {
	if s == nil {
		return "–"
	}
	return accuracyText(*s)
}
