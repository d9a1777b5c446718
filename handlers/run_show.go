package handlers

import (
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"strconv"

	"github.com/labstack/echo/v4"

	"rankloop/ranking"
	"rankloop/views"
)

const sampleRowsMax = 100

var runNotices = map[string]string{"stop": "runs.saved_stop", "resume": "runs.saved_resume"}

// RunShow answers GET /runs/:name, with the sample table of ?step= or the newest.
func RunShow(store runStore) echo.HandlerFunc {
	return func(c echo.Context) error {
		ctx := c.Request().Context()
		run, err := store.RunByName(ctx, c.Param("name"))
		if err != nil {
			return err
		}
		page := views.RunData{Run: run, Notice: runNotices[c.QueryParam("done")]}
		if page.Description, err = store.DescribeRun(run); err != nil {
			return err
		}
		if page.Checkpoints, err = store.RunCheckpoints(ctx, run.ID); err != nil {
			return err
		}
		if page.WorkerAlive, err = store.WorkerAlive(ctx); err != nil {
			return err
		}
		if err := addEvaluations(ctx, store, &page); err != nil {
			return err
		}
		if err := addSamples(ctx, store, &page, c.QueryParam("step")); err != nil {
			return err
		}
		if err := addHistograms(ctx, store, &page, c.QueryParam("histograms")); err != nil {
			return err
		}
		return Render(c, http.StatusOK, views.RunPage(page))
	}
}

// addEvaluations adds what has been measured about the checkpoint that a run has published under its own name.
func addEvaluations(ctx context.Context, store runStore, page *views.RunData) error {
	for _, checkpoint := range page.Checkpoints {
		if checkpoint.Name == page.Run.Name {
			panel, err := evaluationPanel(ctx, store, checkpoint)
			page.Evaluations = &panel
			return err
		}
	}
	return nil
}

func addSamples(ctx context.Context, store runStore, page *views.RunData, asked string) (err error) {
	if page.Steps, err = store.SampleSteps(ctx, page.Run.ID); err != nil || len(page.Steps) == 0 {
		return err
	}
	page.Step = page.Steps[len(page.Steps)-1]
	if step, err := strconv.Atoi(asked); err == nil && slices.Contains(page.Steps, step) {
		page.Step = step
	}
	rows, err := store.SamplesAt(ctx, page.Run.ID, page.Step, sampleRowsMax)
	for _, row := range rows {
		page.Samples = append(page.Samples, sampleOf(row))
	}
	return err
}

// addHistograms adds those of the step asked for, or of the newest, beside those of the first.
func addHistograms(ctx context.Context, store runStore, page *views.RunData, asked string) (err error) {
	h := &page.Histograms
	if h.Steps, err = store.HistogramSteps(ctx, page.Run.ID); err != nil || len(h.Steps) == 0 {
		return err
	}
	h.Step = h.Steps[len(h.Steps)-1]
	if step, err := strconv.Atoi(asked); err == nil && slices.Contains(h.Steps, step) {
		h.Step = step
	}
	if h.Now, err = store.HistogramsAt(ctx, page.Run.ID, h.Step); err != nil || h.Step == h.Steps[0] {
		return err
	}
	h.First, err = store.HistogramsAt(ctx, page.Run.ID, h.Steps[0])
	return err
}

// sampleOf reads a row's figures; one that is missing stays missing.
func sampleOf(row ranking.SampleRow) views.Sample {
	s := views.Sample{Prompt: row.Prompt, Policy: row.Policy, Reference: row.Reference, Ended: true, ReferenceEnded: true}
	var figures map[string]*float64
	if json.Unmarshal(row.Metrics, &figures) != nil {
		return s
	}
	s.Score, s.ReferenceScore, s.KL = figures["score"], figures["reference_score"], figures["kl"]
	s.Length, s.ReferenceLength = figures["length"], figures["reference_length"]
	if ended := figures["ended"]; ended != nil {
		s.Ended = *ended != 0
	}
	if ended := figures["reference_ended"]; ended != nil {
		s.ReferenceEnded = *ended != 0
	}
	return s
}

// RunStop answers POST /runs/:name/stop: the run ends at its next step and can be resumed.
func RunStop(store runStore) echo.HandlerFunc {
	return changeRun(store, "stop", func(ctx context.Context, name string) error { return store.StopRun(ctx, name) })
}

// RunResume answers POST /runs/:name/resume: the run goes on from its last checkpoint.
func RunResume(store runStore) echo.HandlerFunc {
	return changeRun(store, "resume", func(ctx context.Context, name string) error { return store.ResumeRun(ctx, name) })
}

func changeRun(store runStore, what string, change func(ctx context.Context, name string) error) echo.HandlerFunc {
	return func(c echo.Context) error {
		name := c.Param("name")
		if err := change(c.Request().Context(), name); err != nil {
			return err
		}
		if err := audit(c, store, "run."+what, name, nil); err != nil {
			return err
		}
		return redirect(c, views.RunPath(name)+"?done="+what)
	}
}
