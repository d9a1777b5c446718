package trainer

import (
	"math"
	"math/rand/v2"
	"testing"

	"pgregory.net/rapid"
)

func near(t *testing.T, what string, got, want, tolerance float64) {
	t.Helper()
	if !(math.Abs(got-want) <= tolerance) {
		t.Errorf("%s: %v, want %v ± %v", what, got, want, tolerance)
	}
}

func TestGeneralizedAdvantagesByHand(t *testing.T) {
	// γ 1, λ 0.95: δ = 0.1+0.5−0.2, −0.3+0.4−0.5, 2−0.4 = 0.4, −0.4, 1.6
	rewards, values := []float32{0.1, -0.3, 2}, []float32{0.2, 0.5, 0.4}
	advantages, returns := make([]float32, 3), make([]float32, 3)
	generalizedAdvantages(rewards, values, 1, 0.95, advantages, returns)
	for i, want := range []float64{0.4 + 0.95*(-0.4+0.95*1.6), -0.4 + 0.95*1.6, 1.6} {
		near(t, "A", float64(advantages[i]), want, 1e-6)
		near(t, "R", float64(returns[i]), want+float64(values[i]), 1e-6)
	}
	// λ 1 is the Monte Carlo return minus the value; λ 0 is the one-step error.
	generalizedAdvantages(rewards, values, 1, 1, advantages, returns)
	for i, want := range []float64{1.8 - 0.2, 1.7 - 0.5, 2 - 0.4} {
		near(t, "A at λ=1", float64(advantages[i]), want, 1e-6)
	}
	generalizedAdvantages(rewards, values, 1, 0, advantages, returns)
	for i, want := range []float64{0.4, -0.4, 1.6} {
		near(t, "A at λ=0", float64(advantages[i]), want, 1e-6)
	}
	generalizedAdvantages(rewards, values, 0.9, 0.5, advantages, returns)
	d2, d1, d0 := 2-0.4, -0.3+0.9*0.4-0.5, 0.1+0.9*0.5-0.2
	near(t, "A_0 at γ=0.9, λ=0.5", float64(advantages[0]), d0+0.45*(d1+0.45*d2), 1e-6)
	generalizedAdvantages(nil, nil, 1, 0.95, nil, nil)
}

func TestWhiten(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var rows [][]float32
		n := 0
		for range rapid.IntRange(1, 6).Draw(t, "rows") {
			row := rapid.SliceOfN(rapid.Float32Range(-50, 50), 1, 9).Draw(t, "row")
			rows, n = append(rows, row), n+len(row)
		}
		_, before := moments(rows)
		whiten(rows)
		mean, variance := moments(rows)
		if math.Abs(mean) > 1e-4 {
			t.Fatalf("mean %v", mean)
		}
		// The ε inside the root shrinks a tiny variance, as in lm-human-preferences.
		if want := before / (before + 1e-8); math.Abs(variance-want) > 1e-3 {
			t.Fatalf("population variance %v of %d, want %v", variance, n, want)
		}
	})
	constant := [][]float32{{3, 3}, {3}}
	whiten(constant)
	for _, row := range constant {
		for _, x := range row {
			if x != 0 {
				t.Fatalf("a constant becomes %v", x)
			}
		}
	}
	_, variance := moments([][]float32{{1, 2}, {3, 4}})
	near(t, "population variance", variance, 1.25, 1e-12)
	whiten(nil)
}

func TestWhitenIgnoresConstantShift(t *testing.T) {
	rows := [][]float32{{1, 5, -2}, {0.5}}
	shifted := [][]float32{{8, 12, 5}, {7.5}}
	whiten(rows)
	whiten(shifted)
	for i := range rows {
		for j := range rows[i] {
			near(t, "shifted", float64(shifted[i][j]), float64(rows[i][j]), 1e-6)
		}
	}
}

func TestTokenRewardsSumToScoreMinusKL(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 30).Draw(t, "tokens")
		logProbs := rapid.SliceOfN(rapid.Float32Range(-12, 0), n, n).Draw(t, "policy")
		reference := rapid.SliceOfN(rapid.Float32Range(-12, 0), n, n).Draw(t, "reference")
		beta := rapid.Float64Range(0, 1).Draw(t, "beta")
		score := rapid.Float64Range(-5, 5).Draw(t, "score")
		rewards := make([]float32, n)
		tokenRewards(rewards, logProbs, reference, beta, score)
		var sum float64
		for _, r := range rewards {
			sum += float64(r)
		}
		if want := score - beta*sequenceKL(logProbs, reference); math.Abs(sum-want) > 1e-5 {
			t.Fatalf("token rewards add up to %v, want %v", sum, want)
		}
		for i, r := range rewards[:n-1] {
			want := -beta * (float64(logProbs[i]) - float64(reference[i]))
			if math.Abs(float64(r)-want) > 1e-6 {
				t.Fatalf("token %d: %v, want %v", i, r, want)
			}
		}
	})
	tokenRewards(nil, nil, nil, 1, 1)
}

