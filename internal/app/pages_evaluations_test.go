package app

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"rankloop/internal/store"
	"rankloop/ranking"
	"rankloop/views"
)

// answered ends the evaluation with the id as a worker would.
func (s *site) answered(id int64, result any) {
	s.t.Helper()
	e, claimed, err := s.Store.ClaimEvaluation(s.t.Context(), id)
	s.must(err)
	encoded, err := json.Marshal(result)
	s.must(err)
	if !claimed {
		s.t.Fatalf("evaluation %d cannot be claimed", id)
	}
	s.must(s.Store.EndEvaluation(s.t.Context(), id, e.Fence, store.RunSucceeded, encoded, ""))
}

// judgedBy is a reward model that a run on the snapshot has published.
func (s *site) judgedBy(name string, researcher visitor) {
	s.t.Helper()
	researcher.post("/snapshots", "campaign", "helpful", "validation", "0.25", "seed", "7", "name", "first").location()
	researcher.post("/runs", "kind", "reward", "preset", "small", "seed", "3", "base", "base", "name", name, "snapshot", "first").location()
	run, err := s.Store.RunByName(s.t.Context(), name)
	s.must(err)
	base, err := s.Store.CheckpointByName(s.t.Context(), "base")
	s.must(err)
	_, err = s.Store.AddCheckpoint(s.t.Context(), store.NewCheckpoint{
		Name: name, Kind: "reward", Base: "base", RunID: &run.ID, Parameters: base.Parameters, SHA256: base.SHA256,
	})
	s.must(err)
}

