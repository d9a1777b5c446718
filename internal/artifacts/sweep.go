package artifacts

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/sys/unix"
)

// sweepAge protects what was stored a moment ago and is about to be named by a transaction.
const sweepAge = 24 * time.Hour

// Sweep removes what nobody needs: artifacts that are neither in keep nor named by a manifest in keep, and what crashes
// left behind. Anything younger than a day stays. It returns how many files went and how many bytes that freed.
func (f *Folder) Sweep(ctx context.Context, keep []string) (removed int, freed int64, err error) {
	kept, err := f.closure(ctx, keep)
	if err != nil {
		return 0, 0, err
	}
	before := time.Now().Add(-sweepAge)
	err = filepath.WalkDir(f.dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || path == f.sweep {
			return err
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		sha := filepath.Base(filepath.Dir(path)) + entry.Name()
		if kept[sha] {
			return nil
		}
		size, err := f.removeOld(path, before)
		if err == nil && size >= 0 {
			removed++
			freed += size
		}
		return err
	})
	if err != nil {
		err = fmt.Errorf("sweep artifacts: %w", err)
	}
	return removed, freed, err
}

// closure adds what the manifests among keep name.
func (f *Folder) closure(ctx context.Context, keep []string) (map[string]bool, error) {
	kept := make(map[string]bool, len(keep))
	for _, sha := range keep {
		kept[sha] = true
		is, err := f.isManifest(ctx, sha)
		if err != nil {
			return nil, err
		}
		if !is {
			continue
		}
		files, err := f.Files(ctx, sha)
		if err != nil {
			return nil, err // without knowing what it names nothing may be removed
		}
		for _, file := range files {
			kept[file.SHA256] = true
		}
	}
	return kept, nil
}

func (f *Folder) isManifest(ctx context.Context, sha string) (bool, error) {
	r, err := f.Get(ctx, sha)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil // lost; that is for its reader to say
	}
	if err != nil {
		return false, err
	}
	defer r.Close()
	start := make([]byte, len(manifestStart))
	n, err := io.ReadFull(r, start)
	if err != nil && n == len(start) {
		return false, err
	}
	return bytes.Equal(start[:n], []byte(manifestStart)), nil
}

// removeOld removes a file last written before a time and returns its size, -1 if it stays. Put cannot come in between:
// it touches files under the same lock.
func (f *Folder) removeOld(path string, before time.Time) (int64, error) {
	unlock, err := f.lock(unix.LOCK_EX)
	if err != nil {
		return -1, err
	}
	defer unlock()
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return -1, nil
	}
	if err != nil || info.ModTime().After(before) {
		return -1, err
	}
	return info.Size(), os.Remove(path)
}
