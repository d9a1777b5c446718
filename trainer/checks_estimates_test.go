package trainer

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// Checks 11 to 16 of 25: advantages, losses and the KL.

// Excludes: advantages made from rewards instead of returns, and returns taken after whitening (rlhf-book PR 216).
func TestCheck11_AdvantagesByHand(t *testing.T) {
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

// Excludes: whitening over padding (trlX) or over the minibatch at hand, sample variance, and NaN from a constant batch.
func TestCheck12_WhiteningIsOverTheWholeRollout(t *testing.T) {
	t.Run("property", func(t *testing.T) {
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
	})
	t.Run("shift", func(t *testing.T) {
		rows := [][]float32{{1, 5, -2}, {0.5}}
		shifted := [][]float32{{8, 12, 5}, {7.5}}
		whiten(rows)
		whiten(shifted)
		for i := range rows {
			for j := range rows[i] {
				near(t, "shifted", float64(shifted[i][j]), float64(rows[i][j]), 1e-6)
			}
		}
	})
	t.Run("rollout", func(t *testing.T) {
		r := rolled(t)
		var rows [][]float32
		for _, e := range r.buffer.Episodes {
			rows = append(rows, e.Advantages)
			for i := range e.Returns {
				if e.Returns[i] == e.Advantages[i] {
					t.Error("returns were taken after whitening")
				}
			}
		}
		mean, variance := moments(rows)
		near(t, "mean", mean, 0, 1e-5)
		near(t, "population variance", variance, 1, 1e-4)
	})
}

// Excludes: a sign error or a min for the max in the clipped loss, which lets ratios run away (TRL #1857). The gradient is 0 exactly
// where the clipped side is the larger loss.
func TestCheck13_ClippedLossTakesTheLarger(t *testing.T) {
	t.Run("table", func(t *testing.T) {
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
	})
	t.Run("oracle", func(t *testing.T) {
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
	})
	t.Run("network", func(t *testing.T) {
		r := rolled(t)
		random := rand.New(rand.NewPCG(1, 9))
		for i := range r.buffer.Episodes { // as if the policy had moved since
			for j := range r.buffer.Episodes[i].LogProbs {
				r.buffer.Episodes[i].LogProbs[j] += float32(random.NormFloat64() * 0.1)
			}
		}
		loss := func() float64 {
			batch, items, sums := r.allEpisodes()
			r.policyGradient(batch, items, sums)
			return sums.policyLoss / sums.tokens
		}
		checkSlopes(t, r.policy, loss)
	})
}

// Excludes: values refreshed between epochs, which makes the clip meaningless.
func TestCheck14_ValuesAreClippedAroundTheRolloutsOwn(t *testing.T) {
	t.Run("oracle", func(t *testing.T) {
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
	})
	t.Run("network", func(t *testing.T) {
		r := rolled(t)
		loss := func() float64 {
			batch, items, sums := r.allEpisodes()
			r.valueGradient(batch, items, sums)
			return sums.valueLoss / sums.tokens
		}
		checkSlopes(t, r.value, loss)
	})
	t.Run("epochs", func(t *testing.T) {
		r := openLoop(t, loopInputs())
		advance(t, r)
		stored := make([][]float32, len(r.buffer.Episodes))
		before := slices.Clone(r.value.weights.Data)
		for i, e := range r.buffer.Episodes {
			stored[i] = slices.Clone(e.Values)
		}
		advance(t, r)
		advance(t, r) // the second epoch has begun
		if sameBits(before, r.value.weights.Data) {
			t.Error("the value model stood still, so this test says nothing")
		}
		for i, e := range r.buffer.Episodes {
			if !sameBits(e.Values, stored[i]) {
				t.Errorf("episode %d: its values were refreshed", i)
			}
		}
	})
}

// Excludes: a KL clamped at 0 for each token (AlpacaFarm), another KL in the log than in the loss (TRL #1161), and a negative KL that
// nobody notices (TRL #351).
func TestCheck15_KLEstimateIsUnbiasedAndWatched(t *testing.T) {
	t.Run("unbiased", func(t *testing.T) {
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
	})
	t.Run("signed", func(t *testing.T) {
		if kl := sequenceKL([]float32{-2, -1}, []float32{-1, -0.5}); kl != -1.5 {
			t.Errorf("the estimate of a reply that the reference likes better is %v", kl)
		}
	})
	t.Run("one figure", func(t *testing.T) {
		r := openLoop(t, loopInputs(), "gamma_ptx=0")
		for _, report := range finish(t, r) {
			m := report.Metrics
			near(t, "a sequence and a token", m[metricKL], m[metricKLPerToken]*m[metricMeanLength], 1e-6+1e-6*math.Abs(m[metricKL]))
			near(t, "reward", m[metricRLHFReward], m[metricScores]-m[metricKLCoef]*m[metricKL], 1e-9)
		}
	})
	t.Run("alarm", func(t *testing.T) {
		r := openLoop(t, loopInputs())
		for i := range 12 {
			r.buffer = &rollout{KLMean: -1, KLError: 0.1, Metrics: map[string]float64{}}
			if i == 4 {
				r.buffer.KLMean = -0.2 // within the noise: the count starts again
			}
			r.watchRollout()
			if i == 8 && len(r.pending) > 0 {
				t.Fatalf("warned after four iterations: %v", r.pending)
			}
		}
		if len(r.pending) != 1 || r.pending[0].Code != "kl_negative" {
			t.Errorf("warnings %v", r.pending)
		}
	})
}

// Excludes: a controller fed with the KL of a token, or that counts steps for episodes.
func TestCheck16_AdaptiveKLCountsSequencesAndEpisodes(t *testing.T) {
	t.Run("formula", func(t *testing.T) {
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
	})
	t.Run("run", func(t *testing.T) {
		r := openLoop(t, loopInputs(), "kl_controller=adaptive", "kl_target=0.001", "kl_horizon=100", "kl_coef=0.3")
		reports := finish(t, r)
		want := 0.3
		for i := 0; i < len(reports); i += 4 {
			near(t, "β", reports[i].Metrics[metricKLCoef], want, 1e-12)
			want = nextKLCoefficient(want, reports[i].Metrics[metricKL], 0.001, 100, 8)
		}
		near(t, "β at the end", r.state.Beta, want, 1e-12)
	})
}
