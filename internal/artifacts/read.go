package artifacts

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"math"
	"os"

	"rankloop/ranking"
)

// ReaderAtCloser reads anywhere in an artifact.
type ReaderAtCloser interface {
	io.ReaderAt
	io.Closer
}

// Get opens an artifact for reading from the beginning. The last Read, in place of io.EOF, fails if the content is not
// what its hash says: use nothing of it before then. CodeNotFound if there is none.
func (f *Folder) Get(ctx context.Context, sha string) (io.ReadCloser, error) {
	r, err := f.get(ctx, sha)
	if err != nil {
		return nil, err
	}
	return r, nil
}

func (f *Folder) get(ctx context.Context, sha string) (*checkingReader, error) {
	file, err := f.open(sha)
	if err != nil {
		return nil, err
	}
	return &checkingReader{ctx: ctx, file: file, sha: sha, hash: sha256.New()}, nil
}

// Verify reads an artifact and checks its hash.
func (f *Folder) Verify(ctx context.Context, sha string) error {
	r, err := f.Get(ctx, sha)
	if err != nil {
		return err
	}
	defer r.Close()
	_, err = io.Copy(io.Discard, r)
	return err
}

// ReaderAt opens an artifact for reading in any order. Nothing is checked: Verify it before.
func (f *Folder) ReaderAt(_ context.Context, sha string) (r ReaderAtCloser, bytes int64, err error) {
	file, err := f.open(sha)
	if err != nil {
		return nil, 0, err
	}
	info, err := file.Stat()
	if err != nil {
		file.Close()
		return nil, 0, fmt.Errorf("read artifact: %w", err)
	}
	return file, info.Size(), nil
}

func (f *Folder) open(sha string) (*os.File, error) {
	path, err := f.path(sha)
	if err != nil {
		return nil, err
	}
	file, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, ranking.Errorf(ranking.CodeNotFound, "there is no artifact %s", sha).WithCause(err)
	}
	if err != nil {
		return nil, fmt.Errorf("read artifact: %w", err)
	}
	return file, nil
}

type checkingReader struct {
	ctx  context.Context
	file *os.File
	sha  string
	hash hash.Hash
}

func (r *checkingReader) Read(p []byte) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, err
	}
	n, err := r.file.Read(p)
	r.hash.Write(p[:n])
	if err == io.EOF && hex.EncodeToString(r.hash.Sum(nil)) != r.sha {
		return n, damaged(r.sha)
	}
	return n, err
}

// verify reads all of the file, wherever Read has come to.
func (r *checkingReader) verify() error {
	sum := sha256.New()
	if _, err := io.Copy(sum, io.NewSectionReader(r.file, 0, math.MaxInt64)); err != nil {
		return err
	}
	if hex.EncodeToString(sum.Sum(nil)) != r.sha {
		return damaged(r.sha)
	}
	return r.ctx.Err()
}

func (r *checkingReader) Close() error { return r.file.Close() }

func damaged(sha string) error {
	return fmt.Errorf("artifact %s is damaged: its content has another hash", sha)
}
