package model

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"rankloop/model/kernel"
)

// Forward and both heads agree with the float64 oracle, across attention blocks.
func TestForwardMatchesOracle(t *testing.T) {
	inFamilies(t, small(LanguageModel), checkForwardMatchesOracle)
}

func checkForwardMatchesOracle(t *testing.T, c Config) {
	b := randomBatch(c, 1, 1, 130, 64, 65, 7)
	n := len(b.Tokens)
	w := lively(c, 2)
	p := NewPass(c, n, 5, 130)
	p.Forward(w, b)
	targets, logp, entropy := nextTargets(b), make([]float32, n), make([]float32, n)
	p.LogProbs(targets, logp, entropy)
	o, at := newOracle(w), 0
	for _, tokens := range sequences(b) {
		for _, row := range o.logProbs(tokens) {
			wantP, wantH := 0.0, 0.0
			if targets[at] >= 0 {
				wantP = row[targets[at]]
				for _, x := range row {
					wantH -= math.Exp(x) * x
				}
			}
			near(t, fmt.Sprint("logp ", at), float64(logp[at]), wantP, 2e-5)
			near(t, fmt.Sprint("entropy ", at), float64(entropy[at]), wantH, 2e-5)
			at++
		}
	}

	s := w.WithScalarHead(3)
	p.Forward(s, b)
	out := make([]float32, n)
	p.Scalars(out)
	o, at = newOracle(s), 0
	for _, tokens := range sequences(b) {
		for _, want := range o.scalars(tokens) {
			near(t, fmt.Sprint("scalar ", at), float64(out[at]), want, 2e-5)
			at++
		}
	}
}

// Every parameter's gradient of Σ c_t·logp_t, against central differences of
// the oracle.
func TestLogProbGradient(t *testing.T) { inFamilies(t, tiny(LanguageModel), checkLogProbGradient) }

func checkLogProbGradient(t *testing.T, c Config) {
	b := randomBatch(c, 4, 6, 1, 9)
	w := lively(c, 5)
	n := len(b.Tokens)
	targets, dlogp := nextTargets(b), coefficients(n, 6)
	p := NewPass(c, n, 3, c.Context)
	p.Forward(w, b)
	p.LogProbs(targets, make([]float32, n), nil)
	grad := NewWeights(c)
	p.BackwardLogProbs(dlogp, grad)
	o := newOracle(w)
	checkGradient(t, o, grad, func() float64 {
		loss, at := 0.0, 0
		for _, tokens := range sequences(b) {
			for _, row := range o.logProbs(tokens) {
				if targets[at] >= 0 {
					loss += float64(dlogp[at]) * row[targets[at]]
				}
				at++
			}
		}
		return loss
	})
}

func TestScalarGradient(t *testing.T) { inFamilies(t, tiny(Scalar), checkScalarGradient) }

func checkScalarGradient(t *testing.T, c Config) {
	b := randomBatch(c, 7, 3, 10, 1)
	w := lively(c, 8)
	n := len(b.Tokens)
	dout := coefficients(n, 9)
	p := NewPass(c, n, 3, c.Context)
	p.Forward(w, b)
	grad := NewWeights(c)
	p.BackwardScalars(dout, grad)
	o := newOracle(w)
	checkGradient(t, o, grad, func() float64 {
		loss, at := 0.0, 0
		for _, tokens := range sequences(b) {
			for _, x := range o.scalars(tokens) {
				loss += float64(dout[at]) * x
				at++
			}
		}
		return loss
	})
}

func checkGradient(t *testing.T, o *oracle, grad *Weights, loss func() float64) {
	t.Helper()
	for _, tensor := range grad.Tensors() {
		param := o.param[tensor.Name]
		for i := range param {
			near(t, fmt.Sprintf("gradient of %s[%d]", tensor.Name, i), float64(tensor.Data[i]), slope(&param[i], loss), 1e-4)
		}
	}
}

// A gradient is added to what is there, and two calls add up.
func TestBackwardAccumulates(t *testing.T) {
	inFamilies(t, small(LanguageModel), checkBackwardAccumulates)
}

func checkBackwardAccumulates(t *testing.T, c Config) {
	b := randomBatch(c, 10, 20, 70)
	n := len(b.Tokens)
	p := NewPass(c, n, 2, 70)
	p.Forward(lively(c, 11), b)
	p.LogProbs(nextTargets(b), make([]float32, n), nil)
	once, twice := NewWeights(c), NewWeights(c)
	p.BackwardLogProbs(coefficients(n, 12), once)
	p.BackwardLogProbs(coefficients(n, 12), twice)
	p.BackwardLogProbs(coefficients(n, 12), twice)
	for i := range once.Data {
		near(t, fmt.Sprint("sum at ", i), float64(twice.Data[i]), 2*float64(once.Data[i]), 1e-5)
	}
}

