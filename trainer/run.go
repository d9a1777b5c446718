package trainer

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"iter"
	"math"
	"slices"
	"strings"
	"time"

	"rankloop/model"
	"rankloop/ranking"
)

// Run is one training job in memory, advanced one optimizer step at a time. It is not safe for concurrent use.
type Run interface {
	StepsTotal() int
	Step() int // optimizer steps done
	// Advance makes one optimizer step (PPO rolls out first when its buffer is used up). After the last step it returns
	// ErrDone. When ctx ends in between, Advance returns its error and the run is as it was before the call, or must be
	// restored if the error says nothing of ctx.
	Advance(ctx context.Context) (Report, error)
	// Save hands every part of the run to put: weights, moments, cursors, counters, rollout buffer.
	Save(put func(name string, write func(io.Writer) error) error) error
	// Restore reads what Save wrote into a freshly opened run of the same spec and inputs.
	Restore(open func(name string) (io.ReadCloser, error)) error
	// Checkpoint is what is published now: the weights, or PPO's moving average. It shares no memory with the run. A run may
	// say at which step those weights were the current ones (PublishedStep() int); else it is now.
	Checkpoint() (*model.Checkpoint, error)
	Summary() Summary
}

// ErrDone is what Advance returns after the last step.
var ErrDone = errors.New("trainer: the run has made all of its steps")

// Spec names a run.
type Spec struct {
	Kind   string
	Seed   int64
	Config json.RawMessage // resolved: see ResolveConfig

	// FullLength lets no sampled reply of a ppo run end before max_new tokens. That is not the policy's distribution any more:
	// it is for benchmarks, in which every reply must be as long.
	FullLength bool
}

// Inputs is what a run reads. Each kind uses its part of it and leaves the rest nil; nothing in it is changed.
type Inputs struct {
	Base   *model.Checkpoint // where weights start: all kinds
	Reward *model.Checkpoint // ppo: the scores, and where the value model starts

	Records []ranking.Record // reward, dpo, with Split: training and validation; ppo: validation, to measure agreement
	// Weight multiplies the loss of an annotator's rankings; nil is 1 for everybody. Margin is the strength of a
	// preference between two responses of a record by index; nil is 0.
	Weight func(annotator string) float64
	Margin func(r ranking.Record, winner, loser int) float64

	Prompts        []Prompt // ppo: rolled out
	HeldOutPrompts []Prompt // ppo: the sample table

	// Text yields pretraining documents in an order drawn from seed, endless or not: pretrain, and the mix of sft and ppo.
	Text func(seed uint64) iter.Seq[string]
	// HeldOutText are documents that a pretrain run predicts and never trains on.
	HeldOutText []string

	Examples []Example // sft; reward: demonstrations, which set its zero point
}

// Prompt is a conversation that ends in a user turn.
type Prompt struct {
	ID       string
	Messages []ranking.Message
}

// Example is a conversation with the reply to learn.
type Example struct {
	Messages []ranking.Message
	Reply    string
	Split    ranking.Split // "" is training
}

// Report is what one step has to say.
type Report struct {
	Step       int                // steps done, this one included
	Metrics    map[string]float64 // finite; see metrics.go
	Histograms Histograms         // nil at most steps
	Samples    []Sample
	Warnings   []Warning
	Checkpoint *model.Checkpoint // to be kept beside the last one; nil at most steps
}

// Sample is one row of a sample table: the policy's reply to a held-out prompt beside the reference's.
type Sample struct {
	PromptID  string
	Prompt    string
	Policy    string
	Reference string
	Metrics   map[string]float64 // score, reference_score, kl, length, reference_length, finished
}

// Warning is something that a researcher should know about a run.
type Warning struct {
	Code   string   `json:"code"`
	Text   string   `json:"text"`   // in English
	Format string   `json:"format"` // of it, by which it is translated
	Args   []string `json:"args"`
}

// Summary describes a run.
type Summary struct {
	Parameters      int64   `json:"parameters"`    // of the network that is published
	Trainable       int64   `json:"trainable"`     // numbers that the optimizers change, a value model included
	TokensSeen      int64   `json:"tokens_seen"`   // read by networks in training
	TokensPerSecond float64 `json:"tokens_per_s"`  // over the time in Advance
	SkippedSteps    int     `json:"skipped_steps"` // not finite
	ElapsedSeconds  float64 `json:"elapsed_s"`     // in Advance
}

