// Package postgres gives the program its database: the server of a URL, or a private cluster that it runs itself.
//
// A private cluster lives in the data folder and listens on a unix socket only. Whoever holds the folder's lock owns it
// and runs Postgres as a child process; every other process that opens the same folder is a guest. When the owner
// leaves, whether it says goodbye or is killed, a guest takes the lock, starts the cluster again and goes on: the
// socket's path stays the same, so its pool only has to connect anew.
package postgres

import (
	"context"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
)

// Options say which database to open.
type Options struct {
	DatabaseURL string            // a connection string; empty for the private cluster of DataDir
	DataDir     string            // the data folder; empty for DefaultDataDir
	Wait        time.Duration     // for the server of DatabaseURL to answer; 0 for DefaultWait
	Log         *slog.Logger      // empty for slog.Default
	Settings    map[string]string // more settings of the private server, e.g. fsync=off for tests

	binaries []string // folders to search for Postgres; nil for the usual ones
}

// Cluster is an open database.
type Cluster struct {
	pool      *pgxpool.Pool
	available atomic.Bool
	private   *private // nil where a URL was given
	closing   sync.Once
	closeErr  error
}

// poolCloseWait bounds how long Close waits for connections in use: a request that hangs must not keep Postgres up.
const poolCloseWait = 5 * time.Second

// Open connects to the database, starting the private cluster where nobody has. It returns once queries can run. Its
// errors say what to do: install Postgres, choose another folder, or set DATABASE_URL.
func Open(ctx context.Context, o Options) (*Cluster, error) {
	if o.Log == nil {
		o.Log = slog.Default()
	}
	if o.DatabaseURL != "" {
		return openURL(ctx, o)
	}
	if o.DataDir == "" {
		o.DataDir = DefaultDataDir()
	}
	private, err := newPrivate(o)
	if err != nil {
		return nil, err
	}
	pool, err := newPool(private.paths.url(databaseName))
	if err != nil {
		return nil, err
	}
	c := &Cluster{pool: pool, private: private}
	if err := private.open(ctx, pool, &c.available); err != nil {
		pool.Close()
		return nil, err
	}
	return c, nil
}

// Pool returns the connections. They stay valid over a hand-over.
func (c *Cluster) Pool() *pgxpool.Pool { return c.pool }

// Available is false while the cluster is handed over from a process that left. Answer 503 meanwhile.
func (c *Cluster) Available() bool { return c.available.Load() }

// Owner says whether this process runs the cluster, and so ends it for the others by leaving.
func (c *Cluster) Owner() bool { return c.private != nil && c.private.owns() }

// Close closes the pool first, then stops Postgres if this process owns it. A second call does nothing.
func (c *Cluster) Close() error {
	c.closing.Do(func() {
		c.available.Store(false)
		closed := make(chan struct{})
		go func() {
			c.pool.Close()
			close(closed)
		}()
		select {
		case <-closed:
		case <-time.After(poolCloseWait):
		}
		if c.private != nil {
			c.closeErr = c.private.close()
		}
	})
	return c.closeErr
}
