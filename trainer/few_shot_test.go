package trainer

import (
	"encoding/json"
	"math"
	"os"
	"testing"

	"rankloop/model"
	"rankloop/ranking"
)

func fewShotQuestions(t *testing.T) []ranking.TestQuestion {
	t.Helper()
	file, err := os.Open("testdata/few_shot/questions.jsonl")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	questions, err := ranking.ReadTestQuestions("questions.jsonl", file)
	if err != nil {
		t.Fatal(err)
	}
	return questions
}

func fewShotReport(t *testing.T, policy *model.Checkpoint, questions []ranking.TestQuestion, plan FewShotPlan) *ranking.FewShotReport {
	t.Helper()
	report, err := EvaluateFewShot(t.Context(), policy, questions, plan, func(int, int) {})
	if err != nil {
		t.Fatal(err)
	}
	return report
}

// TestFewShotGolden: an untrained model's answers and log-likelihoods are those that were written down (-update writes them
// again), in a conversation and as text.
func TestFewShotGolden(t *testing.T) {
	const path = "testdata/few_shot/golden.json"
	got := map[string]*ranking.FewShotReport{
		"conversation": fewShotReport(t, tinyBase(1), fewShotQuestions(t), FewShotPlan{Shots: 1, MaxNew: 6, Seed: 1}),
		"text":         fewShotReport(t, tinyBase(1), fewShotQuestions(t), FewShotPlan{Shots: 2, Raw: true, MaxNew: 6, Seed: 1}),
	}
	if *update {
		encoded, err := json.MarshalIndent(got, "", "  ")
		if err == nil {
			err = os.WriteFile(path, append(encoded, '\n'), 0o644)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	encoded, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var want map[string]*ranking.FewShotReport
	if err := json.Unmarshal(encoded, &want); err != nil {
		t.Fatal(err)
	}
	for form, report := range got {
		golden := want[form]
		if golden == nil || len(golden.Questions) != len(report.Questions) || golden.Trimmed != report.Trimmed || *golden.Chance != *report.Chance {
			t.Fatalf("%s: %+v instead of %+v", form, report, golden)
		}
		for i, q := range report.Questions {
			g := golden.Questions[i]
			if q.ID != g.ID || q.Greedy != g.Greedy || q.Exact != g.Exact || len(q.LogLikelihoods) != len(g.LogLikelihoods) {
				t.Errorf("%s: %+v instead of %+v", form, q, g)
				continue
			}
			for j := range q.LogLikelihoods {
				near(t, form+" "+q.ID, q.LogLikelihoods[j], g.LogLikelihoods[j], 1e-4*math.Abs(g.LogLikelihoods[j]))
			}
		}
	}
}

// TestFewShotKnowsWhatWasTaught: a model that was taught the answers gives them, a choice is made by the option it was taught,
// and a model that was not taught does no better than chance would allow.
func TestFewShotKnowsWhatWasTaught(t *testing.T) {
	questions := fewShotQuestions(t)
	var examples []Example
	for _, q := range questions {
		examples = append(examples, Example{Messages: say(q.Prompt), Reply: q.Answer})
	}
	run := open(t, KindSFT, 1, Inputs{Base: tinyBase(1), Examples: examples},
		"epochs=80", "batch_examples=6", "learning_rate=0.01", "warmup_steps=5", "max_new=12", "pretrain_share=0", "select=last")
	finish(t, run)
	plan := FewShotPlan{Shots: 0, MaxNew: 8, Seed: 1}
	report := fewShotReport(t, published(t, run), questions, plan)
	if report.ExactMatch.Value != 1 || report.Accuracy.Value != 1 || report.Accuracy.Pairs != 3 || report.ExactMatch.Pairs != 6 {
		t.Errorf("taught: %+v", report)
	}
	for _, q := range report.Questions {
		if len(q.LogLikelihoods) > 0 && !(q.LogLikelihoods[*q.Chosen] > -1) {
			t.Errorf("%s: the taught answer has the log-likelihoods %v", q.ID, q.LogLikelihoods)
		}
	}
	report = fewShotReport(t, tinyBase(1), questions, plan)
	if report.ExactMatch.Value > 0.5 || math.Abs(*report.Chance-1.0/3) > 1e-12 {
		t.Errorf("untaught: %+v", report)
	}
}

func TestFewShotExamples(t *testing.T) {
	questions := fewShotQuestions(t)
	questions[0].Example, questions[3].Example = true, true
	f, err := newFewShot(tinyBase(1), questions, FewShotPlan{Shots: 2, MaxNew: 4, Seed: 1})
	if err != nil {
		t.Fatal(err)
	}
	for _, shot := range f.shots(questions[1]) {
		if !shot.Example {
			t.Errorf("%s is no example", shot.ID)
		}
	}
	for name, plan := range map[string]FewShotPlan{
		"more examples than there are": {Shots: 3, MaxNew: 4}, "no room for the question": {MaxNew: 100_000}, "no room for an answer": {},
	} {
		if _, err := newFewShot(tinyBase(1), questions, plan); ranking.ErrorCode(err) != ranking.CodeInvalid {
			t.Errorf("%s: %v", name, err)
		}
	}
	if f, err = newFewShot(tinyBase(1), fewShotQuestions(t), FewShotPlan{Shots: 5, MaxNew: 4, Seed: 1}); err != nil {
		t.Fatal(err)
	}
	for _, shot := range f.shots(questions[2]) {
		if shot.ID == questions[2].ID {
			t.Error("a question is its own example")
		}
	}
	if _, _, trimmed := f.layOut(questions[2], 20); !trimmed {
		t.Error("five examples fit 20 tokens")
	}
}
