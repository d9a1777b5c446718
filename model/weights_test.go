package model

import (
	"math"
	"slices"
	"strings"
	"testing"
)

func TestTensorsCoverTheSlab(t *testing.T) {
	for _, head := range []HeadKind{LanguageModel, Scalar} {
		inFamilies(t, small(head), checkTensorsCoverTheSlab)
	}
}

func checkTensorsCoverTheSlab(t *testing.T, c Config) {
	w := NewWeights(c)
	total := 0
	for _, tensor := range w.Tensors() {
		if &tensor.Data[0] != &w.Data[total] {
			t.Fatalf("%s does not follow the one before", tensor.Name)
		}
		total += len(tensor.Data)
	}
	if total != len(w.Data) || total != w.Config.Parameters() {
		t.Errorf("%s: %d numbers in tensors, %d in the slab, %d parameters", c.Head, total, len(w.Data), w.Config.Parameters())
	}
}

// The published numbers of parameters.
func TestParametersOfKnownModels(t *testing.T) {
	c := Config{Vocab: 50257, Context: 1024, Layers: 12, Heads: 12, Dim: 768, Hidden: 3072, LayerNormEps: 1e-5, Head: LanguageModel}
	llama := Config{LayerNormEps: 1e-5, Head: LanguageModel, Norm: RMSNorm, MLP: SwiGLU, Bias: NoBiases, Rope: Rope{Theta: 1e5}}
	smol, qwen := llama, llama
	smol.Vocab, smol.Context, smol.Layers, smol.Heads, smol.KVHeads, smol.Dim, smol.Hidden = 49152, 8192, 30, 9, 3, 576, 1536
	qwen.Vocab, qwen.Context, qwen.Layers, qwen.Heads, qwen.KVHeads, qwen.Dim, qwen.Hidden = 151936, 32768, 24, 14, 2, 896, 4864
	qwen.Bias = QKVBiases
	for _, known := range []struct {
		config     Config
		parameters int
	}{{c, 124_439_808}, {smol, 134_515_008}, {qwen, 494_032_768}} {
		if err := known.config.Validate(); err != nil {
			t.Error(err)
		}
		if got := known.config.Parameters(); got != known.parameters {
			t.Errorf("%d parameters, want %d", got, known.parameters)
		}
	}
	if got, want := c.FLOPsPerToken(1024), 6*124_439_808.0+12*12*768*1024; got != want {
		t.Errorf("%g FLOPs per token, want %g", got, want)
	}
}

func TestInit(t *testing.T) {
	c := Config{Vocab: 200, Context: 64, Layers: 4, Heads: 4, Dim: 64, Hidden: 256, LayerNormEps: 1e-5, Head: Scalar}
	w := NewWeights(c)
	w.Init(1)
	for _, tensor := range w.Tensors() {
		mean, square := 0.0, 0.0
		for _, x := range tensor.Data {
			mean += float64(x) / float64(len(tensor.Data))
			square += float64(x) * float64(x) / float64(len(tensor.Data))
		}
		want := 0.02
		switch {
		case strings.HasSuffix(tensor.Name, ".bias"):
			want = 0
		case tensor.Name == "score.weight":
			want = 1 / math.Sqrt(65)
		case len(tensor.Shape) == 1:
			want = 1
		case strings.HasSuffix(tensor.Name, "c_proj.weight"):
			want = 0.02 / math.Sqrt(8)
		}
		tolerance := 4 * want / math.Sqrt(2*float64(len(tensor.Data)))
		if len(tensor.Shape) == 1 {
			tolerance = 0
		}
		if got := math.Sqrt(square); math.Abs(got-want) > tolerance {
			t.Errorf("%s: root mean square %g, want %g", tensor.Name, got, want)
		}
		if len(tensor.Shape) > 1 && math.Abs(mean) > 4*want/math.Sqrt(float64(len(tensor.Data))) {
			t.Errorf("%s: mean %g", tensor.Name, mean)
		}
	}
	again, other := NewWeights(c), NewWeights(c)
	again.Init(1)
	other.Init(2)
	if !slices.Equal(again.Data, w.Data) || slices.Equal(other.Data, w.Data) {
		t.Error("Init does not depend on its seed alone")
	}
}

func TestScalarHead(t *testing.T) { inFamilies(t, small(LanguageModel), checkScalarHead) }

