package postgres_test

import (
	"strings"
	"testing"

	"rankloop/internal/postgres"
	"rankloop/internal/postgres/postgrestest"
)

// TestFailedMigration: the error gives the database's reason, not the migration's text.
func TestFailedMigration(t *testing.T) {
	pool := postgrestest.New(t)
	if _, err := pool.Exec(t.Context(), "DELETE FROM schema_migrations"); err != nil {
		t.Fatal(err)
	}
	err := postgres.MigrateUp(t.Context(), pool)
	if err == nil || !strings.Contains(err.Error(), "already exists") || strings.Contains(err.Error(), "CREATE TABLE") {
		t.Errorf("migrating over existing tables: %v", err)
	}
	if _, dirty, _, err := postgres.MigrateStatus(t.Context(), pool); err != nil || !dirty {
		t.Errorf("dirty %v, %v", dirty, err)
	}
	if err := postgres.MigrateUp(t.Context(), pool); err == nil || !strings.Contains(err.Error(), "stopped half way") {
		t.Errorf("migrating again: %v", err)
	}
}
