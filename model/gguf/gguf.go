// Package gguf reads GGUF, the format of llama.cpp's model files, versions 2 and
// 3: metadata of typed values, and tensors, many of them quantised, which are
// read as float32 (github.com/ggml-org/ggml/blob/master/docs/gguf.md).
//
// A file may come from anybody. Everything is checked before it is used, and no
// more memory is taken than the file's own bytes account for. Errors name the
// key or the tensor; the file's name is the caller's to add.
package gguf

import (
	"cmp"
	"fmt"
	"io"
	"slices"
)

// The limits of a file.
const (
	maxTensors       = 1 << 16
	maxKeys          = 1 << 16
	maxKeyBytes      = 1<<16 - 1
	maxNameBytes     = 64
	maxStringBytes   = 16 << 20
	maxMetadataBytes = 64 << 20 // everything before the tensors' data
	maxDimensions    = 4
	maxDimension     = 1<<31 - 1
	maxAlignment     = 1 << 16
	defaultAlignment = 32
)

// File is an open GGUF. The numbers are read on demand.
type File struct {
	Version int

	values  map[string]any // uint64, int64, float64, bool, string, or a slice of the file's type
	tensors map[string]tensor
	names   []string // in the order of the data
	source  io.ReaderAt
	data    int64 // offset of the tensors' data in the file
}

type tensor struct {
	kind     Type
	shape    []int // slowest dimension first, the reverse of the file's order
	elements int64
	offset   int64 // in the data
}

func (t tensor) bytes() int64 { return t.elements / t.kind.blockSize() * t.kind.blockBytes() }

// Open reads and checks everything but the numbers of a file of size bytes.
func Open(r io.ReaderAt, size int64) (*File, error) {
	in := newHeader(r, size)
	f := &File{values: make(map[string]any), tensors: make(map[string]tensor), source: r}
	tensors, keys := f.readCounts(in)
	for range keys {
		f.readKey(in)
	}
	for range tensors {
		f.readTensor(in)
	}
	if in.err != nil {
		return nil, in.err
	}
	alignment, err := f.alignment()
	if err != nil {
		return nil, err
	}
	f.data = align(in.at, alignment)
	return f, f.checkData(size, alignment)
}

func (f *File) readCounts(in *header) (tensors, keys uint64) {
	if magic := in.bytes(4); in.err == nil && string(magic) != "GGUF" {
		in.fail("this is no GGUF file: it begins with %q", magic)
	}
	version := in.uint32()
	tensors, keys = in.uint64(), in.uint64()
	switch {
	case in.err != nil:
	case version&0xffff == 0:
		in.fail("big-endian GGUF is not supported")
	case version != 2 && version != 3:
		in.fail("version %d is not supported, only 2 and 3", version)
	case tensors > maxTensors:
		in.fail("%d tensors, at most %d", tensors, maxTensors)
	case keys > maxKeys:
		in.fail("%d keys, at most %d", keys, maxKeys)
	}
	if in.err != nil {
		return 0, 0
	}
	f.Version = int(version)
	return tensors, keys
}

func (f *File) readKey(in *header) {
	key := in.string(maxKeyBytes)
	if in.err != nil {
		return
	}
	if _, repeated := f.values[key]; repeated {
		in.fail("the key %q is repeated", key)
		return
	}
	value := in.value(in.uint32())
	if in.err != nil {
		in.err = fmt.Errorf("key %q: %w", key, in.err)
		return
	}
	f.values[key] = value
}

func (f *File) readTensor(in *header) {
	name := in.string(maxNameBytes)
	if in.err != nil {
		return
	}
	if _, repeated := f.tensors[name]; repeated {
		in.fail("tensor %q is repeated", name)
		return
	}
	t := in.tensor()
	if in.err != nil {
		in.err = fmt.Errorf("tensor %q: %w", name, in.err)
		return
	}
	f.tensors[name] = t
	f.names = append(f.names, name)
}

func (f *File) alignment() (int64, error) {
	const key = "general.alignment"
	if _, given := f.values[key]; !given {
		return defaultAlignment, nil
	}
	n, ok := f.Uint(key)
	if !ok || n < 8 || n > maxAlignment || n&(n-1) != 0 {
		return 0, fmt.Errorf("%s is %v, not a power of two in 8..%d", key, f.values[key], maxAlignment)
	}
	return int64(n), nil
}

func align(at, alignment int64) int64 { return (at + alignment - 1) / alignment * alignment }

// checkData holds the tensors against the file's bytes: they lie one behind the
// other, each at the next multiple of the alignment, and nothing follows them.
func (f *File) checkData(size, alignment int64) error {
	slices.SortStableFunc(f.names, func(a, b string) int {
		return cmp.Compare(f.tensors[a].offset, f.tensors[b].offset)
	})
	next, end := int64(0), int64(0)
	for i, name := range f.names {
		t := f.tensors[name]
		switch {
		case t.offset%alignment != 0:
			return fmt.Errorf("tensor %q: its offset %d is no multiple of the alignment, %d", name, t.offset, alignment)
		case i > 0 && t.offset < end:
			return fmt.Errorf("tensor %q: overlaps tensor %q by %d bytes", name, f.names[i-1], end-t.offset)
		case t.offset != next:
			return fmt.Errorf("tensor %q: starts at %d where %d is expected", name, t.offset, next)
		case t.bytes() > size-f.data-t.offset:
			return fmt.Errorf("tensor %q: %d bytes from %d on in %d bytes of data", name, t.bytes(), t.offset, max(0, size-f.data))
		}
		end = t.offset + t.bytes()
		next = align(end, alignment)
	}
	if over := size - f.data - next; over > 0 {
		return fmt.Errorf("%d bytes follow the last tensor", over)
	}
	return nil
}

// Names lists the tensors in the order of their data.
func (f *File) Names() []string { return f.names }

// Shape returns a tensor's dimensions, the slowest first.
func (f *File) Shape(name string) (shape []int, ok bool) {
	t, ok := f.tensors[name]
	return t.shape, ok
}

// Type returns how the numbers of a tensor are stored.
func (f *File) Type(name string) Type { return f.tensors[name].kind }
