package model

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"rankloop/model/kernel"
)

// someTargets are an odd subset of a family's matrices, so that queries and
// values have adapters and keys do not.
func someTargets(c Config) string {
	if c.isGPT2() {
		return "c_attn,mlp.c_proj"
	}
	return "v_proj,q_proj,down_proj,gate_proj"
}

func lora(t testing.TB, c Config, rank int, targets string) LoRA {
	t.Helper()
	l, err := NewLoRA(c, rank, 5, rank%2 == 1, targets)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// adapted are lively weights with an adapter far from its start.
func adapted(t testing.TB, c Config, rank int, targets string, head HeadKind, seed uint64) *Weights {
	t.Helper()
	w := lively(c, seed).WithAdapter(lora(t, c, rank, targets), head, seed+1)
	random := rand.New(rand.NewPCG(seed, 98))
	for i := range w.Data {
		w.Data[i] += float32(random.NormFloat64() * 0.15)
	}
	return w
}

// outputs are what a network says of every token: log-probabilities or scalars.
func outputs(p *Pass, w *Weights, b Batch) []float32 {
	out := make([]float32, len(b.Tokens))
	p.Forward(w, b)
	if w.Config.Head == Scalar {
		p.Scalars(out)
	} else {
		p.LogProbs(nextTargets(b), out, nil)
	}
	return out
}

// outputGradient adds the gradient of Σ d_t·outputs_t.
func outputGradient(p *Pass, d []float32, grad *Weights) {
	if grad.Config.Head == Scalar {
		p.BackwardScalars(d, grad)
	} else {
		p.BackwardLogProbs(d, grad)
	}
}

// An adapter that has learned nothing changes no bit: the reference of PPO is the
// policy's own base.
func TestFreshAdapterChangesNothing(t *testing.T) {
	inFamilies(t, small(LanguageModel), func(t *testing.T, c Config) {
		base := lively(c, 100)
		b := randomBatch(c, 101, 1, 130, 40)
		p := NewPass(c, len(b.Tokens), 3, 130, Adapters(8))
		want := outputs(p, base, b)
		if got := outputs(p, base.WithAdapter(lora(t, c, 8, AllLinear), LanguageModel, 1), b); !slices.Equal(got, want) {
			t.Error("the log-probabilities differ")
		}
		scalar := base.WithScalarHead(7)
		want = outputs(p, scalar, b)
		if got := outputs(p, base.WithAdapter(lora(t, c, 3, AllLinear), Scalar, 7), b); !slices.Equal(got, want) {
			t.Error("a fresh head on the language model: the scalars differ")
		}
		if got := outputs(p, scalar.WithAdapter(lora(t, c, 3, AllLinear), Scalar, 8), b); !slices.Equal(got, want) {
			t.Error("the head that was there: the scalars differ")
		}
	})
}

// Results and the gradient of every third number of an adapter, against the oracle
// and its central differences.
func TestAdapterGradient(t *testing.T) {
	inFamilies(t, tiny(LanguageModel), func(t *testing.T, c Config) {
		checkAdapterGradient(t, c, 4, AllLinear, LanguageModel)
		checkAdapterGradient(t, c, 5, someTargets(c), Scalar)
	})
}

func checkAdapterGradient(t *testing.T, c Config, rank int, targets string, head HeadKind) {
	b := randomBatch(c, 104, 6, 1, 9)
	w := adapted(t, c, rank, targets, head, 105)
	d := coefficients(len(b.Tokens), 106)
	p := NewPass(w.Config, len(b.Tokens), 3, c.Context, Adapters(rank))
	out, wanted := outputs(p, w, b), nextTargets(b)
	grad := w.NewGradient()
	outputGradient(p, d, grad)
	if len(grad.Data) != w.adapter.LoRA.Parameters(w.Config) || len(grad.Data) != len(w.Data) {
		t.Fatalf("a gradient of %d numbers", len(grad.Data))
	}
	o := newOracle(w)
	values := func() (all []float64) {
		at := 0
		for _, tokens := range sequences(b) {
			if head == Scalar {
				all = append(all, o.scalars(tokens)...)
				continue
			}
			for _, row := range o.logProbs(tokens) {
				x := 0.0
				if wanted[at] >= 0 {
					x = row[wanted[at]]
				}
				all = append(all, x)
				at++
			}
		}
		return all
	}
	for i, want := range values() {
		near(t, fmt.Sprint("result ", i), float64(out[i]), want, 2e-5)
	}
	loss := func() float64 {
		sum := 0.0
		for i, x := range values() {
			sum += float64(d[i]) * x
		}
		return sum
	}
	for _, tensor := range grad.Tensors() {
		param := o.param[tensor.Name]
		for i := 0; i < len(param); i += 3 {
			near(t, fmt.Sprintf("gradient of %s[%d]", tensor.Name, i), float64(tensor.Data[i]), slope(&param[i], loss), 1e-4)
		}
	}
}

// Merged weights compute the same within rounding, the base below is not touched,
// and a clone shares the base alone.
func TestMerge(t *testing.T) {
	for _, head := range []HeadKind{LanguageModel, Scalar} {
		inFamilies(t, small(LanguageModel), func(t *testing.T, c Config) {
			w := adapted(t, c, 5, AllLinear, head, 110)
			before := slices.Clone(w.below.Data)
			merged, b := w.Merge(), randomBatch(c, 111, 70, 3)
			p := NewPass(c, len(b.Tokens), 2, 70, Adapters(5))
			got, want := outputs(p, merged, b), outputs(p, w, b)
			for i := range want {
				near(t, fmt.Sprint("output ", i), float64(got[i]), float64(want[i]), 2e-5)
			}
			if merged.adapter != nil || len(merged.Data) != merged.Config.Parameters() || !slices.Equal(w.below.Data, before) {
				t.Error("merging is not a copy")
			}
			clone := w.Clone()
			clone.Data[0]++
			if clone.Data[0] == w.Data[0] || clone.below != w.below {
				t.Error("a clone shares the adapter, or does not share the base")
			}
			clone.CopyFrom(w)
			if !slices.Equal(outputs(p, clone, b), want) {
				t.Error("a copy computes something else")
			}
		})
	}
}

// Replies drawn with adapters are those of the merged weights, to the bit.
func TestSamplerWithAdapters(t *testing.T) {
	inFamilies(t, small(LanguageModel), func(t *testing.T, c Config) {
		w := adapted(t, c, 4, AllLinear, LanguageModel, 120)
		prompts, seeds := sequences(randomBatch(c, 121, 5, 17, 2)), []uint64{1, 2, 3}
		s := NewSampler(c, 2)
		draw := func(w *Weights) []Sample {
			s.SetWeights(w)
			samples, err := s.Generate(context.Background(), prompts, seeds, SampleOptions{MaxNew: 12, Temperature: 1}, nil)
			if err != nil {
				t.Fatal(err)
			}
			return samples
		}
		got, want, base := draw(w), draw(w.Merge()), draw(w.below)
		for i := range want {
			if !slices.Equal(got[i].Tokens, want[i].Tokens) || !slices.Equal(got[i].LogProbs, want[i].LogProbs) {
				t.Errorf("reply %d differs from the merged weights'", i)
			}
			if slices.Equal(got[i].LogProbs, base[i].LogProbs) {
				t.Errorf("reply %d is the base's", i)
			}
		}
	})
}

// Threads and recomputation change no bit, and a step allocates nothing.
func TestAdapterStep(t *testing.T) {
	inFamilies(t, small(LanguageModel), func(t *testing.T, c Config) {
		b := randomBatch(c, 131, 150, 100, 3)
		d := coefficients(len(b.Tokens), 132)
		defer kernel.SetThreads(kernel.Threads())
		var first *Weights
		for i, options := range [][]PassOption{{Adapters(4)}, {Adapters(6)}, {Adapters(4), Recompute()}} {
			kernel.SetThreads(i%2*2 + 1)
			w := adapted(t, c, 4, AllLinear, LanguageModel, 130)
			p, grad := NewPass(c, len(b.Tokens), 3, 150, options...), w.NewGradient()
			if p.Bytes() != PassBytes(c, len(b.Tokens), 3, 150, options...) {
				t.Error("PassBytes is not what the pass takes")
			}
			outputs(p, w, b)
			outputGradient(p, d, grad)
			if first == nil {
				first = grad
			} else if !slices.Equal(first.Data, grad.Data) {
				t.Errorf("options %d: the gradient differs", i)
			}
		}
		w := adapted(t, c, 4, AllLinear, LanguageModel, 133)
		p, grad, o := NewPass(c, len(b.Tokens), 3, 150, Adapters(4)), w.NewGradient(), NewAdamW(len(w.Data))
		targets, logp := nextTargets(b), make([]float32, len(b.Tokens))
		allocs := testing.AllocsPerRun(5, func() {
			grad.Zero()
			p.Forward(w, b)
			p.LogProbs(targets, logp, nil)
			p.BackwardLogProbs(d, grad)
			o.Update(w, grad, 1e-4, 1, DefaultHyper())
		})
		if allocs != 0 {
			t.Errorf("%v allocations in a step", allocs)
		}
	})
}

// An adapter of rank 4 learns one sequence by heart on a base that stays as it is.
func TestAdapterLearns(t *testing.T) {
	inFamilies(t, tiny(LanguageModel), func(t *testing.T, c Config) {
		base := lively(c, 140)
		kernel.Scale(base.language, 8) // it is frozen, and must be able to tell tokens apart
		before := slices.Clone(base.Data)
		w := base.WithAdapter(lora(t, c, 4, AllLinear), LanguageModel, 141)
		b := randomBatch(c, 142, 9)
		p, grad, o := NewPass(c, 9, 1, 9, Adapters(4)), w.NewGradient(), NewAdamW(len(w.Data))
		d := make([]float32, 9)
		for i := range d {
			d[i] = -1.0 / 8
		}
		loss := func() (sum float64) {
			for _, x := range outputs(p, w, b) {
				sum -= float64(x) / 8
			}
			return sum
		}
		start := loss()
		for range 150 {
			grad.Zero()
			loss()
			p.BackwardLogProbs(d, grad)
			o.Update(w, grad, 0.02, 1, DefaultHyper())
		}
		if end := loss(); end > 0.5*start {
			t.Errorf("the loss went from %g to %g", start, end)
		}
		if !slices.Equal(base.Data, before) {
			t.Error("the base changed")
		}
	})
}

// A starts uniform within 1/√in, its standard deviation 1/√(3·in); B is zero; the
// seed decides.
func TestAdapterStart(t *testing.T) {
	c := llamaLike(Config{Vocab: 8, Context: 4, Layers: 2, Heads: 4, Dim: 64, Hidden: 96, LayerNormEps: 1e-5, Head: Scalar})
	a := NewAdapter(c, lora(t, c, 32, AllLinear))
	a.Init(1)
	for _, tensor := range a.Tensors() {
		square, largest := 0.0, 0.0
		for _, x := range tensor.Data {
			square += float64(x) * float64(x)
			largest = max(largest, math.Abs(float64(x)))
		}
		if !strings.HasSuffix(tensor.Name, "lora_A.weight") {
			if largest != 0 {
				t.Errorf("%s does not start at 0", tensor.Name)
			}
			continue
		}
		in := float64(tensor.Shape[1])
		near(t, tensor.Name+" spread", math.Sqrt(square/float64(len(tensor.Data))*in), math.Sqrt(1.0/3), 0.03)
		if largest > 1/math.Sqrt(in) || largest < 0.99/math.Sqrt(in) {
			t.Errorf("%s reaches %g, the bound is %g", tensor.Name, largest, 1/math.Sqrt(in))
		}
	}
	other := a.Clone()
	other.Init(2)
	if slices.Equal(a.Data, other.Data) {
		t.Error("the seed does not matter")
	}
	if other.Init(1); !slices.Equal(a.Data, other.Data) {
		t.Error("one seed gives two starts")
	}
}

func TestNewLoRA(t *testing.T) {
	gpt2, llama := tiny(LanguageModel), llamaLike(tiny(LanguageModel))
	for _, c := range []struct {
		config        Config
		targets, want string
	}{
		{gpt2, AllLinear, "attn.c_attn,attn.c_proj,mlp.c_fc,mlp.c_proj"},
		{gpt2, " c_proj , c_attn", "attn.c_attn,attn.c_proj,mlp.c_proj"},
		{gpt2, "mlp.c_proj", "mlp.c_proj"},
		{llama, AllLinear, "self_attn.q_proj,self_attn.k_proj,self_attn.v_proj,self_attn.o_proj,mlp.gate_proj,mlp.up_proj,mlp.down_proj"},
		{llama, "v_proj,q_proj,v_proj", "self_attn.q_proj,self_attn.v_proj"},
	} {
		l, err := NewLoRA(c.config, 4, 16, false, c.targets)
		if err != nil || l.Modules != c.want {
			t.Errorf("%q: %q %v", c.targets, l.Modules, err)
		}
	}
	plain, _ := NewLoRA(gpt2, 4, 16, false, AllLinear)
	stable, _ := NewLoRA(gpt2, 4, 16, true, AllLinear)
	if plain.Scale() != 4 || stable.Scale() != 8 {
		t.Errorf("scales %g and %g", plain.Scale(), stable.Scale())
	}
	if want := 2 * 4 * (8 + 24 + 8 + 8 + 8 + 20 + 20 + 8); plain.Parameters(gpt2) != want {
		t.Errorf("%d parameters, want %d", plain.Parameters(gpt2), want)
	}
	for _, c := range []struct {
		rank    int
		alpha   float64
		targets string
		want    string
	}{
		{0, 1, AllLinear, "outside of 1..1024"}, {1025, 1, AllLinear, "outside of 1..1024"}, {1, 0, AllLinear, "positive"},
		{1, math.NaN(), AllLinear, "positive"}, {1, math.Inf(1), AllLinear, "positive"}, {1, 1, "", `no matrix ""`},
		{1, 1, "q_proj", "all-linear, or some of c_attn, c_proj, c_fc"}, {1, 1, "c_attn,", `no matrix ""`}, {1, 1, "proj", "no matrix"},
	} {
		if _, err := NewLoRA(gpt2, c.rank, c.alpha, false, c.targets); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("want an error with %q, got %v", c.want, err)
		}
	}
}

