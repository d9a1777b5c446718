package store

import (
	"context"
	"encoding/json"

	"github.com/jackc/pgx/v5"

	"rankloop/internal/store/db"
	"rankloop/ranking"
)

// Evaluation is a measurement of a model that a worker makes.
type Evaluation = ranking.Evaluation

// NewEvaluation is an evaluation to be made.
type NewEvaluation struct {
	Kind       string
	Checkpoint string
	Spec       json.RawMessage
	CreatedBy  *int64
}

// evaluationsMax bounds a list of evaluations.
const evaluationsMax = 200

// CreateEvaluation stores an evaluation, queued, and runs enqueue in the same transaction. One that asks for the same and
// has not ended is returned instead (created = false).
func (s *Store) CreateEvaluation(ctx context.Context, n NewEvaluation, enqueue func(ctx context.Context, tx pgx.Tx, id int64) error) (e Evaluation, created bool, err error) {
	var row db.Evaluation
	err = s.inTx(ctx, "create evaluation", readWrite, func(tx pgx.Tx, q *db.Queries) error {
		row, err = q.UnfinishedEvaluation(ctx, db.UnfinishedEvaluationParams{Kind: n.Kind, Checkpoint: n.Checkpoint, Spec: n.Spec})
		if !noRows(err) {
			return err
		}
		row, err = q.InsertEvaluation(ctx, db.InsertEvaluationParams{Kind: n.Kind, Checkpoint: n.Checkpoint, Spec: n.Spec, CreatedBy: n.CreatedBy})
		if err != nil {
			return err
		}
		created = true
		return enqueue(ctx, tx, row.ID)
	})
	if err != nil {
		return Evaluation{}, false, err
	}
	return evaluationOf(row), created, nil
}

// EvaluationByID returns an evaluation. CodeNotFound if there is none.
func (s *Store) EvaluationByID(ctx context.Context, id int64) (Evaluation, error) {
	row, err := s.q.EvaluationByID(ctx, id)
	if err != nil {
		return Evaluation{}, missing("evaluation by id", err, noEvaluation())
	}
	return evaluationOf(row), nil
}

// EvaluationsOf lists evaluations of checkpoints, newest first, without their results.
func (s *Store) EvaluationsOf(ctx context.Context, checkpoints ...string) ([]Evaluation, error) {
	rows, err := s.q.EvaluationsOf(ctx, db.EvaluationsOfParams{Checkpoints: checkpoints, MaxRows: evaluationsMax})
	all := make([]Evaluation, len(rows))
	for i, row := range rows {
		all[i] = Evaluation{
			ID: row.ID, Kind: row.Kind, State: row.State, Checkpoint: row.Checkpoint, Spec: row.Spec,
			Done: int(row.Done), Total: int(row.Total), Error: row.Error,
			CreatedAt: row.CreatedAt, StartedAt: row.StartedAt, FinishedAt: row.FinishedAt,
		}
	}
	return all, explain("evaluations of checkpoints", err)
}

// UnfinishedEvaluations lists those that are queued or worked, oldest first.
func (s *Store) UnfinishedEvaluations(ctx context.Context) ([]Evaluation, error) {
	rows, err := s.q.UnfinishedEvaluations(ctx)
	all := make([]Evaluation, len(rows))
	for i, row := range rows {
		all[i] = evaluationOf(row)
	}
	return all, explain("unfinished evaluations", err)
}

// ClaimEvaluation makes the caller the one who works an evaluation. It returns false where it has ended or another worker
// has it, who was heard of within ClaimSilence.
func (s *Store) ClaimEvaluation(ctx context.Context, id int64) (Evaluation, bool, error) {
	row, err := s.q.ClaimEvaluation(ctx, db.ClaimEvaluationParams{ID: id, SilenceSeconds: s.ClaimSilence.Seconds()})
	if noRows(err) {
		return Evaluation{}, false, nil
	}
	return evaluationOf(row), err == nil, explain("claim evaluation", err)
}

// BeatEvaluation tells how far the holder of a fence is. It returns false when the evaluation is no longer theirs: it was
// stopped, or another worker has claimed it.
func (s *Store) BeatEvaluation(ctx context.Context, id, fence int64, done, total int) (bool, error) {
	n, err := s.q.BeatEvaluation(ctx, db.BeatEvaluationParams{ID: id, Fence: fence, Done: int32(done), Total: int32(total)})
	return n > 0, explain("heartbeat of an evaluation", err)
}

// KeepPartial stores what need not be measured again after a crash. It returns false as BeatEvaluation does.
func (s *Store) KeepPartial(ctx context.Context, id, fence int64, partial json.RawMessage) (bool, error) {
	n, err := s.q.KeepPartial(ctx, db.KeepPartialParams{ID: id, Fence: fence, Partial: partial})
	return n > 0, explain("keep part of an evaluation", err)
}

// EndEvaluation gives an evaluation back: RunSucceeded with its result, RunFailed with an error, or RunQueued for another
// worker. What is no longer the caller's is left as it is.
func (s *Store) EndEvaluation(ctx context.Context, id, fence int64, state string, result json.RawMessage, fault string) error {
	if result == nil {
		result = json.RawMessage("null")
	}
	_, err := s.q.EndEvaluation(ctx, db.EndEvaluationParams{
		ID: id, Fence: fence, State: state, Result: result, Error: tidy(fault, errorMax),
	})
	return explain("end evaluation", err)
}

// StopEvaluation ends an evaluation that nobody wants any more. One that has ended is left alone. CodeNotFound if there is none.
func (s *Store) StopEvaluation(ctx context.Context, id int64) error {
	n, err := s.q.StopEvaluation(ctx, id)
	if err == nil && n == 0 {
		_, err = s.EvaluationByID(ctx, id)
	}
	return explain("stop evaluation", err)
}

// ReviveEvaluations queues evaluations again that were lost with their worker, and runs enqueue for each in the same
// transaction.
func (s *Store) ReviveEvaluations(ctx context.Context, enqueue func(ctx context.Context, tx pgx.Tx, id int64) error) (revived int, err error) {
	err = s.inTx(ctx, "revive evaluations", readWrite, func(tx pgx.Tx, q *db.Queries) error {
		ids, err := q.ReviveEvaluations(ctx, s.ClaimSilence.Seconds())
		for _, id := range ids {
			if err == nil {
				err = enqueue(ctx, tx, id)
			}
		}
		revived = len(ids)
		return err
	})
	return revived, err
}

func noEvaluation() *ranking.Error {
	return ranking.Errorf(ranking.CodeNotFound, "there is no such evaluation")
}

func evaluationOf(row db.Evaluation) Evaluation {
	return Evaluation{
		ID: row.ID, Kind: row.Kind, State: row.State, Checkpoint: row.Checkpoint, Spec: row.Spec,
		Done: int(row.Done), Total: int(row.Total), Partial: row.Partial, Result: row.Result, Error: row.Error, Fence: row.Fence,
		CreatedBy: row.CreatedBy, CreatedAt: row.CreatedAt, StartedAt: row.StartedAt, FinishedAt: row.FinishedAt,
	}
}
