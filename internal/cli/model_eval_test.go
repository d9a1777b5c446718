package cli

import (
	"bytes"
	"strings"
	"testing"

	"rankloop/ranking"
	"rankloop/trainer"
)

func TestRewardReportForPeople(t *testing.T) {
	share := func(value float64, pairs int) ranking.Share {
		return ranking.Share{Value: value, Interval: [2]float64{value - 0.1, value + 0.1}, Pairs: pairs}
	}
	report := &trainer.RewardReport{
		Rankings: 40, Prompts: 20, Pairs: 200, Dropped: 3, Accuracy: share(0.7, 200), LengthBaseline: share(0.6, 200), ModelBaseline: share(0.65, 200),
		SimilarLength: trainer.SimilarLength{Accuracy: share(0.68, 50), LengthBaseline: share(0.51, 50), Difference: share(0.17, 50)},
		Annotators:    []trainer.Slice{{Name: "a-1", Accuracy: share(0.72, 100)}}, Models: []trainer.Slice{{Name: "m / n"}},
		Calibration: trainer.Calibration{ECE: 0.04, Brier: 0.2, Bins: []trainer.CalibrationBin{{Low: 0.5, High: 0.55, Predicted: 0.52, Observed: 0.5, Pairs: 9}}},
	}
	var out bytes.Buffer
	ctx := &Context{Stdout: &out}
	if err := (ModelEvalCmd{Name: "judge"}).print(ctx, report, "first"); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"judge on first: 200 strict pairs of 20 prompts", "3 responses did not fit", "0.700 [0.600, 0.800] of 200 pairs", "no task has two",
		"annotator a-1", "no pairs", "ECE 0.040, Brier 0.200", "0.500 right, 0.520 said, 9 pairs",
	} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("the report lacks %q:\n%s", want, out.String())
		}
	}
}