func checkScalarHead(t *testing.T, c Config) {
	policy := lively(c, 3)
	reward := policy.WithScalarHead(1)
	for i, tensor := range policy.Tensors() {
		if tensor.Name != languageName && !slices.Equal(reward.Tensors()[i].Data, tensor.Data) {
			t.Errorf("%s was not copied", tensor.Name)
		}
	}
	if slices.Equal(reward.score, policy.WithScalarHead(2).score) {
		t.Error("two seeds give one head")
	}
	value := reward.WithScalarHead(2)
	if !slices.Equal(value.Data, reward.Data) {
		t.Error("the reward model's head was not kept")
	}
	value.Data[0]++
	if value.Data[0] == reward.Data[0] || reward.Data[0] != policy.Data[0] {
		t.Error("copies share memory")
	}
}

// Every scalar moves by the shift, whatever the network and its input.
func TestShiftScalars(t *testing.T) {
	inFamilies(t, small(Scalar), func(t *testing.T, c Config) {
		w, b := lively(c, 4), randomBatch(c, 5, 20, 7)
		n := len(b.Tokens)
		before, after, p := make([]float32, n), make([]float32, n), NewPass(c, n, 2, 20)
		p.Forward(w, b)
		p.Scalars(before)
		w.ShiftScalars(2.5)
		p.Forward(w, b)
		p.Scalars(after)
		for i := range after {
			near(t, "scalar", float64(after[i]), float64(before[i])+2.5, 1e-5)
		}
	})
}

func TestValidate(t *testing.T) {
	inFamilies(t, small(LanguageModel), func(t *testing.T, c Config) {
		if err := c.Validate(); err != nil {
			t.Error(err)
		}
	})
	for want, change := range map[string]func(*Config){
		"vocabulary":              func(c *Config) { c.Vocab = 0 },
		"context":                 func(c *Config) { c.Context = maxContext + 1 },
		"layers":                  func(c *Config) { c.Layers = -1 },
		"heads":                   func(c *Config) { c.Heads = 0 },
		"divisible":               func(c *Config) { c.Heads = 5 },
		"dimension":               func(c *Config) { c.Dim = maxDim + 1 },
		"hidden":                  func(c *Config) { c.Hidden = 0 },
		"epsilon":                 func(c *Config) { c.LayerNormEps = float32(math.NaN()) },
		"unknown":                 func(c *Config) { c.Head = "" },
		"key and value heads is":  func(c *Config) { c.KVHeads = c.Heads + 1 },
		"not divisible by 2 key":  func(c *Config) { c.KVHeads = 2 },
		"head dimension is":       func(c *Config) { c.HeadDim = -2 },
		"over the limit of 16384": func(c *Config) { c.Heads, c.HeadDim = 3, maxDim },
		"normalisation":           func(c *Config) { c.Norm = "batch" },
		"unknown MLP":             func(c *Config) { c.MLP = "relu" },
		"unknown biases":          func(c *Config) { c.Bias = "some" },
		"is odd":                  func(c *Config) { c.HeadDim, c.Rope.Theta = 5, 100 },
		"theta":                   func(c *Config) { c.Rope.Theta = math.Inf(1) },
		"without rope":            func(c *Config) { c.Rope.Scaling.Kind = LinearScaling },
		"without a kind":          func(c *Config) { c.Rope = Rope{Theta: 10, Scaling: RopeScaling{Factor: 2}} },
		`"yarn" is not supported`: func(c *Config) { c.Rope = Rope{Theta: 10, Scaling: RopeScaling{Kind: "yarn", Factor: 2}} },
		"scaling factor":          func(c *Config) { c.Rope = Rope{Theta: 10, Scaling: RopeScaling{Kind: LinearScaling}} },
		"a factor only": func(c *Config) {
			c.Rope = Rope{Theta: 10, Scaling: RopeScaling{Kind: LinearScaling, Factor: 2, OriginalContext: 5}}
		},
		"frequency factors": func(c *Config) {
			c.Rope = Rope{Theta: 10, Scaling: RopeScaling{Kind: Llama3Scaling, Factor: 2, LowFreqFactor: 4, HighFreqFactor: 1, OriginalContext: 5}}
		},
		"original context": func(c *Config) {
			c.Rope = Rope{Theta: 10, Scaling: RopeScaling{Kind: Llama3Scaling, Factor: 2, LowFreqFactor: 1, HighFreqFactor: 4}}
		},
		"over the li": func(c *Config) { c.Layers, c.Dim, c.Heads, c.Hidden = 256, maxDim, 1, maxHidden },
	} {
		c := small(LanguageModel)
		change(&c)
		if err := c.Validate(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("want an error with %q, got %v", want, err)
		}
	}
}
