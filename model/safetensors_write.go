package model

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"math"
)

// WriteSafetensors writes tensors as dtype, in their order. A finite number that
// dtype cannot hold is an error.
func WriteSafetensors(w io.Writer, tensors []Tensor, dtype DType, metadata map[string]string) error {
	if !dtype.readable() {
		return dtype.unsupported()
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
				return fmt.Errorf("tensor %q: %w", t.Name, err)
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
			return nil, fmt.Errorf("tensor %q is repeated, reserved, or not of shape %v", t.Name, t.Shape)
		}
		seen[t.Name] = true
		e.Offsets = []int64{at, at + elements*dtype.size()}
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
