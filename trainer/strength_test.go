package trainer

import (
	"math"
	"testing"

	"rankloop/ranking"
)

// TestStrengthIsAMargin: with a margin on its pair, the first loss is that of Δ less the margin; a setting takes strengths in
// for dpo and leaves them out for the reward model.
func TestStrengthIsAMargin(t *testing.T) {
	base := tinyBase(1)
	in := Inputs{Base: base, Records: []ranking.Record{record("say it", []string{"yes", "no"}, []int{0}, []int{1})}}
	const margin = 0.75
	strong := in
	strong.Margin = func(ranking.Record, int, int) float64 { return margin }
	first := func(kind string, in Inputs, sets ...string) float64 {
		return advance(t, open(t, kind, 1, in, append(sets, "max_new=8", "epochs=1")...)).Metrics[metricLoss]
	}
	loss := func(delta float64) float64 { return math.Log1p(math.Exp(-delta)) } // −log σ(Δ)

	plain := first(KindReward, in)
	delta := -math.Log(math.Expm1(plain)) // of which it is the loss
	if got := first(KindReward, strong); math.Abs(got-loss(delta-margin)) > 1e-5 {
		t.Errorf("the reward model's loss with a margin is %v, want %v", got, loss(delta-margin))
	}
	if got := first(KindReward, strong, "ignore_strength=true"); got != plain {
		t.Errorf("ignored, the margin changes the loss from %v to %v", plain, got)
	}
	if got := first(KindDPO, strong); math.Abs(got-loss(0)) > 1e-5 {
		t.Errorf("dpo takes strengths in unasked: its first loss is %v", got)
	}
	if got := first(KindDPO, strong, "use_strength=true"); math.Abs(got-loss(-margin)) > 1e-5 {
		t.Errorf("dpo's first loss with a margin is %v, want %v", got, loss(-margin))
	}
}
