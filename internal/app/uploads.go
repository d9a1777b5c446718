package app

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"rankloop/ranking"
)

const (
	uploadAge     = 24 * time.Hour // an upload that nobody confirms is dropped after so long
	uploadsOfUser = 8              // kept at most; the oldest make room
)

// uploads keeps files that people sent until they confirm what is to become of them: <data>/uploads/<user>-<sha256>.
type uploads struct {
	dir string
	// reading holds one place: a prompt set is read whole, so two at once would take twice the memory.
	reading chan struct{}
}

func newUploads(dir string) *uploads { return &uploads{dir: dir, reading: make(chan struct{}, 1)} }

func (u *uploads) path(userID int64, sum string) string {
	return filepath.Join(u.dir, fmt.Sprintf("%d-%s", userID, sum))
}

// save keeps a file under the hash of its content.
func (u *uploads) save(userID int64, file io.Reader) (sum string, err error) {
	if err := os.MkdirAll(u.dir, 0o700); err != nil {
		return "", err
	}
	if err := u.sweep(userID); err != nil {
		return "", err
	}
	temporary, err := os.CreateTemp(u.dir, ".receiving-*")
	if err != nil {
		return "", err
	}
	defer os.Remove(temporary.Name())
	hash := sha256.New()
	_, err = io.Copy(io.MultiWriter(temporary, hash), file)
	if closeErr := temporary.Close(); err == nil {
		err = closeErr
	}
	if errors.Is(err, syscall.ENOSPC) {
		return "", ranking.Errorf(ranking.CodeUnavailable, "there is no room on the disk for the upload; free some and try again").WithCause(err)
	}
	if err != nil {
		return "", err
	}
	sum = hex.EncodeToString(hash.Sum(nil))
	return sum, os.Rename(temporary.Name(), u.path(userID, sum))
}

// open gives an upload back. CodeExpired when it is gone.
func (u *uploads) open(userID int64, sum string) (*os.File, error) {
	file, err := os.Open(u.path(userID, sum))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, uploadExpired()
	}
	return file, err
}

func uploadExpired() *ranking.Error {
	return ranking.Errorf(ranking.CodeExpired, "the uploaded file is no longer here; please send it again")
}

// drop forgets an upload. One that is gone already is no error.
func (u *uploads) drop(userID int64, sum string) error {
	err := os.Remove(u.path(userID, sum))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// sweep drops what is too old, of everybody, and the oldest of a user who has too many.
func (u *uploads) sweep(userID int64) error {
	entries, err := os.ReadDir(u.dir)
	if err != nil {
		return err
	}
	var own []fs.FileInfo
	for _, entry := range entries {
		info, err := entry.Info()
		if errors.Is(err, fs.ErrNotExist) {
			continue // somebody else swept
		}
		if err != nil {
			return err
		}
		if time.Since(info.ModTime()) > uploadAge {
			os.Remove(filepath.Join(u.dir, info.Name()))
		} else if strings.HasPrefix(info.Name(), fmt.Sprintf("%d-", userID)) {
			own = append(own, info)
		}
	}
	slices.SortFunc(own, func(a, b fs.FileInfo) int { return a.ModTime().Compare(b.ModTime()) })
	for len(own) >= uploadsOfUser {
		os.Remove(filepath.Join(u.dir, own[0].Name()))
		own = own[1:]
	}
	return nil
}

// alone runs f while no other file is being read.
func (u *uploads) alone(ctx context.Context, f func() error) error {
	select {
	case u.reading <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	}
	defer func() { <-u.reading }()
	return f()
}
