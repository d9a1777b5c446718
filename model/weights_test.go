package model

import (
	"math"
	"slices"
	"strings"
	"testing"
)

func TestTensorsCoverTheSlab(t *testing.T) {
	for _, head := range []HeadKind{LanguageModel, Scalar} {
		w := NewWeights(small(head))
		total := 0
		for _, tensor := range w.Tensors() {
			if &tensor.Data[0] != &w.Data[total] {
				t.Fatalf("%s does not follow the one before", tensor.Name)
			}
			total += len(tensor.Data)
		}
		if total != len(w.Data) || total != w.Config.Parameters() {
			t.Errorf("%s: %d numbers in tensors, %d in the slab, %d parameters", head, total, len(w.Data), w.Config.Parameters())
		}
	}
}

// GPT-2 small has 124,439,808 parameters.
func TestParametersOfGPT2(t *testing.T) {
	c := Config{Vocab: 50257, Context: 1024, Layers: 12, Heads: 12, Dim: 768, Hidden: 3072, LayerNormEps: 1e-5, Head: LanguageModel}
	if got := c.Parameters(); got != 124_439_808 {
		t.Errorf("%d parameters", got)
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

func TestScalarHead(t *testing.T) {
	policy := lively(small(LanguageModel), 3)
	reward := policy.WithScalarHead(1)
	if !slices.Equal(reward.Data[:len(policy.Data)], policy.Data) {
		t.Error("the trunk was not copied")
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

func TestValidate(t *testing.T) {
	if err := small(LanguageModel).Validate(); err != nil {
		t.Fatal(err)
	}
	for want, change := range map[string]func(*Config){
		"vocabulary":  func(c *Config) { c.Vocab = 0 },
		"context":     func(c *Config) { c.Context = maxContext + 1 },
		"layers":      func(c *Config) { c.Layers = -1 },
		"heads":       func(c *Config) { c.Heads = 0 },
		"divisible":   func(c *Config) { c.Heads = 5 },
		"dimension":   func(c *Config) { c.Dim = maxDim + 1 },
		"hidden":      func(c *Config) { c.Hidden = 0 },
		"epsilon":     func(c *Config) { c.LayerNormEps = float32(math.NaN()) },
		"unknown":     func(c *Config) { c.Head = "" },
		"over the li": func(c *Config) { c.Layers, c.Dim, c.Heads, c.Hidden = 256, maxDim, 1, maxHidden },
	} {
		c := small(LanguageModel)
		change(&c)
		if err := c.Validate(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("want an error with %q, got %v", want, err)
		}
	}
}