// One call that knows the gradients beforehand has the bits of two, in chunks
// of few tokens too.
func TestLearnLogProbs(t *testing.T) {
	inFamilies(t, small(LanguageModel), func(t *testing.T, c Config) {
		checkLearnLogProbs(t, c)
		c.Vocab = headChunkFloats/64 + 5
		checkLearnLogProbs(t, c)
	})
}

func checkLearnLogProbs(t *testing.T, c Config) {
	w, b := lively(c, 90), randomBatch(c, 91, 150, 3, 149)
	n := len(b.Tokens)
	if c.Vocab > headChunkFloats/64 && n < 2*headChunkRows(c) {
		t.Fatalf("%d tokens are too few for %d a chunk", n, headChunkRows(c))
	}
	targets, dlogp := nextTargets(b), coefficients(n, 92)
	p, want := NewPass(c, n, 3, 150), NewWeights(c)
	logp, entropy := results(p, w, b, targets)
	p.BackwardLogProbs(dlogp, want)

	got, gotLogp, gotEntropy := NewWeights(c), make([]float32, n), make([]float32, n)
	p.Forward(w, b)
	p.LearnLogProbs(targets, dlogp, gotLogp, gotEntropy, got)
	if !slices.Equal(gotLogp, logp) || !slices.Equal(gotEntropy, entropy) {
		t.Error("other log-probabilities or entropies")
	}
	if !slices.Equal(got.Data, want.Data) {
		t.Error("another gradient")
	}
}

// results are all outputs of a batch for a language model.
func results(p *Pass, w *Weights, b Batch, targets []int32) (logp, entropy []float32) {
	p.Forward(w, b)
	logp, entropy = make([]float32, len(b.Tokens)), make([]float32, len(b.Tokens))
	p.LogProbs(targets, logp, entropy)
	return logp, entropy
}

// A sequence alone gives the same bits as among others, in any order and in a
// pass planned for larger ones.
func TestSequencesDoNotSeeTheirBatch(t *testing.T) {
	inFamilies(t, small(LanguageModel), checkSequencesDoNotSeeTheirBatch)
}

func checkSequencesDoNotSeeTheirBatch(t *testing.T, c Config) {
	w := lively(c, 13)
	b := randomBatch(c, 14, 5, 130, 1, 64, 97)
	p := NewPass(c, 400, 8, 150)
	targets := nextTargets(b)
	logp, entropy := results(p, w, b, targets)
	start := 0
	for i, tokens := range sequences(b) {
		end := start + len(tokens)
		alone := Batch{Tokens: tokens, Lengths: []int{len(tokens)}}
		q := NewPass(c, len(tokens), 1, len(tokens))
		l, h := results(q, w, alone, targets[start:end])
		if !slices.Equal(l, logp[start:end]) || !slices.Equal(h, entropy[start:end]) {
			t.Errorf("sequence %d differs when it is alone", i)
		}
		start = end
	}
	parts := sequences(b)
	slices.Reverse(parts)
	var back Batch
	for _, tokens := range parts {
		back.Tokens = append(back.Tokens, tokens...)
		back.Lengths = append(back.Lengths, len(tokens))
	}
	backTargets := make([]int32, 0, len(targets))
	end := len(targets)
	for _, tokens := range parts {
		backTargets = append(backTargets, targets[end-len(tokens):end]...)
		end -= len(tokens)
	}
	l, _ := results(p, w, back, backTargets)
	at, end := 0, len(targets)
	for i, tokens := range parts {
		if !slices.Equal(l[at:at+len(tokens)], logp[end-len(tokens):end]) {
			t.Errorf("sequence %d differs in the reverse order", i)
		}
		at, end = at+len(tokens), end-len(tokens)
	}
}

// A token's results do not depend on what follows it.
func TestCausal(t *testing.T) { inFamilies(t, small(Scalar), checkCausal) }

func checkCausal(t *testing.T, c Config) {
	w := lively(c, 15)
	p := NewPass(c, 150, 1, 150)
	b := randomBatch(c, 16, 150)
	long, short := make([]float32, 150), make([]float32, 77)
	p.Forward(w, b)
	p.Scalars(long)
	p.Forward(w, Batch{Tokens: b.Tokens[:77], Lengths: []int{77}})
	p.Scalars(short)
	for i := range short {
		near(t, fmt.Sprint("scalar ", i), float64(short[i]), float64(long[i]), 1e-5)
	}
}

