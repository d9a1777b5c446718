package basemodel

import (
	"io/fs"
	"slices"
	"testing"

	"rankloop/internal/basemodel/textgen"
)

func TestEmbeddedCheckpoint(t *testing.T) {
	checkpoint, err := Checkpoint()
	if err != nil {
		t.Fatal(err)
	}
	if n := checkpoint.Weights.Config.Parameters(); n < 2_000_000 || n > 5_000_000 {
		t.Errorf("%d parameters", n)
	}
	want := shape
	want.Vocab = checkpoint.Tokenizer.Size()
	if checkpoint.Weights.Config != want {
		t.Errorf("the embedded model has the shape %+v, the recipe %+v", checkpoint.Weights.Config, want)
	}
	folder, err := Files()
	if err != nil {
		t.Fatal(err)
	}
	bytes := int64(0)
	err = fs.WalkDir(folder, ".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		info, err := entry.Info()
		bytes += info.Size()
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if bytes > 12<<20 {
		t.Errorf("%d bytes are embedded", bytes)
	}
}

func TestPromptsAreSplit(t *testing.T) {
	train, heldOut := Prompts(3, 500, false), Prompts(3, 200, true)
	for _, prompt := range heldOut {
		if !textgen.HeldOut(prompt) || slices.Contains(train, prompt) {
			t.Errorf("%q is not held out", prompt)
		}
	}
	for _, prompt := range train {
		if textgen.HeldOut(prompt) {
			t.Errorf("%q is held out but drawn for training", prompt)
		}
	}
	if !slices.Equal(Prompts(3, 200, true), heldOut) {
		t.Error("the same seed drew other prompts")
	}
}

func TestTextAsksNoHeldOutPrompt(t *testing.T) {
	read := 0
	for document := range textgen.Corpus(seed, 1<<20) {
		if document.Prompt != "" && textgen.HeldOut(document.Prompt) {
			t.Errorf("the corpus asks %q", document.Prompt)
		}
		read++
	}
	if read < 1000 {
		t.Fatalf("only %d documents in a megabyte", read)
	}
	for _, tuning := range tunings {
		tuning.examples = 2000
		for _, example := range examples(seed, tuning) {
			if textgen.HeldOut(example.Messages[0].Content) {
				t.Errorf("a tuning shows %q", example.Messages[0].Content)
			}
		}
	}
}
