package model

import (
	"testing"

	"rankloop/model/kernel"
)

// benchmarkConfig is about the base model that ships.
func benchmarkConfig() Config {
	return Config{Vocab: 4096, Context: 512, Layers: 6, Heads: 4, Dim: 256, Hidden: 1024, LayerNormEps: 1e-5, Head: LanguageModel}
}

// BenchmarkTrainingStep is forward, cross-entropy, backward and AdamW over 16
// sequences of 512 tokens.
func BenchmarkTrainingStep(b *testing.B) {
	c := benchmarkConfig()
	const sequences, length = 16, 512
	lengths := make([]int, sequences)
	for i := range lengths {
		lengths[i] = length
	}
	batch := randomBatch(c, 1, lengths...)
	n := len(batch.Tokens)
	w, grad, o, p := NewWeights(c), NewWeights(c), NewAdamW(c.Parameters()), NewPass(c, n, sequences, length)
	w.Init(1)
	targets, logp, dlogp := make([]int32, n), make([]float32, n), make([]float32, n)
	for i := range targets {
		targets[i], dlogp[i] = batch.Tokens[(i+1)%n], -1/float32(n)
	}
	b.ReportAllocs()
	for b.Loop() {
		grad.Zero()
		p.Forward(w, batch)
		p.LogProbs(targets, logp, nil)
		p.BackwardLogProbs(dlogp, grad)
		o.Update(w, grad, 1e-4, 1, DefaultHyper())
	}
	perSecond := float64(n) * float64(b.N) / b.Elapsed().Seconds()
	b.ReportMetric(perSecond, "tokens/s")
	b.ReportMetric(perSecond*c.FLOPsPerToken(length)/1e9, "GFLOP/s")
	b.ReportMetric(kernel.Calibrate().FMAGflopsAll, "peak-GFLOP/s")
}

// BenchmarkDecode generates 128 tokens for 16 prompts of 32.
func BenchmarkDecode(b *testing.B) {
	c := benchmarkConfig()
	const batch, length, fresh = 16, 32, 128
	w := NewWeights(c)
	w.Init(1)
	s := newTestSampler(w, batch)
	prompts, seeds := make([][]int32, batch), make([]uint64, batch)
	for i := range prompts {
		prompts[i] = randomBatch(c, uint64(i), length).Tokens
		seeds[i] = uint64(i)
	}
	b.ReportAllocs()
	for b.Loop() {
		generate(b, s, prompts, seeds, SampleOptions{MaxNew: fresh, Temperature: 1})
	}
	b.ReportMetric(float64(batch*fresh*b.N)/b.Elapsed().Seconds(), "tokens/s")
}
