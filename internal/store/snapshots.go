package store

import (
	"context"
	"encoding/json"

	"github.com/jackc/pgx/v5"

	"rankloop/internal/store/db"
	"rankloop/ranking"
)

// NewSnapshot is a snapshot to be made. Its file must be in the artifact folder.
type NewSnapshot struct {
	Name            string
	SHA256          string // of the file: records in the native format
	Bytes           int64  // of the file
	Seed            int64
	ValidationShare float64 // in [0, 1)
	Counts          json.RawMessage
	Judgments       []SnapshotJudgment
	CreatedBy       *int64
}

// SnapshotJudgment is one judgment of a snapshot.
type SnapshotJudgment struct {
	ID    int64
	Split ranking.Split
}

// Snapshot is an immutable selection of judgments.
type Snapshot = ranking.Snapshot

// PutArtifact records that the artifact folder holds a file. Doing so again changes nothing.
func (s *Store) PutArtifact(ctx context.Context, sha256 string, bytes int64) error {
	return explain("put artifact", s.q.PutArtifact(ctx, db.PutArtifactParams{Sha256: sha256, Bytes: bytes}))
}

// ArtifactsInUse returns the hashes that snapshots, checkpoints and runs name. Some are manifests: what those list is
// in use as well.
func (s *Store) ArtifactsInUse(ctx context.Context) ([]string, error) {
	all, err := s.q.ArtifactsInUse(ctx)
	return all, explain("artifacts in use", err)
}

// CreateSnapshot stores a snapshot with its judgments. CodeConflict if the name is taken by other content; the same
// content again returns the snapshot that is there.
func (s *Store) CreateSnapshot(ctx context.Context, n NewSnapshot) (Snapshot, error) {
	if err := checkName("snapshot", n.Name); err != nil {
		return Snapshot{}, err
	}
	var row db.Snapshot
	err := s.inTx(ctx, "create snapshot", longWrite, func(tx pgx.Tx, q *db.Queries) error {
		if err := q.PutArtifact(ctx, db.PutArtifactParams{Sha256: n.SHA256, Bytes: n.Bytes}); err != nil {
			return err
		}
		var err error
		row, err = q.InsertSnapshot(ctx, db.InsertSnapshotParams{
			Name: n.Name, Sha256: n.SHA256, Seed: n.Seed, ValidationShare: n.ValidationShare, Counts: n.Counts, CreatedBy: n.CreatedBy,
		})
		if noRows(err) {
			row, err = q.SnapshotByName(ctx, n.Name)
			if err == nil && row.Sha256 != n.SHA256 {
				return ranking.Errorf(ranking.CodeConflict, "there is a snapshot %s with other content already", n.Name)
			}
			return err
		}
		if err != nil {
			return err
		}
		return copyRows(ctx, tx, "snapshot_judgments", []string{"snapshot_id", "judgment_id", "split"},
			len(n.Judgments), func(i int) ([]any, error) {
				return []any{row.ID, n.Judgments[i].ID, string(n.Judgments[i].Split)}, nil
			})
	})
	if err != nil {
		return Snapshot{}, err
	}
	return snapshotOf(row), nil
}

// SnapshotByName returns a snapshot. CodeNotFound if there is none.
func (s *Store) SnapshotByName(ctx context.Context, name string) (Snapshot, error) {
	row, err := s.q.SnapshotByName(ctx, printable(name))
	if err != nil {
		return Snapshot{}, missing("snapshot by name", err, ranking.Errorf(ranking.CodeNotFound, "there is no snapshot %s", name))
	}
	return snapshotOf(row), nil
}

// LatestSnapshot returns the newest snapshot. CodeNotFound if there is none.
func (s *Store) LatestSnapshot(ctx context.Context) (Snapshot, error) {
	row, err := s.q.LatestSnapshot(ctx)
	if err != nil {
		return Snapshot{}, missing("latest snapshot", err, ranking.Errorf(ranking.CodeNotFound,
			"there is no snapshot yet; make one with `rankloop snapshot create`"))
	}
	return snapshotOf(row), nil
}

// ListSnapshots returns all snapshots, newest first.
func (s *Store) ListSnapshots(ctx context.Context) ([]Snapshot, error) {
	rows, err := s.q.ListSnapshots(ctx)
	all := make([]Snapshot, len(rows))
	for i, row := range rows {
		all[i] = snapshotOf(row)
	}
	return all, explain("list snapshots", err)
}

func snapshotOf(row db.Snapshot) Snapshot {
	return Snapshot{
		ID: row.ID, Name: row.Name, SHA256: row.Sha256, Seed: row.Seed, ValidationShare: row.ValidationShare,
		Counts: row.Counts, CreatedBy: row.CreatedBy, CreatedAt: row.CreatedAt,
	}
}
