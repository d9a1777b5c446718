package hub

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"rankloop/ranking"
)

// keptFor is how long a download that broke off is kept for the next attempt.
const keptFor = 7 * 24 * time.Hour

// spareBytes is what a download leaves free on the disk.
const spareBytes = 512 << 20

// Request says what to pull.
type Request struct {
	Repository string // OWNER/NAME
	Revision   string // "" for main
	File       string // one .gguf of the repository; "" for its safetensors
}

// Pulled is a model on this machine's disk.
type Pulled struct {
	Commit string
	Path   string // a Hugging Face folder, or a .gguf
	Bytes  int64
	folder string
	unlock func()
}

// Remove deletes the files, once they are stored elsewhere, and lets others pull the same.
func (p *Pulled) Remove() error {
	defer p.unlock()
	return os.RemoveAll(p.folder)
}

// Close keeps the files and lets others pull the same.
func (p *Pulled) Close() { p.unlock() }

// Pull downloads the files that a model needs, and no others, below the folder dir. Called again after it failed, it goes
// on where it stopped. Every file has the hash that the hub lists for the commit. progress, which may be nil, is told how
// many of the bytes are there.
func (c *Client) Pull(ctx context.Context, want Request, dir string, progress func(done, total int64)) (_ *Pulled, err error) {
	r, err := c.Find(ctx, want.Repository, want.Revision)
	if err != nil {
		return nil, err
	}
	first, err := r.first(want.File)
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	if err := sweep(dir); err != nil {
		return nil, err
	}
	folder := filepath.Join(dir, strings.ReplaceAll(r.Name, "/", "--")+"@"+r.Commit)
	unlock, err := lock(folder + ".lock")
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			unlock()
		}
	}()
	p := &pull{client: c, repository: r, folder: folder, progress: progress}
	if err := p.all(ctx, first); err != nil {
		return nil, err
	}
	pulled := &Pulled{Commit: r.Commit, Path: folder, Bytes: p.total, folder: folder, unlock: unlock}
	if want.File != "" {
		pulled.Path = filepath.Join(folder, path.Base(want.File))
	}
	return pulled, nil
}

// pull is one model on its way.
type pull struct {
	client      *Client
	repository  *Repository
	folder      string
	done, total int64
	progress    func(done, total int64)
}

// all fetches the files and, where they have an index, the shards that it names.
func (p *pull) all(ctx context.Context, first []File) error {
	if err := os.Mkdir(p.folder, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	if err := p.fetch(ctx, first); err != nil {
		return err
	}
	if first[len(first)-1].Name != indexName {
		return nil
	}
	index, err := os.Open(filepath.Join(p.folder, indexName))
	if err != nil {
		return err
	}
	defer index.Close()
	shards, err := p.repository.shards(index)
	if err != nil {
		return err
	}
	return p.fetch(ctx, shards)
}

func (p *pull) fetch(ctx context.Context, files []File) error {
	missing := int64(0)
	for _, f := range files {
		p.total += f.Bytes
		missing += f.Bytes - present(p.path(f))
	}
	if p.total > totalBytesMax {
		return ranking.Errorf(ranking.CodeTooLarge, "%s has %d bytes, over the limit of %d", p.repository.Name, p.total, int64(totalBytesMax))
	}
	if free, known := p.client.free(p.folder); known && free < missing+spareBytes {
		return ranking.Errorf(ranking.CodeUnavailable, "%s needs %d MiB more, and the disk of %s has %d MiB free; %d MiB stay free",
			p.repository.Name, missing>>20, p.folder, free>>20, spareBytes>>20)
	}
	for _, f := range files {
		if err := p.one(ctx, f); err != nil {
			return err
		}
	}
	return nil
}

// one fetches a file unless it is there, complete, from an earlier call.
func (p *pull) one(ctx context.Context, f File) error {
	target := p.path(f)
	info, err := os.Lstat(target)
	if err == nil && info.Mode().IsRegular() && info.Size() == f.Bytes {
		p.got(f.Bytes)
		return nil
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return p.client.download(ctx, p.repository, f, target, p.got)
}

func (p *pull) got(bytes int64) {
	p.done += bytes
	if p.progress != nil {
		p.progress(p.done, p.total)
	}
}

// path is where a file goes. Only its last part counts: of files in folders, one at a time is fetched.
func (p *pull) path(f File) string { return filepath.Join(p.folder, path.Base(f.Name)) }

// present is how many bytes of a file are there from an earlier call.
func present(target string) int64 {
	for _, name := range []string{target, target + ".part"} {
		if info, err := os.Lstat(name); err == nil {
			return info.Size()
		}
	}
	return 0
}

// lock keeps two processes from writing the same files. The lock file stays: to remove it while another process opens it
// would give the two of them a lock each.
func lock(name string) (unlock func(), err error) {
	file, err := os.OpenFile(name, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	if err := unix.Flock(int(file.Fd()), unix.LOCK_EX|unix.LOCK_NB); err != nil {
		file.Close()
		if errors.Is(err, unix.EWOULDBLOCK) {
			return nil, ranking.Errorf(ranking.CodeConflict, "another command is downloading the same model")
		}
		return nil, fmt.Errorf("lock %s: %w", name, err)
	}
	return func() { file.Close() }, nil
}

// sweep removes downloads that nobody came back for.
func sweep(dir string) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return err
	}
	for _, entry := range entries {
		if !entry.IsDir() || newest(filepath.Join(dir, entry.Name())).After(time.Now().Add(-keptFor)) {
			continue
		}
		unlock, err := lock(filepath.Join(dir, entry.Name()+".lock"))
		if err != nil {
			continue // somebody has come back for it
		}
		err = os.RemoveAll(filepath.Join(dir, entry.Name()))
		unlock()
		if err != nil {
			return err
		}
	}
	return nil
}

// newest is when something in a folder was last written.
func newest(folder string) (last time.Time) {
	if info, err := os.Stat(folder); err == nil {
		last = info.ModTime()
	}
	entries, err := os.ReadDir(folder)
	if err != nil {
		return last
	}
	for _, entry := range entries {
		if info, err := entry.Info(); err == nil && info.ModTime().After(last) {
			last = info.ModTime()
		}
	}
	return last
}
