package postgres

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strconv"
	"strings"
	"time"

	"github.com/golang-migrate/migrate/v4"
	"github.com/golang-migrate/migrate/v4/database"
	migratepgx "github.com/golang-migrate/migrate/v4/database/pgx/v5"
	"github.com/golang-migrate/migrate/v4/source/iofs"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/rivermigrate"

	"rankloop/migrations"
	"rankloop/ranking"
)

// RiverSchema is the schema that holds the job queue's tables.
const RiverSchema = "river"

// migrationLock is the advisory lock under which one process migrates while others wait.
const migrationLock = 7264617

// MigrateUp brings the schema to this program's version: our own migrations, then the job queue's. Several processes
// may call it at once. It refuses a schema that a newer program has made. Where the process that runs Postgres leaves
// meanwhile, it waits for the hand-over and begins anew.
func MigrateUp(ctx context.Context, pool *pgxpool.Pool) error {
	deadline := time.Now().Add(handOverWait)
	for {
		err := migrateUp(ctx, pool)
		if !leaving(err) || time.Now().After(deadline) {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(handOverPause):
		}
	}
}

// A hand-over takes a second or two; a migration asks again so often, for so long.
const (
	handOverWait  = 15 * time.Second
	handOverPause = 100 * time.Millisecond
)

func migrateUp(ctx context.Context, pool *pgxpool.Pool) error {
	return migrating(ctx, pool, func(pool *pgxpool.Pool) error {
		version, dirty, _, err := MigrateStatus(ctx, pool)
		if err != nil {
			return err
		}
		newest, err := newestMigration()
		if err != nil {
			return err
		}
		if version > newest {
			return ranking.Errorf(ranking.CodeUnavailable,
				"the database has schema version %d, this program knows only %d: use a newer rankloop", version, newest)
		}
		if dirty {
			return ranking.Errorf(ranking.CodeUnavailable,
				"migration %d of the database stopped half way: restore a backup, or repair it and set schema_migrations.dirty to false", version)
		}
		if version < newest {
			err := withMigrate(pool, func(m *migrate.Migrate) error { return m.Up() })
			if err != nil && !errors.Is(err, migrate.ErrNoChange) {
				return notAllowed(fmt.Errorf("migrate: %w", withoutQuery(err)), pool)
			}
		}
		return notAllowed(migrateRiver(ctx, pool), pool)
	})
}

// notAllowed says what to do where the account may not make tables, or nobody may.
func notAllowed(err error, pool *pgxpool.Pool) error {
	config := pool.Config().ConnConfig
	switch sqlState(err) {
	case stateNoPrivilege:
		return ranking.Errorf(ranking.CodeUnavailable,
			"user %q may not make tables in the database %q; make it the owner (ALTER DATABASE %s OWNER TO %s)",
			config.User, config.Database, config.Database, config.User).WithCause(err)
	case stateReadOnly:
		return ranking.Errorf(ranking.CodeUnavailable,
			"the database %q can only be read (a standby?); name the one that can be written in DATABASE_URL", config.Database).WithCause(err)
	}
	return err
}

// MigrateDown takes back the newest migration, with the data that only it can hold.
func MigrateDown(ctx context.Context, pool *pgxpool.Pool) error {
	return migrating(ctx, pool, func(pool *pgxpool.Pool) error {
		version, _, _, err := MigrateStatus(ctx, pool)
		if err != nil {
			return err
		}
		if version == 0 {
			return ranking.Errorf(ranking.CodeConflict, "no migration has been applied")
		}
		if err := withMigrate(pool, func(m *migrate.Migrate) error { return m.Steps(-1) }); err != nil {
			return fmt.Errorf("migrate down: %w", withoutQuery(err))
		}
		return nil
	})
}

// withoutQuery keeps the reason of a failed migration; its text would be pages of SQL.
func withoutQuery(err error) error {
	var value database.Error // which the library returns either way
	if errors.As(err, &value) && value.OrigErr != nil {
		return value.OrigErr
	}
	var pointer *database.Error
	if errors.As(err, &pointer) && pointer.OrigErr != nil {
		return pointer.OrigErr
	}
	return err
}

