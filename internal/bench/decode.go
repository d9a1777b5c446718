package bench

import (
	"context"
	"fmt"
	"runtime"
	"slices"
	"time"

	"rankloop/model"
)

// DecodeLine is the speed of generating with cached keys and values, every
// sequence of the batch from its second token on: reading the prompts is not
// timed. Greedy decoding reads every weight once a step.
type DecodeLine struct {
	Name               string  `json:"name"`
	Parameters         int     `json:"parameters"`
	Batch              int     `json:"batch"`
	PromptTokens       int     `json:"prompt_tokens"`
	NewTokens          int     `json:"new_tokens"`
	Threads            int     `json:"threads"`
	TokensPerSMedian   float64 `json:"tokens_per_s_median"`
	TokensPerSBest     float64 `json:"tokens_per_s_best"`
	WeightBytesPerStep int64   `json:"weight_bytes_per_step"`
	BandwidthGBs       float64 `json:"bandwidth_gbs"` // median of the trials beside the repeats
	RatioToBandwidth   float64 `json:"ratio_to_bandwidth"`
	PeakGflops         float64 `json:"peak_gflops"`
	RatioToPeak        float64 `json:"ratio_to_peak"`
	LogProbError       float64 `json:"log_prob_error"` // see logProbError
	AllocationsPerStep uint64  `json:"allocs_per_step"`
	Repeats            int     `json:"repeats"`
}

// maxPromptTokens is what the sampler reads in one step: all prompts of a batch
// have to start together.
const maxPromptTokens = 1024

// Decode measures generation with the presets.
func Decode(ctx context.Context, o Options, presets []DecodePreset) (Report, error) {
	m := newMeter(ctx, o)
	lines := []DecodeLine{}
	for _, preset := range presets {
		if preset.Batch*preset.Prompt > maxPromptTokens || preset.New < 2 {
			return Report{}, fmt.Errorf("%s: at most %d tokens of prompts and at least 2 new ones", preset.Name, maxPromptTokens)
		}
		for _, threads := range o.threads() {
			o.tell(fmt.Sprintf("%s, batch %d on %d", preset.Name, preset.Batch, threads))
			line, err := m.decode(preset, threads)
			if err != nil {
				return Report{}, err
			}
			lines = append(lines, line)
			runtime.GC() // gigabytes of the last network
		}
	}
	return m.report("decode", lines), nil
}

func (m *meter) decode(p DecodePreset, threads int) (line DecodeLine, err error) {
	var got samples
	var elements int // of weights that a step reads
	err = m.withThreads(threads, func() error {
		weights := model.NewWeights(p.Config)
		weights.Init(1)
		read, packed := weightsRead(weights)
		line.WeightBytesPerStep, elements = packedBytes(packed, read-packed), read
		g := newGeneration(p, weights)
		for warmUp := true; len(got.seconds) < m.options.Repeats; warmUp = false {
			peak, bandwidth := m.peak(threads), m.bandwidth(threads)
			if err := g.run(m.ctx); err != nil {
				return err
			}
			if warmUp {
				continue
			}
			got.peaks, got.bandwidths = append(got.peaks, peak), append(got.bandwidths, bandwidth)
			got.seconds = append(got.seconds, g.elapsed.Seconds())
			got.allocated(g.allocated, p.New-1)
		}
		line.LogProbError = logProbError(weights, g.prompts[0], g.samples[0])
		return nil
	})
	if err != nil {
		return DecodeLine{}, err
	}
	steps := float64(p.New - 1)
	line.Name, line.Parameters, line.Batch, line.Threads = p.Name, p.Config.Parameters(), p.Batch, threads
	line.PromptTokens, line.NewTokens, line.Repeats = p.Prompt, p.New, len(got.seconds)
	line.TokensPerSMedian = steps * float64(p.Batch) / median(got.seconds)
	line.TokensPerSBest = steps * float64(p.Batch) / slices.Min(got.seconds)
	line.BandwidthGBs, line.PeakGflops = median(got.bandwidths), median(got.peaks)
	line.RatioToBandwidth = float64(line.WeightBytesPerStep) * steps / median(got.seconds) / 1e9 / line.BandwidthGBs
	line.AllocationsPerStep = got.allocations
	// A forward pass takes a third of the operations of training, and none for
	// tables of which a token reads one row.
	tables := 2 * float64(p.Config.Parameters()-elements)
	flops := p.Config.FLOPsPerToken(p.Prompt+p.New/2)/3 - tables
	line.RatioToPeak = line.TokensPerSMedian * flops / 1e9 / line.PeakGflops
	return line, nil
}

// weightsRead counts the parameters that every step reads: all but the table of
// positions and, beside a head of its own, the table of tokens. Matrices are read
// packed.
func weightsRead(w *model.Weights) (all, packed int) {
	sizes, matrices := map[string]int{}, 0
	for _, t := range w.Tensors() {
		sizes[t.Name] = len(t.Data)
		if len(t.Shape) > 1 {
			matrices += len(t.Data)
		}
	}
	unread := sizes["transformer.wpe.weight"]
	if sizes["lm_head.weight"] > 0 {
		unread += sizes["transformer.wte.weight"] + sizes["model.embed_tokens.weight"]
	}
	return len(w.Data) - unread, matrices - unread
}

// generation generates the same replies again and again.
type generation struct {
	sampler *model.Sampler
	prompts [][]int32
	seeds   []uint64
	options model.SampleOptions
	samples []model.Sample // of the last run

	told      int           // tokens so far
	began     time.Time     // of the second step
	before    uint64        // allocations until then
	elapsed   time.Duration // of the steps after the first
	allocated uint64        // objects during them
}

func newGeneration(p DecodePreset, w *model.Weights) *generation {
	g := &generation{
		sampler: model.NewSampler(p.Config, p.Batch, model.Within(p.Prompt+p.New)),
		prompts: make([][]int32, p.Batch), seeds: make([]uint64, p.Batch),
		options: model.SampleOptions{MaxNew: p.New},
	}
	for i := range g.prompts {
		g.prompts[i], g.seeds[i] = randomTokens(uint64(i), p.Prompt, p.Config.Vocab), uint64(i)
	}
	g.sampler.SetWeights(w)
	return g
}

func (g *generation) run(ctx context.Context) error {
	g.told = 0
	samples, err := g.sampler.Generate(ctx, g.prompts, g.seeds, g.options, g.token)
	g.samples = samples
	return err
}

// token is called after every step, once a sequence.
func (g *generation) token(int, int32) {
	g.told++
	switch g.told {
	case len(g.prompts):
		g.before = mallocs()
		g.began = time.Now()
	case len(g.prompts) * g.options.MaxNew:
		g.elapsed = time.Since(g.began)
		g.allocated = mallocs() - g.before
	}
}
