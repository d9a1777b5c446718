package jobs

import (
	"bytes"
	"testing"

	"rankloop/ranking"
)

// TestEvaluateReward reports on a run's model what the run itself measured, from a snapshot and from a file alike.
func TestEvaluateReward(t *testing.T) {
	t.Parallel()
	b := setup(t)
	run := b.work(rewardRun("judge"))
	report, source, err := b.launcher().EvaluateReward(t.Context(), "judge", "", nil)
	must(t, err)
	last := b.metrics(run.ID)[run.Step]
	if source.Name != "first" || report.Accuracy.Value != last["eval/accuracy"] || float64(report.Pairs) != last["eval/pairs"] {
		t.Errorf("on %s: %+v, the run had %v of %v pairs", source.Name, report.Accuracy, last["eval/accuracy"], last["eval/pairs"])
	}
	lines := nativeLines(records(24, ranking.SplitTrain, 1), records(6, ranking.SplitValidation, 2))
	again, source, err := b.launcher().EvaluateReward(t.Context(), "judge", "", &File{Name: "rankings.jsonl", Content: bytes.NewReader(lines)})
	must(t, err)
	if source.Name != "rankings.jsonl" || again.Accuracy != report.Accuracy {
		t.Errorf("from %s: %+v", source.Name, again.Accuracy)
	}
	for name, call := range map[string]func() error{
		"a policy":   func() error { _, _, err := b.launcher().EvaluateReward(t.Context(), DefaultBase, "", nil); return err },
		"nothing":    func() error { _, _, err := b.launcher().EvaluateReward(t.Context(), "nobody", "", nil); return err },
		"a snapshot": func() error { _, _, err := b.launcher().EvaluateReward(t.Context(), "judge", "none", nil); return err },
	} {
		if err := call(); err == nil || ranking.ErrorCode(err) == ranking.CodeInternal {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestCrossValidate(t *testing.T) {
	t.Parallel()
	b := setup(t)
	train, heldOut := records(24, ranking.SplitTrain, 3), records(9, ranking.SplitValidation, 4)
	for i := range train {
		train[i].Annotator = []string{"a-1", "a-2", "a-3"}[i%3]
	}
	for i := range heldOut {
		heldOut[i].Annotator = []string{"a-1", "a-2", "a-3"}[i%3]
	}
	b.addSnapshot("three", train, heldOut)
	request := rewardRun("")
	request.Snapshot = "three"
	steps := 0
	result, source, err := b.launcher().CrossValidate(t.Context(), request, 3, func(_, _, _ int) { steps++ })
	must(t, err)
	if source.Name != "three" || len(result.Folds) != 3 || steps != 3*16 || result.HeldOut.Folds != 3 {
		t.Errorf("on %s in %d steps: %+v", source.Name, steps, result)
	}
	runs, err := b.store.ListRuns(t.Context())
	must(t, err)
	if len(runs) != 0 {
		t.Errorf("it left %d runs", len(runs))
	}
}
