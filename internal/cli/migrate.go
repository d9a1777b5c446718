package cli

import (
	"rankloop/internal/app"
)

// MigrateCmd changes or shows the database's schema. Every other command brings the schema up by itself.
type MigrateCmd struct {
	Up     MigrateUpCmd     `cmd:"" help:"Bring the schema to this program's version."`
	Down   MigrateDownCmd   `cmd:"" help:"Take back the newest migration. This deletes what only it can hold."`
	Status MigrateStatusCmd `cmd:"" help:"Show the schema's version."`
}

// MigrateUpCmd brings the schema up.
type MigrateUpCmd struct{}

// Run applies every migration.
func (MigrateUpCmd) Run(ctx *Context) error { return migrate(ctx, app.MigrateUp) }

// MigrateDownCmd takes the newest migration back.
type MigrateDownCmd struct {
	Yes bool `help:"Really do it: the data of the newest migration is deleted."`
}

// Run takes back the newest migration.
func (c MigrateDownCmd) Run(ctx *Context) error {
	if !c.Yes {
		return Usagef("migrate down deletes the data that the newest migration holds; write rankloop migrate down --yes to do it")
	}
	return migrate(ctx, app.MigrateDown)
}

// MigrateStatusCmd shows where the schema is.
type MigrateStatusCmd struct{}

// Run prints the schema's version.
func (MigrateStatusCmd) Run(ctx *Context) error { return migrate(ctx, app.MigrateNothing) }

func migrate(ctx *Context, direction app.Migration) error {
	schema, err := app.Migrate(ctx, ctx.options(), direction)
	if err != nil {
		return err
	}
	if ctx.JSON {
		return ctx.PrintJSON(schema)
	}
	ctx.Printf("version %d, %s to apply\n", schema.Version, count(schema.Pending, "migration"))
	if schema.Dirty {
		ctx.Printf("the last migration stopped half way\n")
	}
	return nil
}