func TestAdapterMisuseIsNamed(t *testing.T) {
	c := tiny(LanguageModel)
	w := adapted(t, c, 4, AllLinear, LanguageModel, 150)
	other := adapted(t, c, 3, AllLinear, LanguageModel, 150)
	b := randomBatch(c, 151, 4)
	p := NewPass(c, 4, 1, 4, Adapters(4))
	for name, misuse := range map[string]func(){
		"a pass without room":     func() { NewPass(c, 4, 1, 4, Adapters(3)).Forward(w, b) },
		"a whole gradient":        func() { outputs(p, w, b); p.BackwardLogProbs(make([]float32, 4), NewWeights(c)) },
		"another adapter's":       func() { outputs(p, w, b); p.BackwardLogProbs(make([]float32, 4), other.NewGradient()) },
		"an adapter on another":   func() { lively(small(LanguageModel), 1).Attach(w.Adapter()) },
		"an adapter on adapters":  func() { w.Attach(w.Adapter()) },
		"a head of its own":       func() { w.WithScalarHead(1) },
		"initial weights":         func() { w.Init(1) },
		"a copy of another":       func() { w.CopyFrom(other) },
		"a copy of a whole":       func() { w.CopyFrom(w.below) },
		"another's moments":       func() { NewAdamW(len(other.Data)).Update(w, w.NewGradient(), 1, 1, DefaultHyper()) },
		"another's gradient":      func() { NewAdamW(len(w.Data)).Update(w, other.NewGradient(), 1, 1, DefaultHyper()) },
		"a score without a score": func() { lively(c, 1).WithScalarHead(1).Attach(w.Adapter()) },
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s: no panic", name)
				}
			}()
			misuse()
		}()
	}
}
