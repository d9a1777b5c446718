package trainer

import (
	"math"
	"testing"
)

func near(t *testing.T, what string, got, want, tolerance float64) {
	t.Helper()
	if !(math.Abs(got-want) <= tolerance) {
		t.Errorf("%s: %v, want %v ± %v", what, got, want, tolerance)
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
