package tokenizer

import (
	"bufio"
	"bytes"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// vector is what the tokenizers library makes of a text: with the names of
// special tokens standing for them, as plain text, as a document, and decoded.
// interop/tokenizer_vectors.py leaves out what is the same as the ids or the
// text.
type vector struct {
	Text            string
	IDs             []int32
	Plain, Document []int32
	Decoded         *string
}

// checkVectors reads a line for each text and returns their number.
func checkVectors(t *testing.T, tok *Tokenizer, in io.Reader) (texts int) {
	t.Helper()
	faults := 0
	lines := bufio.NewReaderSize(in, 1<<20)
	for {
		line, err := lines.ReadBytes('\n')
		if err == io.EOF && len(line) == 0 {
			return texts
		}
		var v vector
		if err := json.Unmarshal(line, &v); err != nil {
			t.Fatal(err)
		}
		texts++
		plain := v.IDs
		if v.Plain != nil {
			plain = v.Plain
		}
		document := v.IDs
		if v.Document != nil {
			document = v.Document
		}
		for name, c := range map[string]struct{ got, want []int32 }{
			"EncodeMarked":   {tok.EncodeMarked(v.Text), v.IDs},
			"Encode":         {tok.Encode(v.Text), plain},
			"EncodeDocument": {tok.EncodeDocument(v.Text), document},
		} {
			if !slices.Equal(c.got, c.want) {
				t.Errorf("%s(%q) = %v, want %v", name, v.Text, c.got, c.want)
				faults++
			}
		}
		want := v.Text
		if v.Decoded != nil {
			want = *v.Decoded
		}
		// The library writes one U+FFFD for each broken character, Decode one for a run.
		if got := tok.Decode(plain); got != want && !strings.Contains(want, "\uFFFD") {
			t.Errorf("Decode of %q = %q, want %q", v.Text, got, want)
			faults++
		}
		if faults > 20 {
			t.Fatal("too many differences")
		}
	}
}

// Small vocabularies of every family, and of the settings that no family uses,
// give the ids of Hugging Face's tokenizers. Written by
// interop/tokenizer_vectors.py golden.
func TestFamiliesMatchHuggingFace(t *testing.T) {
	files, err := filepath.Glob("testdata/family-*.jsonl")
	if err != nil || len(files) < 9 {
		t.Fatalf("only %d families (%v)", len(files), err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".jsonl"), func(t *testing.T) {
			tok, vectors := vectorFiles(t, strings.TrimSuffix(file, "l"), file)
			if texts := checkVectors(t, tok, bytes.NewReader(vectors)); texts < 100 {
				t.Errorf("only %d texts", texts)
			}
		})
	}
}

// vectorFiles reads a tokenizer and its vectors.
func vectorFiles(t *testing.T, definition, file string) (tok *Tokenizer, vectors []byte) {
	t.Helper()
	data, err := os.ReadFile(definition)
	if err != nil {
		t.Fatal(err)
	}
	if tok, err = Parse(data); err != nil {
		t.Fatal(err)
	}
	if vectors, err = os.ReadFile(file); err != nil {
		t.Fatal(err)
	}
	return tok, vectors
}
