package jobs

import (
	"bytes"
	"fmt"
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"

	"rankloop/ranking"
	"rankloop/trainer"
)

// tunedPolicy is a short PPO run with kept checkpoints, the reward model it was tuned with, and another one as gold.
func (b *bundle) tunedPolicy() {
	b.t.Helper()
	b.work(rewardRun("judge"))
	gold := rewardRun("gold")
	gold.Seed = new(int64(7))
	b.work(gold)
	b.work(Request{
		Kind: trainer.KindPPO, Name: "tuned", Reward: "judge", Snapshot: "first",
		Sets: []string{"iterations=4", "episodes=4", "minibatches=1", "ppo_epochs=1", "max_new=8", "gamma_ptx=0", "publish_every=1", "sample_prompts=0", "learning_rate=0.01"},
	})
}

// TestOverOptimisation: a run keeps the checkpoints it was asked to, and they and best-of-n are measured by the reward model
// it was tuned with, by another one, and by what people preferred.
func TestOverOptimisation(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.tunedPolicy()
	run, err := b.store.RunByName(t.Context(), "tuned")
	must(t, err)
	kept, err := b.store.RunCheckpoints(t.Context(), run.ID)
	must(t, err)
	var names []string
	for _, c := range kept {
		names = append(names, c.Name)
	}
	if want := []string{"tuned@1", "tuned@2", "tuned@3", "tuned@4", "tuned"}; !slices.Equal(names, want) {
		t.Fatalf("the run keeps %v, want %v", names, want)
	}

	human := records(4, ranking.SplitTrain, 9)
	for i := range human {
		for j := range human[i].Responses {
			human[i].Responses[j].Model = []string{DefaultBase, "other"}[min(j, 1)]
		}
		human[i].Responses[human[i].Tiers[0][0]].Model = "tuned"
	}
	b.addSnapshot("people", human, nil)
	request := EvaluationRequest{Kind: ranking.EvaluationCurve, Checkpoint: "tuned", Curve: CurveRequest{Gold: "gold", Pool: 4, PerPrompt: 2, Prompts: 5}}
	spec, err := b.launcher().SpecifyEvaluation(t.Context(), request)
	must(t, err)
	var told [2]int
	sampled, err := b.launcher().SampleCurve(t.Context(), spec, EvaluationProgress{OnProgress: func(done, total int) { told = [2]int{done, total} }})
	must(t, err)
	curve, err := b.launcher().DrawCurve(t.Context(), spec, sampled)
	must(t, err)
	if told[0] != told[1] || told[1] != 2*5*(4+4*2) {
		t.Errorf("told %v", told)
	}
	if curve.Reference != DefaultBase || curve.Proxy != "judge" || curve.Gold != "gold" || curve.Human != "people" || curve.Prompts != 5 || len(curve.Checkpoints) != 5 {
		t.Fatalf("%+v", curve)
	}
	start, last := curve.Checkpoints[0], curve.Checkpoints[4]
	if start.Name != DefaultBase || start.RootKL != 0 || last.Name != "tuned@4" || last.Step != 4 || last.KL.Value == 0 || last.Gold == nil || last.Human == nil {
		t.Errorf("start %+v, last %+v", start, last)
	}
	if len(curve.BestOf) != 3 || curve.BestOf[2].Proxy.Value < curve.BestOf[0].Proxy.Value || math.Abs(curve.BestOf[0].Proxy.Value-start.Proxy.Value) > 1e-9 || curve.Peak == "" {
		t.Errorf("best of n %+v, peak %q", curve.BestOf, curve.Peak)
	}

	// The same through a file, with gold scores from elsewhere.
	var file bytes.Buffer
	must(t, sampled.Write(&file))
	for line, err := range ranking.ReadPromptSet("kept.jsonl", bytes.NewReader(file.Bytes()), ranking.DefaultPromptSetLimits()) {
		must(t, err)
		if line.Bad != nil && !strings.Contains(line.Bad.Error(), "empty") && !strings.Contains(line.Bad.Error(), "NUL") { // an untrained model writes anything
			t.Errorf("line %d cannot be imported: %s", line.Line, line.Bad)
		}
	}
	read, err := ReadSampled("kept.jsonl", bytes.NewReader(file.Bytes()))
	must(t, err)
	scores := ranking.Truth{}
	for _, r := range sampled.Replies {
		id := sampled.Prompts[r.Prompt].ID
		scores[id] = append(scores[id], *r.Gold)
	}
	// Scores are in the order of the file's lines, that is by prompt; replies there in the order they were drawn.
	must(t, read.AddGold(scores))
	again, err := b.launcher().DrawCurve(t.Context(), spec, read)
	must(t, err)
	if !reflect.DeepEqual(again, curve) {
		t.Errorf("through a file %+v instead of %+v", again, curve)
	}
	short := ranking.Truth{}
	for id, all := range scores {
		short[id] = all[:len(all)-1]
	}
	for name, err := range map[string]error{
		"no scores": read.AddGold(ranking.Truth{}), "too few scores": read.AddGold(short),
		"another file": func() error { _, err := ReadSampled("x", strings.NewReader(`{"id":"a","messages":[]}`)); return err }(),
		"no file":      func() error { _, err := ReadSampled("x", strings.NewReader("")); return err }(),
	} {
		if ranking.ErrorCode(err) != ranking.CodeInvalid {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name, change := range map[string]func(*EvaluationRequest){
		"its own judge as gold": func(r *EvaluationRequest) { r.Curve.Gold = "judge" },
		"a policy as gold":      func(r *EvaluationRequest) { r.Curve.Gold = "tuned" },
		"too many replies":      func(r *EvaluationRequest) { r.Curve.Pool = 1000 },
		"a reward model":        func(r *EvaluationRequest) { r.Checkpoint = "judge" },
	} {
		r := request
		change(&r)
		if _, err := b.launcher().SpecifyEvaluation(t.Context(), r); err == nil || ranking.ErrorCode(err) == ranking.CodeInternal {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestBestOfAlone: a policy that no run made is measured by best-of-n.
func TestBestOfAlone(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.work(rewardRun("judge"))
	result, _, err := b.evaluate(EvaluationRequest{Kind: ranking.EvaluationCurve, Checkpoint: DefaultBase, Curve: CurveRequest{Pool: 2, Prompts: 3}})
	must(t, err)
	curve := result.(*ranking.OptimisationCurve)
	if len(curve.Checkpoints) != 1 || len(curve.BestOf) != 2 || curve.Gold != "" || curve.BestOf[1].Gold != nil || curve.BestOf[1].KL.Value != ranking.BestOfKL(2) {
		t.Errorf("%s", fmt.Sprintf("%+v", curve))
	}
}
