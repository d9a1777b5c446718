package store

import (
	"context"
	"encoding/json"

	"github.com/jackc/pgx/v5"

	"rankloop/internal/store/db"
	"rankloop/ranking"
)

// States of a run.
const (
	RunQueued    = ranking.RunQueued
	RunRunning   = ranking.RunRunning
	RunStopping  = ranking.RunStopping
	RunStopped   = ranking.RunStopped
	RunSucceeded = ranking.RunSucceeded
	RunFailed    = ranking.RunFailed
)

// NewRun is a training run to be made.
type NewRun struct {
	Name       string
	Kind       string // pretrain, sft, reward, ppo or dpo
	Spec       json.RawMessage
	SpecSHA256 string // of the spec: tells the same run from another
	Base       string
	Reward     string // "" where the kind has none
	Snapshot   string // "" where the kind has none
	Seed       int64
	CreatedBy  *int64
}

// Run is one training job.
type Run = ranking.Run

// CreateRun queues a run. A run of the same name and spec is returned as it is, queued again if it was stopped or had
// failed (created = false); one of another spec is CodeConflict.
func (s *Store) CreateRun(ctx context.Context, n NewRun) (run Run, created bool, err error) {
	if err := checkName("run", n.Name); err != nil {
		return Run{}, false, err
	}
	var row db.Run
	err = s.inTx(ctx, "create run", readWrite, func(_ pgx.Tx, q *db.Queries) error {
		row, err = q.InsertRun(ctx, db.InsertRunParams{
			Name: n.Name, Kind: n.Kind, Spec: n.Spec, SpecSha256: n.SpecSHA256, Base: n.Base,
			Reward: n.Reward, Snapshot: n.Snapshot, Seed: n.Seed, CreatedBy: n.CreatedBy,
		})
		if !noRows(err) {
			created = err == nil
			return err
		}
		if row, err = q.LockRunByName(ctx, n.Name); err != nil {
			return err
		}
		if row.SpecSha256 != n.SpecSHA256 {
			return ranking.Errorf(ranking.CodeConflict, "there is a run %s with another config already; choose another name", n.Name)
		}
		if row.State == RunStopped || row.State == RunFailed {
			row, err = q.RequeueRun(ctx, row.ID)
		}
		return err
	})
	if err != nil {
		return Run{}, false, err
	}
	return runOf(row), created, nil
}

// RunByName returns a run. CodeNotFound if there is none.
func (s *Store) RunByName(ctx context.Context, name string) (Run, error) {
	row, err := s.q.RunByName(ctx, printable(name))
	if err != nil {
		return Run{}, missing("run by name", err, noRun(name))
	}
	return runOf(row), nil
}

// RunByID returns a run. CodeNotFound if there is none.
func (s *Store) RunByID(ctx context.Context, id int64) (Run, error) {
	row, err := s.q.RunByID(ctx, id)
	if err != nil {
		return Run{}, missing("run by id", err, ranking.Errorf(ranking.CodeNotFound, "there is no such run"))
	}
	return runOf(row), nil
}

// ListRuns returns all runs, newest first.
func (s *Store) ListRuns(ctx context.Context) ([]Run, error) {
	rows, err := s.q.ListRuns(ctx)
	all := make([]Run, len(rows))
	for i, row := range rows {
		all[i] = runOf(row)
	}
	return all, explain("list runs", err)
}

// StopRun asks a run to stop: one that waits stops now, one that trains at its next step. Stopping twice is stopping
// once. CodeConflict when it has ended already.
func (s *Store) StopRun(ctx context.Context, name string) error {
	return s.inTx(ctx, "stop run", readWrite, func(_ pgx.Tx, q *db.Queries) error {
		row, err := q.LockRunByName(ctx, printable(name))
		if err != nil {
			return missing("lock run", err, noRun(name))
		}
		switch row.State {
		case RunQueued:
			return q.SetRunState(ctx, db.SetRunStateParams{ID: row.ID, State: RunStopped, Finished: true})
		case RunRunning:
			return q.SetRunState(ctx, db.SetRunStateParams{ID: row.ID, State: RunStopping})
		case RunStopping, RunStopped:
			return nil
		}
		return ranking.Errorf(ranking.CodeConflict, "the run %s has ended already: it %s", name, row.State)
	})
}

// ResumeRun queues a stopped or failed run again, from its last checkpoint. One that waits or trains is left alone.
// CodeConflict when it has succeeded or is just stopping.
func (s *Store) ResumeRun(ctx context.Context, name string) error {
	return s.inTx(ctx, "resume run", readWrite, func(_ pgx.Tx, q *db.Queries) error {
		row, err := q.LockRunByName(ctx, printable(name))
		if err != nil {
			return missing("lock run", err, noRun(name))
		}
		switch row.State {
		case RunStopped, RunFailed:
			_, err := q.RequeueRun(ctx, row.ID)
			return err
		case RunQueued, RunRunning:
			return nil
		case RunStopping:
			return ranking.Errorf(ranking.CodeConflict, "the run %s is just stopping; resume it in a moment", name)
		}
		return ranking.Errorf(ranking.CodeConflict, "the run %s has ended already: it %s", name, row.State)
	})
}

func noRun(name string) *ranking.Error {
	return ranking.Errorf(ranking.CodeNotFound, "there is no run %s", name)
}

func runOf(row db.Run) Run {
	r := Run{
		ID: row.ID, Name: row.Name, Kind: row.Kind, State: row.State, Spec: row.Spec, SpecSHA256: row.SpecSha256,
		Base: row.Base, Reward: row.Reward, Snapshot: row.Snapshot, Seed: row.Seed, Step: int(row.Step),
		StepsTotal: int(row.StepsTotal), Summary: row.Summary, Warnings: row.Warnings, Error: row.Error,
		Kernels: row.Kernels, Owner: row.Owner, Fence: row.Fence, HeartbeatAt: row.HeartbeatAt,
		TrainedMS: row.TrainedMs, CreatedBy: row.CreatedBy, CreatedAt: row.CreatedAt,
		StartedAt: row.StartedAt, FinishedAt: row.FinishedAt,
	}
	if row.StateSha256 != nil {
		r.StateSHA256 = *row.StateSha256
	}
	return r
}
