// Package artifacts stores large files by their content: checkpoints, training states, snapshots, exports.
//
// A file is named by its SHA-256. It is written under a temporary name, synced, renamed into place, and its folder is
// synced: after Put has returned, the file survives a power cut, and no crash leaves half of one under a final name. What
// is read is hashed on the way, so a damaged file is an error and never silent.
package artifacts

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"os"
	"path/filepath"
	"syscall"

	"golang.org/x/sys/unix"

	"rankloop/ranking"
)

// Folder is a store of artifacts. It is safe for use by several goroutines and processes.
type Folder struct {
	dir   string
	disk  disk
	sweep string // lock file: Put shares it, Sweep has it alone
}

// Artifact is a stored file.
type Artifact struct {
	SHA256 string // lower-case hexadecimal
	Bytes  int64
}

// disk is what Put does to the file system, so that tests can watch the order and let it fail.
type disk struct {
	create     func(dir string) (*os.File, error)
	syncFile   func(*os.File) error
	rename     func(from, to string) error
	syncFolder func(path string) error
}

func realDisk() disk {
	return disk{
		create:   func(dir string) (*os.File, error) { return os.CreateTemp(dir, "put-*") },
		syncFile: (*os.File).Sync,
		rename:   os.Rename,
		syncFolder: func(path string) error {
			folder, err := os.Open(path)
			if err != nil {
				return err
			}
			defer folder.Close()
			return folder.Sync()
		},
	}
}

// Open opens a folder of artifacts, making it where it is missing.
func Open(dir string) (*Folder, error) {
	f := &Folder{dir: dir, disk: realDisk(), sweep: filepath.Join(dir, "lock")}
	if err := os.MkdirAll(f.temporary(), 0o700); err != nil {
		return nil, ranking.Errorf(ranking.CodeUnavailable, "the folder of artifacts %s cannot be made", dir).WithCause(err)
	}
	return f, nil
}

func (f *Folder) temporary() string { return filepath.Join(f.dir, "tmp") }

// path returns where a hash is stored: two digits name the folder, the others the file.
func (f *Folder) path(sha string) (string, error) {
	if raw, err := hex.DecodeString(sha); err != nil || len(raw) != sha256.Size || hex.EncodeToString(raw) != sha {
		return "", ranking.Errorf(ranking.CodeInvalid, "%q is not the hash of an artifact", sha)
	}
	return filepath.Join(f.dir, sha[:2], sha[2:]), nil
}

// Put stores what write writes and returns its hash and size. Storing the same content again is harmless. When write or
// the disk fails, or ctx ends, nothing is stored. A full disk is CodeUnavailable.
func (f *Folder) Put(ctx context.Context, write func(io.Writer) error) (sha string, bytes int64, err error) {
	file, err := f.disk.create(f.temporary())
	if err != nil {
		return "", 0, diskError(err)
	}
	defer func() {
		file.Close()
		if err != nil {
			os.Remove(file.Name()) //nolint:errcheck // the sweep removes what stays behind
		}
	}()
	w := &hashingWriter{ctx: ctx, file: file, hash: sha256.New()}
	if err := write(w); err != nil {
		if w.err != nil { // whatever write made of it
			err = w.err
		}
		return "", 0, diskError(err)
	}
	if w.err != nil {
		return "", 0, diskError(w.err)
	}
	if err := file.Chmod(0o400); err != nil {
		return "", 0, diskError(err)
	}
	if err := f.disk.syncFile(file); err != nil {
		return "", 0, diskError(err)
	}
	if err := file.Close(); err != nil {
		return "", 0, diskError(err)
	}
	sha = hex.EncodeToString(w.hash.Sum(nil))
	if err := f.publish(file.Name(), sha); err != nil {
		return "", 0, diskError(err)
	}
	return sha, w.bytes, nil
}

// publish renames a finished file into place. A file that is there already is replaced: its content is the same, or it
// is damaged and heals.
func (f *Folder) publish(temporary, sha string) error {
	path, err := f.path(sha)
	if err != nil {
		return err
	}
	unlock, err := f.lock(unix.LOCK_SH)
	if err != nil {
		return err
	}
	defer unlock()
	folder := filepath.Dir(path)
	made := os.Mkdir(folder, 0o700)
	if made != nil && !errors.Is(made, os.ErrExist) {
		return made
	}
	if err := f.disk.rename(temporary, path); err != nil {
		return err
	}
	if err := f.disk.syncFolder(folder); err != nil {
		return err
	}
	if made == nil {
		return f.disk.syncFolder(f.dir)
	}
	return nil
}

func (f *Folder) lock(how int) (unlock func(), err error) {
	file, err := os.OpenFile(f.sweep, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	for {
		err = unix.Flock(int(file.Fd()), how)
		if !errors.Is(err, unix.EINTR) {
			break
		}
	}
	if err != nil {
		file.Close()
		return nil, err
	}
	return func() { file.Close() }, nil
}

type hashingWriter struct {
	ctx   context.Context
	file  *os.File
	hash  hash.Hash
	bytes int64
	err   error
}

func (w *hashingWriter) Write(p []byte) (int, error) {
	if w.err == nil {
		w.err = w.ctx.Err()
	}
	if w.err != nil {
		return 0, w.err
	}
	n, err := w.file.Write(p)
	w.hash.Write(p[:n])
	w.bytes += int64(n)
	w.err = err
	return n, err
}

// diskError says plainly when a disk is full.
func diskError(err error) error {
	if errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) || errors.Is(err, syscall.EFBIG) {
		return ranking.Errorf(ranking.CodeUnavailable, "the disk is full: free some space and try again; nothing half-written was kept").WithCause(err)
	}
	var known *ranking.Error
	if errors.As(err, &known) {
		return err
	}
	return fmt.Errorf("write artifact: %w", err)
}
