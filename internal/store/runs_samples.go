package store

import (
	"context"

	"rankloop/internal/store/db"
)

// SampleSteps returns the steps at which a run has made a sample table.
func (s *Store) SampleSteps(ctx context.Context, runID int64) ([]int, error) {
	steps, err := s.q.SampleSteps(ctx, runID)
	return ints(steps), explain("steps of samples", err)
}

// SamplesAt returns up to limit rows of the sample table that a run has made at a step.
func (s *Store) SamplesAt(ctx context.Context, runID int64, step, limit int) ([]SampleRow, error) {
	rows, err := s.q.SamplesAtStep(ctx, db.SamplesAtStepParams{RunID: runID, Step: int32(step), MaxRows: pageRows(limit)})
	all := make([]SampleRow, len(rows))
	for i, row := range rows {
		all[i] = SampleRow{
			Step: int(row.Step), Ordinal: int(row.Ordinal), Prompt: row.Prompt, Policy: row.Policy,
			Reference: row.Reference, Metrics: row.Metrics,
		}
	}
	return all, explain("samples of a step", err)
}
