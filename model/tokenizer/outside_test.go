//go:build interop

package tokenizer

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
)

// Whole vocabularies of others, streamed by interop/tokenizer_vectors.py stream
// into the folder named by RANKLOOP_TOKENIZER_VECTORS.
func TestOutsideVocabularies(t *testing.T) {
	folder := os.Getenv("RANKLOOP_TOKENIZER_VECTORS")
	if folder == "" {
		t.Skip("RANKLOOP_TOKENIZER_VECTORS names no folder of vectors")
	}
	files, err := filepath.Glob(filepath.Join(folder, "*.jsonl"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no vectors in %s (%v)", folder, err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			tok, vectors := vectorFiles(t, file)
			t.Logf("%d ids, %d texts compared", tok.Size(), checkVectors(t, tok, bytes.NewReader(vectors)))
		})
	}
}
