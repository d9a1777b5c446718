package ranking

import (
	"math"
	"testing"

	"pgregory.net/rapid"
)

// Every finite value is in the bin between whose edges it lies, and the densities have the area 1.
func TestHistogram(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		values := rapid.SliceOfN(rapid.Float64Range(-1e9, 1e9), 1, 200).Draw(t, "values")
		h, ok := NewHistogram(append(values, math.NaN(), math.Inf(1), math.Inf(-1)))
		if !ok || h.Values() != len(values) {
			t.Fatalf("%d of %d values are counted", h.Values(), len(values))
		}
		area := 0.0
		for i := range h.Counts {
			area += h.Density(i) * (h.Edge(i+1) - h.Edge(i))
			slack := 1e-9 * (math.Abs(h.Low) + math.Abs(h.High))
			within := 0
			for _, x := range values {
				if x >= h.Edge(i)-slack && x <= h.Edge(i+1)+slack {
					within++
				}
			}
			if within < h.Counts[i] {
				t.Fatalf("bin %d counts %d values of %d that lie in it", i, h.Counts[i], within)
			}
		}
		if math.Abs(area-1) > 1e-9 {
			t.Fatalf("the area is %g", area)
		}
	})
	if _, ok := NewHistogram([]float64{math.NaN()}); ok {
		t.Error("a histogram of nothing")
	}
	if h, _ := NewHistogram([]float64{2, 2, 2}); len(h.Counts) != 1 || h.Counts[0] != 3 || h.Edge(0) != 1.5 || h.Edge(1) != 2.5 {
		t.Errorf("of equal values: %+v", h)
	}
}
