package cli

import (
	"io"
	"os"
	"strings"

	"rankloop/internal/dataset"
	"rankloop/ranking"
)

// ImportCmd imports prompt sets.
type ImportCmd struct {
	Campaign string   `required:"" placeholder:"N" help:"The campaign the prompts go into."`
	SkipBad  bool     `name:"skip-bad" help:"Import the good lines and list the bad ones."`
	Files    []string `arg:"" name:"file" help:"Prompt sets: .jsonl, .jsonl.gz, .csv, .parquet; - for standard input."`
}

// Run imports the files.
func (c ImportCmd) Run(ctx *Context) error {
	sources, err := c.open(ctx)
	if err != nil {
		return err
	}
	defer func() {
		for _, source := range sources {
			source.Close()
		}
	}()
	services, err := ctx.Open()
	if err != nil {
		return err
	}
	campaign, err := services.Store.CampaignByName(ctx, c.Campaign)
	if err != nil {
		return err
	}
	importer := dataset.Importer{Store: services.Store, Enqueue: services.EnqueueGeneration}
	ids := make(ranking.PromptIDs)
	var files []ranking.PromptSetFile
	for i, source := range sources {
		reader, done := ctx.readingProgress(c.Files[i], source)
		file, err := importer.Load(ctx, campaign, c.Files[i], reader, ids)
		done()
		if err != nil {
			return err
		}
		files = append(files, file)
	}
	report, err := importer.Import(ctx, campaign, files, c.SkipBad)
	if err != nil {
		return err
	}
	if ctx.JSON {
		return ctx.PrintJSON(report)
	}
	for _, file := range report.Files {
		for _, bad := range file.Bad {
			ctx.Printf("%s:%d: %s\n", file.Path, bad.Line, bad.Reason)
		}
	}
	ctx.Printf("%s: %s added, %d there already, %s left out\n", report.Campaign, count(report.PromptsAdded, "prompt"), report.PromptsDuplicate,
		count(report.BadLines, "bad line"))
	ctx.Printf("%s added, %s; %s to be generated\n", count(report.ResponsesAdded, "response"), count(report.TasksAdded, "task"),
		count(report.ResponsesToGenerate, "response"))
	if report.ResponsesToGenerate > 0 {
		ctx.Notef("A worker writes the missing responses in the background (rankloop serve, or rankloop worker).")
	}
	return nil
}

// open opens all files before anything else happens: a name that is wrong costs nothing.
func (c ImportCmd) open(ctx *Context) (sources []io.ReadCloser, err error) {
	defer func() {
		if err != nil {
			for _, source := range sources {
				source.Close()
			}
		}
	}()
	stdin := 0
	for _, path := range c.Files {
		if path == "-" {
			if stdin++; stdin > 1 {
				return sources, Usagef("standard input (-) is named twice; it can be read once")
			}
		}
		source, err := ctx.OpenFile(path)
		if err != nil {
			return sources, err
		}
		sources = append(sources, source)
	}
	return sources, nil
}

// progressFrom is the size from which reading a file shows its progress.
const progressFrom = 16 << 20

// readingProgress shows how far a large file has been read. A Parquet file is read at random and shows nothing.
func (c *Context) readingProgress(path string, r io.Reader) (reader io.Reader, done func()) {
	file, ok := r.(*os.File)
	if !ok || strings.HasSuffix(strings.ToLower(path), ".parquet") {
		return r, func() {}
	}
	info, err := file.Stat()
	if err != nil || info.Size() < progressFrom {
		return r, func() {}
	}
	progress := c.Progress("reading "+path, info.Size())
	return io.TeeReader(r, writerFunc(func(p []byte) (int, error) {
		progress.Add(int64(len(p)))
		return len(p), nil
	})), progress.Close
}

type writerFunc func(p []byte) (int, error)

func (f writerFunc) Write(p []byte) (int, error) { return f(p) }
