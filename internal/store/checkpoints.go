package store

import (
	"context"
	"encoding/json"

	"github.com/jackc/pgx/v5"

	"rankloop/internal/store/db"
	"rankloop/ranking"
)

// NewCheckpoint is a checkpoint to be registered. Its files must be in the artifact folder.
type NewCheckpoint struct {
	Name       string
	Kind       string // policy, reward or value
	Base       string // the checkpoint it was trained from; its own name for an import
	RunID      *int64 // nil for an import
	Step       int
	Parameters int64
	SHA256     string // of the manifest
	Bytes      int64  // of the manifest
	Meta       json.RawMessage
}

// Checkpoint is a registered checkpoint.
type Checkpoint = ranking.Checkpoint

// AddCheckpoint registers a checkpoint outside of a run. The same content under the same name again returns what is
// there; CodeConflict if the name is taken by other content.
func (s *Store) AddCheckpoint(ctx context.Context, n NewCheckpoint) (Checkpoint, error) {
	var row db.Checkpoint
	err := s.inTx(ctx, "add checkpoint", readWrite, func(_ pgx.Tx, q *db.Queries) error {
		if err := q.PutArtifact(ctx, db.PutArtifactParams{Sha256: n.SHA256, Bytes: n.Bytes}); err != nil {
			return err
		}
		var err error
		row, err = addCheckpoint(ctx, q, n)
		return err
	})
	if err != nil {
		return Checkpoint{}, err
	}
	return checkpoint(row), nil
}

// CheckCheckpointName accepts what a checkpoint can be called, before any work is done for one.
func CheckCheckpointName(name string) error {
	if !checkpointPattern.MatchString(name) {
		return ranking.Errorf(ranking.CodeInvalid, "%q is no name of a checkpoint", name)
	}
	return nil
}

func addCheckpoint(ctx context.Context, q *db.Queries, n NewCheckpoint) (db.Checkpoint, error) {
	if err := CheckCheckpointName(n.Name); err != nil {
		return db.Checkpoint{}, err
	}
	if n.Meta == nil {
		n.Meta = json.RawMessage("{}")
	}
	row, err := q.InsertCheckpoint(ctx, db.InsertCheckpointParams{
		Name: n.Name, Kind: n.Kind, Base: n.Base, RunID: n.RunID, Step: int32(n.Step),
		Parameters: n.Parameters, Sha256: n.SHA256, Meta: n.Meta,
	})
	if !noRows(err) {
		return row, err
	}
	row, err = q.CheckpointByName(ctx, n.Name)
	if err == nil && row.Sha256 != n.SHA256 {
		return row, ranking.Errorf(ranking.CodeConflict, "there is a checkpoint %s with other content already", n.Name)
	}
	return row, err
}

// CheckpointByName returns a checkpoint. CodeNotFound if there is none.
func (s *Store) CheckpointByName(ctx context.Context, name string) (Checkpoint, error) {
	row, err := s.q.CheckpointByName(ctx, printable(name))
	if err != nil {
		return Checkpoint{}, missing("checkpoint by name", err, ranking.Errorf(ranking.CodeNotFound, "there is no checkpoint %s", name))
	}
	return checkpoint(row), nil
}

// ListCheckpoints returns all checkpoints, newest first.
func (s *Store) ListCheckpoints(ctx context.Context) ([]Checkpoint, error) {
	rows, err := s.q.ListCheckpoints(ctx)
	return checkpoints(rows), explain("list checkpoints", err)
}

// RunCheckpoints returns what a run has published, by step.
func (s *Store) RunCheckpoints(ctx context.Context, runID int64) ([]Checkpoint, error) {
	rows, err := s.q.RunCheckpoints(ctx, &runID)
	return checkpoints(rows), explain("checkpoints of a run", err)
}

// LatestReward returns the newest reward model trained from a base. CodeNotFound if there is none.
func (s *Store) LatestReward(ctx context.Context, base string) (Checkpoint, error) {
	row, err := s.q.LatestReward(ctx, printable(base))
	if err != nil {
		return Checkpoint{}, missing("latest reward model", err, ranking.Errorf(ranking.CodeNotFound,
			"there is no reward model trained from %s yet; train one with `rankloop train reward`", base))
	}
	return checkpoint(row), nil
}

func checkpoint(row db.Checkpoint) Checkpoint {
	return Checkpoint{
		ID: row.ID, Name: row.Name, Kind: row.Kind, Base: row.Base, RunID: row.RunID, Step: int(row.Step),
		Parameters: row.Parameters, SHA256: row.Sha256, Meta: row.Meta, CreatedAt: row.CreatedAt,
	}
}

func checkpoints(rows []db.Checkpoint) []Checkpoint {
	all := make([]Checkpoint, len(rows))
	for i, row := range rows {
		all[i] = checkpoint(row)
	}
	return all
}
