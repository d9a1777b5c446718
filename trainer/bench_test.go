package trainer

import (
	"context"
	"testing"

	"rankloop/model"
)

// BenchmarkPPOIteration is one iteration of the preset small on a decoder of the embedded base's size; the parts of its
// time are reported beside it.
func BenchmarkPPOIteration(b *testing.B) {
	config := model.Config{Vocab: 2048, Context: 512, Layers: 5, Heads: 6, Dim: 192, Hidden: 768, LayerNormEps: 1e-5, Head: model.LanguageModel}
	w := model.NewWeights(config)
	w.Init(1)
	base := &model.Checkpoint{Weights: w, Tokenizer: testTokenizer, Meta: model.Meta{Kind: model.PolicyKind}}
	in := Inputs{Base: base, Reward: tinyReward(base), Prompts: prompts(100), Text: lines}
	run := open(b, KindPPO, 1, in, "iterations=1000000", "sample_every=0").(*ppoRun)
	sums := make(map[string]float64)
	for b.Loop() {
		for range run.stepsPerIteration() {
			report, err := run.Advance(context.Background())
			if err != nil {
				b.Fatal(err)
			}
			for _, name := range []string{metricUpdateTime, metricPtxTime} {
				sums[name] += report.Metrics[name]
			}
			if (report.Step-1)%run.stepsPerIteration() == 0 {
				sums[metricRolloutTime] += report.Metrics[metricRolloutTime]
				sums[metricScoreTime] += report.Metrics[metricScoreTime]
			}
		}
	}
	for name, seconds := range sums {
		b.ReportMetric(seconds/float64(b.N), name)
	}
}
