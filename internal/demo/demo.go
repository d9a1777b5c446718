// Package demo runs the whole loop without people: the base model writes replies, simulated annotators rank them by a
// hidden judge and with noise, a reward model learns from the rankings, PPO tunes the base model against it, and the judge
// says what came of it on requests that nothing was trained on.
//
// Every step is the real one: a private database, the web server, judgments over HTTP, stored runs and checkpoints.
package demo

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"time"

	"rankloop/internal/app"
	"rankloop/internal/demo/judge"
	"rankloop/model/kernel"
)

// Options of a demo.
type Options struct {
	Seed  int64
	Quick bool // a smoke run of about 90 s
	Log   *slog.Logger
	// Progress hears what is going on: a label, and how much of how much is done.
	Progress func(stage string, done, total int, note string)
}

// Report is the JSON of `rankloop demo`. Gold is the hidden judge's score, 0 to 1; intervals are 95 %, by bootstrap over
// prompts.
type Report struct {
	Seed        int64              `json:"seed"`
	Quick       bool               `json:"quick"`
	DurationS   float64            `json:"duration_s"`
	Calibration kernel.Calibration `json:"calibration"`
	Kernels     string             `json:"kernels"`
	Judge       string             `json:"judge"`
	Prompts     Prompts            `json:"prompts"`
	Annotators  int                `json:"annotators"` // all of them simulated
	Simulated   bool               `json:"simulated"`
	Flip        float64            `json:"flip"`
	Judgments   int                `json:"judgments"`
	Comparisons int                `json:"comparisons"`
	Ties        int                `json:"ties"`
	Agreement   Share              `json:"agreement"`
	Reward      Reward             `json:"reward"`
	Gold        Gold               `json:"gold"`
	Accepted    BeforeAfter        `json:"accepted"` // share of replies that every part of the judge is content with
	WinRate     WinRate            `json:"win_rate"`
	WinMatched  WinRate            `json:"win_rate_matched_length"` // pairs whose lengths differ by a quarter at most
	KLMean      float64            `json:"kl_mean"`                 // nats a sequence, of the tuned policy to the start
	Ended       BeforeAfter        `json:"ended"`                   // share of replies that end by themselves
	LengthMean  BeforeAfter        `json:"length_mean"`             // tokens
	Distinct2   BeforeAfter        `json:"distinct_2"`              // different word pairs over word pairs
	LengthR2    float64            `json:"length_r2"`               // of gold explained by length, before
	Passed      bool               `json:"passed"`
	Failed      []string           `json:"failed"` // the requirements that were not met
}

// Prompts counts requests.
type Prompts struct {
	Train   int `json:"train"`
	HeldOut int `json:"heldout"`
}

// Share is a share with its interval; null where nothing could be counted.
type Share struct {
	Value    *float64    `json:"value"`
	Interval *[2]float64 `json:"interval"`
}

// Reward is how well the reward model orders held-out pairs.
type Reward struct {
	Accuracy       float64    `json:"accuracy"`
	Interval       [2]float64 `json:"interval"`
	Pairs          int        `json:"pairs"`
	LengthBaseline float64    `json:"length_baseline"`
}

// BeforeAfter is a figure of the start and of the tuned policy.
type BeforeAfter struct {
	Before float64 `json:"before"`
	After  float64 `json:"after"`
}

// Gold is the mean gold score.
type Gold struct {
	BeforeAfter
	BeforeInterval [2]float64 `json:"before_interval"`
	AfterInterval  [2]float64 `json:"after_interval"`
}

// WinRate counts pairs of replies to one prompt by who has the higher gold score; a tie is half a win.
type WinRate struct {
	Value    float64    `json:"value"`
	Interval [2]float64 `json:"interval"`
	Wins     int        `json:"wins"`
	Ties     int        `json:"ties"`
	Losses   int        `json:"losses"`
}

// Run runs the loop in a data folder of its own, which is removed afterwards.
func Run(ctx context.Context, o Options) (report Report, err error) {
	started := time.Now()
	folder, err := privateFolder()
	if err != nil {
		return Report{}, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()
	services, err := app.Open(ctx, app.Options{DataDir: folder, Log: o.Log})
	if err != nil {
		return Report{}, err
	}
	defer func() { err = errors.Join(err, services.Close()) }()

	report = Report{
		Seed: o.Seed, Quick: o.Quick, Calibration: kernel.Calibrate(), Kernels: kernel.Name(), Judge: judge.Name,
		Simulated: true, Failed: []string{},
	}
	loop := &loop{Options: o, size: sizeOf(o.Quick), services: services, report: &report}
	if err := loop.run(ctx); err != nil {
		return report, err
	}
	report.DurationS = time.Since(started).Seconds()
	loop.decide()
	return report, nil
}

// privateFolder is a new data folder that the database's user can enter.
func privateFolder() (string, error) {
	folder, err := os.MkdirTemp("", "rankloop-demo-")
	if err != nil {
		return "", err
	}
	return folder, os.Chmod(folder, 0o755)
}

// loop is one demo under way.
type loop struct {
	Options
	size     size
	services *app.Services
	report   *Report
}

func (l *loop) run(ctx context.Context) error {
	campaign, err := l.collect(ctx)
	if err != nil {
		return fmt.Errorf("collecting judgments: %w", err)
	}
	tuned, err := l.train(ctx, campaign)
	if err != nil {
		return fmt.Errorf("training: %w", err)
	}
	if err := l.measure(ctx, tuned); err != nil {
		return fmt.Errorf("measuring: %w", err)
	}
	return nil
}

// step tells Progress.
func (l *loop) step(stage string, done, total int, note string) {
	if l.Progress != nil {
		l.Progress(stage, done, total, note)
	}
}
