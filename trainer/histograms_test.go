package trainer

import (
	"math"
	"testing"

	"rankloop/ranking"
)

// A ppo run counts every rollout once, where it begins; what is counted has the means that the metrics give.
func TestHistogramsOfRollouts(t *testing.T) {
	run := open(t, KindPPO, 1, peakInputs(), peaking...)
	steps := run.(*ppoRun).stepsPerIteration()
	for _, report := range finish(t, run) {
		if (report.Step-1)%steps != 0 {
			if report.Histograms != nil {
				t.Fatalf("step %d counts a rollout again", report.Step)
			}
			continue
		}
		episodes := run.(*ppoRun).config.Episodes
		for name, mean := range map[string]float64{
			metricScores: report.Metrics[metricScores], metricMeanLength: report.Metrics[metricMeanLength], metricKL: report.Metrics[metricKL], histogramAdvantages: 0,
		} {
			h := report.Histograms[name]
			if n := h.Values(); name == histogramAdvantages && n != int(math.Round(float64(episodes)*report.Metrics[metricMeanLength])) || name != histogramAdvantages && n != episodes {
				t.Errorf("step %d, %s: %d values of %d replies", report.Step, name, n, episodes)
			}
			if low, high := binMeans(h); mean < low-1e-6 || mean > high+1e-6 {
				t.Errorf("step %d, %s: a mean of %g where the bins allow %g to %g", report.Step, name, mean, low, high)
			}
		}
	}
}

// binMeans bounds the mean of what a histogram counts: all values at the lower, or at the upper ends of their bins.
func binMeans(h ranking.Histogram) (low, high float64) {
	for i, count := range h.Counts {
		share := float64(count) / float64(h.Values())
		low, high = low+share*h.Edge(i), high+share*h.Edge(i+1)
	}
	return low, high
}

// A reward run counts the margins of its strict held-out pairs at each evaluation; those above 0 are its accuracy.
func TestHistogramsOfMargins(t *testing.T) {
	records := append(randomRecords(8, 3, ranking.SplitTrain, 3), randomRecords(12, 3, ranking.SplitValidation, 5)...)
	seen := 0
	for _, report := range finish(t, open(t, KindReward, 1, Inputs{Base: tinyBase(1), Records: records}, "epochs=2", "batch_tasks=4", "eval_every=1", "zero_samples=2", "max_new=4")) {
		h, counted := report.Histograms[metricEvalMargin]
		if _, evaluated := report.Metrics[metricEvalMargin]; evaluated != counted {
			t.Fatalf("step %d: evaluated %v, counted %v", report.Step, evaluated, counted)
		}
		if !counted {
			continue
		}
		seen++
		if n := h.Values(); n != int(report.Metrics[metricEvalPairs]) {
			t.Errorf("step %d: %d margins of %g pairs", report.Step, n, report.Metrics[metricEvalPairs])
		}
		if low, high := binMeans(h); report.Metrics[metricEvalMargin] < low-1e-6 || report.Metrics[metricEvalMargin] > high+1e-6 {
			t.Errorf("step %d: a mean of %g where the bins allow %g to %g", report.Step, report.Metrics[metricEvalMargin], low, high)
		}
	}
	if seen == 0 {
		t.Error("nothing was counted")
	}
}