// Open makes a fresh run. Inputs that a kind needs and lacks are errors of code invalid.
func Open(spec Spec, in Inputs) (Run, error) {
	if in.Base == nil {
		return nil, ranking.Errorf(ranking.CodeInvalid, "a %s run needs a base model", spec.Kind)
	}
	switch spec.Kind {
	case KindPretrain:
		return openPretrain(spec, in)
	case KindSFT:
		return openSFT(spec, in)
	case KindReward:
		return openReward(spec, in)
	case KindPPO:
		return openPPO(spec, in)
	case KindDPO:
		return openDPO(spec, in)
	}
	_, err := newConfig(spec.Kind)
	return nil, err
}

// common is the part that all runs share.
type common struct {
	spec     Spec
	data     string // digest of the inputs
	progress progress
	total    int
	pending  []Warning // told with the next report
}

func (c *common) StepsTotal() int { return c.total }
func (c *common) Step() int       { return c.progress.Step }

// configure reads the spec's configuration into target and keeps its one canonical form, since storage may reorder keys.
func (c *common) configure(target config) error {
	if err := parseConfig(target, c.spec.Config); err != nil {
		return err
	}
	canonical, err := json.Marshal(target)
	c.spec.Config = canonical
	return err
}

// canonicalConfig is the one form of a configuration of a kind.
func canonicalConfig(kind string, data json.RawMessage) (json.RawMessage, error) {
	target, err := newConfig(kind)
	if err != nil {
		return nil, err
	}
	if err := parseConfig(target, data); err != nil {
		return nil, err
	}
	return json.Marshal(target)
}

func (c *common) warn(code, format string, args ...any) {
	message := ranking.Errorf(ranking.CodeInvalid, format, args...)
	c.pending = append(c.pending, Warning{code, message.Error(), format, message.TextArgs()})
}

// warnOnce is warn for what may happen at any step.
func (c *common) warnOnce(code, format string, args ...any) {
	if !slices.Contains(c.progress.Warned, code) {
		c.progress.Warned = append(c.progress.Warned, code)
		c.warn(code, format, args...)
	}
}

func (c *common) header() header {
	return header{Kind: c.spec.Kind, Seed: c.spec.Seed, Config: c.spec.Config, Data: c.data, Progress: c.progress}
}

// restoreHeader checks that a saved state is this run's and takes its counters over. What Open had to warn about was
// told in the first report.
func (c *common) restoreHeader(saved header) error {
	var err error
	if saved.Config, err = canonicalConfig(saved.Kind, saved.Config); err != nil { // a setting may be newer than the state
		return err
	}
	if err := c.header().check(saved); err != nil {
		return err
	}
	c.progress = saved.Progress
	if c.progress.Step > 0 {
		c.pending = nil
	}
	return nil
}

// report closes a step that began at start and read tokens.
func (c *common) report(metrics map[string]float64, start time.Time, tokens int) Report {
	c.progress.Step++
	c.progress.TokensSeen += int64(tokens)
	took := time.Since(start)
	c.progress.Elapsed += took
	metrics[metricTokensPerSecond] = float64(tokens) / max(took.Seconds(), 1e-9)
	metrics[metricSkippedSteps] = float64(c.progress.Skipped)
	for name, value := range metrics {
		if math.IsNaN(value) || math.IsInf(value, 0) {
			delete(metrics, name) // JSON has no word for it; skipped_steps tells
		}
	}
	r := Report{Step: c.progress.Step, Metrics: metrics, Warnings: c.pending}
	c.pending = nil
	return r
}

// skipped counts a step that was not finite, and warns at the first.
func (c *common) skipped() {
	c.progress.Skipped++
	c.warnOnce("non_finite_step", "step %d had a loss or gradient that is not finite and was skipped; skipped_steps counts further ones", c.progress.Step+1)
}

// summary describes a run that publishes the first of its networks.
func (c *common) summary(networks ...*trainee) Summary {
	trainable := 0
	for _, t := range networks {
		trainable += len(t.weights.Data)
	}
	return Summary{
		Parameters: int64(networks[0].weights.Config.Parameters()), Trainable: int64(trainable),
		TokensSeen:      c.progress.TokensSeen,
		TokensPerSecond: float64(c.progress.TokensSeen) / max(c.progress.Elapsed.Seconds(), 1e-9),
		SkippedSteps:    c.progress.Skipped,
		ElapsedSeconds:  c.progress.Elapsed.Seconds(),
	}
}

// lastUserTurn is how a sample table shows a prompt.
func lastUserTurn(messages []ranking.Message) string {
	if len(messages) == 0 {
		return ""
	}
	return strings.TrimSpace(messages[len(messages)-1].Content)
}
