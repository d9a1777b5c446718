package cli

import (
	"io"

	"rankloop/internal/app"
	"rankloop/internal/dataset"
	"rankloop/internal/store"
	"rankloop/ranking"
)

// recordSource is the choice between a campaign and a snapshot.
type recordSource struct {
	Campaign string `xor:"source" placeholder:"N" help:"The campaign, as it stands now."`
	Snapshot string `xor:"source" placeholder:"S" help:"The snapshot."`
}

// check refuses a command line that names neither.
func (c recordSource) check() error {
	if c.Campaign == "" && c.Snapshot == "" {
		return Usagef("name what to read: --campaign N or --snapshot S")
	}
	return nil
}

func (c recordSource) find(ctx *Context, services *app.Services) (store.Source, error) {
	if c.Snapshot != "" {
		snapshot, err := services.Store.SnapshotByName(ctx, c.Snapshot)
		return store.Source{SnapshotID: snapshot.ID}, err
	}
	campaign, err := services.Store.CampaignByName(ctx, c.Campaign)
	return store.Source{CampaignID: campaign.ID}, err
}

// ExportCmd writes rankings to a file.
type ExportCmd struct {
	recordSource
	Format string `required:"" placeholder:"F" help:"native, trl, csv, or sft (demonstrations, as train sft takes them)."`
	Out    string `required:"" placeholder:"PATH" help:"The file to write; - for standard output."`
	Force  bool   `help:"Replace an existing file."`
}

// exportView is the result under --json.
type exportView struct {
	Format   string  `json:"format"`
	Out      string  `json:"out"`
	Campaign *string `json:"campaign"`
	Snapshot *string `json:"snapshot"`
	ranking.ExportCounts
}

// Run writes the export.
func (c ExportCmd) Run(ctx *Context) error {
	if err := c.check(); err != nil {
		return err
	}
	if _, err := ranking.NewExporter(c.Format, io.Discard); err != nil {
		return Usagef("%s", err)
	}
	if c.Out == "-" && ctx.JSON {
		return Usagef("--out - and --json both write to standard output; name a file")
	}
	services, err := ctx.Open()
	if err != nil {
		return err
	}
	source, err := c.find(ctx, services)
	if err != nil {
		return err
	}
	var counts ranking.ExportCounts
	if c.Out == "-" {
		counts, err = dataset.Export(ctx, services.Store, source, c.Format, ctx.Stdout)
	} else {
		counts, err = dataset.ExportFile(ctx, services.Store, source, c.Format, c.Out, c.Force)
	}
	if err != nil {
		return err
	}
	if ctx.JSON {
		return ctx.PrintJSON(exportView{c.Format, c.Out, optional(c.Campaign), optional(c.Snapshot), counts})
	}
	ctx.Notef("%s: %s of %s of %s; %s left out; sha256 %s", c.Out, count(counts.Rows, "row"), count(counts.Judgments, "judgment"),
		count(counts.Prompts, "prompt"), count(counts.TiesOmitted, "tie"), counts.SHA256)
	return nil
}

// optional is nil for "", so that JSON says null.
func optional(name string) *string {
	if name == "" {
		return nil
	}
	return &name
}
