package model

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
)

// DType is how numbers are stored in a file.
type DType string

// The types that are read and written.
const (
	F32  DType = "F32"
	F16  DType = "F16"
	BF16 DType = "BF16"
)

func (d DType) size() int64 {
	switch d {
	case F32:
		return 4
	case F16, BF16:
		return 2
	}
	return 0
}

const (
	maxHeaderBytes = 100_000_000 // the limit of the reference implementation
	maxDimensions  = 8
	copyFloats     = 1 << 16 // numbers converted at a time
)

// Safetensors is an open file: 8 bytes of header length, a JSON header of names,
// types, shapes and offsets, and the numbers, little-endian and without holes
// (github.com/huggingface/safetensors). The header has been checked; the numbers
// are read on demand.
type Safetensors struct {
	Metadata map[string]string

	names   []string // in the order of the data
	entries map[string]safetensor
	source  io.ReaderAt
	data    int64 // offset of the numbers in the file
}

type safetensor struct {
	DType   DType    `json:"dtype"`
	Shape   []int64  `json:"shape"`
	Offsets [2]int64 `json:"data_offsets"`
}

// OpenSafetensors reads and checks the header of a file of size bytes.
func OpenSafetensors(r io.ReaderAt, size int64) (*Safetensors, error) {
	var prefix [8]byte
	if size < 8 {
		return nil, fmt.Errorf("safetensors: %d bytes are too short for a header", size)
	}
	if _, err := r.ReadAt(prefix[:], 0); err != nil {
		return nil, fmt.Errorf("safetensors: %w", err)
	}
	length := binary.LittleEndian.Uint64(prefix[:])
	if length > maxHeaderBytes || int64(length) > size-8 {
		return nil, fmt.Errorf("safetensors: a header of %d bytes in a file of %d (limit %d)", length, size, maxHeaderBytes)
	}
	header := make([]byte, length)
	if _, err := r.ReadAt(header, 8); err != nil && !(errors.Is(err, io.EOF) && length == 0) {
		return nil, fmt.Errorf("safetensors: %w", err)
	}
	s := &Safetensors{entries: make(map[string]safetensor), source: r, data: 8 + int64(length)}
	if err := s.parse(header); err != nil {
		return nil, fmt.Errorf("safetensors: %w", err)
	}
	if err := s.check(size - s.data); err != nil {
		return nil, fmt.Errorf("safetensors: %w", err)
	}
	return s, nil
}

// parse reads the header key by key, since encoding/json lets a repeated name
// replace the first one silently.
func (s *Safetensors) parse(header []byte) error {
	d := json.NewDecoder(bytes.NewReader(header))
	open, err := d.Token()
	if err != nil || open != json.Delim('{') {
		return errors.New("the header is not a JSON object")
	}
	for d.More() {
		key, err := d.Token()
		if err != nil {
			return fmt.Errorf("header: %w", err)
		}
		name := key.(string)
		if name == "__metadata__" {
			if s.Metadata != nil {
				return errors.New("__metadata__ is repeated")
			}
			if err := d.Decode(&s.Metadata); err != nil {
				return fmt.Errorf("__metadata__: %w", err)
			}
			continue
		}
		if _, repeated := s.entries[name]; repeated {
			return fmt.Errorf("tensor %q is repeated", name)
		}
		var e safetensor
		if err := d.Decode(&e); err != nil {
			return fmt.Errorf("tensor %q: %w", name, err)
		}
		s.entries[name] = e
		s.names = append(s.names, name)
	}
	if _, err := d.Token(); err != nil {
		return fmt.Errorf("header: %w", err)
	}
	if rest, _ := io.ReadAll(d.Buffered()); len(bytes.TrimSpace(rest)) > 0 {
		return errors.New("text after the header's object")
	}
	return nil
}