// MigrateStatus returns the version of the schema (0: none), whether its migration stopped half way, and how many
// migrations are still to be applied.
func MigrateStatus(ctx context.Context, pool *pgxpool.Pool) (version int, dirty bool, pending int, err error) {
	var exists bool
	if err := pool.QueryRow(ctx, "SELECT to_regclass('schema_migrations') IS NOT NULL").Scan(&exists); err != nil {
		return 0, false, 0, fmt.Errorf("migration status: %w", err)
	}
	if exists {
		err := pool.QueryRow(ctx, "SELECT coalesce(max(version), 0), coalesce(bool_or(dirty), false) FROM schema_migrations").
			Scan(&version, &dirty)
		if err != nil {
			return 0, false, 0, fmt.Errorf("migration status: %w", err)
		}
	}
	versions, err := migrationVersions()
	if err != nil {
		return 0, false, 0, err
	}
	for _, v := range versions {
		if v > version {
			pending++
		}
	}
	return version, dirty, pending, nil
}

// migrating runs f with connections that have no time limits, alone among all processes.
func migrating(ctx context.Context, pool *pgxpool.Pool, f func(*pgxpool.Pool) error) error {
	own, err := pgxpool.NewWithConfig(ctx, unlimited(pool))
	if err != nil {
		return err
	}
	defer own.Close()
	conn, err := own.Acquire(ctx)
	if err != nil {
		return fmt.Errorf("migrate: %w", err)
	}
	defer conn.Release()
	if _, err := conn.Exec(ctx, "SELECT pg_advisory_lock($1)", migrationLock); err != nil {
		return fmt.Errorf("migrate: wait for the lock: %w", err)
	}
	// The lock is the session's: closing the pool gives it back whatever happens.
	return f(own)
}

func withMigrate(pool *pgxpool.Pool, f func(*migrate.Migrate) error) error {
	source, err := iofs.New(migrations.FS, ".")
	if err != nil {
		return err
	}
	// Not from the pool: golang-migrate forgets its connection where it may not make its table, and the pool's Close
	// would wait for it for ever.
	sql := stdlib.OpenDB(*pool.Config().ConnConfig)
	defer sql.Close()
	driver, err := migratepgx.WithInstance(sql, &migratepgx.Config{MultiStatementEnabled: false})
	if err != nil {
		return err
	}
	m, err := migrate.NewWithInstance("embedded", source, "postgres", driver)
	if err != nil {
		return err
	}
	runErr := f(m)
	sourceErr, databaseErr := m.Close()
	return errors.Join(runErr, sourceErr, databaseErr)
}

func migrateRiver(ctx context.Context, pool *pgxpool.Pool) error {
	migrator, err := rivermigrate.New(riverpgxv5.New(pool), &rivermigrate.Config{Schema: RiverSchema})
	if err != nil {
		return fmt.Errorf("migrate the job queue: %w", err)
	}
	if _, err := migrator.Migrate(ctx, rivermigrate.DirectionUp, nil); err != nil {
		return fmt.Errorf("migrate the job queue: %w", err)
	}
	return nil
}

func newestMigration() (int, error) {
	versions, err := migrationVersions()
	if err != nil {
		return 0, err
	}
	return versions[len(versions)-1], nil
}

// migrationVersions lists the embedded migrations' numbers in ascending order.
func migrationVersions() ([]int, error) {
	names, err := fs.Glob(migrations.FS, "*.up.sql")
	if err != nil {
		return nil, err
	}
	var versions []int
	for _, name := range names { // sorted, with leading zeros
		number, _, _ := strings.Cut(name, "_")
		version, err := strconv.Atoi(number)
		if err != nil {
			return nil, fmt.Errorf("migration %s: %w", name, err)
		}
		versions = append(versions, version)
	}
	return versions, nil
}
