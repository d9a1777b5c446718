package bench

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"

	"rankloop/model"
	"rankloop/ranking"
	"rankloop/trainer"
)

// PPOCase is an iteration of PPO to measure: Episodes replies of exactly NewTokens tokens, Epochs times through them in
// Minibatches optimizer steps of policy and value model, without a pretraining mix. The value model starts from the reward
// model, which is as large as the policy and has a random head.
type PPOCase struct {
	Name    string
	Policy  *model.Checkpoint
	Prompts []string // cycled through

	Episodes, NewTokens, Epochs, Minibatches int
	LoRARank                                 int // 0 trains all weights
	MicroBatch                               int // tokens held in one forward pass
}

// PPOLine is the speed of an iteration by phase: the rollout samples replies, scoring takes their log-probabilities under
// policy and reference, values and rewards, the update trains. Seconds are medians over the iterations after the first.
type PPOLine struct {
	Name               string  `json:"name"`
	Parameters         int64   `json:"parameters"`
	Trainable          int64   `json:"trainable"` // of policy and value model
	LoRARank           int     `json:"lora_r"`
	Episodes           int     `json:"episodes"`
	PromptTokens       float64 `json:"prompt_tokens"` // mean
	NewTokens          int     `json:"new_tokens"`    // of each reply
	Epochs             int     `json:"ppo_epochs"`
	Minibatches        int     `json:"minibatches"`
	Threads            int     `json:"threads"`
	RolloutSMedian     float64 `json:"rollout_s_median"`
	ScoringSMedian     float64 `json:"scoring_s_median"`
	UpdateSMedian      float64 `json:"update_s_median"` // of all steps of an iteration
	IterationSMedian   float64 `json:"iteration_s_median"`
	IterationSBest     float64 `json:"iteration_s_best"`
	TokensPerSMedian   float64 `json:"tokens_per_s_median"` // new ones, over a whole iteration
	RolloutTokensPerS  float64 `json:"rollout_tokens_per_s_median"`
	PeakGflops         float64 `json:"peak_gflops"`
	PeakMemoryBytes    int64   `json:"peak_memory_bytes"` // of the process, models loaded before the run included; 0 where unknown
	EstimatedBytes     int64   `json:"estimated_memory_bytes"`
	ProbabilityGapNats float64 `json:"sampler_logprob_gap"` // largest difference between sampler and training path
	Repeats            int     `json:"repeats"`
}

// PPO measures iterations of PPO.
func PPO(ctx context.Context, o Options, cases []PPOCase) (Report, error) {
	m := newMeter(ctx, o)
	lines := []PPOLine{}
	for _, c := range cases {
		for _, threads := range o.threads() {
			o.tell(fmt.Sprintf("%s, %d episodes on %d", c.Name, c.Episodes, threads))
			var line PPOLine
			err := m.withThreads(threads, func() (err error) {
				line, err = m.ppo(c, threads)
				return err
			})
			if err != nil {
				return Report{}, err
			}
			lines = append(lines, line)
		}
	}
	return m.report("ppo", lines), nil
}

// ppoSeed is where all randomness of a measurement comes from.
const ppoSeed = 1

func (m *meter) ppo(c PPOCase, threads int) (PPOLine, error) {
	freeMemory()
	resetPeakMemory()
	spec, in, err := c.run(m.options.Repeats + 1)
	if err != nil {
		return PPOLine{}, err
	}
	workload, err := trainer.MeasureWorkload(spec, in)
	if err != nil {
		return PPOLine{}, err
	}
	estimate, err := trainer.EstimateMemory(spec, in.Sizes())
	if err != nil {
		return PPOLine{}, err
	}
	run, err := trainer.Open(spec, in)
	if err != nil {
		return PPOLine{}, err
	}
	var rollout, scoring, update, whole, peaks []float64
	gap := 0.0
	for iteration := range m.options.Repeats + 1 {
		var times iterationTimes
		peak := m.peak(threads)
		took, err := seconds(func() error { return times.advance(m.ctx, run, c.Epochs*c.Minibatches) })
		if err != nil {
			return PPOLine{}, err
		}
		gap = max(gap, times.gap)
		if iteration == 0 {
			continue // warms up
		}
		rollout, scoring, update = append(rollout, times.rollout), append(scoring, times.scoring), append(update, times.update)
		whole, peaks = append(whole, took), append(peaks, peak)
	}
	summary := run.Summary()
	tokens := float64(c.Episodes * c.NewTokens)
	return PPOLine{
		Name: c.Name, Parameters: summary.Parameters, Trainable: summary.Trainable, LoRARank: c.LoRARank, Episodes: c.Episodes,
		PromptTokens: workload.Prompts.Tokens / workload.Prompts.Sequences, NewTokens: c.NewTokens, Epochs: c.Epochs,
		Minibatches: c.Minibatches, Threads: threads,
		RolloutSMedian: median(rollout), ScoringSMedian: median(scoring), UpdateSMedian: median(update),
		IterationSMedian: median(whole), IterationSBest: slices.Min(whole), TokensPerSMedian: tokens / median(whole),
		RolloutTokensPerS: tokens / median(rollout), PeakGflops: median(peaks),
		PeakMemoryBytes: peakMemory(), EstimatedBytes: estimate, ProbabilityGapNats: gap, Repeats: len(whole),
	}, nil
}

// run makes a run of so many iterations.
func (c PPOCase) run(iterations int) (trainer.Spec, trainer.Inputs, error) {
	config, err := trainer.ResolveConfig(trainer.KindPPO, trainer.DefaultPreset, []string{
		"iterations=" + strconv.Itoa(iterations), "episodes=" + strconv.Itoa(c.Episodes), "rollout_batch=" + strconv.Itoa(c.Episodes),
		"max_new=" + strconv.Itoa(c.NewTokens), "ppo_epochs=" + strconv.Itoa(c.Epochs), "minibatches=" + strconv.Itoa(c.Minibatches),
		"lora_r=" + strconv.Itoa(c.LoRARank), "micro_batch_tokens=" + strconv.Itoa(c.MicroBatch), "gamma_ptx=0", "sample_every=0", "sample_prompts=0",
	}, nil)
	if err != nil {
		return trainer.Spec{}, trainer.Inputs{}, err
	}
	scored := c.Policy.Weights.WithScalarHead(ppoSeed)
	in := trainer.Inputs{Base: c.Policy, Reward: c.Policy.Derive(scored, model.Meta{Kind: model.RewardKind, RewardStd: 1, RewardMaxNew: c.NewTokens})}
	for i, text := range c.Prompts {
		in.Prompts = append(in.Prompts, trainer.Prompt{ID: strconv.Itoa(i), Messages: []ranking.Message{{Role: "user", Content: text}}})
	}
	return trainer.Spec{Kind: trainer.KindPPO, Seed: ppoSeed, Config: json.RawMessage(config), FullLength: true}, in, nil
}

// iterationTimes are the seconds of an iteration's phases.
type iterationTimes struct {
	rollout, scoring, update float64
	gap                      float64 // nats
}

// advance makes the steps of one iteration.
func (t *iterationTimes) advance(ctx context.Context, run trainer.Run, steps int) error {
	for range steps {
		report, err := run.Advance(ctx)
		if err != nil {
			return err
		}
		t.rollout += report.Metrics["time/rollout_s"]
		t.scoring += report.Metrics["time/score_s"]
		t.update += report.Metrics["time/update_s"]
		t.gap = max(t.gap, report.Metrics["val/sampler_logprob_gap"])
	}
	return nil
}
