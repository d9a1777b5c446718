package study

import (
	"fmt"
	"io"
	"text/tabwriter"

	"rankloop/model/kernel"
	"rankloop/ranking"
)

// table is a report for people, line by line.
type table struct{ *tabwriter.Writer }

func newTable(w io.Writer) table { return table{tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)} }

func (t table) line(format string, args ...any) { fmt.Fprintf(t, format+"\n", args...) }

func (t table) end(v Verdict) error {
	t.line("")
	for _, failed := range v.Failed {
		t.line("not reached: %s", failed)
	}
	if v.Passed {
		t.line("reached")
	}
	return t.Flush()
}

func shareText(s ranking.Share) string {
	return fmt.Sprintf("%.3f (%.3f to %.3f)", s.Value, s.Interval[0], s.Interval[1])
}

func machine(c kernel.Calibration) string {
	return fmt.Sprintf("FMA peak %.0f GFLOP/s on one core, %.0f on all", c.FMAGflops1T, c.FMAGflopsAll)
}

// Write prints the report as a table for people.
func (r AlpacaReport) Write(w io.Writer) error {
	t := newTable(w)
	t.line("")
	t.line("training\t%.0f minutes\tthe machine now: %s", r.TrainS/60, machine(r.Calibration))
	t.line("held out\t%d pairs of %d prompts\t%d replies of more than %d tokens left out everywhere", r.Reward.Pairs, r.Reward.Prompts, r.LeftOut, r.ReplyTokens)
	t.line("")
	t.line("accuracy\tall pairs\tof similar length")
	similar := r.Reward.SimilarLength
	t.line("reward model\t%s\t%s", shareText(r.Reward.Accuracy), shareText(similar.Accuracy))
	t.line("length alone\t%s\t%s", shareText(r.Reward.LengthBaseline), shareText(similar.LengthBaseline))
	t.line("model alone\t%s\t", shareText(r.Reward.ModelBaseline))
	t.line("reward model − length\t\t%s of %d pairs", shareText(similar.Difference), similar.Difference.Pairs)
	t.line("calibration\tECE %.3f, Brier %.3f\tscore and length correlate by %.2f", r.Reward.Calibration.ECE, r.Reward.Calibration.Brier, r.Reward.LengthCorrelation)
	return t.end(r.Verdict)
}

// Write prints the report as a table for people.
func (r LabelersReport) Write(w io.Writer) error {
	t := newTable(w)
	t.line("")
	t.line("time\t%.0f minutes, seed %d\t%s", r.DurationS/60, r.Seed, machine(r.Calibration))
	t.line("rankings\t%d of %d prompts by %d simulated annotators\t%.1f %% of the clear pairs reversed on purpose", r.Judgments, r.Prompts.Train, r.Annotators, 100*r.Reversed)
	t.line("")
	t.line("comparisons\tof clean pairs right\tof noisy pairs right\tmeans of %d seeds on %d unseen prompts", seedsOf(r.Accuracy), r.Prompts.Unseen)
	for _, p := range r.Accuracy {
		t.line("%d\t%.3f\t%.3f", p.Comparisons, p.Clean, p.Flipped)
	}
	t.line("")
	t.line("policy\twin rate over the start\tgold\tKL\t%d prompts; checkpoint chosen on %d others", r.Prompts.Test, r.Prompts.Validation)
	for _, p := range r.Policies {
		t.line("%s\t%s\t%.3f, then %.3f\t%.2f", p.Checkpoint, shareText(p.WinRate), p.GoldBefore, p.GoldAfter, p.KL)
	}
	t.line("mean\t%.3f", r.WinRate)
	t.line("")
	t.line("β = 0\tgold: start, peak, end\tproxy: start, peak, end\tKL\tfall of gold from its peak")
	for _, d := range r.Unhindered {
		t.line("seed %d, peak %s\t%.3f, %.3f, %.3f\t%.2f, %.2f, %.2f\t%.1f\t%.3f, %.1f standard errors%s", d.Seed, d.Peak,
			d.GoldStart, d.GoldPeak, d.GoldFinal, d.ProxyStart, d.ProxyPeak, d.ProxyFinal, d.KL, d.Fall, d.StandardErrors, mark(d.Overoptimised))
	}
	return t.end(r.Verdict)
}

func seedsOf(points []AccuracyPoint) int {
	if len(points) == 0 {
		return 0
	}
	return len(points[0].Seeds)
}

func mark(overoptimised bool) string {
	if overoptimised {
		return ": over-optimised"
	}
	return ""
}

// Write prints the report as a table for people.
func (r PtxReport) Write(w io.Writer) error {
	t := newTable(w)
	t.line("")
	t.line("time\t%.0f minutes, seed %d\t%s", r.DurationS/60, r.Seed, machine(r.Calibration))
	t.line("held-out text\t%d documents, %d tokens\t%.4f nats a token before", r.Documents, r.Tokens, r.LossBefore)
	t.line("")
	t.line("nats a token after\tγ = 0\tγ = %g\tof the rise taken back\tscore\tKL", r.Gamma)
	for _, s := range r.Seeds {
		t.line("seed %d\t%.4f\t%.4f\t%.2f\t%+.2f, %+.2f\t%.1f, %.1f", s.Seed, s.Without.LossAfter, s.With.LossAfter, s.Recovered,
			s.Without.Score, s.With.Score, s.Without.KL, s.With.KL)
	}
	t.line("of the means\t\t\t%.2f", r.Recovered)
	return t.end(r.Verdict)
}
