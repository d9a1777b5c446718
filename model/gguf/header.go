package gguf

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
)

// header reads the part of a file that comes before the data, once, from the
// beginning. After the first error it returns zeros.
type header struct {
	in   *bufio.Reader
	at   int64 // bytes read
	end  int64 // where reading stops: the file's size, or the limit
	word [8]byte
	err  error
}

func newHeader(r io.ReaderAt, size int64) *header {
	end := min(size, maxMetadataBytes)
	return &header{in: bufio.NewReaderSize(io.NewSectionReader(r, 0, end), 1<<16), end: end}
}

func (h *header) fail(format string, args ...any) {
	if h.err == nil {
		h.err = fmt.Errorf(format, args...)
	}
}

func (h *header) left() int64 { return h.end - h.at }

// read fills p.
func (h *header) read(p []byte) {
	if h.err != nil {
		clear(p)
		return
	}
	n, err := io.ReadFull(h.in, p)
	h.at += int64(n)
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		err = fmt.Errorf("the file ends, or passes the limit of %d bytes, within its metadata", maxMetadataBytes)
	}
	if err != nil {
		clear(p)
		h.err = err
	}
}

func (h *header) bytes(n int) []byte {
	h.read(h.word[:n])
	return h.word[:n]
}

func (h *header) uint32() uint32 { return binary.LittleEndian.Uint32(h.bytes(4)) }
func (h *header) uint64() uint64 { return binary.LittleEndian.Uint64(h.bytes(8)) }

func (h *header) string(limit int64) string {
	n := h.uint64()
	if h.err != nil {
		return ""
	}
	if n > uint64(min(limit, h.left())) {
		h.fail("a string of %d bytes, at most %d, with %d left", n, limit, h.left())
		return ""
	}
	text := make([]byte, n)
	h.read(text)
	return string(text)
}

// The types of values, as numbered in files.
const (
	uint8Value = iota
	int8Value
	uint16Value
	int16Value
	uint32Value
	int32Value
	float32Value
	boolValue
	stringValue
	arrayValue
	uint64Value
	int64Value
	float64Value
)

// widths are the bytes of a value in the file, at least.
var widths = [...]int64{1, 1, 2, 2, 4, 4, 4, 1, 8, 12, 8, 8, 8}

// value reads one value of a type.
func (h *header) value(kind uint32) any {
	switch kind {
	case uint8Value, uint16Value, uint32Value, uint64Value:
		return h.unsigned(kind)
	case int8Value, int16Value, int32Value, int64Value:
		return h.signed(kind)
	case float32Value, float64Value:
		return h.float(kind)
	case boolValue:
		return h.bool()
	case stringValue:
		return h.string(maxStringBytes)
	case arrayValue:
		return h.array()
	}
	h.fail("values of type %d are unknown", kind)
	return nil
}

func (h *header) unsigned(kind uint32) uint64 {
	var word [8]byte
	h.read(word[:widths[kind]])
	return binary.LittleEndian.Uint64(word[:])
}

func (h *header) signed(kind uint32) int64 {
	unused := 64 - 8*widths[kind]
	return int64(h.unsigned(kind)) << unused >> unused
}

func (h *header) float(kind uint32) float64 {
	if kind == float32Value {
		return float64(math.Float32frombits(h.uint32()))
	}
	return math.Float64frombits(h.uint64())
}

func (h *header) bool() bool {
	b := h.bytes(1)[0]
	if b > 1 {
		h.fail("a truth value is %d", b)
	}
	return b == 1
}

// array reads the values of an array. Arrays of arrays, which no known file has,
// are refused.
func (h *header) array() any {
	kind, n := h.uint32(), h.uint64()
	switch {
	case h.err != nil:
		return nil
	case kind >= uint32(len(widths)) || kind == arrayValue:
		h.fail("arrays of type %d are not supported", kind)
		return nil
	case n > uint64(h.left()/widths[kind]):
		h.fail("an array of %d values does not fit the %d bytes that are left", n, h.left())
		return nil
	}
	switch kind {
	case uint8Value:
		return fill(h, n, func() uint8 { return uint8(h.unsigned(kind)) })
	case int8Value:
		return fill(h, n, func() int8 { return int8(h.signed(kind)) })
	case uint16Value:
		return fill(h, n, func() uint16 { return uint16(h.unsigned(kind)) })
	case int16Value:
		return fill(h, n, func() int16 { return int16(h.signed(kind)) })
	case uint32Value:
		return fill(h, n, h.uint32)
	case int32Value:
		return fill(h, n, func() int32 { return int32(h.uint32()) })
	case uint64Value:
		return fill(h, n, h.uint64)
	case int64Value:
		return fill(h, n, func() int64 { return int64(h.uint64()) })
	case float32Value:
		return fill(h, n, func() float32 { return math.Float32frombits(h.uint32()) })
	case float64Value:
		return fill(h, n, func() float64 { return math.Float64frombits(h.uint64()) })
	case boolValue:
		return fill(h, n, h.bool)
	}
	return fill(h, n, func() string { return h.string(maxStringBytes) })
}

// fill reads n values. Memory grows with what is read, for a text takes more of
// it than its length in the file.
func fill[T any](h *header, n uint64, read func() T) []T {
	values := make([]T, 0, min(n, 1<<12))
	for range n {
		v := read()
		if h.err != nil {
			return nil
		}
		values = append(values, v)
	}
	return values
}

// tensor reads what follows a tensor's name.
func (h *header) tensor() tensor {
	dimensions := h.uint32()
	if dimensions > maxDimensions {
		h.fail("%d dimensions, at most %d", dimensions, maxDimensions)
	}
	if h.err != nil {
		return tensor{}
	}
	t := tensor{shape: make([]int, dimensions), elements: 1}
	for i := range t.shape {
		d := h.uint64()
		if h.err == nil && (d < 1 || d > maxDimension || t.elements > math.MaxInt64/8/int64(d)) {
			h.fail("dimension %d of %d is %d, out of range", i+1, dimensions, d)
		}
		if h.err != nil {
			return tensor{}
		}
		t.elements *= int64(d)
		t.shape[len(t.shape)-1-i] = int(d)
	}
	t.kind = Type(h.uint32())
	offset := h.uint64()
	switch {
	case h.err != nil:
	case t.kind.blockSize() == 0:
		h.fail("type %s is not supported (F32, F16, BF16, Q8_0, Q4_0, Q4_1 and Q6_K are)", t.kind)
	case dimensions == 0 && t.kind.blockSize() > 1, dimensions > 0 && int64(t.shape[dimensions-1])%t.kind.blockSize() != 0:
		h.fail("rows of shape %v are not made of blocks of %d, which %s needs", t.shape, t.kind.blockSize(), t.kind)
	case offset > math.MaxInt64/2:
		h.fail("its offset %d is out of range", offset)
	}
	t.offset = int64(offset & math.MaxInt64)
	return t
}
