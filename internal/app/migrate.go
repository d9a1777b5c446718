package app

import (
	"context"
	"errors"

	"rankloop/internal/postgres"
)

// Migration is a change of the schema that somebody asks for.
type Migration int

// The migrations that can be asked for.
const (
	MigrateNothing Migration = iota
	MigrateUp
	MigrateDown // the newest one, with the data that only it can hold
)

// Schema says where the database's schema is.
type Schema struct {
	Version int  `json:"version"` // 0: no schema yet
	Dirty   bool `json:"dirty"`   // a migration stopped half way
	Pending int  `json:"pending"` // migrations still to be applied
}

// Migrate changes the schema as asked and says where it is then.
func Migrate(ctx context.Context, o Options, m Migration) (schema Schema, err error) {
	o = o.withDefaults()
	cluster, err := postgres.Open(ctx, postgres.Options{
		DatabaseURL: o.DatabaseURL, Wait: o.DatabaseWait, DataDir: o.DataDir, Log: o.Log,
	})
	if err != nil {
		return Schema{}, err
	}
	defer func() { err = errors.Join(err, cluster.Close()) }()
	switch m {
	case MigrateUp:
		err = postgres.MigrateUp(ctx, cluster.Pool())
	case MigrateDown:
		err = postgres.MigrateDown(ctx, cluster.Pool())
	}
	if err != nil {
		return Schema{}, err
	}
	schema.Version, schema.Dirty, schema.Pending, err = postgres.MigrateStatus(ctx, cluster.Pool())
	return schema, err
}
