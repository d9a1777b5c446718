package bench

import (
	"context"
	"fmt"
	"math/rand/v2"
	"runtime"
	"slices"

	"rankloop/model"
)

// TrainLine is the speed of optimizer steps: forward, cross-entropy over every
// token, backward, gradient norm and AdamW. Operations are counted as
// model.Config.FLOPsPerToken does, masked attention included.
type TrainLine struct {
	Name               string  `json:"name"`
	Parameters         int     `json:"parameters"`
	Batch              int     `json:"batch"`
	Context            int     `json:"context"`
	Vocab              int     `json:"vocab"`
	Threads            int     `json:"threads"`
	StepSMedian        float64 `json:"step_s_median"`
	TokensPerSMedian   float64 `json:"tokens_per_s_median"`
	TokensPerSBest     float64 `json:"tokens_per_s_best"`
	GflopsMedian       float64 `json:"gflops_median"`
	PeakGflops         float64 `json:"peak_gflops"` // median of the trials beside the repeats
	RatioToPeak        float64 `json:"ratio_to_peak"`
	AllocationsPerStep uint64  `json:"allocs_per_step"`
	Repeats            int     `json:"repeats"`
}

// Train measures training steps of the presets.
func Train(ctx context.Context, o Options, presets []TrainPreset) (Report, error) {
	m := newMeter(ctx, o)
	lines := []TrainLine{}
	for _, preset := range presets {
		for _, threads := range o.threads() {
			o.tell(fmt.Sprintf("%s, %d×%d tokens on %d", preset.Name, preset.Batch, preset.Context, threads))
			line, err := m.train(preset, threads)
			if err != nil {
				return Report{}, err
			}
			lines = append(lines, line)
			runtime.GC() // gigabytes of the last network
		}
	}
	return m.report("train", lines), nil
}

func (m *meter) train(p TrainPreset, threads int) (line TrainLine, err error) {
	got, err := m.sample(threads, newTrainStep(p))
	if err != nil {
		return TrainLine{}, err
	}
	tokens := p.Batch * p.Context
	line.Name, line.Parameters = p.Name, p.Config.Parameters()
	line.Batch, line.Context, line.Vocab, line.Threads = p.Batch, p.Context, p.Config.Vocab, threads
	line.StepSMedian = median(got.seconds)
	line.TokensPerSMedian = float64(tokens) / line.StepSMedian
	line.TokensPerSBest = float64(tokens) / slices.Min(got.seconds)
	line.GflopsMedian = line.TokensPerSMedian * p.Config.FLOPsPerToken(p.Context) / 1e9
	line.PeakGflops = median(got.peaks)
	line.RatioToPeak = line.GflopsMedian / line.PeakGflops
	line.AllocationsPerStep = got.allocations
	line.Repeats = len(got.seconds)
	return line, nil
}

// newTrainStep returns a function that makes one optimizer step on random text.
func newTrainStep(p TrainPreset) func() {
	n := p.Batch * p.Context
	batch := model.Batch{Tokens: randomTokens(1, n, p.Config.Vocab), Lengths: make([]int, p.Batch)}
	for i := range batch.Lengths {
		batch.Lengths[i] = p.Context
	}
	weights, gradient := model.NewWeights(p.Config), model.NewWeights(p.Config)
	weights.Init(1)
	optimizer, pass := model.NewAdamW(p.Config.Parameters()), model.NewPass(p.Config, n, p.Batch, p.Context)
	targets, logp, dlogp := make([]int32, n), make([]float32, n), make([]float32, n)
	for i := range targets {
		targets[i], dlogp[i] = batch.Tokens[(i+1)%n], -1/float32(n)
	}
	return func() {
		gradient.Zero()
		pass.Forward(weights, batch)
		pass.LearnLogProbs(targets, dlogp, logp, nil, gradient)
		optimizer.Update(weights, gradient, 1e-4, 1, model.DefaultHyper())
	}
}

func randomTokens(seed uint64, n, vocab int) []int32 {
	r := rand.New(rand.NewPCG(seed, 3))
	tokens := make([]int32, n)
	for i := range tokens {
		tokens[i] = int32(r.IntN(vocab))
	}
	return tokens
}
