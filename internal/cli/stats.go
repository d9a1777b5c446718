package cli

import (
	"fmt"
	"text/tabwriter"

	"rankloop/internal/app"
	"rankloop/internal/dataset"
	"rankloop/ranking"
)

// StatsCmd prints figures over rankings.
type StatsCmd struct {
	recordSource
}

// Run prints the figures.
func (c StatsCmd) Run(ctx *Context) error {
	if err := c.check(); err != nil {
		return err
	}
	services, err := ctx.Open()
	if err != nil {
		return err
	}
	report, err := c.collect(ctx, services)
	if err != nil {
		return err
	}
	if ctx.JSON {
		return ctx.PrintJSON(report)
	}
	return c.print(ctx, report)
}

func (c StatsCmd) collect(ctx *Context, services *app.Services) (dataset.StatisticsReport, error) {
	if c.Snapshot != "" {
		snapshot, err := services.Store.SnapshotByName(ctx, c.Snapshot)
		if err != nil {
			return dataset.StatisticsReport{}, err
		}
		return dataset.SnapshotStatistics(ctx, services.Store, snapshot)
	}
	campaign, err := services.Store.CampaignByName(ctx, c.Campaign)
	if err != nil {
		return dataset.StatisticsReport{}, err
	}
	return dataset.CampaignStatistics(ctx, services.Store, campaign)
}

func (c StatsCmd) print(ctx *Context, r dataset.StatisticsReport) error {
	ctx.Printf("prompts %d, responses %d\n", r.Prompts, r.Responses)
	ctx.Printf("tasks %d: complete %d, open %d, leased %d, waiting %d\n", r.Tasks.Total, r.Tasks.Complete, r.Tasks.Open, r.Tasks.Leased, r.Tasks.Waiting)
	if c := r.Calibration; c != nil {
		ctx.Printf("calibration tasks %d: judgments %d, waiting %d; agreement %s\n", c.Tasks, c.Judgments, c.Waiting, shareText(c.Agreement))
	}
	ctx.Printf("judgments %d (%d simulated), revisions %d, skips %d\n", r.Judgments, r.SimulatedJudgments, r.Revisions, r.Skips)
	ctx.Printf("comparisons %d: strict %d, tied %d\n", r.Comparisons.Total, r.Comparisons.Strict, r.Comparisons.Ties)
	if replies := r.Replies; replies != nil {
		kept := "none"
		if replies.Survival != nil {
			kept = fmt.Sprintf("%.1f %%", 100**replies.Survival)
		}
		ctx.Printf("replies: %d taken, %d edited, %d written; of the suggestions' words were kept: %s\n", replies.Taken, replies.Edited, replies.Written, kept)
	}
	ctx.Printf("agreement %s; with ties %s\n", shareText(r.Agreement), shareText(r.AgreementTies))
	ctx.Printf("the longer text wins %s\n\n", shareText(r.LongerWins))

	table := tabwriter.NewWriter(ctx.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "ANNOTATOR\tJUDGMENTS\tMEDIAN\t")
	for _, a := range r.Annotators {
		remark := ""
		if a.Simulated {
			remark = "simulated"
		}
		fmt.Fprintf(table, "%s\t%d\t%.1f s\t%s\n", a.Name, a.Judgments, a.MedianS, remark)
	}
	fmt.Fprintln(table, "\t\t\t\nMODEL\tRESPONSES\tWINS\tLOSSES\tTIES\tWIN RATE\tBRADLEY-TERRY")
	for _, m := range r.Models {
		strength := "-"
		if m.Strength != nil {
			strength = fmt.Sprintf("%.3f", *m.Strength)
		}
		fmt.Fprintf(table, "%s\t%d\t%d\t%d\t%d\t%.3f\t%s\n", m.Model, m.Responses, m.Wins, m.Losses, m.Ties, m.WinRate, strength)
	}
	if err := table.Flush(); err != nil || r.Probe == nil {
		return err
	}
	return printRules(ctx, *r.Probe)
}

// printRules prints how often each rule was broken, by those who held the conversations.
func printRules(ctx *Context, p ranking.ProbeStatistics) error {
	table := tabwriter.NewWriter(ctx.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "\nRULE\tPROBES\tBROKEN\tKEPT\tUNSURE\tRATE")
	for _, rule := range p.Rules {
		rate := "-"
		if rule.Rate != nil {
			rate = fmt.Sprintf("%.3f [%.3f, %.3f]", rule.Rate.Value, rule.Rate.Interval[0], rule.Rate.Interval[1])
		}
		fmt.Fprintf(table, "%s\t%d\t%d\t%d\t%d\t%s\n", rule.Rule, rule.Probes(), rule.Violated, rule.NotViolated, rule.Unsure, rate)
	}
	if err := table.Flush(); err != nil {
		return err
	}
	agree := "unknown (no conversation has two marks)"
	if a := p.Agreement; a != nil {
		agree = fmt.Sprintf("%.3f [%.3f, %.3f] of %d pairs", a.Value, a.Interval[0], a.Interval[1], a.Pairs)
	}
	ctx.Printf("two marks on one conversation agree: %s\n", agree)
	return nil
}

// shareText is a share as people read it.
func shareText(s dataset.Share) string {
	if s.Value == nil {
		return "unknown (nothing to compare)"
	}
	return fmt.Sprintf("%.3f [%.3f, %.3f] of %d pairs", *s.Value, s.Interval[0], s.Interval[1], s.Pairs)
}
