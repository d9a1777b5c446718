package study

import (
	"fmt"
	"math"

	"rankloop/ranking"
	"rankloop/views/plot"
)

// AccuracyChart draws how many comparisons make how good a reward model.
func (r LabelersReport) AccuracyChart() plot.Chart {
	line := func(name string, colour int, value func(AccuracyPoint) float64, of func(AccuracySeed) ranking.Share) plot.Series {
		series := plot.Series{Name: name, Joined: true, Colour: colour}
		for _, p := range r.Accuracy {
			low, high := math.Inf(1), math.Inf(-1)
			for _, seed := range p.Seeds {
				low, high = min(low, of(seed).Value), max(high, of(seed).Value)
			}
			series.Points = append(series.Points, plot.Point{
				X: math.Log2(float64(p.Comparisons)), Y: value(p), Interval: &[2]float64{low, high},
				Title: fmt.Sprintf("%d comparisons: %.3f", p.Comparisons, value(p)),
			})
		}
		return series
	}
	return plot.Chart{
		Title:       "Accuracy of reward models on unseen prompts",
		Description: "Mean of the seeds, from the least to the greatest, by the number of noisy comparisons learned from",
		X:           plot.Axis{Label: "log2 of comparisons"}, Y: plot.Axis{Label: "pairs in order"},
		Series: []plot.Series{
			line("clean labels", 0, func(p AccuracyPoint) float64 { return p.Clean }, func(s AccuracySeed) ranking.Share { return s.Clean }),
			line("noisy labels", 1, func(p AccuracyPoint) float64 { return p.Flipped }, func(s AccuracySeed) ranking.Share { return s.Flipped }),
		},
	}
}
