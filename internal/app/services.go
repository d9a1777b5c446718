// Package app is the program as a value: Open gives the services a command works with, New and Run the server. main,
// tests and browser tests start the same thing. It fills in the interfaces that web and handlers declare.
package app

import (
	"context"
	"errors"
	"log/slog"
	"path/filepath"
	"strings"
	"time"

	"rankloop/handlers"
	"rankloop/internal/artifacts"
	"rankloop/internal/inference"
	"rankloop/internal/jobs"
	"rankloop/internal/postgres"
	"rankloop/internal/store"
	"rankloop/model"
	"rankloop/ranking"
)

// Options say where the program keeps its data.
type Options struct {
	DataDir     string // "" for the default data folder
	DatabaseURL string // "" for the data folder's private cluster
	Log         *slog.Logger
	Base        *BaseModel // nil for EmbeddedBase

	DatabaseWait time.Duration // for the server of DatabaseURL to answer; 0 for postgres.DefaultWait
}

func (o Options) withDefaults() Options {
	if o.DataDir == "" {
		o.DataDir = postgres.DefaultDataDir()
	}
	if absolute, err := filepath.Abs(o.DataDir); err == nil {
		o.DataDir = absolute
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Base == nil {
		o.Base = &EmbeddedBase
	}
	return o
}

// Services are what a command works with: an open, migrated database in which the embedded base model is registered,
// the artifact folder, the inference engine and the job queue. Close them when the work is done.
type Services struct {
	Options
	Cluster   *postgres.Cluster
	Store     *store.Store
	Artifacts *artifacts.Folder
	Engine    *inference.Engine
	Inputs    *jobs.Inputs
	queue     *jobs.Client
}

// Open connects to the database, starting the data folder's own where nobody has, brings its schema up and registers
// the base model.
func Open(ctx context.Context, o Options) (_ *Services, err error) {
	o = o.withDefaults()
	s := &Services{Options: o}
	s.Cluster, err = postgres.Open(ctx, postgres.Options{
		DatabaseURL: o.DatabaseURL, Wait: o.DatabaseWait, DataDir: o.DataDir, Log: o.Log,
	})
	if err != nil {
		return nil, err
	}
	if err := s.assemble(ctx); err != nil {
		return nil, errors.Join(err, s.Cluster.Close())
	}
	return s, nil
}

func (s *Services) assemble(ctx context.Context) (err error) {
	pool := s.Cluster.Pool()
	if err := postgres.MigrateUp(ctx, pool); err != nil {
		return err
	}
	s.Store = store.New(pool)
	if s.Artifacts, err = artifacts.Open(filepath.Join(s.DataDir, "artifacts")); err != nil {
		return err
	}
	s.Engine = inference.NewEngine(s.loadCheckpoint)
	s.Inputs = &jobs.Inputs{Store: s.Store, Artifacts: s.Artifacts, OwnText: s.ownText}
	if s.queue, err = jobs.NewClient(pool, s.Log); err != nil {
		return err
	}
	return s.registerBase(ctx)
}

// Close ends what Open began, the private cluster last.
func (s *Services) Close() error { return s.Cluster.Close() }

// EnqueueGeneration asks, in the transaction tx, for the missing responses of prompts (store.ImportOptions.InTx).
func (s *Services) EnqueueGeneration(ctx context.Context, tx jobs.Tx, campaignID int64, promptIDs []int64) error {
	return s.queue.EnqueueGeneration(ctx, tx, campaignID, promptIDs)
}

// Launcher makes runs.
func (s *Services) Launcher() *jobs.Launcher {
	return &jobs.Launcher{Store: s.Store, Artifacts: s.Artifacts, Inputs: s.Inputs}
}

// Owner works runs in this process.
func (s *Services) Owner() *jobs.Owner {
	return &jobs.Owner{Store: s.Store, Artifacts: s.Artifacts, Inputs: s.Inputs, Log: s.Log}
}

// WorkerAlive says whether some process works queued runs.
func (s *Services) WorkerAlive(ctx context.Context) (bool, error) {
	return jobs.WorkerAlive(ctx, s.Cluster.Pool())
}

// AddUser creates a user; an empty password leaves signing in by link only.
func (s *Services) AddUser(ctx context.Context, user ranking.NewUser, password string) (ranking.User, error) {
	if password != "" {
		hash, err := handlers.HashPassword(password)
		if err != nil {
			return ranking.User{}, err
		}
		user.PasswordHash = hash
	}
	return s.Store.CreateUser(ctx, user)
}

// SignInLink makes a single-use link that signs a user in. It names the server of the data folder, if one runs, else
// the address that serve takes by default.
func (s *Services) SignInLink(ctx context.Context, userID int64) (link string, expires time.Time, err error) {
	token, err := s.Store.CreateSignInLink(ctx, userID)
	if err != nil {
		return "", time.Time{}, err
	}
	peeked, err := s.Store.PeekLink(ctx, token)
	if err != nil {
		return "", time.Time{}, err
	}
	url, running := s.RunningServer(ctx)
	if !running {
		url = "http://" + DefaultAddr
	}
	return strings.TrimSuffix(url, "/") + handlers.LinkPath(token), peeked.ExpiresAt, nil
}

// loadCheckpoint is the engine's loader.
func (s *Services) loadCheckpoint(ctx context.Context, name string) (*model.Checkpoint, error) {
	checkpoint, err := s.Store.CheckpointByName(ctx, name)
	if err != nil {
		return nil, err
	}
	return jobs.LoadServed(ctx, s.Artifacts, checkpoint.SHA256)
}
