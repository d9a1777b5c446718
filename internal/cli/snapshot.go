package cli

import (
	"fmt"
	"strings"
	"text/tabwriter"

	"rankloop/internal/dataset"
)

// SnapshotCmd manages snapshots.
type SnapshotCmd struct {
	Create SnapshotCreateCmd `cmd:"" help:"Freeze the judgments of a campaign, split into training and validation."`
	List   SnapshotListCmd   `cmd:"" help:"List the snapshots."`
	Show   SnapshotShowCmd   `cmd:"" help:"Show a snapshot."`
}

// SnapshotCreateCmd makes a snapshot.
type SnapshotCreateCmd struct {
	Campaign   []string `required:"" placeholder:"N" help:"The campaign; repeat it for several."`
	Name       string   `placeholder:"S" help:"Its name; by default snapshot-1, snapshot-2 …"`
	Validation float64  `default:"0.1" help:"Share of the prompt groups that is held out."`
	Seed       int64    `default:"1" help:"Draws the split."`

	WithoutCalibration bool `name:"without-calibration" help:"Leave out what was submitted as part of a calibration batch."`
}

// Run makes the snapshot.
func (c SnapshotCreateCmd) Run(ctx *Context) error {
	services, err := ctx.Open()
	if err != nil {
		return err
	}
	request := dataset.SnapshotRequest{Name: c.Name, Seed: c.Seed, ValidationShare: c.Validation, WithoutCalibration: c.WithoutCalibration}
	named := make(map[string]bool)
	for _, name := range c.Campaign {
		if named[name] {
			return Usagef("the campaign %s is named twice", name)
		}
		named[name] = true
		campaign, err := services.Store.CampaignByName(ctx, name)
		if err != nil {
			return err
		}
		request.Campaigns = append(request.Campaigns, campaign)
	}
	report, err := dataset.Snapshots{Store: services.Store, Artifacts: services.Artifacts}.Create(ctx, request)
	if err != nil {
		return err
	}
	return ctx.printSnapshot(report)
}

func (c *Context) printSnapshot(r dataset.SnapshotReport) error {
	if c.JSON {
		return c.PrintJSON(r)
	}
	c.Printf("%s  sha256 %s\n", r.Snapshot, r.SHA256)
	c.Printf("  %s (%d simulated) by %s\n", count(r.Judgments, "judgment"), r.SimulatedJudgments, count(r.Annotators, "annotator"))
	if r.Calibration > 0 {
		c.Printf("  of calibration batches: %s\n", count(r.Calibration, "judgment"))
	}
	c.Printf("  prompts: %d; train %d, validation %d\n", r.Prompts.Total, r.Prompts.Train, r.Prompts.Validation)
	c.Printf("  comparisons: %d; train %d, validation %d; tied %d\n", r.Comparisons.Total, r.Comparisons.Train, r.Comparisons.Validation, r.Ties)
	return nil
}

// SnapshotShowCmd shows a snapshot.
type SnapshotShowCmd struct {
	Name string `arg:"" help:"The snapshot."`
}

// Run prints the snapshot.
func (c SnapshotShowCmd) Run(ctx *Context) error {
	services, err := ctx.Open()
	if err != nil {
		return err
	}
	snapshot, err := services.Store.SnapshotByName(ctx, c.Name)
	if err != nil {
		return err
	}
	report, err := dataset.DescribeSnapshot(snapshot)
	if err != nil {
		return err
	}
	return ctx.printSnapshot(report)
}

// SnapshotListCmd lists snapshots.
type SnapshotListCmd struct{}

// Run prints the snapshots, newest first.
func (SnapshotListCmd) Run(ctx *Context) error {
	services, err := ctx.Open()
	if err != nil {
		return err
	}
	snapshots, err := services.Store.ListSnapshots(ctx)
	if err != nil {
		return err
	}
	reports := make([]dataset.SnapshotReport, len(snapshots))
	for i, snapshot := range snapshots {
		if reports[i], err = dataset.DescribeSnapshot(snapshot); err != nil {
			return err
		}
	}
	if ctx.JSON {
		return ctx.PrintJSON(struct {
			Snapshots []dataset.SnapshotReport `json:"snapshots"`
		}{reports})
	}
	table := tabwriter.NewWriter(ctx.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "SNAPSHOT\tCAMPAIGNS\tJUDGMENTS\tTRAIN\tVALIDATION\tSHA256")
	for _, r := range reports {
		fmt.Fprintf(table, "%s\t%s\t%d\t%d\t%d\t%s\n", r.Snapshot, strings.Join(r.Campaigns, ", "), r.Judgments, r.Prompts.Train, r.Prompts.Validation, r.SHA256[:12])
	}
	return table.Flush()
}
