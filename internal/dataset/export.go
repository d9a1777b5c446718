package dataset

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"rankloop/internal/store"
	"rankloop/ranking"
)

// Export streams the records of a source to w in a format of ranking.ExportFormats.
func Export(ctx context.Context, s *store.Store, source store.Source, format string, w io.Writer) (ranking.ExportCounts, error) {
	exporter, err := ranking.NewExporter(format, w)
	if err != nil {
		return ranking.ExportCounts{}, err
	}
	if err := s.EachRecord(ctx, source, exporter.Add); err != nil {
		return ranking.ExportCounts{}, err
	}
	return exporter.Close()
}

// ExportFile writes an export to a file: it appears under its name whole or not at all. An existing file is replaced
// only with force.
func ExportFile(ctx context.Context, s *store.Store, source store.Source, format, path string, force bool) (counts ranking.ExportCounts, err error) {
	if info, err := os.Stat(path); err == nil && info.IsDir() {
		return counts, ranking.Errorf(ranking.CodeInvalid, "%s is a folder; name a file in it", path)
	} else if err == nil && !info.Mode().IsRegular() {
		return counts, ranking.Errorf(ranking.CodeInvalid, "%s is no regular file; --out - writes to standard output", path)
	} else if err == nil && !force {
		return counts, ranking.Errorf(ranking.CodeConflict, "%s exists already; replace it with --force, or choose another name", path)
	}
	temporary, err := os.CreateTemp(filepath.Dir(path), ".rankloop-export-*")
	if errors.Is(err, fs.ErrNotExist) {
		return counts, ranking.Errorf(ranking.CodeInvalid, "the folder of %s does not exist; make it first", path)
	}
	if err != nil {
		return counts, ranking.Errorf(ranking.CodeInvalid, "%s cannot be written", path).WithCause(err)
	}
	defer func() {
		if err != nil {
			temporary.Close()
			os.Remove(temporary.Name())
		}
	}()
	if counts, err = Export(ctx, s, source, format, temporary); err != nil {
		return counts, err
	}
	if err = temporary.Sync(); err != nil {
		return counts, fmt.Errorf("write %s: %w", path, err)
	}
	if err = temporary.Chmod(0o644); err != nil {
		return counts, fmt.Errorf("write %s: %w", path, err)
	}
	if err = temporary.Close(); err != nil {
		return counts, fmt.Errorf("write %s: %w", path, err)
	}
	if err = os.Rename(temporary.Name(), path); err != nil {
		return counts, ranking.Errorf(ranking.CodeInvalid, "%s cannot be written", path).WithCause(err)
	}
	return counts, nil
}
