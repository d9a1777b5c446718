package ranking

import (
	"math"

	"gonum.org/v1/gonum/stat/distuv"
)

// MeanOverSeeds is the mean of a figure over runs that differ by their seed alone, with Student's 95 % interval; a single run
// has none.
func MeanOverSeeds(values []float64) Mean {
	n := float64(len(values))
	sum, squares := 0.0, 0.0
	for _, x := range values {
		sum += x
	}
	m := Mean{Value: sum / n}
	if len(values) < 2 {
		return m
	}
	for _, x := range values {
		squares += (x - m.Value) * (x - m.Value)
	}
	half := distuv.StudentsT{Sigma: 1, Nu: n - 1}.Quantile(0.975) * math.Sqrt(squares/(n-1)/n)
	m.Interval = &[2]float64{m.Value - half, m.Value + half}
	return m
}
