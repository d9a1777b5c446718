package jobs

import (
	"context"
	"encoding/json"
	"errors"
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
	if s.earlier, err = earlierStates(s.run); err != nil {
		return err
	}
	return s.reopen(ctx)
}

// earlierStates are the states before the newest that a run's row names.
func earlierStates(run store.Run) ([]StoredState, error) {
	var summary Summary
	if len(run.Summary) == 0 {
		return nil, nil
	}
	err := json.Unmarshal(run.Summary, &summary)
	return summary.Earlier, err
}

// reopen builds the run anew from what is stored.
func (s *session) reopen(ctx context.Context) error {
	s.training = nil // its memory is free before the next one's is asked for
	inputs, err := s.loadInputs(ctx)
	if err != nil {
		return err
	}
	spec := s.spec.trainer()
	if err := checkMemory(spec, inputs); err != nil {
		return err
	}
	if s.training, err = s.restore(ctx, spec, inputs); err != nil {
		return err
	}
	s.since = time.Now()
	return nil
}

// restore builds the run and brings it to its newest state. If that is damaged it takes the one before, which costs the
// steps in between and nothing else: they will be the same.
func (s *session) restore(ctx context.Context, spec trainer.Spec, inputs trainer.Inputs) (trainer.Run, error) {
	var damage error
	states := s.states()
	for i, state := range states {
		training, err := trainer.Open(spec, inputs)
		if err != nil {
			return nil, err
		}
		err = restoreState(ctx, s.owner.Artifacts, state, training)
		if err == nil {
			if i > 0 {
				s.log.Warn("the newest state is damaged; going on from the one before", "step", state.Step, "error", damage)
				s.warnings.add(newWarning("state_damaged", "the stored state of step %d was damaged: the run went on from step %d", s.run.Step, state.Step))
				s.run.Step, s.run.StateSHA256, s.earlier = state.Step, state.SHA256, states[i+1:]
			}
			return training, nil
		}
		if ctx.Err() != nil || ranking.ErrorCode(err) == ranking.CodeConflict { // not damage: the inputs are others
			return nil, err
		}
		damage = errors.Join(damage, fmt.Errorf("step %d: %w", state.Step, err))
	}
	if damage != nil {
		return nil, ranking.Errorf(ranking.CodeInvalid,
			"the run's stored state is damaged or missing (%s); start it again under another name", damage).WithCause(damage)
	}
	return trainer.Open(spec, inputs)
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
	step := s.training.Step()
	if earlier, ok := s.training.(interface{ PublishedStep() int }); ok {
		step = earlier.PublishedStep()
	}
	stored, files, err := s.save(ctx, checkpoint, s.run.Name, step)
	if err != nil {
		return nil, nil, err
	}
	atStep := stored
	atStep.Name = fmt.Sprintf("%s@%d", s.run.Name, step)
	return []store.NewCheckpoint{atStep, stored}, files, nil // the plain name is the newest: what defaults take
}

// keep writes the checkpoint that a step wants kept beside the last one, for the next commit: <run>@<step>.
func (s *session) keep(ctx context.Context, report trainer.Report) error {
	if report.Checkpoint == nil {
		return nil
	}
	stored, files, err := s.save(context.WithoutCancel(ctx), report.Checkpoint, fmt.Sprintf("%s@%d", s.run.Name, report.Step), report.Step)
	if err != nil {
		return err
	}
	s.kept.checkpoints, s.kept.files = append(s.kept.checkpoints, stored), append(s.kept.files, files...)
	return nil
}

// save writes a checkpoint's files; the row that names them is the next commit's.
func (s *session) save(ctx context.Context, checkpoint *model.Checkpoint, name string, step int) (store.NewCheckpoint, []store.Artifact, error) {
	checkpoint.Meta.Name, checkpoint.Meta.Base = name, s.run.Base // which may have been renamed since the spec was made
	stored, files, err := SaveCheckpoint(ctx, s.owner.Artifacts, checkpoint, model.F32)
	if err != nil {
		return store.NewCheckpoint{}, nil, err
	}
	stored.Name, stored.Base, stored.RunID, stored.Step = name, s.run.Base, &s.run.ID, step
	return stored, files, nil
}
