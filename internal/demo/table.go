package demo

import (
	"fmt"
	"io"
	"text/tabwriter"
)

// Write prints the report as a table for people.
func (r Report) Write(w io.Writer) error {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	line := func(format string, args ...any) { fmt.Fprintf(table, format+"\n", args...) }

	line("")
	line("time\t%.0f s, seed %d\tFMA peak %.0f GFLOP/s on one core, %.0f on all%s (%s)", r.DurationS, r.Seed,
		r.Calibration.FMAGflops1T, r.Calibration.FMAGflopsAll, sharedNote(r.Calibration.CoresShared), r.Kernels)
	line("judge\t%s\thidden; length explains %.0f %% of its score", r.Judge, 100*r.LengthR2)
	line("prompts\t%d to train on, %d held out\t", r.Prompts.Train, r.Prompts.HeldOut)
	line("rankings\t%d by %d simulated annotators\t%.0f %% of the clear pairs reversed on purpose", r.Judgments, r.Annotators, 100*r.Flip)
	line("comparisons\t%d, and %d ties\t%s", r.Comparisons-r.Ties, r.Ties, agreementNote(r.Agreement))
	line("reward model\t%.1f %% of %d noisy held-out pairs\t%.1f to %.1f %%; looking at length alone %.1f %%", 100*r.Reward.Accuracy,
		r.Reward.Pairs, 100*r.Reward.Interval[0], 100*r.Reward.Interval[1], 100*r.Reward.LengthBaseline)
	line("")
	line("held out\tbefore\tafter")
	line("gold score\t%.3f (%.3f to %.3f)\t%.3f (%.3f to %.3f)", r.Gold.Before, r.Gold.BeforeInterval[0], r.Gold.BeforeInterval[1],
		r.Gold.After, r.Gold.AfterInterval[0], r.Gold.AfterInterval[1])
	line("fully accepted\t%.1f %%\t%.1f %%", 100*r.Accepted.Before, 100*r.Accepted.After)
	line("end by themselves\t%.1f %%\t%.1f %%", 100*r.Ended.Before, 100*r.Ended.After)
	line("length\t%.1f tokens\t%.1f tokens", r.LengthMean.Before, r.LengthMean.After)
	line("distinct-2\t%.3f\t%.3f", r.Distinct2.Before, r.Distinct2.After)
	line("KL from the start\t\t%.1f nats a reply", r.KLMean)
	line("win rate\t\t%s", r.WinRate)
	line("… at matched length\t\t%s", r.WinMatched)
	line("")
	for _, failed := range r.Failed {
		line("not met: %s", failed)
	}
	if r.Passed {
		line("passed")
	}
	return table.Flush()
}

// String says the rate, its interval and what it is made of.
func (w WinRate) String() string {
	return fmt.Sprintf("%.3f (%.3f to %.3f): %d won, %d tied, %d lost", w.Value, w.Interval[0], w.Interval[1], w.Wins, w.Ties, w.Losses)
}

func sharedNote(shared bool) string {
	if shared {
		return " (the cores share one)"
	}
	return ""
}

func agreementNote(s Share) string {
	if s.Value == nil {
		return "no agreement to tell: no pair was judged twice"
	}
	return fmt.Sprintf("two annotators agree on %.1f %%", 100**s.Value)
}