// One thread or several, the same bits, in results and gradients.
func TestThreadsDoNotMatter(t *testing.T) {
	inFamilies(t, small(LanguageModel), checkThreadsDoNotMatter)
}

func checkThreadsDoNotMatter(t *testing.T, c Config) {
	w := lively(c, 17)
	b := randomBatch(c, 18, 150, 3, 149, 120, 88)
	n := len(b.Tokens)
	defer kernel.SetThreads(kernel.Threads())
	run := func(threads int) ([]float32, *Weights) {
		kernel.SetThreads(threads)
		p := NewPass(c, n, 5, 150)
		logp, _ := results(p, w, b, nextTargets(b))
		grad := NewWeights(c)
		p.BackwardLogProbs(coefficients(n, 19), grad)
		return logp, grad
	}
	logp1, grad1 := run(1)
	logp3, grad3 := run(3)
	if !slices.Equal(logp1, logp3) || !slices.Equal(grad1.Data, grad3.Data) {
		t.Error("the number of threads changes the results")
	}
}

func TestNoAllocationsInATrainingStep(t *testing.T) {
	inFamilies(t, small(LanguageModel), checkNoAllocationsInATrainingStep)
}

func checkNoAllocationsInATrainingStep(t *testing.T, c Config) {
	w := lively(c, 20)
	b := randomBatch(c, 21, 150, 100, 3)
	n := len(b.Tokens)
	p, grad, o := NewPass(c, n, 3, 150), NewWeights(c), NewAdamW(c.Parameters())
	targets, logp, entropy, dlogp := nextTargets(b), make([]float32, n), make([]float32, n), coefficients(n, 22)
	s := w.WithScalarHead(1)
	sgrad := NewWeights(s.Config)
	allocs := testing.AllocsPerRun(5, func() {
		grad.Zero()
		p.Forward(w, b)
		p.LogProbs(targets, logp, entropy)
		p.BackwardLogProbs(dlogp, grad)
		o.Update(w, grad, 1e-4, 1, DefaultHyper())
		p.Forward(w, b)
		p.LearnLogProbs(targets, dlogp, logp, entropy, grad)
		p.Forward(s, b)
		p.Scalars(logp)
		p.BackwardScalars(dlogp, sgrad)
	})
	if allocs != 0 {
		t.Errorf("%v allocations in a step", allocs)
	}
}

func TestPassBytesIsWhatAPassTakes(t *testing.T) {
	for _, head := range []HeadKind{LanguageModel, Scalar} {
		inFamilies(t, small(head), func(t *testing.T, c Config) {
			if got, want := NewPass(c, 300, 4, 120).Bytes(), PassBytes(c, 300, 4, 120); got != want || got < 300*4*int64(c.Dim) {
				t.Errorf("%s: Bytes %d, PassBytes %d", head, got, want)
			}
		})
	}
}

// Recompute gives the same bits in less memory, with every head.
func TestRecompute(t *testing.T) {
	inFamilies(t, small(LanguageModel), func(t *testing.T, c Config) {
		c.Layers = 6
		b := randomBatch(c, 24, 90, 20)
		n := len(b.Tokens)
		for _, w := range []*Weights{lively(c, 25), lively(c, 25).WithScalarHead(26)} {
			run := func(options ...PassOption) ([]float32, *Weights) {
				p := NewPass(w.Config, n, 2, 90, options...)
				if p.Bytes() != PassBytes(w.Config, n, 2, 90, options...) {
					t.Error("PassBytes is not what the pass takes")
				}
				out, grad := make([]float32, n), NewWeights(w.Config)
				p.Forward(w, b)
				if w.Config.Head == Scalar {
					p.Scalars(out)
					p.BackwardScalars(coefficients(n, 27), grad)
				} else {
					p.LogProbs(nextTargets(b), out, nil)
					p.BackwardLogProbs(coefficients(n, 27), grad)
				}
				return out, grad
			}
			out, grad := run()
			again, gradAgain := run(Recompute())
			if !slices.Equal(out, again) || !slices.Equal(grad.Data, gradAgain.Data) {
				t.Errorf("%s: the results differ", w.Config.Head)
			}
		}
		whole, less := PassBytes(c, 10_000, 100, 100), PassBytes(c, 10_000, 100, 100, Recompute())
		if less > whole/2 {
			t.Errorf("%d bytes instead of %d", less, whole)
		}
	})
}

