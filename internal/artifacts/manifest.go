package artifacts

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"slices"
	"sync"
	"time"
)

// manifest is an artifact that names others, so that one hash stands for a set of files. It is JSON on one line, with
// the files in the order of their names: the same files always have the same manifest.
type manifest struct {
	Version int            `json:"rankloop_manifest"`
	Files   []manifestFile `json:"files"`
}

type manifestFile struct {
	Name   string `json:"name"`
	SHA256 string `json:"sha256"`
	Bytes  int64  `json:"bytes"`
}

const (
	manifestVersion  = 1
	manifestStart    = `{"rankloop_manifest":`
	manifestBytesMax = 1 << 20
)

// PutFiles stores files and a manifest that names them. It returns the manifest's hash and everything stored, the
// manifest last. Names are slash-separated paths as of io/fs.
func (f *Folder) PutFiles(ctx context.Context, files map[string]func(io.Writer) error) (string, []Artifact, error) {
	m := manifest{Version: manifestVersion}
	var stored []Artifact
	for _, name := range slices.Sorted(maps.Keys(files)) {
		if !fs.ValidPath(name) || name == "." {
			return "", nil, fmt.Errorf("%q is no name for a file of a manifest", name)
		}
		sha, size, err := f.Put(ctx, files[name])
		if err != nil {
			return "", nil, fmt.Errorf("%s: %w", name, err)
		}
		m.Files = append(m.Files, manifestFile{Name: name, SHA256: sha, Bytes: size})
		stored = append(stored, Artifact{SHA256: sha, Bytes: size})
	}
	encoded, err := json.Marshal(m)
	if err != nil {
		return "", nil, err
	}
	if len(encoded) > manifestBytesMax {
		return "", nil, fmt.Errorf("a manifest of %d files is too large", len(m.Files))
	}
	sha, size, err := f.Put(ctx, func(w io.Writer) error {
		_, err := w.Write(encoded)
		return err
	})
	if err != nil {
		return "", nil, err
	}
	return sha, append(stored, Artifact{SHA256: sha, Bytes: size}), nil
}

// OpenFS opens the files of a manifest. Each is checked against its hash while it is read, as Get does.
func (f *Folder) OpenFS(ctx context.Context, manifestSHA string) (fs.FS, error) {
	m, err := f.manifest(ctx, manifestSHA)
	if err != nil {
		return nil, err
	}
	files := make(map[string]manifestFile, len(m.Files))
	for _, file := range m.Files {
		files[file.Name] = file
	}
	return manifestFS{ctx: ctx, folder: f, files: files}, nil
}

// Files lists what a manifest names, with names.
func (f *Folder) Files(ctx context.Context, manifestSHA string) (map[string]Artifact, error) {
	m, err := f.manifest(ctx, manifestSHA)
	if err != nil {
		return nil, err
	}
	files := make(map[string]Artifact, len(m.Files))
	for _, file := range m.Files {
		files[file.Name] = Artifact{SHA256: file.SHA256, Bytes: file.Bytes}
	}
	return files, nil
}

func (f *Folder) manifest(ctx context.Context, sha string) (manifest, error) {
	r, err := f.Get(ctx, sha)
	if err != nil {
		return manifest{}, err
	}
	defer r.Close()
	content, err := io.ReadAll(io.LimitReader(r, manifestBytesMax+1))
	if err != nil {
		return manifest{}, err
	}
	var m manifest
	if len(content) > manifestBytesMax || !bytes.HasPrefix(content, []byte(manifestStart)) {
		return manifest{}, fmt.Errorf("artifact %s is not a manifest", sha)
	}
	if err := json.Unmarshal(content, &m); err != nil {
		return manifest{}, fmt.Errorf("manifest %s: %w", sha, err)
	}
	if m.Version != manifestVersion {
		return manifest{}, fmt.Errorf("manifest %s has version %d, this program knows %d", sha, m.Version, manifestVersion)
	}
	return m, nil
}

// manifestFS is the fs.FS of a manifest. It has no folders.
type manifestFS struct {
	ctx    context.Context
	folder *Folder
	files  map[string]manifestFile
}

func (m manifestFS) Open(name string) (fs.File, error) {
	entry, found := m.files[name]
	if !found {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
	}
	r, err := m.folder.get(m.ctx, entry.SHA256)
	if err != nil {
		return nil, &fs.PathError{Op: "open", Path: name, Err: err}
	}
	return manifestOpen{ReadCloser: r, at: r.file, verify: sync.OnceValue(r.verify), info: manifestInfo{entry}}, nil
}

// manifestOpen is an open file of a manifest. Read from the beginning, it is checked at its end, as Get does; read at
// offsets, it is checked whole before the first byte.
type manifestOpen struct {
	io.ReadCloser
	at     io.ReaderAt
	verify func() error
	info   manifestInfo
}

func (o manifestOpen) Stat() (fs.FileInfo, error) { return o.info, nil }

func (o manifestOpen) ReadAt(p []byte, offset int64) (int, error) {
	if err := o.verify(); err != nil {
		return 0, err
	}
	return o.at.ReadAt(p, offset)
}

type manifestInfo struct{ entry manifestFile }

func (i manifestInfo) Name() string       { return i.entry.Name }
func (i manifestInfo) Size() int64        { return i.entry.Bytes }
func (i manifestInfo) Mode() fs.FileMode  { return 0o400 }
func (i manifestInfo) ModTime() time.Time { return time.Time{} }
func (i manifestInfo) IsDir() bool        { return false }
func (i manifestInfo) Sys() any           { return nil }
