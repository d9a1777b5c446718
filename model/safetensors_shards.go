package model

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strings"
)

const (
	indexFile     = "model.safetensors.index.json"
	maxIndexBytes = 16 << 20
	maxShards     = 1000
)

// weightFiles are the open weights of a Hugging Face folder: model.safetensors,
// or the shards that model.safetensors.index.json names.
type weightFiles struct {
	names  []string         // of the tensors, shard by shard
	shards map[string]shard // by tensor
	open   []fileSource
}

type shard struct {
	name string // of the file
	*Safetensors
}

// openWeights opens and checks the files. A tensor that two shards hold, or that
// the index and the shards disagree on, is an error.
func openWeights(fsys fs.FS) (files *weightFiles, err error) {
	files = &weightFiles{shards: make(map[string]shard)}
	defer func() {
		if err != nil {
			err = errors.Join(err, files.Close())
		}
	}()
	err = files.add(fsys, weightsFile)
	if !errors.Is(err, fs.ErrNotExist) {
		return files, err
	}
	index, indexErr := readIndex(fsys)
	if errors.Is(indexErr, fs.ErrNotExist) {
		return files, err // the plain file is what people know
	}
	if indexErr != nil {
		return files, indexErr
	}
	for _, name := range slices.Compact(slices.Sorted(maps.Values(index))) {
		if err := files.add(fsys, name); err != nil {
			return files, err
		}
	}
	for tensor, name := range index {
		if s, ok := files.shards[tensor]; !ok || s.name != name {
			return files, fmt.Errorf("%s: tensor %q is not in %s", indexFile, tensor, name)
		}
	}
	for tensor, s := range files.shards {
		if _, ok := index[tensor]; !ok {
			return files, fmt.Errorf("%s: tensor %q is not in %s", s.name, tensor, indexFile)
		}
	}
	return files, nil
}

// readIndex returns the file of each tensor.
func readIndex(fsys fs.FS) (map[string]string, error) {
	data, err := readSmall(fsys, indexFile, maxIndexBytes)
	if err != nil {
		return nil, err
	}
	var index struct {
		Files map[string]string `json:"weight_map"`
	}
	if err := json.Unmarshal(data, &index); err != nil {
		return nil, fmt.Errorf("%s: %w", indexFile, err)
	}
	files := make(map[string]bool)
	for tensor, name := range index.Files {
		if !plainName(name) || !strings.HasSuffix(name, ".safetensors") {
			return nil, fmt.Errorf("%s: tensor %q is said to be in %q, which is no name of a safetensors file", indexFile, tensor, name)
		}
		files[name] = true
	}
	if len(files) == 0 || len(files) > maxShards {
		return nil, fmt.Errorf("%s names %d files, outside of 1..%d", indexFile, len(files), maxShards)
	}
	return index.Files, nil
}

// plainName says whether a name is that of a file in the folder itself.
func plainName(name string) bool {
	return fs.ValidPath(name) && name != "." && !strings.ContainsAny(name, `/\`)
}

func (f *weightFiles) add(fsys fs.FS, name string) error {
	source, err := openSource(fsys, name)
	if err != nil {
		return err
	}
	f.open = append(f.open, source)
	file, err := OpenSafetensors(source, source.size)
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	for _, tensor := range file.Names() {
		if other, taken := f.shards[tensor]; taken {
			return fmt.Errorf("%s: tensor %q is in %s as well", name, tensor, other.name)
		}
		f.shards[tensor] = shard{name, file}
	}
	f.names = append(f.names, file.Names()...)
	return nil
}

// Close closes all files.
func (f *weightFiles) Close() error {
	var err error
	for _, source := range f.open {
		err = errors.Join(err, source.close())
	}
	f.open = nil
	return err
}

// Names lists the tensors of all files.
func (f *weightFiles) Names() []string { return f.names }

// Shape returns a tensor's dimensions.
func (f *weightFiles) Shape(name string) ([]int, bool) {
	s, ok := f.shards[name]
	if !ok {
		return nil, false
	}
	return s.Shape(name)
}

// Read converts a tensor to float32 into dst, which has its number of elements.
func (f *weightFiles) Read(name string, dst []float32) error {
	s, ok := f.shards[name]
	if !ok {
		return fmt.Errorf("there is no tensor %q", name)
	}
	if err := s.Safetensors.Read(name, dst); err != nil {
		return fmt.Errorf("%s: %w", s.name, err)
	}
	return nil
}
