package trainer

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"time"

	"rankloop/ranking"
)

// Put stores one named part of a run's state; Fetch opens it again.
type (
	Put   func(name string, write func(io.Writer) error) error
	Fetch func(name string) (io.ReadCloser, error)
)

// progress is what every run counts. Elapsed is wall time in Advance and is the only part of a state that differs
// between two runs of one spec.
type progress struct {
	Step       int           `json:"step"`
	TokensSeen int64         `json:"tokens_seen"`
	FLOP       float64       `json:"flop,omitempty"` // pretrain: 6N + 12·L·A·T a token trained on
	Skipped    int           `json:"skipped_steps"`  // not finite
	Warned     []string      `json:"warned"`         // codes of warnings that are told once
	Elapsed    time.Duration `json:"elapsed_ns"`
}

// header says which run a state belongs to; a state of another one is refused.
type header struct {
	Kind     string          `json:"kind"`
	Seed     int64           `json:"seed"`
	Config   json.RawMessage `json:"config"`
	Data     string          `json:"data_sha256"` // of the base's weights and all sequences
	Progress progress        `json:"progress"`
}

func (h header) check(saved header) error {
	switch {
	case saved.Kind != h.Kind, saved.Seed != h.Seed, !bytes.Equal(saved.Config, h.Config):
		return ranking.Errorf(ranking.CodeConflict, "the saved state belongs to another run: its kind, seed or configuration differs")
	case saved.Data != h.Data:
		return ranking.Errorf(ranking.CodeConflict, "the run's data or base model is not what it was when the state was saved")
	}
	return nil
}

func putJSON(put Put, name string, value any) error {
	data, err := json.Marshal(value)
	if err != nil {
		return fmt.Errorf("trainer: %s: %w", name, err)
	}
	return put(name, func(w io.Writer) error {
		_, err := w.Write(data)
		return err
	})
}

func fetchJSON(fetch Fetch, name string, value any) error {
	r, err := fetch(name)
	if err != nil {
		return err
	}
	defer r.Close()
	data, err := io.ReadAll(r) // to the end, where the storage checks its digest
	if err != nil {
		return err
	}
	if err := json.Unmarshal(data, value); err != nil {
		return fmt.Errorf("trainer: state %s: %w", name, err)
	}
	return nil
}

const floatsPerChunk = 1 << 14

// putFloats stores numbers as little-endian float32, bit for bit.
func putFloats(put Put, name string, numbers []float32) error {
	return put(name, func(w io.Writer) error { return writeFloats(w, numbers) })
}

func writeFloats(w io.Writer, numbers []float32) error {
	chunk := make([]byte, 0, 4*floatsPerChunk)
	for len(numbers) > 0 {
		n := min(len(numbers), floatsPerChunk)
		chunk = chunk[:0]
		for _, x := range numbers[:n] {
			chunk = binary.LittleEndian.AppendUint32(chunk, math.Float32bits(x))
		}
		if _, err := w.Write(chunk); err != nil {
			return err
		}
		numbers = numbers[n:]
	}
	return nil
}

// fetchFloats fills numbers from a part that holds exactly as many.
func fetchFloats(fetch Fetch, name string, numbers []float32) error {
	r, err := fetch(name)
	if err != nil {
		return err
	}
	defer r.Close()
	buffered := bufio.NewReader(r)
	chunk := make([]byte, 4*floatsPerChunk)
	for len(numbers) > 0 {
		n := min(len(numbers), floatsPerChunk)
		if _, err := io.ReadFull(buffered, chunk[:4*n]); err != nil {
			return fmt.Errorf("trainer: state %s is too short: %w", name, err)
		}
		for i := range n {
			numbers[i] = math.Float32frombits(binary.LittleEndian.Uint32(chunk[4*i:]))
		}
		numbers = numbers[n:]
	}
	switch _, err := buffered.ReadByte(); {
	case errors.Is(err, io.EOF):
		return nil
	case err != nil:
		return err
	}
	return fmt.Errorf("trainer: state %s is too long", name)
}
