package tensorboard

import (
	"bytes"
	"flag"
	"os"
	"testing"
	"time"
)

var update = flag.Bool("update", false, "write testdata again")

// golden is a file that the tensorboard package itself has read (interop/tensorboard_check.py).
const golden = "testdata/events.out.tfevents.20260102030405.rankloop"

// TestGolden: the bytes are those that TensorBoard has been seen to read.
func TestGolden(t *testing.T) {
	begun := time.Date(2026, 1, 2, 3, 4, 5, 678_000_000, time.UTC)
	var file bytes.Buffer
	w, err := NewWriter(&file, begun)
	if err != nil {
		t.Fatal(err)
	}
	for step, scalars := range []map[string]float64{
		{"loss": 0.6931, "eval/accuracy": 0.5}, {}, {"loss": 0.25, "objective/kl": -1.5e-7, "许": 300},
	} {
		var histograms map[string]Histogram
		if step == 2 {
			histograms = map[string]Histogram{"objective/scores": {Min: -1, Max: 3, Limits: []float64{0, 1, 2, 3}, Counts: []float64{2, 0, 5, 1}}}
		}
		if err := w.Step(150*step, begun.Add(time.Duration(step)*time.Minute), scalars, histograms); err != nil {
			t.Fatal(err)
		}
	}
	if *update {
		if err := os.WriteFile(golden, file.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil || !bytes.Equal(file.Bytes(), want) {
		t.Errorf("%x\nis not what was read: %x, %v", file.Bytes(), want, err)
	}
	if name := "testdata/" + FileName(begun); name != golden {
		t.Errorf("the file is called %s", name)
	}
}

// TestChecksum: CRC-32C of "123456789" is 0xe3069283 (RFC 3720, appendix B.4's polynomial), masked as TFRecords do.
func TestChecksum(t *testing.T) {
	sum := uint32(0xe3069283)
	if got, want := masked([]byte("123456789")), (sum>>15|sum<<17)+0xa282ead8; got != want {
		t.Errorf("%#x, want %#x", got, want)
	}
}
