package postgres

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"rankloop/ranking"
)

const (
	guestPoll = 100 * time.Millisecond // how often a guest looks whether the owner left

	// startRetry is how long a server that ends while starting is tried again: after a crash of owner and server
	// together its shared memory may be in use for a moment.
	startRetry = 8 * time.Second
	retryPause = 250 * time.Millisecond
	restartMax = 10 * time.Second // the longest pause between attempts to bring a lost server back
)

// private is this process's part in the private cluster of a data folder: its owner or a guest.
type private struct {
	paths    paths
	account  account
	folders  []string // where binaries are looked for
	settings map[string]string
	log      *slog.Logger

	cancel context.CancelFunc // ends watch
	done   chan struct{}      // closed when watch has ended

	mu     sync.Mutex
	lock   *os.File // held by the owner
	server *server  // the owner's child
}

func newPrivate(o Options) (*private, error) {
	p, err := newPaths(o.DataDir)
	if err != nil {
		return nil, err
	}
	a, err := serverAccount()
	if err != nil {
		return nil, err
	}
	folders := o.binaries
	if folders == nil {
		folders = binaryFolders()
	}
	return &private{paths: p, account: a, folders: folders, settings: o.Settings, log: o.Log, done: make(chan struct{})}, nil
}

func (p *private) owns() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.lock != nil
}

