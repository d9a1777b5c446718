package trainer

import (
	"fmt"
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"

	"rankloop/ranking"
)

// reported trains a reward model for a few steps and evaluates it.
func reported(t *testing.T, records []ranking.Record) (*ranking.RewardReport, map[string]float64) {
	t.Helper()
	run := open(t, KindReward, 1, Inputs{Base: tinyBase(1), Records: records}, "max_new=24", "batch_tasks=4", "learning_rate=0.003", "zero_samples=8")
	reports := finish(t, run)
	report, err := EvaluateReward(t.Context(), throughFiles(t, published(t, run)), records, 512, 1, nil)
	if err != nil {
		t.Fatal(err)
	}
	return report, reports[len(reports)-1].Metrics
}

// judgedRecords are rankings by several annotators of replies by two models, of which "good" mostly wins.
func judgedRecords() []ranking.Record {
	records := append(randomRecords(24, 4, ranking.SplitTrain, 1), randomRecords(16, 4, ranking.SplitValidation, 2)...)
	for i := range records {
		r := &records[i]
		r.TaskID = int64(i)
		r.Annotator = fmt.Sprintf("a-%d", i%4)
		for j := range r.Responses {
			r.Responses[j].Model = "bad"
		}
		r.Responses[r.Tiers[0][0]].Model = "good"
		if i%8 == 0 {
			r.Responses[r.Tiers[0][0]].Model, r.Responses[r.Tiers[len(r.Tiers)-1][0]].Model = "bad", "good"
		}
		if i%3 == 0 { // somebody else ranks the same task and agrees
			again := *r
			again.Annotator = "second"
			records = append(records, again)
		}
	}
	return records
}

// TestReportAgreesWithTheRun: the report's figures are those that the run measured itself.
func TestReportAgreesWithTheRun(t *testing.T) {
	report, metrics := reported(t, judgedRecords())
	near(t, "accuracy", report.Accuracy.Value, metrics[metricEvalAccuracy], 1e-12)
	near(t, "lower end", report.Accuracy.Interval[0], metrics[metricEvalAccuracyLow], 1e-12)
	near(t, "upper end", report.Accuracy.Interval[1], metrics[metricEvalAccuracyHigh], 1e-12)
	near(t, "length alone", report.LengthBaseline.Value, metrics[metricEvalLengthBaseline], 1e-12)
	if report.Pairs != int(metrics[metricEvalPairs]) || report.Prompts != int(metrics[metricEvalPrompts]) {
		t.Errorf("%d pairs of %d prompts, the run has %v of %v", report.Pairs, report.Prompts, metrics[metricEvalPairs], metrics[metricEvalPrompts])
	}
	for name, parts := range map[string][]ranking.Slice{"annotators": report.Annotators, "margins": report.Margins, "models": report.Models} {
		pairs, right := 0, 0.0
		for _, part := range parts {
			pairs += part.Accuracy.Pairs
			right += part.Accuracy.Value * float64(part.Accuracy.Pairs)
		}
		if pairs != report.Pairs || len(parts) < 2 && name != "margins" {
			t.Errorf("%s: %d pairs in %d parts", name, pairs, len(parts))
		}
		near(t, name+" add up", right/float64(pairs), report.Accuracy.Value, 1e-9)
	}
	if report.Agreement == nil || report.Agreement.Value != 1 {
		t.Errorf("agreement of annotators who agree: %+v", report.Agreement)
	}
	if report.ModelBaseline.Value < 0.55 || report.ModelBaseline.Value == 1 {
		t.Errorf("the better model wins %v of the pairs", report.ModelBaseline.Value)
	}
	predicted := 0
	for _, bin := range report.Calibration.Bins {
		predicted += bin.Pairs
		if bin.Predicted < bin.Low-1e-9 || bin.Predicted > bin.High+1e-9 {
			t.Errorf("bin %+v", bin)
		}
	}
	if predicted != report.Pairs || !(report.Calibration.Brier > 0 && report.Calibration.Brier < 1) {
		t.Errorf("calibration %+v", report.Calibration)
	}
}

func planted(delta float64, winner, loser string, prompt int) judgedPair {
	return judgedPair{
		prompt: ranking.PromptKey{ID: fmt.Sprint(prompt)}, delta: delta,
		winner: ranking.RecordResponse{Text: winner}, loser: ranking.RecordResponse{Text: loser},
	}
}

// TestCalibration: pairs that are right as often as σ says have no error; ones that are always sure and half wrong have.
func TestCalibration(t *testing.T) {
	var honest, sure []judgedPair
	delta := math.Log(3) // σ = ¾
	for i := range 100 {
		d, s := delta, 6.0
		if i%4 == 0 {
			d = -delta
		}
		if i%2 == 0 {
			s = -6
		}
		honest, sure = append(honest, planted(d, "a", "b", i)), append(sure, planted(s, "a", "b", i))
	}
	c := calibrate(honest)
	near(t, "ECE", c.ECE, 0, 1e-9)
	near(t, "Brier", c.Brier, 0.75*0.0625+0.25*0.5625, 1e-9)
	if len(c.Bins) != 1 || c.Bins[0].Pairs != 100 {
		t.Errorf("bins %+v", c.Bins)
	}
	near(t, "observed", c.Bins[0].Observed, 0.75, 1e-9)
	near(t, "ECE of the overconfident", calibrate(sure).ECE, sigmoid(6)-0.5, 1e-9)
}

