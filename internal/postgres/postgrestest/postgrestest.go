// Package postgrestest gives every test a real, empty, migrated database of its own.
//
// The first test of a process starts a private cluster (or uses DATABASE_URL) and migrates a template; every further
// database is a clone of it. The cluster ends and its folder goes when the process ends, however it ends.
package postgrestest

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net/url"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/rivermigrate"

	"rankloop/internal/postgres"
	"rankloop/migrations"
)

// templateLock is the advisory lock under which the template is made: with DATABASE_URL, processes share it.
const templateLock = 7264618

// server is the cluster of this process.
type server struct {
	cluster  *postgres.Cluster
	template string
	clone    string // what follows CREATE DATABASE name
}

var shared = sync.OnceValues(start)

// New returns a pool on a fresh database, which is dropped when the test ends.
func New(t testing.TB) *pgxpool.Pool {
	t.Helper()
	cluster, err := postgres.Open(t.Context(), postgres.Options{DatabaseURL: URL(t)})
	if err != nil {
		t.Fatalf("connect to the test database: %v", err)
	}
	t.Cleanup(func() {
		if err := cluster.Close(); err != nil {
			t.Errorf("close the test database: %v", err)
		}
	})
	return cluster.Pool()
}

// URL returns the connection string of a fresh database, which is dropped when the test ends.
func URL(t testing.TB) string {
	t.Helper()
	s, err := shared()
	if err != nil {
		t.Fatalf("tests need Postgres: %v", err)
	}
	name := "rankloop_test_" + strings.ToLower(rand.Text())
	pool := s.cluster.Pool()
	if _, err := pool.Exec(t.Context(), "CREATE DATABASE "+quote(name)+s.clone); err != nil {
		t.Fatalf("clone the template database: %v", err)
	}
	t.Cleanup(func() {
		if _, err := pool.Exec(context.Background(), "DROP DATABASE "+quote(name)+" WITH (FORCE)"); err != nil {
			t.Errorf("drop the test database: %v", err)
		}
	})
	return withDatabase(pool.Config().ConnString(), name)
}

func start() (*server, error) {
	ctx := context.Background()
	options := postgres.Options{DatabaseURL: os.Getenv("DATABASE_URL")}
	if options.DatabaseURL == "" {
		folder, err := temporaryFolder()
		if err != nil {
			return nil, err
		}
		options.DataDir = folder
		options.Log = slog.New(slog.DiscardHandler)
		// What is lost with the machine is not missed.
		options.Settings = map[string]string{"fsync": "off", "full_page_writes": "off", "max_wal_size": "4GB"}
	}
	cluster, err := postgres.Open(ctx, options)
	if err != nil {
		return nil, err
	}
	s := &server{cluster: cluster}
	if s.template, err = makeTemplate(ctx, cluster.Pool()); err != nil {
		return nil, fmt.Errorf("make the template database: %w", err)
	}
	s.clone = " TEMPLATE " + quote(s.template)
	var version int
	if err := cluster.Pool().QueryRow(ctx, "SELECT current_setting('server_version_num')::int").Scan(&version); err != nil {
		return nil, err
	}
	if version >= 150000 {
		s.clone += " STRATEGY file_copy" // without fsync it is the quicker one
	}
	return s, nil
}

// temporaryFolder makes the data folder, and starts a shell that removes it once this process has ended: the shell's
// standard input closes then.
func temporaryFolder() (string, error) {
	folder, err := os.MkdirTemp("", "rankloop-test-")
	if err != nil {
		return "", err
	}
	if err := os.Chmod(folder, 0o711); err != nil { // root's server enters as another user
		return "", err
	}
	const waitAndRemove = `cat >/dev/null
		for i in 1 2 3 4 5 6 7 8 9 10; do [ -e "$1/postgres/data/postmaster.pid" ] || break; sleep 0.5; done
		rm -rf "$1"`
	remover := exec.Command("/bin/sh", "-c", waitAndRemove, "sh", folder)
	remover.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // survives Ctrl-C
	if alive, err = remover.StdinPipe(); err != nil {
		return "", err
	}
	return folder, remover.Start()
}

// alive is the open end of the remover's standard input: it must not be collected before the process ends.
var alive io.Closer //nolint:unused // held, never read

// makeTemplate returns the name of a migrated database, making it where it is missing. The name follows from the
// migrations, so on a server that several runs share it is made once for each schema.
func makeTemplate(ctx context.Context, pool *pgxpool.Pool) (string, error) {
	sum, err := schemaHash(pool)
	if err != nil {
		return "", err
	}
	name := "rankloop_template_" + sum
	conn, err := pool.Acquire(ctx)
	if err != nil {
		return "", err
	}
	defer conn.Release()
	if _, err := conn.Exec(ctx, "SELECT pg_advisory_lock($1)", templateLock); err != nil {
		return "", err
	}
	defer conn.Exec(ctx, "SELECT pg_advisory_unlock($1)", templateLock) //nolint:errcheck // ends with the session anyway
	var exists bool
	if err := conn.QueryRow(ctx, "SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)", name).Scan(&exists); err != nil || exists {
		return name, err
	}
	unfinished := name + "_unfinished"
	if _, err := conn.Exec(ctx, "DROP DATABASE IF EXISTS "+quote(unfinished)); err != nil {
		return "", err
	}
	if _, err := conn.Exec(ctx, "CREATE DATABASE "+quote(unfinished)); err != nil {
		return "", err
	}
	cluster, err := postgres.Open(ctx, postgres.Options{DatabaseURL: withDatabase(pool.Config().ConnString(), unfinished)})
	if err != nil {
		return "", err
	}
	if err := postgres.MigrateUp(ctx, cluster.Pool()); err != nil {
		return "", err
	}
	if err := cluster.Close(); err != nil {
		return "", err
	}
	_, err = conn.Exec(ctx, "ALTER DATABASE "+quote(unfinished)+" RENAME TO "+quote(name))
	return name, err
}

// schemaHash names the schema: our migrations and the job queue's.
func schemaHash(pool *pgxpool.Pool) (string, error) {
	h := sha256.New()
	names, err := fs.Glob(migrations.FS, "*.up.sql")
	if err != nil {
		return "", err
	}
	for _, name := range names {
		content, err := fs.ReadFile(migrations.FS, name)
		if err != nil {
			return "", err
		}
		h.Write(content)
	}
	river, err := rivermigrate.New(riverpgxv5.New(pool), nil)
	if err != nil {
		return "", err
	}
	for _, migration := range river.AllVersions() {
		h.Write([]byte(migration.SQLUp))
	}
	return hex.EncodeToString(h.Sum(nil)[:8]), nil
}

// withDatabase returns a connection string with another database's name, in either of Postgres' two forms.
func withDatabase(connection, name string) string {
	if !strings.Contains(connection, "://") {
		return connection + " dbname=" + name // the last one counts
	}
	parsed, err := url.Parse(connection)
	if err != nil {
		panic(err) // Open has parsed it already
	}
	parsed.Path = "/" + name
	return parsed.String()
}

func quote(name string) string { return pgx.Identifier{name}.Sanitize() }
