package gguf

import (
	"encoding/binary"
	"math"
)

// writer lays out files for tests, broken ones included.
type writer struct {
	keys, tensors     []byte
	nKeys, nTensors   uint64
	version           uint32
	alignment, offset int64
	data              []byte
}

func newWriter() *writer { return &writer{version: 3, alignment: defaultAlignment} }

func text(s string) []byte {
	return append(binary.LittleEndian.AppendUint64(nil, uint64(len(s))), s...)
}

func word32(n uint32) []byte { return binary.LittleEndian.AppendUint32(nil, n) }
func word64(n uint64) []byte { return binary.LittleEndian.AppendUint64(nil, n) }

// key adds metadata as the file has it: a type and the bytes of a value.
func (w *writer) key(name string, kind uint32, value []byte) *writer {
	w.keys = append(append(append(w.keys, text(name)...), word32(kind)...), value...)
	w.nKeys++
	return w
}

// info adds a tensor's description alone.
func (w *writer) info(name string, kind Type, offset int64, dimensions ...uint64) *writer {
	w.tensors = append(append(w.tensors, text(name)...), word32(uint32(len(dimensions)))...)
	for _, d := range dimensions {
		w.tensors = append(w.tensors, word64(d)...)
	}
	w.tensors = append(append(w.tensors, word32(uint32(kind))...), word64(uint64(offset))...)
	w.nTensors++
	return w
}

// tensor adds a description and its data behind what is there, padded.
func (w *writer) tensor(name string, kind Type, data []byte, dimensions ...uint64) *writer {
	w.info(name, kind, w.offset, dimensions...)
	w.data = append(w.data, data...)
	w.data = append(w.data, make([]byte, align(int64(len(w.data)), w.alignment)-int64(len(w.data)))...)
	w.offset = int64(len(w.data))
	return w
}

// header is the file up to its data.
func (w *writer) header() []byte {
	out := append([]byte("GGUF"), word32(w.version)...)
	out = append(append(out, word64(w.nTensors)...), word64(w.nKeys)...)
	return append(append(out, w.keys...), w.tensors...)
}

func (w *writer) file() []byte {
	out := w.header()
	out = append(out, make([]byte, align(int64(len(out)), w.alignment)-int64(len(out)))...)
	return append(out, w.data...)
}

func floats(numbers ...float32) (raw []byte) {
	for _, x := range numbers {
		raw = binary.LittleEndian.AppendUint32(raw, math.Float32bits(x))
	}
	return raw
}
