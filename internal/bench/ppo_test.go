package bench

import (
	"math"
	"slices"
	"testing"

	"rankloop/model"
	"rankloop/trainer"
)

// TestPPO measures two iterations of a tiny network, whole and with adapters.
func TestPPO(t *testing.T) {
	config := model.Config{Vocab: 400, Context: 64, Layers: 2, Heads: 2, Dim: 16, Hidden: 32, LayerNormEps: 1e-5, Head: model.LanguageModel,
		Norm: model.RMSNorm, MLP: model.SwiGLU, Bias: model.NoBiases, Rope: model.Rope{Theta: 10_000}}
	policy, err := untrained("tiny", config)
	if err != nil {
		t.Fatal(err)
	}
	one := PPOCase{Name: "tiny", Policy: policy, Prompts: SpelledPrompts(policy, 4, 5), Episodes: 4, NewTokens: 6, Epochs: 2, Minibatches: 2, MicroBatch: 64}
	two := one
	two.LoRARank = 2
	report, err := PPO(t.Context(), Options{Repeats: 2, Threads: []int{1}}, []PPOCase{one, two})
	if err != nil {
		t.Fatal(err)
	}
	checkKeys(t, report, "ppo", 2, "name", "parameters", "trainable", "lora_r", "episodes", "prompt_tokens", "new_tokens", "ppo_epochs", "minibatches",
		"threads", "rollout_s_median", "scoring_s_median", "update_s_median", "iteration_s_median", "tokens_per_s_median", "peak_memory_bytes", "repeats")
	lines := report.Results.([]PPOLine)
	whole, adapted := lines[0], lines[1]
	if whole.Parameters != int64(config.Parameters()) || whole.Trainable <= 2*adapted.Trainable || adapted.LoRARank != 2 {
		t.Errorf("%d of %d numbers are trained, %d with adapters", whole.Trainable, whole.Parameters, adapted.Trainable)
	}
	for _, l := range lines {
		if l.Repeats != 2 || l.PromptTokens <= 5 || l.ProbabilityGapNats > 1e-4 {
			t.Errorf("%+v", l)
		}
		if phases := l.RolloutSMedian + l.ScoringSMedian + l.UpdateSMedian; !(l.RolloutSMedian > 0 && l.ScoringSMedian > 0 && l.UpdateSMedian > 0) || phases > 2*l.IterationSMedian {
			t.Errorf("phases of %v s in an iteration of %v s", phases, l.IterationSMedian)
		}
		if want := 24 / l.IterationSMedian; math.Abs(l.TokensPerSMedian/want-1) > 1e-9 {
			t.Errorf("%v tokens a second, want %v", l.TokensPerSMedian, want)
		}
	}
}

// TestRepliesHaveFullLength: every reply of a measured rollout has all its tokens, though the end token is drawn.
func TestRepliesHaveFullLength(t *testing.T) {
	config := tiny
	config.Vocab, config.Context = 264, 64
	policy, err := untrained("tiny", config)
	if err != nil {
		t.Fatal(err)
	}
	c := PPOCase{Policy: policy, Prompts: []string{"a", "b"}, Episodes: 64, NewTokens: 24, Epochs: 1, Minibatches: 1, MicroBatch: 256}
	var times iterationTimes
	spec, in, err := c.run(1)
	if err != nil {
		t.Fatal(err)
	}
	run, err := trainer.Open(spec, in)
	if err != nil {
		t.Fatal(err)
	}
	report, err := run.Advance(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if got := report.Metrics["completions/mean_length"]; got != 24 || report.Metrics["completions/clipped_ratio"] != 1 {
		t.Errorf("replies have %v tokens on average", got)
	}
	if err := times.advance(t.Context(), run, 1); err == nil {
		t.Error("a run of one iteration makes two")
	}
}

// TestSpelledTokens: every id beyond the bytes is read back as it was written.
func TestSpelledTokens(t *testing.T) {
	const size = 3000
	vocabulary, err := spelledTokens(size)
	if err != nil || vocabulary.Size() != size {
		t.Fatalf("%d ids, %v", vocabulary.Size(), err)
	}
	var ids []int32
	for id := size - 1; id >= 260; id -= 7 {
		ids = append(ids, int32(id))
	}
	if back := vocabulary.Encode(vocabulary.Decode(ids)); !slices.Equal(back, ids) {
		t.Errorf("%v became %v", ids[:5], back[:5])
	}
}