// TestKLEstimateIsUnbiased draws from a known distribution: the mean of log π − log π_ref must meet the exact KL.
func TestKLEstimateIsUnbiased(t *testing.T) {
	p, q := []float64{0.5, 0.3, 0.15, 0.05}, []float64{0.25, 0.25, 0.25, 0.25}
	var exact float64
	for i := range p {
		exact += p[i] * math.Log(p[i]/q[i])
	}
	random := rand.New(rand.NewPCG(1, 2))
	const n = 20000
	var sum, square float64
	for range n {
		u, i := random.Float64(), 0
		for u > p[i] {
			u -= p[i]
			i++
		}
		k := sequenceKL([]float32{float32(math.Log(p[i]))}, []float32{float32(math.Log(q[i]))})
		sum += k
		square += k * k
	}
	mean := sum / n
	deviation := math.Sqrt((square/n - mean*mean) / n)
	near(t, "KL", mean, exact, 4*deviation)
}

func TestNextKLCoefficient(t *testing.T) {
	for _, c := range []struct {
		kl, target, horizon float64
		n                   int
		want                float64
	}{
		{6, 6, 10000, 64, 0.1},
		{6.6, 6, 10000, 100, 0.1 * (1 + 0.1*0.01)},
		{60, 6, 10000, 100, 0.1 * (1 + 0.2*0.01)},
		{0, 6, 10000, 100, 0.1 * (1 - 0.2*0.01)},
		{-5, 6, 1000, 100, 0.1 * (1 - 0.2*0.1)},
	} {
		near(t, "β", nextKLCoefficient(0.1, c.kl, c.target, c.horizon, c.n), c.want, 1e-12)
	}
}

func TestUnfinishedNeverOutscoresFinished(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rule := rapid.SampledFrom([]string{"subtract", "replace"}).Draw(t, "rule")
		s := rapid.Float64Range(-100, 100).Draw(t, "score")
		spread := rapid.Float64Range(0.01, 10).Draw(t, "spread")
		p := rapid.Float64Range(0.01, 10).Draw(t, "penalty")
		if got := unfinishedScore(rule, s, p, spread); got > s || rule == "subtract" && got >= s {
			t.Fatalf("%s: %v above %v", rule, got, s)
		}
	})
	near(t, "subtract", unfinishedScore("subtract", 3, 1, 0.5), 2.5, 0)
	near(t, "replace", unfinishedScore("replace", 3, 1, 0.5), -1, 0)
	near(t, "replace", unfinishedScore("replace", -4, 1, 0.5), -4, 0)
}

func TestPolicyLossSigns(t *testing.T) {
	// The gradient vanishes exactly where the clipped side is the larger loss.
	for _, c := range []struct {
		advantage, ratio float64
		loss, gradient   float64
		clipped          bool
	}{
		{2, 0.5, -1, -1, false}, {2, 0.8, -1.6, -1.6, false}, {2, 1, -2, -2, false}, {2, 1.2, -2.4, -2.4, false}, {2, 2, -2.4, 0, true},
		{-2, 0.5, 1.6, 0, true}, {-2, 0.8, 1.6, 1.6, false}, {-2, 1, 2, 2, false}, {-2, 1.2, 2.4, 2.4, false}, {-2, 2, 4, 4, false},
	} {
		old := float32(-3)
		// A hair inside of the edge, so that rounding does not decide.
		edge := math.Log(c.ratio) * (1 - 1e-6)
		loss, gradient, ratio, clipped := policyLoss(old+float32(edge), old, float32(c.advantage), 0.2)
		near(t, "loss", loss, c.loss, 1e-4)
		near(t, "gradient", gradient, c.gradient, 1e-4)
		near(t, "ratio", ratio, c.ratio, 1e-4)
		if clipped != c.clipped {
			t.Errorf("A %v, ratio %v: clipped %v", c.advantage, c.ratio, clipped)
		}
	}
	loss, gradient, ratio, _ := policyLoss(1000, -1000, -1, 0.2)
	if !finite(loss, gradient, ratio) || gradient != 0 || ratio != math.Exp(20) {
		t.Errorf("an absurd ratio gives loss %v, gradient %v, ratio %v", loss, gradient, ratio)
	}
	if _, _, ratio, _ := policyLoss(-1.25, -1.25, 3, 0.2); ratio != 1 {
		t.Errorf("equal log-probabilities give ratio %v", ratio)
	}
}