// open becomes owner or guest, waits until the database answers, and keeps watch from then on.
func (p *private) open(ctx context.Context, pool *pgxpool.Pool, available *atomic.Bool) error {
	// For root the folders are entered by another user, who may pass through but not look around.
	mode := os.FileMode(0o700)
	if p.account.credential != nil {
		mode = 0o711
	}
	if err := os.MkdirAll(p.paths.folder, mode); err != nil {
		return ranking.Errorf(ranking.CodeUnavailable,
			"the data folder %s cannot be made; choose another with --data", filepath.Dir(p.paths.folder)).WithCause(err)
	}
	deadline := time.Now().Add(readyWait)
	for {
		owner, err := p.tryOwn(ctx)
		if err != nil {
			return errors.Join(err, p.release())
		}
		if owner || pool.Ping(ctx) == nil {
			break
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		if time.Now().After(deadline) {
			return ranking.Errorf(ranking.CodeUnavailable,
				"another process holds the data folder %s, but its database does not answer", filepath.Dir(p.paths.folder))
		}
		time.Sleep(readyPoll)
	}
	if err := waitReady(ctx, pool, nil); err != nil {
		return errors.Join(fmt.Errorf("connect to the private database: %w", err), p.release())
	}
	available.Store(true)
	watching, cancel := context.WithCancel(context.Background())
	p.cancel = cancel
	go p.watch(watching, pool, available)
	return nil
}

// tryOwn takes the lock if it is free and then starts the cluster. It returns false where another process holds it.
func (p *private) tryOwn(ctx context.Context) (bool, error) {
	lock, err := tryLock(p.paths.lock)
	if err != nil {
		return false, ranking.Errorf(ranking.CodeUnavailable,
			"the data folder %s cannot be used; choose another with --data", filepath.Dir(p.paths.folder)).WithCause(err)
	}
	if lock == nil {
		return false, nil
	}
	p.mu.Lock()
	p.lock = lock
	p.mu.Unlock()
	return true, p.start(ctx)
}

// start brings the cluster up; the lock must be held.
func (p *private) start(ctx context.Context) error {
	b, err := chooseBinaries(p.folders, p.paths.data)
	if err != nil {
		return err
	}
	if err := p.account.checkEnter(b, p.paths.folder); err != nil {
		return err
	}
	if err := p.account.ownedFolder(p.paths.socket); err != nil {
		return fmt.Errorf("folder of the database's socket: %w", err)
	}
	if _, err := os.Stat(p.paths.data); errors.Is(err, os.ErrNotExist) {
		p.log.Info("making a new private database", "folder", p.paths.data, "postgres", b.major)
		if err := initCluster(ctx, b, p.account, p.paths, p.settings["fsync"] != "off"); err != nil {
			return err
		}
	}
	if err := stopOrphan(p.paths); err != nil {
		return err
	}
	deadline := time.Now().Add(startRetry)
	for {
		s, err := startServer(b, p.account, p.paths, p.settings)
		if err != nil {
			return err
		}
		p.mu.Lock()
		p.server = s
		p.mu.Unlock()
		err = createDatabase(ctx, p.paths, s)
		if err == nil {
			return nil
		}
		if s.running() {
			return errors.Join(err, s.stop())
		}
		if time.Now().After(deadline) || ctx.Err() != nil {
			return ranking.Errorf(ranking.CodeUnavailable, "the private database does not start; its log %s ends with: %s",
				p.paths.log, logTail(p.paths)).WithCause(err)
		}
		time.Sleep(retryPause)
	}
}

var errServerExited = errors.New("postgres ended while starting")

// createDatabase waits for the server and makes our database where it is missing.
func createDatabase(ctx context.Context, p paths, s *server) error {
	ctx, cancel := context.WithTimeout(ctx, readyWait)
	defer cancel()
	pool, err := newPool(p.url("postgres"))
	if err != nil {
		return err
	}
	defer pool.Close()
	err = waitReady(ctx, pool, func() error {
		if !s.running() {
			return errServerExited
		}
		return nil
	})
	if err != nil {
		return err
	}
	_, err = pool.Exec(ctx, "CREATE DATABASE "+pgx.Identifier{databaseName}.Sanitize())
	var exists *pgconn.PgError
	if errors.As(err, &exists) && exists.Code == "42P04" {
		return nil
	}
	return err
}

// watch keeps the cluster up: as the owner it brings a lost server back, as a guest it takes over when the owner leaves.
func (p *private) watch(ctx context.Context, pool *pgxpool.Pool, available *atomic.Bool) {
	defer close(p.done)
	for ctx.Err() == nil {
		if p.owns() {
			select {
			case <-ctx.Done():
				return
			case <-p.server.exited:
			}
			p.log.Error("the private database ended by itself; starting it again", "log", p.paths.log)
		} else {
			gone := p.waitForLock(ctx, pool, available)
			if !gone {
				return
			}
			p.log.Info("the process that ran the private database left; taking over")
		}
		available.Store(false)
		p.restart(ctx)
		pool.Reset()
		if waitReady(ctx, pool, nil) == nil {
			available.Store(true)
		}
	}
}

// waitForLock returns true once this process holds the lock. Meanwhile it follows the owner's server: it is available
// while its socket exists, and a new socket means that all connections are to be made anew.
func (p *private) waitForLock(ctx context.Context, pool *pgxpool.Pool, available *atomic.Bool) bool {
	ticker := time.NewTicker(guestPoll)
	defer ticker.Stop()
	socket := filepath.Join(p.paths.socket, socketName)
	known, _ := os.Stat(socket)
	for {
		select {
		case <-ctx.Done():
			return false
		case <-ticker.C:
		}
		lock, err := tryLock(p.paths.lock)
		if err == nil && lock != nil {
			p.mu.Lock()
			p.lock = lock
			p.mu.Unlock()
			return true
		}
		now, err := os.Stat(socket)
		switch {
		case err != nil:
			available.Store(false)
		case known == nil || !os.SameFile(known, now) || !available.Load():
			if pool.Ping(ctx) != nil {
				available.Store(false)
				continue
			}
			pool.Reset()
			known = now
			available.Store(true)
		}
	}
}

// restart starts the cluster, trying again until it is up or ctx ends.
func (p *private) restart(ctx context.Context) {
	pause := retryPause
	for ctx.Err() == nil {
		err := p.start(ctx)
		if err == nil {
			return
		}
		p.log.Error("the private database does not start", "error", err)
		select {
		case <-ctx.Done():
		case <-time.After(pause):
		}
		pause = min(2*pause, restartMax)
	}
}

func (p *private) close() error {
	p.cancel()
	<-p.done
	return p.release()
}

// release stops the server and only then gives the lock back, so that the next owner finds a folder at rest.
func (p *private) release() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	var err error
	if p.server != nil && p.server.running() {
		err = p.server.stop()
	}
	if p.lock != nil {
		if filepath.Dir(p.paths.socket) != p.paths.folder {
			_ = os.Remove(p.paths.socket) // fails where it is not empty, which is right
		}
		p.lock.Close()
		p.lock = nil
	}
	return err
}
