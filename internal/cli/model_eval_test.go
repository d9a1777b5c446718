package cli

import (
	"bytes"
	"strings"
	"testing"

	"rankloop/ranking"
)

func TestRewardReportForPeople(t *testing.T) {
	share := func(value float64, pairs int) ranking.Share {
		return ranking.Share{Value: value, Interval: [2]float64{value - 0.1, value + 0.1}, Pairs: pairs}
	}
	report := &ranking.RewardReport{
		Rankings: 40, Simulated: 30, Prompts: 20, Pairs: 200, Dropped: 3, Accuracy: share(0.7, 200), LengthBaseline: share(0.6, 200), ModelBaseline: share(0.65, 200),
		SimilarLength: ranking.SimilarLength{Accuracy: share(0.68, 50), LengthBaseline: share(0.51, 50), Difference: share(0.17, 50)},
		Annotators:    []ranking.Slice{{Name: "a-1", Simulated: true, Accuracy: share(0.72, 100)}}, Models: []ranking.Slice{{Name: "m / n"}},
		Calibration: ranking.Calibration{ECE: 0.04, Brier: 0.2, Bins: []ranking.CalibrationBin{{Low: 0.5, High: 0.55, Predicted: 0.52, Observed: 0.5, Pairs: 9}}},
	}
	var out bytes.Buffer
	ctx := &Context{Stdout: &out}
	if err := (ModelEvalCmd{Name: "judge"}).print(ctx, report, "first"); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"judge on first: 200 strict pairs of 20 prompts", "40 rankings (30 simulated)", "3 responses did not fit", "0.700 [0.600, 0.800] of 200 pairs", "no task has two",
		"annotator a-1 (simulated)", "no pairs", "ECE 0.040, Brier 0.200", "0.500 right, 0.520 said, 9 pairs",
	} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("the report lacks %q:\n%s", want, out.String())
		}
	}
}
