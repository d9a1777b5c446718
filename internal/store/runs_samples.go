package store

import (
	"context"
	"encoding/json"

	"rankloop/internal/store/db"
	"rankloop/ranking"
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

// histogramStepsMax bounds the steps that HistogramSteps lists.
const histogramStepsMax = 1000

// HistogramSteps returns the newest steps at which a run has counted histograms, in order.
func (s *Store) HistogramSteps(ctx context.Context, runID int64) ([]int, error) {
	steps, err := s.q.HistogramSteps(ctx, db.HistogramStepsParams{RunID: runID, MaxRows: histogramStepsMax})
	return ints(steps), explain("steps of histograms", err)
}

// HistogramsAt returns the histograms of a step by name, none where it has none.
func (s *Store) HistogramsAt(ctx context.Context, runID int64, step int) (map[string]ranking.Histogram, error) {
	encoded, err := s.q.HistogramsAt(ctx, db.HistogramsAtParams{RunID: runID, Step: int32(step)})
	if err != nil && !noRows(err) {
		return nil, explain("histograms of a step", err)
	}
	if noRows(err) {
		return nil, nil
	}
	var histograms map[string]ranking.Histogram
	return histograms, json.Unmarshal(encoded, &histograms)
}
