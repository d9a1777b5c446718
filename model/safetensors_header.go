package model

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
)

// parse reads the header key by key, since encoding/json lets a repeated name
// replace the first one silently.
func (s *Safetensors) parse(header []byte) error {
	d := json.NewDecoder(bytes.NewReader(header))
	err := eachKey(d, func(name string) error {
		if name == "__metadata__" {
			if s.Metadata != nil {
				return errors.New("__metadata__ is repeated")
			}
			return s.parseMetadata(d)
		}
		if _, repeated := s.entries[name]; repeated {
			return fmt.Errorf("tensor %q is repeated", name)
		}
		e, err := parseEntry(d)
		if err != nil {
			return fmt.Errorf("tensor %q: %w", name, err)
		}
		s.entries[name] = e
		s.names = append(s.names, name)
		return nil
	})
	if err != nil {
		return err
	}
	if len(bytes.TrimSpace(header[d.InputOffset():])) > 0 {
		return errors.New("text after the header's object")
	}
	return nil
}

func (s *Safetensors) parseMetadata(d *json.Decoder) error {
	s.Metadata = make(map[string]string)
	err := eachKey(d, func(key string) error {
		value, err := d.Token()
		if err != nil {
			return err
		}
		text, ok := value.(string)
		if _, repeated := s.Metadata[key]; repeated || !ok {
			return fmt.Errorf("%q is repeated or no string", key)
		}
		s.Metadata[key] = text
		return nil
	})
	if err != nil {
		return fmt.Errorf("__metadata__: %w", err)
	}
	return nil
}

func parseEntry(d *json.Decoder) (e safetensor, err error) {
	seen := make(map[string]bool, 3)
	err = eachKey(d, func(key string) error {
		if seen[key] {
			return fmt.Errorf("%s is repeated", key)
		}
		seen[key] = true
		switch key {
		case "dtype":
			return d.Decode(&e.DType)
		case "shape":
			return d.Decode(&e.Shape)
		case "data_offsets":
			return d.Decode(&e.Offsets)
		}
		return fmt.Errorf("the key %q is unknown", key)
	})
	if err == nil && (e.DType == "" || e.Shape == nil || len(e.Offsets) != 2) {
		err = errors.New("dtype, shape or the two data_offsets are missing")
	}
	return e, err
}

// eachKey reads an object and calls value for each key, to read what it stands
// for.
func eachKey(d *json.Decoder, value func(key string) error) error {
	open, err := d.Token()
	if err != nil || open != json.Delim('{') {
		return errors.New("not a JSON object")
	}
	for d.More() {
		key, err := d.Token()
		if err != nil {
			return fmt.Errorf("header: %w", err)
		}
		if err := value(key.(string)); err != nil {
			return err
		}
	}
	if _, err := d.Token(); err != nil {
		return fmt.Errorf("header: %w", err)
	}
	return nil
}

// check holds types and shapes against offsets, and all tensors against the
// bytes of data.
func (s *Safetensors) check(bytes int64) error {
	for _, name := range s.names {
		if err := s.entries[name].check(bytes); err != nil {
			return fmt.Errorf("tensor %q: %w", name, err)
		}
	}
	slices.SortStableFunc(s.names, func(a, b string) int {
		x, y := s.entries[a].Offsets, s.entries[b].Offsets
		return cmp.Or(cmp.Compare(x[0], y[0]), cmp.Compare(x[1], y[1]))
	})
	end := int64(0)
	for i, name := range s.names {
		from := s.entries[name].Offsets[0]
		switch {
		case from < end:
			return fmt.Errorf("tensor %q: overlaps tensor %q by %d bytes", name, s.names[i-1], end-from)
		case from > end:
			return fmt.Errorf("tensor %q: starts at %d, behind a hole of %d bytes", name, from, from-end)
		}
		end = s.entries[name].Offsets[1]
	}
	if end != bytes {
		return fmt.Errorf("the tensors take %d of %d bytes of data", end, bytes)
	}
	return nil
}

func (e safetensor) check(bytes int64) error {
	from, to := e.Offsets[0], e.Offsets[1]
	if from < 0 || to < from || to > bytes {
		return fmt.Errorf("offsets %d to %d in %d bytes of data", from, to, bytes)
	}
	if len(e.Shape) > maxDimensions {
		return fmt.Errorf("%d dimensions, at most %d", len(e.Shape), maxDimensions)
	}
	elements := int64(1)
	for _, d := range e.Shape {
		if d < 0 || d > math.MaxInt32 || d > 0 && elements > math.MaxInt64/8/d {
			return fmt.Errorf("shape %v is out of range", e.Shape)
		}
		elements *= d
	}
	size := e.DType.size()
	if size == 0 {
		return fmt.Errorf("the type %q is unknown", e.DType)
	}
	if elements*size != to-from {
		return fmt.Errorf("shape %v of %s does not take %d bytes", e.Shape, e.DType, to-from)
	}
	return nil
}
