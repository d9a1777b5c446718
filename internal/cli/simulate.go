package cli

import (
	"errors"
	"math"

	"rankloop/handlers"
	"rankloop/internal/app"
	"rankloop/internal/simulate"
	"rankloop/ranking"
)

// SimulateCmd lets simulated annotators work a campaign.
type SimulateCmd struct {
	Campaign    string  `required:"" placeholder:"N" help:"The campaign to work."`
	Scores      string  `xor:"truth" placeholder:"FILE" help:"Truth: a score for each response, higher is better."`
	Ranks       string  `xor:"truth" placeholder:"FILE" help:"Truth: a rank for each response, 1 is best."`
	Annotators  int     `default:"8" help:"How many simulated annotators share the queue."`
	Flip        float64 `default:"0" help:"Share of the pairs to reverse by noise, less than 0.5."`
	Temperature float64 `default:"0" help:"Gumbel noise on the scores, in their standard deviations."`
	TieMargin   float64 `name:"tie-margin" default:"0" help:"Scores within it of a tier's best are tied."`
	Seed        int64   `default:"1" help:"Draws the noise."`
	Server      string  `placeholder:"URL" help:"The server to work against; by default that of the data folder."`
}

// Run works the campaign's queue.
func (c SimulateCmd) Run(ctx *Context) (err error) {
	truth, err := c.truth(ctx)
	if err != nil {
		return err
	}
	services, err := ctx.Open()
	if err != nil {
		return err
	}
	campaign, err := services.Store.CampaignByName(ctx, c.Campaign)
	if err != nil {
		return err
	}
	server, stop, err := c.server(ctx, services)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, stop()) }()

	progress := ctx.Progress("simulated judgments", 0)
	report, err := simulate.Run(ctx, simulate.Accounts{Store: services.Store, HashPassword: handlers.HashPassword}, simulate.Options{
		Server: server, Campaign: campaign, Truth: simulate.FileTruth(truth), Annotators: c.Annotators,
		Flip: c.Flip, Temperature: c.Temperature, TieMargin: c.TieMargin, Seed: c.Seed,
		Progress: func(done, total int) {
			progress.SetTotal(int64(total))
			progress.Set(int64(done), "")
		},
	})
	progress.Close()
	if err != nil {
		return err
	}
	if f := report.FlipSolved; f != nil && math.Abs(*f-c.Flip) > 0.005 {
		ctx.Notef("The campaign has too few pairs to reverse %.3f of them: %.3f is as near as the noise comes.", c.Flip, *f)
	}
	if campaign.Overlap > c.Annotators {
		ctx.Notef("The campaign wants %s of each task, which %s cannot complete.", count(campaign.Overlap, "judgment"), count(c.Annotators, "annotator"))
	}
	if ctx.JSON {
		return ctx.PrintJSON(report)
	}
	c.print(ctx, report)
	return nil
}

func (c SimulateCmd) print(ctx *Context, r simulate.Report) {
	ctx.Printf("%s: %d simulated judgments by %d simulated annotators over %s\n", r.Campaign, r.JudgmentsSubmitted, r.Annotators, r.Server)
	ctx.Printf("tasks: %d of %d complete, %d without truth\n", r.TasksComplete, r.TasksTotal, r.TasksWithoutTruth)
	ctx.Printf("comparisons: %d, tied %d\n", r.Comparisons, r.Ties)
	if r.FlipSolved != nil {
		ctx.Printf("noise scale %.4g solved for a flip rate of %.3f: %.4f of the pairs\n", r.NoiseScale, r.Flip, *r.FlipSolved)
	}
	if r.ComparisonsStrict > 0 {
		ctx.Printf("reversed: %d of %d pairs that are strict in the truth (%.4f)\n", r.ComparisonsFlipped, r.ComparisonsStrict,
			float64(r.ComparisonsFlipped)/float64(r.ComparisonsStrict))
	}
}

// truth reads the one truth file.
func (c SimulateCmd) truth(ctx *Context) (ranking.Truth, error) {
	path, kind := c.Scores, ranking.TruthScores
	if c.Ranks != "" {
		path, kind = c.Ranks, ranking.TruthRanks
	}
	if path == "" {
		return nil, Usagef("simulated annotators need a truth to judge by: --scores FILE or --ranks FILE")
	}
	file, err := ctx.OpenFile(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	return ranking.LoadTruth(path, file, kind, ranking.DefaultPromptSetLimits())
}

// server is the one named, else the running one of the data folder, else one of our own until stop.
func (c SimulateCmd) server(ctx *Context, services *app.Services) (url string, stop func() error, err error) {
	nothing := func() error { return nil }
	if c.Server != "" {
		return c.Server, nothing, nil
	}
	if url, running := services.RunningServer(ctx); running {
		return url, nothing, nil
	}
	return services.StartServer(ctx)
}
