package model

import (
	"slices"
	"testing"
)

// TestWithContext: on sequences that fit the shorter context nothing changes, to the bit.
func TestWithContext(t *testing.T) {
	for name, config := range contextFamilies() {
		w := NewWeights(config)
		w.Init(3)
		const context = 8
		shorter, err := w.WithContext(context)
		if err != nil {
			t.Fatal(err)
		}
		if shorter.Config.Context != context {
			t.Errorf("%s: the context is %d", name, shorter.Config.Context)
		}
		tokens := []int32{1, 4, 2, 8, 5, 7, 1, 3}
		if whole, cut := logProbsOf(w, tokens), logProbsOf(shorter, tokens); !slices.Equal(whole, cut) {
			t.Errorf("%s: log-probabilities %v with the whole context, %v with the shorter one", name, whole, cut)
		}
		for _, refused := range []int{0, -1, config.Context + 1} {
			if _, err := w.WithContext(refused); err == nil {
				t.Errorf("%s: a context of %d is taken", name, refused)
			}
		}
	}
}

func contextFamilies() map[string]Config {
	gpt2 := Config{Vocab: 16, Context: 32, Dim: 16, Layers: 2, Heads: 2, Hidden: 32, LayerNormEps: 1e-5, Head: LanguageModel}
	llama := gpt2
	llama.Norm, llama.MLP, llama.Bias, llama.Rope.Theta = RMSNorm, SwiGLU, NoBiases, 10000
	return map[string]Config{"gpt2": gpt2, "llama": llama}
}

func logProbsOf(w *Weights, tokens []int32) []float32 {
	pass := NewPass(w.Config, len(tokens), 1, len(tokens))
	pass.Forward(w, Batch{Tokens: tokens, Lengths: []int{len(tokens)}})
	logProbs := make([]float32, len(tokens))
	pass.LogProbs(append(slices.Clone(tokens[1:]), 0), logProbs, nil)
	return logProbs
}
