package model

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

// DType is how numbers are stored in a file.
type DType string

// The types that are read and written.
const (
	F32  DType = "F32"
	F16  DType = "F16"
	BF16 DType = "BF16"
)

// readable says whether the numbers of a type can be read.
func (d DType) readable() bool { return d == F32 || d == F16 || d == BF16 }

// size is the bytes of a number; 0 for a type that the format does not have.
func (d DType) size() int64 {
	switch d {
	case "BOOL", "U8", "I8", "F8_E4M3", "F8_E5M2":
		return 1
	case F16, BF16, "U16", "I16":
		return 2
	case F32, "U32", "I32":
		return 4
	case "F64", "U64", "I64", "C64":
		return 8
	}
	return 0
}

func (d DType) unsupported() error {
	return fmt.Errorf("type %q is not supported (F32, F16 and BF16 are)", d)
}

const (
	maxHeaderBytes = 100_000_000 // the limit of the reference implementation
	maxDimensions  = 8
	copyFloats     = 1 << 16 // numbers converted at a time
)

// Safetensors is an open file: 8 bytes of header length, a JSON header of names,
// types, shapes and offsets, and the numbers, little-endian and without holes
// (github.com/huggingface/safetensors). The header has been checked; the numbers
// are read on demand. Its errors name the tensor; the file's name is the
// caller's to add.
type Safetensors struct {
	Metadata map[string]string

	names   []string // in the order of the data
	entries map[string]safetensor
	source  io.ReaderAt
	data    int64 // offset of the numbers in the file
}

type safetensor struct {
	DType   DType   `json:"dtype"`
	Shape   []int64 `json:"shape"`
	Offsets []int64 `json:"data_offsets"` // begin and end, in bytes of data
}

func (e safetensor) bytes() int64 { return e.Offsets[1] - e.Offsets[0] }

// OpenSafetensors reads and checks the header of a file of size bytes.
func OpenSafetensors(r io.ReaderAt, size int64) (*Safetensors, error) {
	var prefix [8]byte
	if size < 8 {
		return nil, fmt.Errorf("%d bytes are too short for a safetensors header", size)
	}
	if _, err := r.ReadAt(prefix[:], 0); err != nil {
		return nil, err
	}
	length := binary.LittleEndian.Uint64(prefix[:])
	if length > maxHeaderBytes || int64(length) > size-8 {
		return nil, fmt.Errorf("a safetensors header of %d bytes in a file of %d (limit %d)", length, size, maxHeaderBytes)
	}
	header := make([]byte, length)
	if _, err := r.ReadAt(header, 8); err != nil && !(errors.Is(err, io.EOF) && length == 0) {
		return nil, err
	}
	s := &Safetensors{entries: make(map[string]safetensor), source: r, data: 8 + int64(length)}
	if err := s.parse(header); err != nil {
		return nil, err
	}
	return s, s.check(size - s.data)
}

// Names lists the tensors in the order of their data.
func (s *Safetensors) Names() []string { return s.names }

// Shape returns a tensor's dimensions.
func (s *Safetensors) Shape(name string) (shape []int, ok bool) {
	e, ok := s.entries[name]
	for _, d := range e.Shape {
		shape = append(shape, int(d))
	}
	return shape, ok
}

// DType returns the type of a tensor's numbers, "" if there is no such tensor.
func (s *Safetensors) DType(name string) DType { return s.entries[name].DType }

// Read converts a tensor to float32 into dst, which has its number of elements.
func (s *Safetensors) Read(name string, dst []float32) error {
	e, ok := s.entries[name]
	if !ok {
		return fmt.Errorf("there is no tensor %q", name)
	}
	if !e.DType.readable() {
		return fmt.Errorf("tensor %q: %w", name, e.DType.unsupported())
	}
	size := e.DType.size()
	if int64(len(dst))*size != e.bytes() {
		return fmt.Errorf("tensor %q: shape %v does not have %d numbers", name, e.Shape, len(dst))
	}
	at := s.data + e.Offsets[0]
	buffer := make([]byte, min(copyFloats, int64(len(dst)))*size)
	for len(dst) > 0 {
		n := min(copyFloats, len(dst))
		raw := buffer[:int64(n)*size]
		if got, err := s.source.ReadAt(raw, at); got < len(raw) {
			return fmt.Errorf("tensor %q: %w", name, err)
		}
		decode(dst[:n], raw, e.DType)
		dst, at = dst[n:], at+int64(len(raw))
	}
	return nil
}

// ReadSafetensors reads all tensors of a file as float32, and its metadata.
func ReadSafetensors(r io.ReaderAt, size int64) ([]Tensor, map[string]string, error) {
	s, err := OpenSafetensors(r, size)
	if err != nil {
		return nil, nil, err
	}
	tensors := make([]Tensor, len(s.names))
	for i, name := range s.names {
		e := s.entries[name]
		if !e.DType.readable() {
			return nil, nil, fmt.Errorf("tensor %q: %w", name, e.DType.unsupported())
		}
		shape, _ := s.Shape(name)
		tensors[i] = Tensor{Name: name, Shape: shape, Data: make([]float32, e.bytes()/e.DType.size())}
		if err := s.Read(name, tensors[i].Data); err != nil {
			return nil, nil, err
		}
	}
	return tensors, s.Metadata, nil
}