// check holds shapes against offsets, and all tensors against the bytes of data.
func (s *Safetensors) check(bytes int64) error {
	for _, name := range s.names {
		e := s.entries[name]
		from, to := e.Offsets[0], e.Offsets[1]
		if from < 0 || to < from || to > bytes {
			return fmt.Errorf("tensor %q: offsets %d to %d in %d bytes of data", name, from, to, bytes)
		}
		if len(e.Shape) > maxDimensions {
			return fmt.Errorf("tensor %q: %d dimensions, at most %d", name, len(e.Shape), maxDimensions)
		}
		elements := int64(1)
		for _, d := range e.Shape {
			if d < 0 || d > 0 && elements > math.MaxInt64/8/d {
				return fmt.Errorf("tensor %q: shape %v is out of range", name, e.Shape)
			}
			elements *= d
		}
		// Types that are never read, such as masks, are only checked for holes.
		if size := e.DType.size(); size > 0 && elements*size != to-from {
			return fmt.Errorf("tensor %q: shape %v of %s does not take %d bytes", name, e.Shape, e.DType, to-from)
		}
	}
	slices.SortStableFunc(s.names, func(a, b string) int {
		x, y := s.entries[a].Offsets, s.entries[b].Offsets
		if x[0] != y[0] {
			return int(min(1, max(-1, x[0]-y[0])))
		}
		return int(min(1, max(-1, x[1]-y[1])))
	})
	end := int64(0)
	for _, name := range s.names {
		e := s.entries[name]
		if e.Offsets[0] != end {
			return fmt.Errorf("tensor %q: starts at %d where %d is expected (an overlap or a hole)", name, e.Offsets[0], end)
		}
		end = e.Offsets[1]
	}
	if end != bytes {
		return fmt.Errorf("the tensors take %d of %d bytes of data", end, bytes)
	}
	return nil
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

// Read converts a tensor to float32 into dst, which has its number of elements.
func (s *Safetensors) Read(name string, dst []float32) error {
	e, ok := s.entries[name]
	if !ok {
		return fmt.Errorf("safetensors: no tensor %q", name)
	}
	size := e.DType.size()
	if size == 0 {
		return fmt.Errorf("safetensors: tensor %q: type %q is not supported (F32, F16 and BF16 are)", name, e.DType)
	}
	if int64(len(dst))*size != e.Offsets[1]-e.Offsets[0] {
		return fmt.Errorf("safetensors: tensor %q: shape %v does not have %d numbers", name, e.Shape, len(dst))
	}
	at := s.data + e.Offsets[0]
	buffer := make([]byte, min(copyFloats, int64(len(dst)))*size)
	for len(dst) > 0 {
		n := min(copyFloats, len(dst))
		raw := buffer[:int64(n)*size]
		if got, err := s.source.ReadAt(raw, at); got < len(raw) {
			return fmt.Errorf("safetensors: tensor %q: %w", name, err)
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
		if e.DType.size() == 0 { // its shape was not held against its bytes
			return nil, nil, fmt.Errorf("safetensors: tensor %q: type %q is not supported (F32, F16 and BF16 are)", name, e.DType)
		}
		shape, _ := s.Shape(name)
		tensors[i] = Tensor{Name: name, Shape: shape, Data: make([]float32, (e.Offsets[1]-e.Offsets[0])/e.DType.size())}
		if err := s.Read(name, tensors[i].Data); err != nil {
			return nil, nil, err
		}
	}
	return tensors, s.Metadata, nil
}

// WriteSafetensors writes tensors as dtype, in their order. A finite number that
// dtype cannot hold is an error.
func WriteSafetensors(w io.Writer, tensors []Tensor, dtype DType, metadata map[string]string) error {
	if dtype.size() == 0 {
		return fmt.Errorf("safetensors: type %q is not supported (F32, F16 and BF16 are)", dtype)
	}
	header, err := safetensorsHeader(tensors, dtype, metadata)
	if err != nil {
		return err
	}
	if _, err := w.Write(header); err != nil {
		return err
	}
	buffer := make([]byte, 0, copyFloats*dtype.size())
	for _, t := range tensors {
		for data := t.Data; len(data) > 0; data = data[min(copyFloats, len(data)):] {
			if buffer, err = encode(buffer[:0], data[:min(copyFloats, len(data))], dtype); err != nil {
				return fmt.Errorf("safetensors: tensor %q: %w", t.Name, err)
			}
			if _, err := w.Write(buffer); err != nil {
				return err
			}
		}
	}
	return nil
}

func safetensorsHeader(tensors []Tensor, dtype DType, metadata map[string]string) ([]byte, error) {
	var out bytes.Buffer
	out.Write(make([]byte, 8))
	out.WriteByte('{')
	entry := func(name string, value any) error {
		key, err := json.Marshal(name)
		if err != nil {
			return err
		}
		text, err := json.Marshal(value)
		if err != nil {
			return err
		}
		if out.Len() > 9 {
			out.WriteByte(',')
		}
		fmt.Fprintf(&out, "%s:%s", key, text)
		return nil
	}
	if len(metadata) > 0 {
		if err := entry("__metadata__", metadata); err != nil {
			return nil, err
		}
	}
	at, seen := int64(0), make(map[string]bool, len(tensors))
	for _, t := range tensors {
		e := safetensor{DType: dtype, Shape: []int64{}}
		elements := int64(1)
		for _, d := range t.Shape {
			e.Shape = append(e.Shape, int64(d))
			elements *= int64(d)
		}
		if seen[t.Name] || t.Name == "__metadata__" || elements != int64(len(t.Data)) {
			return nil, fmt.Errorf("safetensors: tensor %q is repeated, reserved, or not of shape %v", t.Name, t.Shape)
		}
		seen[t.Name] = true
		e.Offsets = [2]int64{at, at + elements*dtype.size()}
		at = e.Offsets[1]
		if err := entry(t.Name, e); err != nil {
			return nil, err
		}
	}
	out.WriteByte('}')
	for out.Len()%8 != 0 {
		out.WriteByte(' ')
	}
	header := out.Bytes()
	binary.LittleEndian.PutUint64(header, uint64(len(header)-8))
	return header, nil
}

func decode(dst []float32, raw []byte, dtype DType) {
	switch dtype {
	case F32:
		for i := range dst {
			dst[i] = math.Float32frombits(binary.LittleEndian.Uint32(raw[4*i:]))
		}
	case F16:
		for i := range dst {
			dst[i] = floatFromHalf(binary.LittleEndian.Uint16(raw[2*i:]))
		}
	case BF16:
		for i := range dst {
			dst[i] = floatFromBfloat(binary.LittleEndian.Uint16(raw[2*i:]))
		}
	}
}

func encode(raw []byte, src []float32, dtype DType) ([]byte, error) {
	for i, x := range src {
		switch dtype {
		case F32:
			raw = binary.LittleEndian.AppendUint32(raw, math.Float32bits(x))
		case F16:
			h := halfFromFloat(x)
			if h&0x7fff == 0x7c00 && !math.IsInf(float64(x), 0) {
				return nil, fmt.Errorf("number %d, %g, is too large for F16", i, x)
			}
			raw = binary.LittleEndian.AppendUint16(raw, h)
		case BF16:
			raw = binary.LittleEndian.AppendUint16(raw, bfloatFromFloat(x))
		}
	}
	return raw, nil
}
