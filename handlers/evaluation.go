package handlers

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"rankloop/ranking"
	"rankloop/views"
)

// evaluationStore is what measuring a checkpoint needs.
type evaluationStore interface {
	auditor
	workers
	CheckpointByName(ctx context.Context, name string) (ranking.Checkpoint, error)
	RunByID(ctx context.Context, id int64) (ranking.Run, error)
	ListSnapshots(ctx context.Context) ([]ranking.Snapshot, error)
	ListCheckpoints(ctx context.Context) ([]ranking.Checkpoint, error)
	EvaluationByID(ctx context.Context, id int64) (ranking.Evaluation, error)
	// EvaluationsOf lists evaluations of checkpoints, newest first, without their results.
	EvaluationsOf(ctx context.Context, checkpoints ...string) ([]ranking.Evaluation, error)
	// StopEvaluation ends an evaluation that nobody wants any more; one that has ended is left alone.
	StopEvaluation(ctx context.Context, id int64) error
	// RequestEvaluation checks a request and queues it. The same request, asked again before its answer is there, gives the
	// one that exists.
	RequestEvaluation(ctx context.Context, r EvaluationRequest) (e ranking.Evaluation, created bool, err error)
	// DescribeEvaluation reads an evaluation's stored request.
	DescribeEvaluation(e ranking.Evaluation) (views.EvaluationDescription, error)
}

// EvaluationRequest is what the forms of a checkpoint ask for.
type EvaluationRequest struct {
	Kind, Checkpoint string
	Snapshot         string // "" for the rankings that the checkpoint was trained on, their validation split
	Folds            int    // 0 for five, or as many as there are annotators
	Gold             string // curve: a reward model, "" for none
	BestOf           int    // curve: 0 for the default
	CreatedBy        int64
}

// CheckpointShow answers GET /checkpoints/:name.
func CheckpointShow(store evaluationStore) echo.HandlerFunc {
	return func(c echo.Context) error {
		return renderCheckpoint(c, store, http.StatusOK, views.FormErrors{})
	}
}

func renderCheckpoint(c echo.Context, store evaluationStore, status int, errors views.FormErrors) error {
	ctx := c.Request().Context()
	checkpoint, err := store.CheckpointByName(ctx, c.Param("name"))
	if err != nil {
		return err
	}
	page := views.CheckpointData{Checkpoint: checkpoint}
	if page.Evaluations, err = evaluationPanel(ctx, store, checkpoint); err != nil {
		return err
	}
	page.Evaluations.Errors = errors
	return Render(c, status, views.CheckpointPage(page))
}

// evaluationPanel gathers what has been measured about a checkpoint and what could be.
func evaluationPanel(ctx context.Context, store evaluationStore, checkpoint ranking.Checkpoint) (panel views.EvaluationPanel, err error) {
	panel = views.EvaluationPanel{Checkpoint: checkpoint}
	if panel.WorkerAlive, err = store.WorkerAlive(ctx); err != nil {
		return panel, err
	}
	if checkpoint.RunID != nil {
		run, err := store.RunByID(ctx, *checkpoint.RunID)
		if err != nil {
			return panel, err
		}
		panel.Run, panel.RunKind, panel.RunSnapshot, panel.RunReward = run.Name, run.Kind, run.Snapshot, run.Reward
	}
	snapshots, err := store.ListSnapshots(ctx)
	if err != nil {
		return panel, err
	}
	for _, snapshot := range snapshots {
		panel.Snapshots = append(panel.Snapshots, snapshot.Name)
	}
	checkpoints, err := store.ListCheckpoints(ctx)
	if err != nil {
		return panel, err
	}
	for _, c := range checkpoints {
		if c.Kind == "reward" && !strings.Contains(c.Name, "@") {
			panel.Rewards = append(panel.Rewards, c.Name)
		}
	}
	evaluations, err := store.EvaluationsOf(ctx, checkpoint.Name)
	for _, e := range evaluations {
		description, err := store.DescribeEvaluation(e)
		if err != nil {
			return panel, err
		}
		panel.Lines = append(panel.Lines, views.EvaluationLine{Evaluation: e, Description: description})
	}
	return panel, err
}

