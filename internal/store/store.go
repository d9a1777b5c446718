// Package store keeps everything that is not a file: people, campaigns, prompts, leases, judgments, snapshots and runs,
// one Go file for each. SQL lives in queries/*.sql, from which sqlc makes package db.
//
// Whatever happens together is one transaction. Locks are taken in one order everywhere: member, task, lease. Errors
// that a person may read are *ranking.Error; a database that is away is CodeUnavailable.
package store

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"rankloop/internal/store/db"
)

// ClaimSilence is how long a run's owner may be silent before another worker may claim the run.
const ClaimSilence = 15 * time.Second

// Store is the program's memory. It is safe for concurrent use.
type Store struct {
	ClaimSilence time.Duration // ClaimSilence unless a test is in a hurry

	pool      *pgxpool.Pool
	q         *db.Queries
	reclaimed atomic.Int64  // when leases were last reclaimed, Unix milliseconds
	waiters   chan struct{} // holds one for each search that waits for a task
	live      liveMetrics
	schemas   sync.Map // schemaKey → ranking.Schema: versions never change
	kinds     sync.Map // campaign id → its kind, which never changes
}

// New returns a store on a migrated database.
func New(pool *pgxpool.Pool) *Store {
	return &Store{ClaimSilence: ClaimSilence, pool: pool, q: db.New(pool), waiters: make(chan struct{}, waitersMax)}
}

// Kinds of transactions.
var (
	readWrite = pgx.TxOptions{}
	// A snapshot: everything read inside is of one moment.
	readOnly = pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly}
	// Long work: no limit on a statement's time; it still gives up waiting for a lock.
	longWrite = pgx.TxOptions{BeginQuery: "BEGIN; SET LOCAL statement_timeout = 0; SET LOCAL idle_in_transaction_session_timeout = 0"}
	longRead  = pgx.TxOptions{BeginQuery: "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SET LOCAL statement_timeout = 0; SET LOCAL idle_in_transaction_session_timeout = 0"}
	// What may be lost with a crash of the database itself within a second, since nobody was promised anything: the
	// commit does not wait for the disk. A later durable commit makes it durable too.
	relaxed = pgx.TxOptions{BeginQuery: "BEGIN; SET LOCAL synchronous_commit = off"}
)

// inTx runs f in a transaction, commits if it returns nil, and names what was tried in an error that is not for people.
func (s *Store) inTx(ctx context.Context, what string, options pgx.TxOptions, f func(tx pgx.Tx, q *db.Queries) error) error {
	err := pgx.BeginTxFunc(ctx, s.pool, options, func(tx pgx.Tx) error { return f(tx, s.q.WithTx(tx)) })
	return explain(what, err)
}
