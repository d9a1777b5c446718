package jobs

import (
	"strings"
	"testing"

	"rankloop/ranking"
)

// TestPrepareStartsNothing: a preview counts the run that Start stores, and stores none itself.
func TestPrepareStartsNothing(t *testing.T) {
	t.Parallel()
	b := setup(t)
	prepared, err := b.launcher().Prepare(t.Context(), rewardRun("seen"))
	must(t, err)
	if runs, err := b.store.ListRuns(t.Context()); err != nil || len(runs) != 0 {
		t.Fatalf("the preview left %d runs behind, %v", len(runs), err)
	}
	if prepared.Refused != nil || prepared.PeakGflops <= 0 || prepared.Seconds <= 0 || prepared.MemoryBytes <= 0 || prepared.Cost.FLOP <= 0 {
		t.Errorf("the preview is %+v", prepared.Preview)
	}
	run, created, err := prepared.Start(t.Context())
	must(t, err)
	if !created || run.Name != "seen" {
		t.Errorf("started %v: %+v", created, run)
	}
	_, err = b.owner().WorkRun(t.Context(), run.ID)
	must(t, err)
	if done := b.run(run.ID); done.StepsTotal != prepared.Cost.Steps {
		t.Errorf("%d steps were expected, %d made", prepared.Cost.Steps, done.StepsTotal)
	}
	again, err := b.launcher().Prepare(t.Context(), ppoRun(""))
	must(t, err)
	if share := again.Cost.MixShare(); share <= 0 || share >= 1 || !again.Cost.AtMost {
		t.Errorf("PPO's preview is %+v", again.Cost)
	}
}

// TestPrepareTellsTooMuchMemory: the preview says so, and the run does not start.
func TestPrepareTellsTooMuchMemory(t *testing.T) {
	t.Parallel()
	b := setup(t)
	request := rewardRun("large")
	request.Sets = append(request.Sets, "micro_batch_tokens=16777216")
	prepared, err := b.launcher().Prepare(t.Context(), request)
	must(t, err)
	if ranking.ErrorCode(prepared.Refused) != ranking.CodeUnavailable || !strings.Contains(prepared.Refused.Error(), "micro_batch_tokens") || prepared.Cost.Steps == 0 {
		t.Errorf("refused with %v: %+v", prepared.Refused, prepared.Cost)
	}
	if _, _, err := prepared.Start(t.Context()); ranking.ErrorCode(err) != ranking.CodeUnavailable {
		t.Errorf("it started: %v", err)
	}
	if runs, err := b.store.ListRuns(t.Context()); err != nil || len(runs) != 0 {
		t.Errorf("%d runs are stored, %v", len(runs), err)
	}
}