func TestPolicyLossGradient(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		old := rapid.Float32Range(-8, -0.1).Draw(t, "old")
		logProb := old + rapid.Float32Range(-1, 1).Draw(t, "move")
		advantage := rapid.Float32Range(-3, 3).Draw(t, "advantage")
		oracle := func(x float64) float64 { // in float64, straight from the paper
			ratio := math.Exp(x - float64(old))
			return math.Max(-float64(advantage)*ratio, -float64(advantage)*math.Min(math.Max(ratio, 0.8), 1.2))
		}
		const h = 1e-6
		x := float64(logProb)
		ratio := math.Exp(x - float64(old))
		if math.Abs(ratio-0.8) < 1e-4 || math.Abs(ratio-1.2) < 1e-4 {
			return // the kink
		}
		loss, gradient, _, _ := policyLoss(logProb, old, advantage, 0.2)
		if math.Abs(loss-oracle(x)) > 1e-6 {
			t.Fatalf("loss %v, want %v", loss, oracle(x))
		}
		if want := (oracle(x+h) - oracle(x-h)) / (2 * h); math.Abs(gradient-want) > 1e-4 {
			t.Fatalf("gradient %v, want %v", gradient, want)
		}
	})
}

func TestValueLossGradient(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		old := rapid.Float32Range(-3, 3).Draw(t, "old")
		value := old + rapid.Float32Range(-1, 1).Draw(t, "move")
		target := rapid.Float32Range(-3, 3).Draw(t, "return")
		oracle := func(v float64) float64 {
			held := float64(old) + math.Min(math.Max(v-float64(old), -0.2), 0.2)
			a, b := v-float64(target), held-float64(target)
			return math.Max(a*a, b*b) / 2
		}
		const h = 1e-6
		v := float64(value)
		a, b := oracle(v-h), oracle(v+h)
		if math.Abs(math.Abs(v-float64(old))-0.2) < 1e-4 || math.Abs(a+b-2*oracle(v)) > 1e-9 {
			return // a kink
		}
		loss, gradient, _ := valueLoss(value, old, target, 0.2)
		if math.Abs(loss-oracle(v)) > 1e-6 {
			t.Fatalf("loss %v, want %v", loss, oracle(v))
		}
		if want := (b - a) / (2 * h); math.Abs(gradient-want) > 1e-4 {
			t.Fatalf("gradient %v, want %v", gradient, want)
		}
	})
	// Outside of the clip range on the worse side there is no gradient; on the better side of R the larger loss has one.
	if _, gradient, clipped := valueLoss(1.5, 1, 2, 0.2); gradient != 0 || !clipped {
		t.Errorf("towards the return beyond the range: gradient %v", gradient)
	}
	if _, gradient, clipped := valueLoss(0.5, 1, 2, 0.2); gradient != -1.5 || clipped {
		t.Errorf("away from the return: gradient %v", gradient)
	}
}

func TestLearningRate(t *testing.T) {
	near(t, "first warm-up step", learningRate("constant", 1, 0.1, 0.1, 0, 10, 100), 0.19, 1e-12)
	near(t, "last warm-up step", learningRate("constant", 1, 0.1, 0.1, 9, 10, 100), 1, 1e-12)
	near(t, "constant", learningRate("constant", 1, 0.1, 0.1, 99, 10, 100), 1, 1e-12)
	near(t, "cosine starts at the peak", learningRate("cosine", 2, 0, 0.1, 10, 10, 111), 2, 1e-12)
	near(t, "cosine halfway", learningRate("cosine", 2, 0, 0.1, 60, 10, 111), 2*0.55, 1e-12)
	near(t, "cosine ends at 10 %", learningRate("cosine", 2, 0, 0.1, 110, 10, 111), 0.2, 1e-12)
	near(t, "linear ends at 0", learningRate("linear", 2, 0, 0, 99, 0, 100), 0, 1e-12)
	near(t, "linear halfway", learningRate("linear", 2, 0, 0, 50, 0, 101), 1, 1e-12)
	near(t, "a run of one step", learningRate("cosine", 2, 0, 0.1, 0, 0, 1), 2, 1e-12)
}

func TestEMADecay(t *testing.T) {
	near(t, "fixed", emaDecay(0.992, false, 0), 0.992, 0)
	near(t, "first", emaDecay(0.992, true, 0), 0.1, 1e-12)
	near(t, "later", emaDecay(0.992, true, 90), 0.91, 1e-12)
	near(t, "bounded", emaDecay(0.992, true, 1e6), 0.992, 0)
}
