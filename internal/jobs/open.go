package jobs

import (
	"context"
	"fmt"
	"time"

	"rankloop/internal/store"
	"rankloop/model"
	"rankloop/ranking"
	"rankloop/trainer"
)

// open loads the run's inputs, builds it and restores its newest state.
func (s *session) open(ctx context.Context) error {
	var err error
	if s.spec, err = ReadSpec(s.run.Spec); err != nil {
		return err
	}
	if s.warnings, err = readWarnings(s.run.Warnings); err != nil {
		return err
	}
	s.warnings.add(s.spec.Notes...)
	return s.reopen(ctx)
}

// reopen builds the run anew from what is stored.
func (s *session) reopen(ctx context.Context) error {
	s.training = nil // its memory is free before the next one's is asked for
	inputs, err := s.loadInputs(ctx)
	if err != nil {
		return err
	}
	spec := trainer.Spec{Kind: s.spec.Kind, Seed: s.spec.Seed, Config: canonical(s.spec.Config)}
	if err := checkMemory(spec, inputs); err != nil {
		return err
	}
	training, err := trainer.Open(spec, inputs)
	if err != nil {
		return err
	}
	if s.run.StateSHA256 != "" {
		if err := restoreState(ctx, s.owner.Artifacts, s.run.StateSHA256, training); err != nil {
			return err
		}
		if training.Step() != s.run.Step {
			return ranking.Errorf(ranking.CodeInternal, "the stored state is of step %d, the run of step %d", training.Step(), s.run.Step)
		}
	}
	s.training = training
	s.since = time.Now()
	return nil
}

// loadInputs waits for a database that is handing over, as commits do: that is no fault of the run.
func (s *session) loadInputs(ctx context.Context) (trainer.Inputs, error) {
	for deadline := time.Now().Add(commitPatience); ; {
		inputs, err := s.owner.Inputs.Load(ctx, s.spec)
		if ranking.ErrorCode(err) != ranking.CodeUnavailable {
			return inputs, err
		}
		if ctx.Err() != nil || time.Now().After(deadline) {
			return inputs, fmt.Errorf("%w: %w", errDatabase, err)
		}
		s.log.Warn("inputs not loaded yet; trying again", "error", err)
		sleep(ctx, time.Second)
	}
}

// final writes the checkpoint the run ends with and names it <run> and <run>@<step>.
func (s *session) final(ctx context.Context) ([]store.NewCheckpoint, []store.Artifact, error) {
	checkpoint, err := s.training.Checkpoint()
	if err != nil {
		return nil, nil, err
	}
	checkpoint.Meta.Name, checkpoint.Meta.Base = s.run.Name, s.spec.Base.Name
	stored, files, err := SaveCheckpoint(ctx, s.owner.Artifacts, checkpoint, model.F32)
	if err != nil {
		return nil, nil, err
	}
	stored.Base, stored.RunID, stored.Step = s.spec.Base.Name, &s.run.ID, s.training.Step()
	stored.Name = s.run.Name
	atStep := stored
	atStep.Name = fmt.Sprintf("%s@%d", s.run.Name, stored.Step)
	return []store.NewCheckpoint{atStep, stored}, files, nil // the plain name is the newest: what defaults take
}
