package trainer

import (
	"runtime"
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
