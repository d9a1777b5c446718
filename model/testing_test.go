package model

import (
	"math"
	"math/rand/v2"
	"testing"
)

// tiny is small enough to differentiate every parameter numerically.
func tiny(head HeadKind) Config {
	return Config{Vocab: 13, Context: 10, Layers: 2, Heads: 2, Dim: 8, Hidden: 20, LayerNormEps: 1e-5, Head: head}
}

// small has sizes that are no multiple of a vector and a context longer than
// one attention block.
func small(head HeadKind) Config {
	return Config{Vocab: 61, Context: 150, Layers: 2, Heads: 3, Dim: 36, Hidden: 70, LayerNormEps: 1e-5, Head: head}
}

// llamaLike gives a config Llama's parts, with several query heads to each head
// of keys and values.
func llamaLike(c Config) Config {
	c.Heads, c.KVHeads = 2*c.Heads, c.Heads
	c.Norm, c.MLP, c.Bias, c.Rope = RMSNorm, SwiGLU, NoBiases, Rope{Theta: 1000}
	return c
}

// qwenLike has Qwen2's biases, a language head of its own, and scaled positions.
func qwenLike(c Config) Config {
	c = llamaLike(c)
	c.Bias, c.SeparateHead = QKVBiases, true
	c.HeadDim = c.headDim() + 2 // attention is wider than the stream
	c.Rope.Scaling = RopeScaling{Kind: Llama3Scaling, Factor: 4, LowFreqFactor: 1, HighFreqFactor: 3, OriginalContext: c.Context / 2}
	return c
}

// inFamilies runs a test on a config of every family.
func inFamilies(t *testing.T, c Config, test func(t *testing.T, c Config)) {
	t.Helper()
	for name, shape := range map[string]func(Config) Config{
		"gpt2": func(c Config) Config { return c }, "llama": llamaLike, "qwen2": qwenLike,
	} {
		t.Run(name, func(t *testing.T) { test(t, shape(c)) })
	}
}

// lively are weights far from the symmetric start: every parameter matters.
func lively(c Config, seed uint64) *Weights {
	w := NewWeights(c)
	w.Init(seed)
	random := rand.New(rand.NewPCG(seed, 99))
	for i := range w.Data {
		w.Data[i] += float32(random.NormFloat64() * 0.15)
	}
	return w
}

// randomBatch draws sequences of the given lengths.
func randomBatch(c Config, seed uint64, lengths ...int) Batch {
	random := rand.New(rand.NewPCG(seed, 7))
	b := Batch{Lengths: lengths}
	for _, length := range lengths {
		for range length {
			b.Tokens = append(b.Tokens, int32(random.IntN(c.Vocab)))
		}
	}
	return b
}

// nextTargets is the usual target: the next token, none at the end of a
// sequence, and now and then a token that does not count.
func nextTargets(b Batch) []int32 {
	targets, n := make([]int32, len(b.Tokens)), 0
	for _, length := range b.Lengths {
		for t := range length {
			targets[n] = -1
			if t+1 < length && (n%7 != 3) {
				targets[n] = b.Tokens[n+1]
			}
			n++
		}
	}
	return targets
}

// coefficients are weights of a random linear loss Σ c_t·x_t.
func coefficients(n int, seed uint64) []float32 {
	random := rand.New(rand.NewPCG(seed, 5))
	c := make([]float32, n)
	for i := range c {
		c[i] = float32(random.NormFloat64())
	}
	return c
}

// sequences cuts a batch into its sequences.
func sequences(b Batch) [][]int32 {
	var out [][]int32
	start := 0
	for _, length := range b.Lengths {
		out = append(out, b.Tokens[start:start+length])
		start += length
	}
	return out
}

// near fails unless |got-want| <= tolerance·(1+|want|).
func near(t *testing.T, what string, got, want, tolerance float64) {
	t.Helper()
	if !(math.Abs(got-want) <= tolerance*(1+math.Abs(want))) {
		t.Fatalf("%s = %g, want %g (tolerance %g)", what, got, want, tolerance)
	}
}

// slope is the derivative of f with respect to *x by central differences.
func slope(x *float64, f func() float64) float64 {
	const h = 1e-5
	old := *x
	*x = old + h
	up := f()
	*x = old - h
	down := f()
	*x = old
	return (up - down) / (2 * h)
}
