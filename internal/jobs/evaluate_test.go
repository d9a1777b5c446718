package jobs

import (
	"bytes"
	"context"
	"encoding/json"
	"reflect"
	"testing"
	"time"

	"rankloop/internal/store"
	"rankloop/ranking"
)

// evaluate works a request here, without the table.
func (b *bundle) evaluate(r EvaluationRequest) (any, EvaluationSpec, error) {
	b.t.Helper()
	spec, err := b.launcher().SpecifyEvaluation(b.t.Context(), r)
	if err != nil {
		return nil, spec, err
	}
	result, err := b.launcher().Evaluate(b.t.Context(), spec, EvaluationProgress{})
	return result, spec, err
}

// TestEvaluateReward reports on a run's model what the run itself measured, from a snapshot and from a file alike.
func TestEvaluateReward(t *testing.T) {
	t.Parallel()
	b := setup(t)
	run := b.work(rewardRun("judge"))
	request := EvaluationRequest{Kind: ranking.EvaluationReport, Checkpoint: "judge"}
	result, spec, err := b.evaluate(request)
	must(t, err)
	report := result.(*ranking.RewardReport)
	last := b.metrics(run.ID)[run.Step]
	if spec.Source() != "first" || report.Accuracy.Value != last["eval/accuracy"] || float64(report.Pairs) != last["eval/pairs"] {
		t.Errorf("on %s: %+v, the run had %v of %v pairs", spec.Source(), report.Accuracy, last["eval/accuracy"], last["eval/pairs"])
	}
	lines := nativeLines(records(24, ranking.SplitTrain, 1), records(6, ranking.SplitValidation, 2))
	request.Data = &File{Name: "rankings.jsonl", Content: bytes.NewReader(lines)}
	again, spec, err := b.evaluate(request)
	must(t, err)
	if spec.Source() != "rankings.jsonl" || again.(*ranking.RewardReport).Accuracy != report.Accuracy {
		t.Errorf("from %s: %+v", spec.Source(), again)
	}
	for name, r := range map[string]EvaluationRequest{
		"a policy":        {Kind: ranking.EvaluationReport, Checkpoint: DefaultBase},
		"nothing":         {Kind: ranking.EvaluationReport, Checkpoint: "nobody"},
		"a snapshot":      {Kind: ranking.EvaluationReport, Checkpoint: "judge", Request: Request{Snapshot: "none"}},
		"one group":       {Kind: ranking.EvaluationFolds, Checkpoint: "judge", Folds: 1},
		"one annotator":   {Kind: ranking.EvaluationFolds, Checkpoint: "judge", Own: true},
		"a foreign model": {Kind: ranking.EvaluationFolds, Checkpoint: b.imported("elsewhere")},
	} {
		if _, _, err := b.evaluate(r); err == nil || ranking.ErrorCode(err) == ranking.CodeInternal {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// imported registers the newest reward model under a name that no run has.
func (b *bundle) imported(name string) string {
	b.t.Helper()
	reward, err := b.store.CheckpointByName(b.t.Context(), "judge")
	must(b.t, err)
	_, err = b.store.AddCheckpoint(b.t.Context(), store.NewCheckpoint{
		Name: name, Kind: "reward", Base: name, Parameters: reward.Parameters, SHA256: reward.SHA256,
	})
	must(b.t, err)
	return name
}

// threeAnnotators is a snapshot that three people have ranked, and a run trained on it.
func (b *bundle) threeAnnotators() {
	b.t.Helper()
	train, heldOut := records(24, ranking.SplitTrain, 3), records(9, ranking.SplitValidation, 4)
	for i := range train {
		train[i].Annotator = []string{"a-1", "a-2", "a-3"}[i%3]
	}
	for i := range heldOut {
		heldOut[i].Annotator = []string{"a-1", "a-2", "a-3"}[i%3]
	}
	b.addSnapshot("three", train, heldOut)
	request := rewardRun("judge")
	request.Snapshot = "three"
	b.work(request)
}

func TestCrossValidate(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.threeAnnotators()
	request := EvaluationRequest{Kind: ranking.EvaluationFolds, Request: rewardRun("")}
	request.Snapshot = "three"
	asked, spec, err := b.evaluate(request)
	must(t, err)
	result := asked.(*ranking.CrossValidation)
	if spec.Source() != "three" || len(result.Folds) != 3 || result.HeldOut.Folds != 3 {
		t.Errorf("on %s: %+v", spec.Source(), result)
	}
	// What the run of a checkpoint was asked for is the same.
	repeated, spec, err := b.evaluate(EvaluationRequest{Kind: ranking.EvaluationFolds, Checkpoint: "judge", Own: true, Folds: 3})
	must(t, err)
	if spec.Source() != "three" || !reflect.DeepEqual(repeated, asked) {
		t.Errorf("with the run's settings on %s: %+v instead of %+v", spec.Source(), repeated, asked)
	}
	runs, err := b.store.ListRuns(t.Context())
	must(t, err)
	if len(runs) != 1 {
		t.Errorf("there are %d runs", len(runs))
	}
}

// ended waits for an evaluation's end.
func (b *bundle) ended(id int64) store.Evaluation {
	b.t.Helper()
	for deadline := time.Now().Add(time.Minute); ; {
		e, err := b.store.EvaluationByID(b.t.Context(), id)
		must(b.t, err)
		if e.Ended() {
			return e
		}
		if time.Now().After(deadline) {
			b.t.Fatalf("evaluation %+v has not ended", e)
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// TestEvaluationsAreWorked: a worker takes evaluations from the queue and keeps what came out; one that was stopped is not
// worked; one whose worker was killed goes on behind the folds that are kept.
func TestEvaluationsAreWorked(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.threeAnnotators()
	b.store.ClaimSilence = 500 * time.Millisecond
	worker, err := NewWorker(b.pool, b.launcher(), b.engine(), testLog(t))
	must(t, err)
	ask := func(kind string) store.Evaluation {
		t.Helper()
		e, _, err := b.launcher().RequestEvaluation(t.Context(), worker, EvaluationRequest{Kind: kind, Checkpoint: "judge", Own: true})
		must(t, err)
		return e
	}
	report, folds := ask(ranking.EvaluationReport), ask(ranking.EvaluationFolds)
	if again := ask(ranking.EvaluationReport); again.ID != report.ID {
		t.Errorf("the same request twice made %d and %d", report.ID, again.ID)
	}
	stopped := ask(ranking.EvaluationReport)
	must(t, b.store.StopEvaluation(t.Context(), stopped.ID))
	report = ask(ranking.EvaluationReport) // the stopped one is no answer
	if report.ID == stopped.ID {
		t.Error("a stopped evaluation stands for a new one")
	}

	// Somebody claims the folds, keeps one and dies.
	wholly, _, err := b.evaluate(EvaluationRequest{Kind: ranking.EvaluationFolds, Checkpoint: "judge", Own: true})
	must(t, err)
	claimed, ok, err := b.store.ClaimEvaluation(t.Context(), folds.ID)
	if err != nil || !ok {
		t.Fatalf("claimed %v, %v", ok, err)
	}
	first := wholly.(*ranking.CrossValidation).Folds[:1]
	first[0].Rankings = 4321 // to be told from one that was measured again
	partial, err := json.Marshal(first)
	must(t, err)
	if kept, err := b.store.KeepPartial(t.Context(), folds.ID, claimed.Fence, partial); err != nil || !kept {
		t.Fatalf("kept %v, %v", kept, err)
	}

	must(t, worker.Start(t.Context()))
	defer func() { must(t, worker.Stop(context.Background())) }()
	reviving, end := context.WithCancel(t.Context())
	defer end()
	go ReviveEvaluations(reviving, b.store, worker, testLog(t))

	e := b.ended(report.ID)
	var got ranking.RewardReport
	must(t, json.Unmarshal(e.Result, &got))
	if e.State != store.RunSucceeded || got.Accuracy.Pairs == 0 || e.Done != e.Total || e.Total == 0 {
		t.Errorf("%+v: %+v", e, got)
	}
	e = b.ended(folds.ID)
	var result ranking.CrossValidation
	must(t, json.Unmarshal(e.Result, &result))
	if e.State != store.RunSucceeded || !reflect.DeepEqual(&result, wholly) || string(e.Partial) != "null" {
		t.Errorf("%+v instead of %+v", result, wholly)
	}
	if ok, err := b.store.BeatEvaluation(t.Context(), folds.ID, claimed.Fence, 1, 2); err != nil || ok {
		t.Errorf("the dead worker still beats: %v, %v", ok, err)
	}
	if e := b.ended(stopped.ID); e.State != store.RunStopped || string(e.Result) != "null" {
		t.Errorf("the stopped one is %+v", e)
	}
}
