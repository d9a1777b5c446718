package tokenizer

import (
	"encoding/json"
	"os"
	"slices"
	"testing"
)

func readTestdata(t testing.TB, name string) []byte {
	t.Helper()
	data, err := os.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func goldenTokenizer(t testing.TB) *Tokenizer {
	t.Helper()
	tok, err := Parse(readTestdata(t, "tokenizer.json"))
	if err != nil {
		t.Fatal(err)
	}
	return tok
}

// The same ids as Hugging Face's tokenizers (testdata/golden.py).
func TestEncodeMatchesHuggingFace(t *testing.T) {
	var cases []struct {
		Text string
		IDs  []int32
	}
	if err := json.Unmarshal(readTestdata(t, "golden.json"), &cases); err != nil {
		t.Fatal(err)
	}
	tok := goldenTokenizer(t)
	for _, c := range cases {
		if got := tok.Encode(c.Text); !slices.Equal(got, c.IDs) {
			t.Errorf("Encode(%q) = %v, want %v", c.Text, got, c.IDs)
		}
	}
}

// The same vocabulary and merges as Hugging Face's BpeTrainer.
func TestTrainMatchesHuggingFace(t *testing.T) {
	corpus := string(readTestdata(t, "corpus.txt"))
	got, err := Train(slices.Values([]string{corpus}), 700, ChatSpecials)
	if err != nil {
		t.Fatal(err)
	}
	want := goldenTokenizer(t)
	if got.Size() != want.Size() {
		t.Errorf("size %d, want %d", got.Size(), want.Size())
	}
	for id := range min(got.Size(), want.Size()) {
		if got.tokens[id] != want.tokens[id] {
			t.Fatalf("id %d is %q, want %q", id, got.tokens[id], want.tokens[id])
		}
	}
	if !slices.Equal(got.merges, want.merges) {
		t.Error("the merges differ")
	}
}
