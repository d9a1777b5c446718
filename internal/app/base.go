package app

import (
	"context"
	"iter"

	"rankloop/internal/basemodel"
	"rankloop/internal/jobs"
	"rankloop/internal/store"
	"rankloop/model"
	"rankloop/ranking"
)

// BaseModel is the model that every database starts with, under the name base.
type BaseModel struct {
	Checkpoint func() (*model.Checkpoint, error)
	Text       func(seed uint64) iter.Seq[string]              // what it was pretrained on
	Prompts    func(seed uint64, n int, heldOut bool) []string // requests it can answer
}

// EmbeddedBase is the model that ships with the program.
var EmbeddedBase = BaseModel{
	Checkpoint: basemodel.Checkpoint,
	Text:       basemodel.Text,
	Prompts:    basemodel.Prompts,
}

// registerBase makes the base model a checkpoint of this database, once. Later starts cost one query.
func (s *Services) registerBase(ctx context.Context) error {
	_, err := s.Store.CheckpointByName(ctx, jobs.DefaultBase)
	if ranking.ErrorCode(err) != ranking.CodeNotFound {
		return err
	}
	checkpoint, err := s.Base.Checkpoint()
	if err != nil {
		return err
	}
	_, err = s.AddCheckpoint(ctx, jobs.DefaultBase, checkpoint, model.F16)
	if ranking.ErrorCode(err) == ranking.CodeConflict {
		return nil // another process was quicker
	}
	return err
}

// AddCheckpoint stores a checkpoint that no run made, under a new name.
func (s *Services) AddCheckpoint(ctx context.Context, name string, c *model.Checkpoint, dtype model.DType) (store.Checkpoint, error) {
	return s.addCheckpoint(ctx, name, name, c, dtype)
}

func (s *Services) addCheckpoint(ctx context.Context, name, base string, c *model.Checkpoint, dtype model.DType) (store.Checkpoint, error) {
	row, files, err := jobs.SaveCheckpoint(ctx, s.Artifacts, c, dtype)
	if err != nil {
		return store.Checkpoint{}, err
	}
	for _, file := range files {
		if err := s.Store.PutArtifact(ctx, file.SHA256, file.Bytes); err != nil {
			return store.Checkpoint{}, err
		}
	}
	row.Name, row.Base = name, base
	return s.Store.AddCheckpoint(ctx, row)
}

// ownText knows the one checkpoint that has pretraining text of its own.
func (s *Services) ownText(c store.Checkpoint) jobs.Text {
	if c.Name != jobs.DefaultBase {
		return nil
	}
	return s.Base.Text
}
