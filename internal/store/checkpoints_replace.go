package store

import (
	"context"

	"github.com/jackc/pgx/v5"

	"rankloop/internal/store/db"
)

// ReplaceCheckpoint registers a checkpoint outside of a run under a name that may be taken. What had the name goes on
// under aside, and so do the runs and checkpoints that come from it: they are pinned to its content, and now say its new
// name. The same content again only takes the new meta. replaced says whether something was set aside.
func (s *Store) ReplaceCheckpoint(ctx context.Context, n NewCheckpoint, aside string) (replaced bool, err error) {
	err = s.inTx(ctx, "replace checkpoint", readWrite, func(_ pgx.Tx, q *db.Queries) error {
		replaced = false
		if err := q.PutArtifact(ctx, db.PutArtifactParams{Sha256: n.SHA256, Bytes: n.Bytes}); err != nil {
			return err
		}
		old, err := q.LockCheckpoint(ctx, n.Name)
		switch {
		case noRows(err):
		case err != nil:
			return err
		case old.Sha256 == n.SHA256:
			return q.SetCheckpointMeta(ctx, db.SetCheckpointMetaParams{ID: old.ID, Meta: n.Meta})
		default:
			if err := setAside(ctx, q, old, aside); err != nil {
				return err
			}
			replaced = true
		}
		_, err = addCheckpoint(ctx, q, n)
		return err
	})
	return replaced, err
}

func setAside(ctx context.Context, q *db.Queries, old db.Checkpoint, name string) error {
	if err := CheckCheckpointName(name); err != nil {
		return err
	}
	if err := q.RenameCheckpoint(ctx, db.RenameCheckpointParams{ID: old.ID, Name: name}); err != nil {
		return err
	}
	if err := q.RenameBaseOfCheckpoints(ctx, db.RenameBaseOfCheckpointsParams{Name: name, Old: old.Name}); err != nil {
		return err
	}
	return q.RenameBaseOfRuns(ctx, db.RenameBaseOfRunsParams{Name: name, Old: old.Name})
}
