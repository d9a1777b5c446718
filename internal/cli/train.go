package cli

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"rankloop/internal/jobs"
	"rankloop/trainer"
)

// TrainCmd trains a model. Its --data takes a file as well as the data folder (Context.setData): judgments for reward
// and dpo, prompts with replies for sft, text for pretrain.
type TrainCmd struct {
	Kind     string   `arg:"" help:"What to train: pretrain, sft, reward, ppo or dpo."`
	Name     string   `help:"The run's name, and its checkpoint's. Default: kind-N." placeholder:"R"`
	Base     string   `help:"The checkpoint to start from. Default: base, the built-in model." placeholder:"N"`
	Reward   string   `help:"ppo: the reward model. Default: the newest of the same base." placeholder:"N"`
	Snapshot string   `help:"The snapshot of judgments. Default: the newest; sft has none, and learns demonstrations and replies of dialogues." placeholder:"S"`
	Text     string   `help:"pretrain: text, plain or JSON lines with \"text\"; a folder gives all its .txt, .md and .jsonl files. --data FILE is the same." placeholder:"FILE|DIR"`
	Prompts  string   `help:"ppo: the prompts of a campaign or a prompt set. Default: those nobody judged, then the training split." placeholder:"CAMPAIGN|FILE"`
	Ptx      string   `help:"ppo, sft: text for the pretraining mix, as --text. Default: the base model's own." placeholder:"FILE|DIR"`
	Preset   string   `help:"Named settings: small or instructgpt." placeholder:"P"`
	Set      []string `help:"Change one setting." placeholder:"KEY=VALUE" sep:"none"`
	Config   string   `help:"Settings as a flat JSON object." placeholder:"FILE"`
	Seed     *int64   `help:"Where all randomness comes from. Default: 1." placeholder:"N"`
	Seeds    int      `help:"Train N runs with seeds from --seed on, NAME-s1 and so on, and print mean and interval of their last metrics." placeholder:"N"`
	Enqueue  bool     `help:"Leave the work to a worker and return at once." xor:"start"`
	DryRun   bool     `help:"Print what the run would take, and start nothing." xor:"start"`

	CheckpointEvery time.Duration `hidden:"" help:"Time between checkpoints; 0 is at least 60 s and at most 5 % of the time."`
	Cold            bool          `hidden:"" help:"Reload everything after each checkpoint."`
}

// Run says what the run would take, stores it, then follows or works it.
func (c TrainCmd) Run(ctx *Context) (err error) {
	if !slices.Contains(trainer.Kinds, c.Kind) {
		return Usagef("%q is no kind of run; write one of %s", c.Kind, strings.Join(trainer.Kinds, ", "))
	}
	if c.Seeds != 0 {
		return c.sweep(ctx)
	}
	request := c.request()
	files := &openFiles{context: ctx}
	defer func() { err = errors.Join(err, files.close()) }()
	if err := c.openFiles(ctx, files, &request); err != nil {
		return err
	}
	services, err := ctx.Open()
	if err != nil {
		return err
	}
	prepared, err := services.Launcher().Prepare(ctx, request)
	if err != nil {
		return err
	}
	if c.DryRun {
		return c.printDryRun(ctx, prepared.Preview)
	}
	if err := printPreview(ctx.Stderr, prepared.Preview); err != nil {
		return err
	}
	run, _, err := prepared.Start(ctx)
	if err != nil {
		return err
	}
	ctx.Notef("%s", describeRun(run))
	return ctx.seeThrough(services, run.Name, c.Enqueue)
}

// request is what the flags ask for, short of files.
func (c TrainCmd) request() jobs.Request {
	return jobs.Request{
		Kind: c.Kind, Name: c.Name, Base: c.Base, Reward: c.Reward, Snapshot: c.Snapshot, Preset: c.Preset, Sets: c.Set,
		Seed: c.Seed, CheckpointEvery: c.CheckpointEvery, Cold: c.Cold,
	}
}

// printDryRun prints a preview as the command's result.
func (c TrainCmd) printDryRun(ctx *Context, p jobs.Preview) error {
	if ctx.JSON {
		return ctx.PrintJSON(newPreviewView(c.Name, p))
	}
	for _, note := range p.Spec.Notes {
		ctx.Notef("warning: %s", note.Text)
	}
	return printPreview(ctx.Stdout, p)
}

// openFiles opens what the flags name, so that a missing file is found before a database is started.
func (c TrainCmd) openFiles(ctx *Context, files *openFiles, request *jobs.Request) (err error) {
	switch {
	case c.Text == "":
		request.Data, err = files.open(ctx.dataFile)
	case c.Kind != "pretrain":
		return Usagef("--text is what pretrain reads; sft and ppo mix --ptx in")
	case ctx.dataFile != "":
		return Usagef("--text and --data FILE name the text twice")
	default:
		request.Data, err = files.openText(c.Text)
	}
	if err != nil {
		return err
	}
	if request.Ptx, err = files.openText(c.Ptx); err != nil {
		return err
	}
	if c.Config != "" {
		config, err := files.open(c.Config)
		if err != nil {
			return err
		}
		if request.Config, err = io.ReadAll(io.LimitReader(config.Content, 1<<20)); err != nil {
			return err
		}
	}
	switch _, err := os.Stat(c.Prompts); {
	case c.Prompts == "":
	case c.Prompts == "-" || err == nil:
		request.Prompts, err = files.open(c.Prompts)
		return err
	case strings.ContainsAny(c.Prompts, `/\`) || looksLikePromptSet(c.Prompts):
		return missingFile(c.Prompts, err)
	default:
		request.Campaign = c.Prompts
	}
	return nil
}

func looksLikePromptSet(name string) bool {
	return slices.Contains([]string{".jsonl", ".gz", ".csv", ".parquet"}, strings.ToLower(filepath.Ext(name)))
}

// openFiles are the files of one command, closed together.
type openFiles struct {
	context *Context
	closers []io.Closer
}

// open opens a file; "" is none.
func (f *openFiles) open(path string) (*jobs.File, error) {
	if path == "" {
		return nil, nil
	}
	file, err := f.context.OpenFile(path)
	if err != nil {
		return nil, err
	}
	f.closers = append(f.closers, file)
	return &jobs.File{Name: filepath.Base(path), Content: file}, nil
}

// openText opens a file of text, or a folder of such files as one; "" is none.
func (f *openFiles) openText(path string) (*jobs.File, error) {
	if info, err := os.Stat(path); err != nil || !info.IsDir() {
		return f.open(path)
	}
	absolute, err := filepath.Abs(path) // the name of "."
	if err != nil {
		return nil, err
	}
	text, err := jobs.TextFolder(os.DirFS(path), filepath.Base(absolute))
	return &text, err
}

func (f *openFiles) close() (err error) {
	for _, file := range f.closers {
		err = errors.Join(err, file.Close())
	}
	return err
}
