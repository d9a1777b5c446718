package jobs

import (
	"context"
	"log/slog"
	"time"

	"rankloop/internal/artifacts"
	"rankloop/internal/store"
)

// sweepEvery is how often a worker removes artifacts that nothing names any more.
const sweepEvery = 6 * time.Hour

// SweepArtifacts removes, now and then until ctx ends, what crashes and deletions left in the artifact folder.
func SweepArtifacts(ctx context.Context, s *store.Store, folder *artifacts.Folder, log *slog.Logger) {
	for ctx.Err() == nil {
		switch removed, freed, err := sweep(ctx, s, folder); {
		case err != nil && ctx.Err() == nil:
			log.Warn("artifacts not swept", "error", err)
		case removed > 0:
			log.Info("swept artifacts", "files", removed, "bytes", freed)
		}
		sleep(ctx, sweepEvery)
	}
}

func sweep(ctx context.Context, s *store.Store, folder *artifacts.Folder) (removed int, freed int64, err error) {
	keep, err := s.ArtifactsInUse(ctx)
	if err != nil {
		return 0, 0, err
	}
	runs, err := s.ListRuns(ctx)
	if err != nil {
		return 0, 0, err
	}
	for _, run := range runs {
		spec, err := ReadSpec(run.Spec)
		if err != nil {
			return 0, 0, err // without knowing what it names nothing may be removed
		}
		keep = append(keep, spec.artifacts()...)
		earlier, err := earlierStates(run)
		if err != nil {
			return 0, 0, err
		}
		for _, state := range earlier {
			keep = append(keep, state.SHA256)
		}
	}
	evaluations, err := s.UnfinishedEvaluations(ctx)
	if err != nil {
		return 0, 0, err
	}
	for _, e := range evaluations {
		spec, err := ReadEvaluationSpec(e.Spec)
		if err != nil {
			return 0, 0, err
		}
		keep = append(keep, spec.artifacts()...)
	}
	return folder.Sweep(ctx, keep)
}
