package app

import (
	"context"

	"rankloop/handlers"
	"rankloop/internal/jobs"
	"rankloop/ranking"
	"rankloop/views"
)

// RequestEvaluation queues an evaluation of a checkpoint.
func (d desk) RequestEvaluation(ctx context.Context, r handlers.EvaluationRequest) (ranking.Evaluation, bool, error) {
	request := jobs.EvaluationRequest{Kind: r.Kind, Checkpoint: r.Checkpoint, Folds: r.Folds}
	request.Snapshot, request.CreatedBy = r.Snapshot, &r.CreatedBy
	request.Curve = jobs.CurveRequest{Gold: r.Gold, Pool: r.BestOf}
	if r.Snapshot == "" && r.Kind != ranking.EvaluationCurve {
		checkpoint, err := d.CheckpointByName(ctx, r.Checkpoint)
		if err != nil {
			return ranking.Evaluation{}, false, err
		}
		request.Own = checkpoint.RunID != nil // an import has no rankings of its own: the newest snapshot
	}
	return d.services.Launcher().RequestEvaluation(ctx, d.services.queue, request)
}

// DescribeEvaluation reads an evaluation's stored request.
func (d desk) DescribeEvaluation(e ranking.Evaluation) (views.EvaluationDescription, error) {
	spec, err := jobs.ReadEvaluationSpec(e.Spec)
	return views.EvaluationDescription{Source: spec.Source(), Folds: spec.Folds}, err
}
