package trainer

import (
	"math"
	"testing"
)

// oraclePairLoss is learning's formula without care for overflow.
func oraclePairLoss(ties string, tied bool, delta, eta float64) float64 {
	logSigma := func(x float64) float64 { return math.Log(1 / (1 + math.Exp(-x))) }
	d := math.Exp(delta/2) + math.Exp(-delta/2) + math.Exp(eta)
	switch {
	case ties == "davidson" && tied:
		return -(eta - math.Log(d))
	case ties == "davidson":
		return -(delta/2 - math.Log(d))
	case tied:
		return -(logSigma(delta) + logSigma(-delta)) / 2
	}
	return -logSigma(delta)
}

func TestPairLossGradients(t *testing.T) {
	const h = 1e-5
	for _, ties := range []string{"drop", "half", "davidson"} {
		for _, tied := range []bool{false, true} {
			if ties == "drop" && tied {
				continue
			}
			for _, delta := range []float64{-6, -1, -0.1, 0, 0.3, 2, 7} {
				for _, eta := range []float64{-2, 0, 1.5} {
					loss, dDelta, dEta := pairLoss(ties, tied, delta, eta)
					f := func(d, e float64) float64 { return oraclePairLoss(ties, tied, d, e) }
					near(t, ties+" loss", loss, f(delta, eta), 1e-9)
					near(t, ties+" by Δ", dDelta, (f(delta+h, eta)-f(delta-h, eta))/(2*h), 1e-7)
					near(t, ties+" by η", dEta, (f(delta, eta+h)-f(delta, eta-h))/(2*h), 1e-7)
				}
			}
		}
	}
	for _, delta := range []float64{-1e4, 1e4} {
		for _, ties := range []string{"half", "davidson"} {
			for _, tied := range []bool{false, true} {
				if loss, d, e := pairLoss(ties, tied, delta, 0); !finite(loss, d, e) {
					t.Errorf("%s tied=%v at Δ=%v: %v %v %v", ties, tied, delta, loss, d, e)
				}
			}
		}
	}
}

func TestFirstEtaGivesTheTieRate(t *testing.T) {
	for _, c := range [][2]int{{10, 90}, {1, 1}, {30, 10}} {
		nu := math.Exp(firstEta(c[0], c[1]))
		near(t, "tie rate between equals", nu/(2+nu), float64(c[0])/float64(c[0]+c[1]), 1e-9)
	}
	if !finite(firstEta(0, 0), firstEta(0, 5), firstEta(5, 0)) {
		t.Error("η is not finite without ties or without strict pairs")
	}
}

func testSequencer(t testing.TB) sequencer {
	t.Helper()
	s, err := newSequencer(testTokenizer, tinyConfig().Context, 24)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func placeOf(t *testing.T, task *rewardTask, text string) int {
	t.Helper()
	ids := testTokenizer.Encode(text)
	for i, s := range task.sequences {
		if s[len(s)-2] == ids[0] {
			return i
		}
	}
	t.Fatalf("%q is not in the task", text)
	return 0
}

func distance(a, b []float32) float64 {
	var sum float64
	for i := range a {
		sum += (float64(a[i]) - float64(b[i])) * (float64(a[i]) - float64(b[i]))
	}
	return math.Sqrt(sum)
}

func norm(a []float32) float64 { return distance(a, make([]float32, len(a))) }
