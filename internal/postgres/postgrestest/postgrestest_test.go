package postgrestest_test

import (
	"testing"

	"rankloop/internal/postgres"
	"rankloop/internal/postgres/postgrestest"
)

func TestNewIsMigratedAndSeparate(t *testing.T) {
	first, second := postgrestest.New(t), postgrestest.New(t)
	version, dirty, pending, err := postgres.MigrateStatus(t.Context(), first)
	if err != nil || version < 1 || dirty || pending != 0 {
		t.Fatalf("status %d %t %d %v", version, dirty, pending, err)
	}
	if _, err := first.Exec(t.Context(), "INSERT INTO campaigns (name, k, overlap, seed) VALUES ('one', 4, 1, 1)"); err != nil {
		t.Fatal(err)
	}
	var campaigns, jobs int
	if err := second.QueryRow(t.Context(), "SELECT (SELECT count(*) FROM campaigns), (SELECT count(*) FROM river.river_job)").
		Scan(&campaigns, &jobs); err != nil {
		t.Fatal(err)
	}
	if campaigns != 0 || jobs != 0 {
		t.Fatalf("a new database holds %d campaigns, %d jobs", campaigns, jobs)
	}
}
