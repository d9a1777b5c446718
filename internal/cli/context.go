package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"rankloop/internal/app"
	"rankloop/ranking"
)

// Globals are the flags every command takes.
type Globals struct {
	DataPaths    []string      `name:"data" sep:"none" help:"Data folder: private database, artifacts, sockets. Default: $RANKLOOP_DATA, else the user's data folder." placeholder:"DIR"`
	DatabaseURL  string        `name:"database-url" help:"Use this Postgres instead of the data folder's own." placeholder:"URL" env:"DATABASE_URL"`
	DatabaseWait time.Duration `name:"database-wait" help:"How long the server of --database-url may take to answer, at most 1h." default:"5s" placeholder:"TIME" env:"RANKLOOP_DATABASE_WAIT"`
	JSON         bool          `name:"json" help:"Print one JSON object on standard output."`
	LogLevel     string        `name:"log-level" enum:"debug,info,warn,error" default:"${log_level}" help:"Least level that is logged: debug, info, warn or error."`
}

// Context is what a command runs in. Every command is a struct with kong tags and a method Run(*Context) error.
// The embedded context ends at Ctrl-C or SIGTERM: long work stops cleanly at its next step.
type Context struct {
	context.Context
	Globals
	Stdin  io.Reader
	Stdout io.Writer // results only
	Stderr io.Writer // progress, notes, logs, errors
	Log    *slog.Logger

	dataDir  string // of --data; "" for the default
	dataFile string // of train's --data FILE; "" for none

	// Open connects to the database (starting the data folder's own where nobody has), migrates it and registers the
	// embedded base model. The first call opens, later ones return the same services; the root closes them at the end.
	Open func() (*app.Services, error)
}

// options say where the data is.
func (c *Context) options() app.Options {
	return app.Options{DataDir: c.dataDir, DatabaseURL: c.DatabaseURL, DatabaseWait: c.DatabaseWait, Log: c.Log}
}

// maxDatabaseWait is the longest that a command waits for its database.
const maxDatabaseWait = time.Hour

// Validate is called by kong once the command line is read.
func (g *Globals) Validate() error {
	if g.DatabaseWait <= 0 || g.DatabaseWait > maxDatabaseWait {
		return fmt.Errorf("--database-wait must be above 0 and at most %s, not %s", maxDatabaseWait, g.DatabaseWait)
	}
	return nil
}

// setData sorts the values of --data: everywhere it names the data folder, but for train a file, which may stand beside
// a folder, is what to train on.
func (c *Context) setData(takesFile bool) error {
	for _, path := range c.DataPaths {
		info, err := os.Stat(path)
		isFile := path == "-" || err == nil && info.Mode().IsRegular()
		if takesFile && err != nil && filepath.Ext(path) != "" {
			return missingFile(path, err)
		}
		switch {
		case isFile && !takesFile:
			return Usagef("--data names the data folder, but %s is a file", path)
		case isFile && c.dataFile != "", !isFile && c.dataDir != "":
			return Usagef("--data was given twice: %s", path)
		case isFile:
			c.dataFile = path
		default:
			c.dataDir = path
		}
	}
	return nil
}

// PrintJSON writes v as the command's one JSON object (one line).
func (c *Context) PrintJSON(v any) error {
	encoder := json.NewEncoder(c.Stdout)
	encoder.SetEscapeHTML(false)
	return encoder.Encode(v)
}

// Printf writes a line or more of the result for people; commands call it only where JSON is off.
func (c *Context) Printf(format string, args ...any) {
	fmt.Fprintf(c.Stdout, format, args...)
}

// Notef writes a remark on standard error, with or without --json.
func (c *Context) Notef(format string, args ...any) {
	fmt.Fprintf(c.Stderr, format+"\n", args...)
}

// OpenFile opens a file named on the command line; "-" is standard input. A missing file is a usage error (exit
// status 2) that names the nearest file of the same folder.
func (c *Context) OpenFile(path string) (io.ReadCloser, error) {
	if path == "-" {
		return io.NopCloser(c.Stdin), nil
	}
	file, err := os.Open(path)
	if err != nil {
		return nil, missingFile(path, err)
	}
	info, err := file.Stat()
	if err != nil {
		file.Close()
		return nil, err
	}
	if info.IsDir() {
		file.Close()
		return nil, Usagef("%s is a folder; name a file in it", path)
	}
	return file, nil
}

// missingFile turns the failure to open a named file into a usage error where the name is at fault.
func missingFile(path string, err error) error {
	if !errors.Is(err, fs.ErrNotExist) {
		return ranking.Errorf(ranking.CodeInvalid, "%s cannot be read: %s", path, plainCause(err)).WithCause(err)
	}
	folder := filepath.Dir(path)
	entries, readErr := os.ReadDir(folder)
	if readErr != nil {
		return Usagef("%s does not exist (neither does its folder)", path)
	}
	names := make([]string, len(entries))
	for i, entry := range entries {
		names[i] = entry.Name()
	}
	if near, ok := nearest(filepath.Base(path), names); ok {
		return Usagef("%s does not exist; did you mean %s?", path, filepath.Join(folder, near))
	}
	return Usagef("%s does not exist", path)
}

// plainCause is the innermost reason of a file error, without the path and the call repeated.
func plainCause(err error) string {
	var pathErr *fs.PathError
	if errors.As(err, &pathErr) {
		return pathErr.Err.Error()
	}
	return err.Error()
}
