package textgen

import (
	"os"
	"strconv"
	"testing"
)

// TestPrintSamples prints text to read: TEXTGEN_SAMPLES=60 go test -run PrintSamples -v.
func TestPrintSamples(t *testing.T) {
	n, err := strconv.Atoi(os.Getenv("TEXTGEN_SAMPLES"))
	if err != nil {
		t.Skip("set TEXTGEN_SAMPLES to the number of samples to print")
	}
	g := New(7, Options{})
	for range n {
		e := g.Example()
		t.Logf("%s\n  > %s\n  < %s %q", e.Kind, e.Prompt, e.Reply, e.Defects)
	}
	for range n {
		t.Log(g.Passage())
	}
}
