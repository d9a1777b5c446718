package ranking

import (
	"math"
	"testing"
)

// TestMeanOverSeeds: 4.303, 2.776 are Student's quantiles for 2 and 4 degrees of freedom, as tables have them.
func TestMeanOverSeeds(t *testing.T) {
	for _, c := range []struct {
		values     []float64
		mean, half float64
	}{
		{[]float64{1, 2, 3}, 2, 4.30265 / math.Sqrt(3)},
		{[]float64{5, 5, 5, 5, 10}, 6, 2.77645 * math.Sqrt(5.0/5)},
		{[]float64{7, 7}, 7, 0},
	} {
		m := MeanOverSeeds(c.values)
		if m.Value != c.mean || math.Abs(m.Interval[1]-m.Value-c.half) > 1e-4 || math.Abs(m.Value-m.Interval[0]-c.half) > 1e-4 {
			t.Errorf("%v: %v %v, want %v ± %v", c.values, m.Value, *m.Interval, c.mean, c.half)
		}
	}
	if m := MeanOverSeeds([]float64{3}); m.Value != 3 || m.Interval != nil {
		t.Errorf("one run: %+v", m)
	}
}
