// Package cli holds the commands of the program. The root here parses flags, opens services on demand, cancels on
// Ctrl-C and turns a command's error into a message and an exit status; every command is one small struct elsewhere.
package cli

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"syscall"

	"github.com/alecthomas/kong"
	"github.com/lmittmann/tint"
	"golang.org/x/term"

	"rankloop/internal/app"
	"rankloop/model/kernel"
)

// root is the whole command line.
type root struct {
	Globals

	Serve    ServeCmd     `cmd:"" help:"Start the web app, and a worker for training and generation."`
	Worker   WorkerCmd    `cmd:"" help:"Work queued training runs and generation until stopped."`
	Migrate  MigrateCmd   `cmd:"" help:"Bring the database's schema up or down, or show where it is."`
	User     UserCmd      `cmd:"" help:"Add and list people, or print a sign-in link."`
	Campaign CampaignCmd  `cmd:"" help:"Create, list and show campaigns."`
	Import   ImportCmd    `cmd:"" help:"Import prompt sets into a campaign."`
	Simulate SimulateCmd  `cmd:"" help:"Let simulated annotators work a campaign over HTTP."`
	Snapshot SnapshotCmd  `cmd:"" help:"Make, list and show immutable selections of judgments."`
	Export   ExportCmd    `cmd:"" help:"Write rankings in a training format."`
	Stats    StatsCmd     `cmd:"" help:"Counts, agreement and win rates."`
	Model    ModelCmd     `cmd:"" help:"List, import, pull, export, sample from and score with checkpoints."`
	Train    TrainCmd     `cmd:"" help:"Train a model: pretrain, sft, reward, ppo or dpo."`
	Run      RunCmd       `cmd:"" help:"List, show, stop and resume training runs."`
	Demo     DemoCmd      `cmd:"" help:"Run the whole loop on a private database and print what it changed."`
	Bench    BenchCmd     `cmd:"" help:"Measure the engine on this machine."`
	Study    StudyCmd     `cmd:"" help:"Long experiments on what training learns; docs/training.md reports them."`
	Base     BaseModelCmd `cmd:"" name:"base-model" hidden:"" help:"Make the embedded base model again."`
}

// Main runs the program with the arguments that follow its name and returns its exit status.
func Main(args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	return run(ctx, args, stdin, stdout, stderr)
}

// run is Main under a caller's context.
func run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	var commands root
	exited := -1
	parser, err := kong.New(&commands,
		kong.Name("rankloop"),
		kong.Description("Collect rankings, train a reward model on them, tune the built-in decoder with PPO."),
		kong.Writers(stdout, stderr),
		kong.Exit(func(status int) { exited = status }),
		kong.Vars{"log_level": "info"},
		kong.ConfigureHelp(kong.HelpOptions{Compact: true}),
	)
	if err != nil {
		panic(err) // a command's tags are wrong: a programmer error
	}
	if len(args) == 0 {
		args = []string{"--help"}
	}
	selected, err := parser.Parse(args)
	if exited >= 0 { // --help has printed
		return exited
	}
	if err != nil {
		report(parseError(parser, err), wantsJSON(args), stdout, stderr)
		return exitUsage
	}
	if err := kernel.EnvError(); err != nil {
		report(Usagef("%s", err), commands.JSON, stdout, stderr)
		return exitUsage
	}

	c := &Context{
		Context: ctx,
		Globals: commands.Globals,
		Stdin:   stdin,
		Stdout:  stdout,
		Stderr:  stderr,
		Log:     newLogger(stderr, commands.LogLevel),
	}
	services := &opener{context: c}
	c.Open = services.open
	if err = c.setData(selected.Selected().Name == "train"); err == nil {
		err = errors.Join(selected.Run(c), services.close())
	}
	if err != nil {
		report(err, commands.JSON, stdout, stderr)
	}
	return exitStatus(err)
}

// opener opens the services once, at the first use.
type opener struct {
	context  *Context
	services *app.Services
}

func (o *opener) open() (*app.Services, error) {
	if o.services != nil {
		return o.services, nil
	}
	services, err := app.Open(o.context, o.context.options())
	if err != nil {
		return nil, err
	}
	o.services = services
	return services, nil
}

func (o *opener) close() error {
	if o.services == nil {
		return nil
	}
	return o.services.Close()
}

// newLogger logs in colour on a terminal, and as key=value lines elsewhere.
func newLogger(out io.Writer, level string) *slog.Logger {
	var least slog.Level
	if err := least.UnmarshalText([]byte(level)); err != nil {
		least = slog.LevelInfo
	}
	if file, ok := out.(*os.File); ok && term.IsTerminal(int(file.Fd())) {
		return slog.New(tint.NewTextHandler(out, &tint.Options{Level: least, TimeFormat: "15:04:05"}))
	}
	return slog.New(slog.NewTextHandler(out, &slog.HandlerOptions{Level: least}))
}

// wantsJSON finds --json in a command line that did not parse.
func wantsJSON(args []string) bool {
	for _, arg := range args {
		if arg == "--json" || arg == "--json=true" {
			return true
		}
	}
	return false
}

// parseError adds to kong's message, which names the nearest flag or command, where to read on.
func parseError(parser *kong.Kong, err error) error {
	node := parser.Model.Node
	var parse *kong.ParseError
	if errors.As(err, &parse) && parse.Context != nil {
		if selected := parse.Context.Selected(); selected != nil {
			node = selected
		}
	}
	return Usagef("%s (see %s --help)", err, node.FullPath())
}