// TestSimilarLengths: only pairs within a quarter of each other count, and the difference is paired by prompt.
func TestSimilarLengths(t *testing.T) {
	if !similarLengths(planted(1, strings.Repeat("x", 75), strings.Repeat("y", 100), 0)) || similarLengths(planted(1, strings.Repeat("x", 74), strings.Repeat("y", 100), 0)) {
		t.Error("the limit is not a quarter of the longer one")
	}
	var pairs []judgedPair
	for i := range 60 { // the model is always right, length on every third prompt
		winner, loser := "xxxx", "yyyyy"
		if i%3 == 0 {
			winner, loser = loser, winner
		}
		pairs = append(pairs, planted(1, winner, loser, i))
	}
	longer := longerRule(nil)
	d := difference(pairs, func(p judgedPair) float64 { return p.delta }, longer, 1)
	near(t, "difference", d.Value, 2.0/3, 1e-9)
	if !(d.Interval[0] > 0.5 && d.Interval[1] < 0.8) {
		t.Errorf("interval %v", d.Interval)
	}
	same := difference(pairs, longer, longer, 1)
	if same.Value != 0 || same.Interval != [2]float64{} {
		t.Errorf("a rule differs from itself by %+v", same)
	}
}

func TestEvaluateRewardRefuses(t *testing.T) {
	base := tinyBase(1)
	if _, err := EvaluateReward(t.Context(), base, judgedRecords(), 512, 1, nil); ranking.ErrorCode(err) != ranking.CodeInvalid {
		t.Errorf("a language model: %v", err)
	}
	tied := record("p", []string{"a", "b"}, []int{0, 1})
	if _, err := EvaluateReward(t.Context(), tinyReward(base), []ranking.Record{tied}, 512, 1, nil); ranking.ErrorCode(err) != ranking.CodeInvalid {
		t.Errorf("ties alone: %v", err)
	}
}

// TestCrossValidation: every annotator is held out once, training never sees whom it holds out, and the same seed gives the same.
func TestCrossValidation(t *testing.T) {
	in := Inputs{Base: tinyBase(1), Records: judgedRecords()}
	spec := Spec{Kind: KindReward, Seed: 3, Config: resolve(t, KindReward, "max_new=24", "batch_tasks=8", "zero_samples=4", "learning_rate=0.003")}
	steps := 0
	var kept [][]ranking.Fold
	first, err := CrossValidate(t.Context(), spec, in, 3, CrossValidationProgress{
		OnStep: func(_, _, _, _ int) { steps++ },
		OnFold: func(done []ranking.Fold) error { kept = append(kept, slices.Clone(done)); return nil },
	})
	if err != nil {
		t.Fatal(err)
	}
	train, heldOut := bySplit(in.Records)
	held := make(map[string]int)
	for i, fold := range first.Folds {
		outside, pairs := 0, 0
		for _, r := range train {
			for _, name := range fold.HeldOutAnnotators {
				if r.Annotator == name {
					outside++
				}
			}
		}
		for _, name := range fold.HeldOutAnnotators {
			held[name]++
		}
		if fold.Rankings != len(train)-outside {
			t.Errorf("fold %d trained on %d rankings of %d without its %d", i, fold.Rankings, len(train), outside)
		}
		for _, r := range heldOut {
			for _, c := range r.Comparisons() {
				if !c.Tied {
					pairs++
				}
			}
		}
		if fold.Seen.Pairs == 0 || fold.HeldOut.Pairs == 0 || fold.Seen.Pairs+fold.HeldOut.Pairs != pairs {
			t.Errorf("fold %d: %d and %d pairs of %d", i, fold.Seen.Pairs, fold.HeldOut.Pairs, pairs)
		}
	}
	if len(first.Folds) != 3 || len(held) != 5 || steps < 6 || first.Seen.Folds != 3 || first.Seen.StandardError <= 0 {
		t.Errorf("%d folds hold %v out in %d steps: %+v", len(first.Folds), held, steps, first.Seen)
	}
	for name, n := range held {
		if n != 1 {
			t.Errorf("%s is held out %d times", name, n)
		}
	}
	if len(kept) != 3 || len(kept[0]) != 1 {
		t.Fatalf("told of %d folds", len(kept))
	}
	again, err := CrossValidate(t.Context(), spec, in, 3, CrossValidationProgress{Done: kept[0]}) // as after a crash
	if err != nil || !reflect.DeepEqual(again, first) {
		t.Errorf("again %+v, %v, first %+v", again, err, first)
	}
	for _, folds := range []int{-1, 1, 6} {
		if _, err := CrossValidate(t.Context(), spec, in, folds, CrossValidationProgress{}); ranking.ErrorCode(err) != ranking.CodeInvalid {
			t.Errorf("%d folds: %v", folds, err)
		}
	}
}
