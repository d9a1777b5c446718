package bench

import "rankloop/model"

// TrainPreset is a network with the batch of one step. Names and shapes stay, so
// that figures of different versions and programs can be put side by side.
type TrainPreset struct {
	Name           string
	Config         model.Config
	Batch, Context int // sequences of a step, tokens of each
}

// DecodePreset is a network with prompts and replies.
type DecodePreset struct {
	Name   string
	Config model.Config
	Batch  int
	Prompt int // tokens read first, not timed
	New    int // tokens generated
}

// small has 12.3 million parameters: small enough that everything but products
// shows. gpt2 is the smallest published GPT-2, smollm2 the shape of SmolLM2-135M.
var (
	small = model.Config{Vocab: 4096, Context: 256, Layers: 6, Heads: 6, Dim: 384, Hidden: 1536, LayerNormEps: 1e-5, Head: model.LanguageModel}
	gpt2  = model.Config{Vocab: 50257, Context: 1024, Layers: 12, Heads: 12, Dim: 768, Hidden: 3072, LayerNormEps: 1e-5, Head: model.LanguageModel}

	smollm2 = model.Config{
		Vocab: 49152, Context: 8192, Layers: 30, Heads: 9, KVHeads: 3, Dim: 576, Hidden: 1536, LayerNormEps: 1e-5, Head: model.LanguageModel,
		Norm: model.RMSNorm, MLP: model.SwiGLU, Bias: model.NoBiases, Rope: model.Rope{Theta: 100_000},
	}
)

// TrainPresets are measured by Train.
func TrainPresets() []TrainPreset {
	return []TrainPreset{{"gpt2-12m", small, 8, 256}, {"gpt2-124m", gpt2, 4, 64}, {"smollm2-135m", smollm2, 4, 64}}
}

// DecodePresets are measured by Decode.
func DecodePresets() []DecodePreset {
	return []DecodePreset{
		{"gpt2-12m", small, 1, 16, 128}, {"gpt2-12m", small, 16, 16, 128},
		{"smollm2-135m", smollm2, 1, 16, 32}, {"smollm2-135m", smollm2, 32, 16, 32},
	}
}
