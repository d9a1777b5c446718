package model

import (
	"math/rand/v2"
	"slices"
	"testing"
)

// A planted bigram: every token has exactly one successor. Training finds it,
// then every log-probability is about 0, in the pass and in the sampler.
func TestLearnsAPlantedBigram(t *testing.T) {
	c := Config{Vocab: 24, Context: 32, Layers: 1, Heads: 2, Dim: 32, Hidden: 64, LayerNormEps: 1e-5, Head: LanguageModel}
	random := rand.New(rand.NewPCG(70, 1))
	successor := random.Perm(c.Vocab)
	chain := func(length int) []int32 {
		tokens := []int32{int32(random.IntN(c.Vocab))}
		for len(tokens) < length {
			tokens = append(tokens, int32(successor[tokens[len(tokens)-1]]))
		}
		return tokens
	}
	const sequences, length = 8, 17
	w, grad, o := NewWeights(c), NewWeights(c), NewAdamW(c.Parameters())
	w.Init(71)
	n := sequences * (length - 1)
	p := NewPass(c, n, sequences, length)
	targets, logp, dlogp := make([]int32, n), make([]float32, n), make([]float32, n)
	for i := range dlogp {
		dlogp[i] = -1 / float32(n)
	}
	var first, last float64
	for range 150 {
		b := Batch{}
		for i := range sequences {
			tokens := chain(length)
			b.Tokens = append(b.Tokens, tokens[:length-1]...)
			b.Lengths = append(b.Lengths, length-1)
			copy(targets[i*(length-1):], tokens[1:])
		}
		grad.Zero()
		p.Forward(w, b)
		p.LogProbs(targets, logp, nil)
		p.BackwardLogProbs(dlogp, grad)
		o.Update(w, grad, 5e-3, 1, DefaultHyper())
		loss := 0.0
		for _, l := range logp {
			loss -= float64(l) / float64(n)
		}
		if first == 0 {
			first = loss
		}
		last = loss
	}
	if first < 3 || last > 0.05 {
		t.Errorf("loss went from %.3f to %.3f, want ln 24 = 3.2 to about 0", first, last)
	}
	if lowest := slices.Min(logp); lowest < -0.2 {
		t.Errorf("a certain token has log-probability %g", lowest)
	}
	sample := generate(t, newTestSampler(w, 1), [][]int32{chain(4)}, []uint64{1}, SampleOptions{MaxNew: 20, Temperature: 1})[0]
	for i := range sample.Tokens[1:] {
		if int(sample.Tokens[i+1]) != successor[sample.Tokens[i]] || sample.LogProbs[i+1] < -0.2 {
			t.Fatalf("sampled %v with %v", sample.Tokens, sample.LogProbs)
		}
	}
}