func TestEvaluationsInTheBrowser(t *testing.T) {
	s, researcher := judged(t)
	s.judgedBy("judge", researcher)
	researcher.get("/checkpoints").want(http.StatusOK, `href="/checkpoints/judge"`)
	page := "/checkpoints/judge"
	researcher.get(page).want(http.StatusOK, "Make the report", "Cross-validate", "first, as in training", "Nothing has been measured yet", "No worker is running")
	researcher.get("/runs/judge").want(http.StatusOK, "Make the report", `action="/checkpoints/judge/evaluations"`)
	researcher.get("/checkpoints/base").want(http.StatusOK, "imported").lacks("Make the report")
	researcher.get("/checkpoints/nothing").want(http.StatusNotFound)

	create := page + "/evaluations"
	researcher.post(create, "kind", "folds", "folds", "1").want(http.StatusUnprocessableEntity, `id="error-folds"`, "between 2 and 100")
	researcher.post(create, "kind", "report", "snapshot", "gone").want(http.StatusUnprocessableEntity, `id="error-snapshot"`, "There is no snapshot")
	researcher.post(create, "kind", "poem").want(http.StatusUnprocessableEntity)
	researcher.post("/checkpoints/base/evaluations", "kind", "report").want(http.StatusUnprocessableEntity)

	report := researcher.post(create, "kind", "report").location()
	if again := researcher.post(create, "kind", "report").location(); again != report {
		t.Errorf("asked twice: %s and %s", report, again)
	}
	researcher.get(report).want(http.StatusOK, "Report on judge", "waiting", "on first", "No worker is running", "data-pending")
	folds := researcher.post(create, "kind", "folds", "folds", "2").location()
	researcher.get(page).want(http.StatusOK, `href="`+report+`"`, `href="`+folds+`"`, "data-pending")

	share := func(value float64) ranking.Share {
		return ranking.Share{Value: value, Interval: [2]float64{value - 0.1, value + 0.1}, Pairs: 40}
	}
	s.answered(1, ranking.RewardReport{
		Rankings: 20, Simulated: 12, Prompts: 10, Pairs: 40, Dropped: 3, Accuracy: share(0.71), LengthBaseline: share(0.62), ModelBaseline: share(0.64),
		SimilarLength: ranking.SimilarLength{Accuracy: share(0.68), LengthBaseline: share(0.52), Difference: share(0.16)},
		Annotators:    []ranking.Slice{{Name: "a-1", Simulated: true, Accuracy: share(0.7)}}, Models: []ranking.Slice{{Name: " / m2", Accuracy: share(0.6)}},
		Margins:     []ranking.Slice{{Name: "0 to 0.25", Accuracy: share(0.5)}, {Name: "2 and more", Accuracy: share(0.9)}},
		Calibration: ranking.Calibration{ECE: 0.04, Brier: 0.21, Bins: []ranking.CalibrationBin{{Low: 0.5, High: 0.55, Predicted: 0.52, Observed: 0.5, Pairs: 9}}}, LengthCorrelation: 0.3,
	})
	researcher.get(report).want(http.StatusOK, "71.0 %", "61.0 … 81.0 %", "no pairs", "+16.0", "12 simulated", "3 responses do not fit",
		"not named / m2", "0 to 0.25 σ", "2 σ and more", "4.0 %", "0.210", `<svg class="plot-svg"`, "Correlation of score and length: 0.30").lacks("data-pending", "style=")
	s.answered(2, ranking.CrossValidation{
		Folds: []ranking.Fold{{HeldOutAnnotators: []string{"a-1", "a-2"}, Simulated: true, Rankings: 30, Seen: share(0.72), HeldOut: share(0.69)}},
		Seen:  ranking.MeanOfFolds{Mean: 0.724, StandardError: 0.004, Folds: 5}, HeldOut: ranking.MeanOfFolds{Mean: 0.696, StandardError: 0.009, Folds: 5},
	})
	researcher.get(folds).want(http.StatusOK, "72.4 ± 0.4 %", "69.6 ± 0.9 %", "Without a-1, a-2; trained on 30 rankings", "simulated")

	mean := func(value float64) ranking.Mean {
		return ranking.Mean{Value: value, Interval: &[2]float64{value - 0.1, value + 0.1}}
	}
	gold := mean(0.4)
	curve := views.EvaluationData{Evaluation: ranking.Evaluation{Kind: ranking.EvaluationCurve, State: ranking.RunSucceeded, Checkpoint: "tuned"}}
	encoded, err := json.Marshal(ranking.OptimisationCurve{
		Reference: "base", Proxy: "judge", Gold: "other", Prompts: 9, Peak: "tuned@4", ProxyScale: ranking.Scale{Spread: 1}, GoldScale: &ranking.Scale{Spread: 1},
		Checkpoints: []ranking.OptimisationPoint{{Name: "base", Proxy: mean(0), Gold: &gold}, {Name: "tuned@4", RootKL: 1.5, Proxy: mean(-2), Gold: &gold}},
		BestOf:      []ranking.OptimisationPoint{{N: 1, Proxy: mean(0), Gold: &gold}, {N: 4, RootKL: 0.8, Proxy: mean(1), Gold: &gold}},
	})
	s.must(err)
	curve.Evaluation.Result = encoded
	s.must(curve.ReadResult())
	var drawn strings.Builder
	s.must(views.EvaluationPage(curve).Render(t.Context(), &drawn))
	for _, want := range []string{"Gold is highest at tuned@4.", "best of 4", "−2.00 (−2.10 … −1.90)", "Proxy, best of n", `class="line dashed series-1"`} {
		if !strings.Contains(drawn.String(), want) {
			t.Errorf("the page of a curve lacks %q", want)
		}
	}

	stopped := researcher.post(create, "kind", "report").location()
	researcher.get(researcher.post(stopped+"/stop").location()).want(http.StatusOK, "stopped").lacks("data-pending")
	researcher.post(folds + "/stop").location() // too late is no error
	researcher.get(folds).want(http.StatusOK, "72.4 ± 0.4 %")
	for _, path := range []string{"/evaluations/999", "/evaluations/x"} {
		researcher.get(path).want(http.StatusNotFound, "no such evaluation")
	}
	s.as(ranking.RoleAnnotator).get(report).want(http.StatusForbidden)
}
