package trainer

import (
	"context"
	"runtime"
	"slices"
	"testing"

	"rankloop/model"
	"rankloop/ranking"
)

// TestEstimateMemory compares the estimate with what a run really holds after its first step.
func TestEstimateMemory(t *testing.T) {
	config := model.Config{Vocab: testTokenizer.Size(), Context: 256, Layers: 4, Heads: 4, Dim: 160, Hidden: 640, LayerNormEps: 1e-5, Head: model.LanguageModel}
	w := model.NewWeights(config)
	w.Init(1)
	base := &model.Checkpoint{Weights: w, Tokenizer: testTokenizer, Meta: model.Meta{Kind: model.PolicyKind}}
	inputs := map[string]Inputs{
		KindPretrain: {Base: base, Text: lines},
		KindSFT:      {Base: base, Examples: []Example{{Messages: say("say it"), Reply: "yes"}}},
		KindReward:   {Base: base, Records: randomRecords(4, 4, ranking.SplitTrain, 1)},
		KindPPO:      {Base: base, Reward: tinyReward(base), Prompts: prompts(4), Text: lines},
		KindDPO:      {Base: base, Records: randomRecords(4, 4, ranking.SplitTrain, 1)},
	}
	sets := map[string][]string{
		KindPretrain: {"steps=2", "batch_windows=1"},
		KindSFT:      {"epochs=2", "pretrain_share=0", "max_new=32"},
		KindReward:   {"epochs=2", "max_new=32", "zero_samples=32"},
		KindPPO:      {"iterations=2", "episodes=4", "minibatches=1", "max_new=8"},
		KindDPO:      {"epochs=2", "max_new=32"},
	}
	for _, kind := range Kinds {
		spec := Spec{Kind: kind, Config: resolve(t, kind, append(sets[kind], "micro_batch_tokens=2048")...)}
		estimate, err := EstimateMemory(spec, inputs[kind].Sizes())
		if err != nil {
			t.Fatal(err)
		}
		before := heap()
		run, err := Open(spec, inputs[kind])
		if err != nil {
			t.Fatal(err)
		}
		if kind != KindReward {
			advance(t, run)
		}
		checkpoint := published(t, run)
		held := heap() - before
		runtime.KeepAlive(run)
		runtime.KeepAlive(checkpoint)
		estimate -= runtimeBytes
		if estimate < held || estimate > 2*held+(16<<20) {
			t.Errorf("%s: estimated %d MiB beside the program, held %d MiB", kind, estimate>>20, held>>20)
		}
	}
}

// TestSamplerIsPlannedForThePrompts: a long context whose prompts are short takes no more than they need, and what a sampler
// is planned for changes no bit of a reply.
func TestSamplerIsPlannedForThePrompts(t *testing.T) {
	shape := tinyConfig()
	shape.Context = 4096
	in := loopInputs()
	in.Base = untrained(shape, 1)
	in.Reward = tinyReward(in.Base)
	r := openLoop(t, in)
	if longest := r.longestPrompt(); longest < 16 || longest > 64 {
		t.Fatalf("the longest prompt has %d tokens", longest)
	}
	prompts, seeds := make([][]int32, len(r.prompts)), make([]uint64, len(r.prompts))
	for i, p := range r.prompts {
		prompts[i], seeds[i] = p.ids, uint64(i)
	}
	var replies [2][]model.Sample
	for i, sampler := range []*model.Sampler{r.sampler, model.NewSampler(shape, r.config.RolloutBatch)} {
		sampler.SetWeights(r.reference)
		var err error
		if replies[i], err = sampler.Generate(context.Background(), prompts, seeds, replyOptions(r.config.MaxNew, r.sequences.chat.End), nil); err != nil {
			t.Fatal(err)
		}
	}
	for i, reply := range replies[0] {
		whole := replies[1][i]
		if !slices.Equal(reply.Tokens, whole.Tokens) || !sameBits(reply.LogProbs, whole.LogProbs) {
			t.Errorf("prompt %d: %v, planned for the whole context %v", i, reply, whole)
		}
	}
	sizes := in.Sizes()
	short := samplerBytes(sizes, r.config.RolloutBatch, r.config.MaxNew)
	sizes.LongestPrompt = shape.Context
	if whole := samplerBytes(sizes, r.config.RolloutBatch, r.config.MaxNew); short > whole/2 {
		t.Errorf("%d bytes for short prompts, %d for the whole context", short, whole)
	}
}

func heap() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

func TestEstimateMemoryRefusesNonsense(t *testing.T) {
	if _, err := EstimateMemory(Spec{Kind: "none"}, Sizes{}); err == nil {
		t.Error("an unknown kind has an estimate")
	}
	if _, err := EstimateMemory(Spec{Kind: KindPPO, Config: resolve(t, KindPPO)}, Sizes{Base: tinyConfig()}); err == nil {
		t.Error("PPO without a reward model has an estimate")
	}
}
