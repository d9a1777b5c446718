//go:build interop

package tokenizer

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Whole vocabularies of others and their chat templates. The folder named by
// RANKLOOP_TOKENIZER_VECTORS holds NAME.json with NAME.jsonl or
// NAME.chats.jsonl, written by interop/tokenizer_vectors.py.
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
		if name, chats := strings.CutSuffix(file, ".chats.jsonl"); chats {
			t.Run(filepath.Base(file), func(t *testing.T) {
				tok, conversations := vectorFiles(t, name+".json", file)
				checkChats(t, tok, conversations)
			})
			continue
		}
		t.Run(filepath.Base(file), func(t *testing.T) {
			tok, vectors := vectorFiles(t, strings.TrimSuffix(file, "l"), file)
			t.Logf("%d ids, %d texts compared", tok.Size(), checkVectors(t, tok, bytes.NewReader(vectors)))
		})
	}
}
