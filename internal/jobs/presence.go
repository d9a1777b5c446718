package jobs

import (
	"context"
	"log/slog"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
)

// presenceKey is the advisory lock that every live worker shares. Postgres drops it with the worker's connection, so a
// worker that was killed is gone at once.
const presenceKey = 0x52616e6b6c6f6f70 // "Rankloop"

// Announce holds the presence lock until ctx ends, on a connection of its own, taking it again after the database was
// away.
func Announce(ctx context.Context, pool *pgxpool.Pool, log *slog.Logger) {
	for ctx.Err() == nil {
		if err := holdPresence(ctx, pool); err != nil && ctx.Err() == nil {
			log.Debug("presence lost; announcing again", "error", err)
		}
		sleep(ctx, time.Second)
	}
}

func holdPresence(ctx context.Context, pool *pgxpool.Pool) error {
	pooled, err := pool.Acquire(ctx)
	if err != nil {
		return err
	}
	conn := pooled.Hijack() // closing it, not returning it, is what drops the lock
	defer conn.Close(context.WithoutCancel(ctx))
	if _, err := conn.Exec(ctx, "SELECT pg_advisory_lock_shared($1)", int64(presenceKey)); err != nil {
		return err
	}
	for ctx.Err() == nil {
		sleep(ctx, 5*time.Second)
		if err := conn.Ping(ctx); err != nil {
			return err
		}
	}
	return nil
}

// WorkerAlive says whether a worker is there that would take a queued run.
func WorkerAlive(ctx context.Context, pool *pgxpool.Pool) (bool, error) {
	var alive bool
	err := pool.QueryRow(ctx, `
		SELECT EXISTS (
			SELECT FROM pg_locks
			WHERE locktype = 'advisory' AND granted AND objsubid = 1
			  AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
			  AND classid::bigint = $1::bigint >> 32
			  AND objid::bigint = $1::bigint & 4294967295)`, int64(presenceKey)).Scan(&alive)
	return alive, err
}
