package inference

import (
	"testing"

	"rankloop/model"
)

// A small model's sampler has room for everything; a large one's for what is asked, within a bound on memory.
func TestPlanFor(t *testing.T) {
	small := model.Config{Vocab: 4096, Context: 256, Layers: 6, Heads: 6, Dim: 384, Hidden: 1536, LayerNormEps: 1e-5, Head: model.LanguageModel}
	if got := planFor(small, 1, 20); got != (plan{maxBatch, 256}) {
		t.Errorf("small: %+v", got)
	}
	large := model.Config{ // SmolLM2-135M
		Vocab: 49152, Context: 8192, Layers: 30, Heads: 9, KVHeads: 3, Dim: 576, Hidden: 1536, LayerNormEps: 1e-5, Head: model.LanguageModel,
		Norm: model.RMSNorm, MLP: model.SwiGLU, Bias: model.NoBiases, Rope: model.Rope{Theta: 1e5},
	}
	for _, c := range []struct {
		sequences, length int
		want              plan
	}{
		{1, 300, plan{1, 512}}, {40, 300, plan{32, 512}}, {32, 3000, plan{4, 3072}}, {1, 8192, plan{1, 8192}}, {3, 9000, plan{1, 8192}},
	} {
		got := planFor(large, c.sequences, c.length)
		if got.length != c.want.length || got.batch > c.sequences || got.batch < c.want.batch || got.batch > 1 &&
			model.SamplerBytes(large, got.batch, model.Within(got.length)) > samplerBytesMax {
			t.Errorf("%d of %d tokens: %+v, want about %+v", c.sequences, c.length, got, c.want)
		}
	}
}