// EvaluationCreate answers POST /checkpoints/:name/evaluations: it queues the evaluation and leads to its page.
func EvaluationCreate(store evaluationStore) echo.HandlerFunc {
	return func(c echo.Context) error {
		ctx := c.Request().Context()
		r := EvaluationRequest{
			Kind: typed(c, "kind"), Checkpoint: c.Param("name"), Snapshot: typed(c, "snapshot"), Gold: typed(c, "gold"), CreatedBy: CurrentUser(ctx).ID,
		}
		errors := views.FormErrors{}
		if !slices.Contains(views.EvaluationKinds(), r.Kind) {
			return ranking.Errorf(ranking.CodeInvalid, "there is no evaluation of the kind %q", truncate(r.Kind, 40))
		}
		for _, number := range []struct {
			field string
			into  *int
		}{{"folds", &r.Folds}, {"best_of", &r.BestOf}} {
			if text := typed(c, number.field); text != "" {
				var err error
				if *number.into, err = strconv.Atoi(text); err != nil || *number.into < 1 {
					note(ctx, errors, r.Kind, ranking.Errorf(ranking.CodeInvalid, "a whole number"))
				}
			}
		}
		if len(errors) == 0 {
			e, created, err := store.RequestEvaluation(ctx, r)
			if err == nil {
				return evaluationQueued(c, store, e, created)
			}
			if !shownBeside(err) {
				return err
			}
			note(ctx, errors, r.Kind, err)
		}
		return renderCheckpoint(c, store, http.StatusUnprocessableEntity, errors)
	}
}

func evaluationQueued(c echo.Context, store evaluationStore, e ranking.Evaluation, created bool) error {
	if created {
		if err := audit(c, store, "evaluation.create", e.Checkpoint, map[string]any{"kind": e.Kind, "id": e.ID}); err != nil {
			return err
		}
	}
	return redirect(c, views.EvaluationPath(e.ID))
}

// EvaluationShow answers GET /evaluations/:id: how far it is, then what came out.
func EvaluationShow(store evaluationStore) echo.HandlerFunc {
	return func(c echo.Context) error {
		e, err := evaluationOfPath(c, store)
		if err != nil {
			return err
		}
		page := views.EvaluationData{Evaluation: e}
		if page.Description, err = store.DescribeEvaluation(e); err != nil {
			return err
		}
		if page.WorkerAlive, err = store.WorkerAlive(c.Request().Context()); err != nil {
			return err
		}
		if err := page.ReadResult(); err != nil {
			return err
		}
		return Render(c, http.StatusOK, views.EvaluationPage(page))
	}
}

// EvaluationStop answers POST /evaluations/:id/stop.
func EvaluationStop(store evaluationStore) echo.HandlerFunc {
	return func(c echo.Context) error {
		e, err := evaluationOfPath(c, store)
		if err != nil {
			return err
		}
		if err := store.StopEvaluation(c.Request().Context(), e.ID); err != nil {
			return err
		}
		if err := audit(c, store, "evaluation.stop", e.Checkpoint, map[string]any{"kind": e.Kind, "id": e.ID}); err != nil {
			return err
		}
		return redirect(c, views.EvaluationPath(e.ID))
	}
}

func evaluationOfPath(c echo.Context, store evaluationStore) (ranking.Evaluation, error) {
	id, err := strconv.ParseInt(c.Param("id"), 10, 64)
	if err != nil {
		return ranking.Evaluation{}, ranking.Errorf(ranking.CodeNotFound, "there is no such evaluation")
	}
	return store.EvaluationByID(c.Request().Context(), id)
}