// Parts that no file combines also go together.
func TestAnyPartsGoTogether(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		c := tiny(rapid.SampledFrom([]HeadKind{LanguageModel, Scalar}).Draw(r, "head"))
		c.Heads = 4
		c.KVHeads = rapid.SampledFrom([]int{0, 1, 2, 4}).Draw(r, "key and value heads")
		c.HeadDim = rapid.SampledFrom([]int{0, 2, 4, 6}).Draw(r, "head dimension")
		c.SeparateHead = rapid.Bool().Draw(r, "separate head")
		c.Norm = rapid.SampledFrom([]NormKind{LayerNorm, RMSNorm}).Draw(r, "norm")
		c.MLP = rapid.SampledFrom([]MLPKind{GELU, SwiGLU}).Draw(r, "MLP")
		c.Bias = rapid.SampledFrom([]BiasKind{AllBiases, NoBiases, QKVBiases, AttentionBiases, MLPBiases}).Draw(r, "biases")
		c.Rope = rapid.SampledFrom([]Rope{{}, {Theta: 100}, {Theta: 100, Scaling: RopeScaling{Kind: LinearScaling, Factor: 3}}}).Draw(r, "rope")
		if err := c.Validate(); err != nil {
			r.Fatal(err)
		}
		checkOneSequence(t, c, rapid.Uint64().Draw(r, "seed"))
	})
}

// checkOneSequence holds results and a few gradients against the oracle.
func checkOneSequence(t *testing.T, c Config, seed uint64) {
	const n = 5
	w, grad, b := lively(c, seed), NewWeights(c), randomBatch(c, seed, n)
	o, p, out, d := newOracle(w), NewPass(c, n, 1, n), make([]float32, n), coefficients(n, seed)
	p.Forward(w, b)
	values := func() []float64 { return o.scalars(b.Tokens) }
	if c.Head == Scalar {
		p.Scalars(out)
		p.BackwardScalars(d, grad)
	} else {
		p.LogProbs(b.Tokens, out, nil)
		p.BackwardLogProbs(d, grad)
		values = func() []float64 {
			logp := make([]float64, n)
			for i, row := range o.logProbs(b.Tokens) {
				logp[i] = row[b.Tokens[i]]
			}
			return logp
		}
	}
	for i, want := range values() {
		near(t, fmt.Sprint("result ", i), float64(out[i]), want, 2e-5)
	}
	loss := func() float64 {
		sum := 0.0
		for i, x := range values() {
			sum += x * float64(d[i])
		}
		return sum
	}
	for _, tensor := range grad.Tensors() {
		i := int(seed % uint64(len(tensor.Data)))
		near(t, fmt.Sprintf("gradient of %s[%d]", tensor.Name, i), float64(tensor.Data[i]), slope(&o.param[tensor.Name][i], loss), 2e-4)
	}
}

func TestMisuseIsNamed(t *testing.T) {
	c := small(LanguageModel)
	w := lively(c, 23)
	p := NewPass(c, 10, 2, 8)
	good := Batch{Tokens: []int32{1, 2, 3}, Lengths: []int{3}}
	for name, misuse := range map[string]func(){
		"too many tokens":    func() { p.Forward(w, randomBatch(c, 1, 8, 8)) },
		"too long":           func() { p.Forward(w, randomBatch(c, 1, 9)) },
		"too many sequences": func() { p.Forward(w, randomBatch(c, 1, 1, 1, 1)) },
		"an empty sequence":  func() { p.Forward(w, Batch{Tokens: []int32{1}, Lengths: []int{1, 0}}) },
		"wrong lengths":      func() { p.Forward(w, Batch{Tokens: []int32{1, 2}, Lengths: []int{1}}) },
		"an unknown token":   func() { p.Forward(w, Batch{Tokens: []int32{61}, Lengths: []int{1}}) },
		"a negative token":   func() { p.Forward(w, Batch{Tokens: []int32{-1}, Lengths: []int{1}}) },
		"another network":    func() { p.Forward(NewWeights(tiny(LanguageModel)), good) },
		"an unknown target":  func() { p.Forward(w, good); p.LogProbs([]int32{61, 0, 0}, make([]float32, 3), nil) },
		"too few targets":    func() { p.Forward(w, good); p.LogProbs([]int32{1}, make([]float32, 3), nil) },
		"a missing LogProbs": func() { p.Forward(w, good); p.BackwardLogProbs(make([]float32, 3), NewWeights(c)) },
		"a missing head":     func() { p.Forward(w, good); p.Scalars(make([]float32, 3)) },
		"another gradient": func() {
			p.Forward(w, good)
			p.LogProbs([]int32{1, 1, 1}, make([]float32, 3), nil)
			p.BackwardLogProbs(make([]float32, 3), NewWeights(tiny(LanguageModel)))
		},
		"beyond the context":  func() { NewPass(c, 200, 1, 151) },
		"an invalid config":   func() { NewWeights(Config{}) },
		"another destination": func() { w.CopyFrom(NewWeights(tiny(LanguageModel))) },
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
