package trainer

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"rankloop/model"
	"rankloop/ranking"
)

var peaking = []string{"iterations=9", "episodes=8", "minibatches=2", "ppo_epochs=1", "max_new=8", "sample_every=1", "sample_prompts=0",
	"learning_rate=0.02", "value_learning_rate=0.02", "kl_coef=0", "ema_decay=0.5", "ema_warmup=false", "gamma_ptx=0"}

func peakInputs() Inputs {
	base := tinyBase(1)
	return Inputs{Base: base, Reward: tinyReward(base), Prompts: prompts(9), Records: randomRecords(12, 3, ranking.SplitValidation, 5)}
}

// TestPPOStopsAtTheValidationPeak: a run that follows the same way as one that goes to its end stops after the evaluations
// that brought no new peak, and publishes the policy of the peak, bit for bit; so does one that was interrupted.
func TestPPOStopsAtTheValidationPeak(t *testing.T) {
	const wait = 2
	whole := open(t, KindPPO, 1, peakInputs(), append(peaking, "publish_every=1")...)
	var agreement []float64
	var kept []*model.Checkpoint
	for _, report := range finish(t, whole) {
		if value, ok := report.Metrics[metricAgreement]; ok {
			agreement = append(agreement, value)
			kept = append(kept, report.Checkpoint)
		} else if report.Checkpoint != nil {
			t.Fatalf("step %d keeps a checkpoint in the middle of an iteration", report.Step)
		}
	}
	if len(agreement) != 9 || kept[7] == nil || kept[8] != nil {
		t.Fatalf("%d evaluations; kept %v", len(agreement), kept)
	}
	kept[8] = published(t, whole)
	best, end := 0, 0
	for i, value := range agreement {
		end = i
		if value > agreement[best] {
			best = i
		}
		if i-best == wait {
			break
		}
	}
	if end == 8 {
		t.Fatalf("agreement %v has no peak to stop at: choose other settings", agreement)
	}

	check := func(name string, run Run, last Report) {
		t.Helper()
		if want := 2 * (end + 1); run.Step() != want || run.StepsTotal() != want {
			t.Errorf("%s: stopped at step %d of %d, want %d; agreement %v", name, run.Step(), run.StepsTotal(), want, agreement)
		}
		if got := run.(*ppoRun).PublishedStep(); got != 2*(best+1) {
			t.Errorf("%s: published step %d, the peak is at %d", name, got, 2*(best+1))
		}
		if !slices.Equal(published(t, run).Weights.Data, kept[best].Weights.Data) {
			t.Errorf("%s: published other weights than those of the peak", name)
		}
		if !slices.ContainsFunc(last.Warnings, func(w Warning) bool { return w.Code == "stopped_at_peak" }) {
			t.Errorf("%s: does not say that it stopped: %v", name, last.Warnings)
		}
	}
	sets := append(peaking, fmt.Sprintf("stop_at_peak=%d", wait))
	straight := open(t, KindPPO, 1, peakInputs(), sets...)
	reports := finish(t, straight)
	check("straight", straight, reports[len(reports)-1])

	interrupted := open(t, KindPPO, 1, peakInputs(), sets...)
	for range 2*end + 1 { // behind the peak, in the middle of the last iteration
		advance(t, interrupted)
	}
	state := save(t, interrupted)
	resumed := open(t, KindPPO, 1, peakInputs(), sets...)
	if err := resumed.Restore(state.open); err != nil {
		t.Fatal(err)
	}
	reports = finish(t, resumed)
	check("resumed", resumed, reports[len(reports)-1])

	ended := open(t, KindPPO, 1, peakInputs(), sets...)
	if err := ended.Restore(save(t, straight).open); err != nil {
		t.Fatal(err)
	}
	check("ended, opened again", ended, Report{Warnings: []Warning{{Code: "stopped_at_peak"}}})
}

func TestStopAtPeakRefuses(t *testing.T) {
	if _, err := ResolveConfig(KindPPO, "", []string{"stop_at_peak=2", "sample_every=0"}, nil); err == nil || !strings.Contains(err.Error(), "sample_every") {
		t.Errorf("without evaluations: %v", err)
	}
	in := peakInputs()
	in.Records = nil
	_, err := Open(Spec{Kind: KindPPO, Seed: 1, Config: resolve(t, KindPPO, append(peaking, "stop_at_peak=1")...)}, in)
	if ranking.ErrorCode(err) != ranking.CodeInvalid {
		t.Errorf("without held-out rankings: %v", err)
	}
}
