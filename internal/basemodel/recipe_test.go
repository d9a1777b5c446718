package basemodel

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"testing"

	"rankloop/model"
	"rankloop/model/kernel"
	"rankloop/model/tokenizer"
	"rankloop/trainer"
)

// The whole recipe takes half an hour. These tests hold its beginning: a change of the generator, of the tokenizer's training,
// of a kernel's rounding or of the trainer's order of operations shows here at once, and means that `make base-model` no
// longer makes the weights that ship.

func TestVocabularyIsTheRecipes(t *testing.T) {
	shipped, err := Checkpoint()
	if err != nil {
		t.Fatal(err)
	}
	trained, err := tokenizer.Train(corpusTexts(seed, tokenizerBytes), vocabulary, tokenizer.ChatSpecials)
	if err != nil {
		t.Fatal(err)
	}
	got, err := trained.JSON()
	if err != nil {
		t.Fatal(err)
	}
	want, err := shipped.Tokenizer.JSON()
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Error("the recipe learns another vocabulary than the one that ships")
	}
}

func TestFirstStepsArePinned(t *testing.T) {
	shipped, err := Checkpoint()
	if err != nil {
		t.Fatal(err)
	}
	fresh := *shipped
	fresh.Weights = model.NewWeights(shipped.Weights.Config)
	fresh.Weights.Init(seed)
	last := tunings[len(tunings)-1]
	last.examples = sftValidation + 640
	pinned := map[string][2]string{ // by kernel set: after three steps of pretraining, and of the last tuning
		"avx512": {"064b8db44eb315ce", "b39157398c98ea50"},
		"avx2":   {"41af3d6c87e4fa1d", "2e0e7b02f4f2ecfd"},
	}
	want, known := pinned[kernel.Name()]
	if !known {
		t.Skipf("nothing is pinned for the kernel set %s", kernel.Name())
	}
	pretrained := threeSteps(t, trainer.KindPretrain, pretrainSettings, trainer.Inputs{Base: &fresh, Text: Text})
	if pretrained != want[0] {
		t.Errorf("pretraining on %s gives %s", kernel.Name(), pretrained)
	}
	tuned := threeSteps(t, trainer.KindSFT, last.settings, trainer.Inputs{Base: shipped, Text: Text, Examples: examples(seed, last)})
	if tuned != want[1] {
		t.Errorf("tuning on %s gives %s", kernel.Name(), tuned)
	}
}

// threeSteps hashes the weights after three optimizer steps of a stage.
func threeSteps(t *testing.T, kind string, settings []string, in trainer.Inputs) string {
	t.Helper()
	config, err := trainer.ResolveConfig(kind, "small", settings, nil)
	if err != nil {
		t.Fatal(err)
	}
	run, err := trainer.Open(trainer.Spec{Kind: kind, Seed: seed, Config: config}, in)
	if err != nil {
		t.Fatal(err)
	}
	for range 3 {
		if _, err := run.Advance(context.Background()); err != nil {
			t.Fatal(err)
		}
	}
	checkpoint, err := run.Checkpoint()
	if err != nil {
		t.Fatal(err)
	}
	hash := sha256.New()
	if err := binary.Write(hash, binary.LittleEndian, checkpoint.Weights.Data); err != nil {
		t.Fatal(err)
	}
	return hex.EncodeToString(hash.Sum(nil)[:8])
}
