package model

import (
	"bytes"
	"encoding/json"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"rankloop/model/tokenizer"
)

func testTokenizer(t testing.TB) *tokenizer.Tokenizer {
	t.Helper()
	text := "the prompt, the reply and the score of the reply"
	tok, err := tokenizer.Train(slices.Values([]string{text}), 280, tokenizer.ChatSpecials)
	if err != nil {
		t.Fatal(err)
	}
	return tok
}

func testCheckpoint(t testing.TB, head HeadKind) *Checkpoint {
	t.Helper()
	tok := testTokenizer(t)
	c := tiny(head)
	c.Vocab = tok.Size()
	meta := Meta{Kind: PolicyKind, Name: "test policy", Base: "nothing", KernelSet: "generic"}
	if head == Scalar {
		meta = Meta{Kind: RewardKind, Name: "test reward", RewardMean: 0.5, RewardStd: 2}
	}
	return &Checkpoint{Weights: lively(c, 50), Tokenizer: tok, Meta: meta}
}

// folder holds a checkpoint's files in memory.
func folder(t testing.TB, c *Checkpoint, dtype DType) fstest.MapFS {
	t.Helper()
	files, err := c.Files(dtype)
	if err != nil {
		t.Fatal(err)
	}
	out := fstest.MapFS{}
	for name, write := range files {
		var buffer bytes.Buffer
		if err := write(&buffer); err != nil {
			t.Fatal(err)
		}
		out[name] = &fstest.MapFile{Data: buffer.Bytes()}
	}
	return out
}

func TestCheckpointRoundTrip(t *testing.T) {
	for _, head := range []HeadKind{LanguageModel, Scalar} {
		for _, dtype := range []DType{F32, F16, BF16} {
			want := testCheckpoint(t, head)
			first := folder(t, want, dtype)
			got, err := LoadCheckpoint(first)
			if err != nil {
				t.Fatal(err)
			}
			if got.Weights.Config != want.Weights.Config || got.Meta.Name != want.Meta.Name || got.Meta.Reward(1) != want.Meta.Reward(1) {
				t.Errorf("%s: %+v %+v", head, got.Weights.Config, got.Meta)
			}
			if dtype == F32 && !slices.Equal(got.Weights.Data, want.Weights.Data) {
				t.Errorf("%s: the weights differ", head)
			}
			second := folder(t, got, dtype)
			for name := range first {
				if !bytes.Equal(first[name].Data, second[name].Data) {
					t.Errorf("%s %s: %s differs when saved again", head, dtype, name)
				}
			}
		}
	}
}

func TestSaveFolder(t *testing.T) {
	c := testCheckpoint(t, LanguageModel)
	parent := t.TempDir()
	dir := filepath.Join(parent, "deep", "checkpoint")
	if err := c.SaveFolder(dir, F16); err != nil {
		t.Fatal(err)
	}
	if _, err := LoadCheckpoint(os.DirFS(dir)); err != nil {
		t.Fatal(err)
	}
	if err := c.SaveFolder(dir, F16); err == nil || !strings.Contains(err.Error(), "exists already") {
		t.Errorf("second save: %v", err)
	}
	// A save that fails leaves nothing behind.
	c.Weights.Data[0] = 1e30
	if err := c.SaveFolder(filepath.Join(parent, "deep", "broken"), F16); err == nil {
		t.Error("weights too large for F16: no error")
	}
	entries, err := os.ReadDir(filepath.Join(parent, "deep"))
	if err != nil || len(entries) != 1 {
		t.Errorf("left behind: %v %v", entries, err)
	}
}

func TestLoadCheckpointRefuses(t *testing.T) {
	type doc = map[string]any
	editJSON := func(files fstest.MapFS, name string, change func(doc)) {
		d := doc{}
		if err := json.Unmarshal(files[name].Data, &d); err != nil {
			t.Fatal(err)
		}
		change(d)
		data, err := json.Marshal(d)
		if err != nil {
			t.Fatal(err)
		}
		files[name] = &fstest.MapFile{Data: data}
	}
	config := func(key string, value any) func(fstest.MapFS) {
		return func(files fstest.MapFS) { editJSON(files, "config.json", func(d doc) { d[key] = value }) }
	}
	weights := func(change func([]Tensor) []Tensor) func(fstest.MapFS) {
		return func(files fstest.MapFS) {
			data := files[weightsFile].Data
			tensors, _, err := ReadSafetensors(bytes.NewReader(data), int64(len(data)))
			if err != nil {
				t.Fatal(err)
			}
			var out bytes.Buffer
			if err := WriteSafetensors(&out, change(tensors), F32, nil); err != nil {
				t.Fatal(err)
			}
			files[weightsFile] = &fstest.MapFile{Data: out.Bytes()}
		}
	}
	for _, c := range []struct {
		want   string
		change func(fstest.MapFS)
	}{
		{"config.json", func(f fstest.MapFS) { delete(f, "config.json") }},
		{"tokenizer.json", func(f fstest.MapFS) { delete(f, "tokenizer.json") }},
		{"model.safetensors", func(f fstest.MapFS) { delete(f, weightsFile) }},
		{"config.json is over", func(f fstest.MapFS) { f["config.json"] = &fstest.MapFile{Data: make([]byte, maxConfigBytes+1)} }},
		{"config.json: invalid", func(f fstest.MapFS) { f["config.json"] = &fstest.MapFile{Data: []byte("x")} }},
		{"rankloop.json: invalid", func(f fstest.MapFS) { f["rankloop.json"] = &fstest.MapFile{Data: []byte("x")} }},
		{"model_type", config("model_type", "llama")},
		{"architecture", config("architectures", []string{"OtherModel"})},
		{"activation_function", config("activation_function", "relu")},
		{"scale_attn_weights", config("scale_attn_weights", false)},
		{"inverse_layer", config("scale_attn_by_inverse_layer_idx", true)},
		{"cross_attention", config("add_cross_attention", true)},
		{"tie_word", config("tie_word_embeddings", false)},
		{"2 labels", func(f fstest.MapFS) {
			config("architectures", []string{scalarArchitecture})(f)
			config("id2label", map[string]string{"0": "a", "1": "b"})(f)
		}},
		{"number of layers", config("n_layer", 0)},
		{"number of layers", config("n_layer", -3)},
		{"vocabulary", config("vocab_size", 1<<40)},
		{"divisible", config("n_head", 3)},
		{"epsilon", config("layer_norm_epsilon", 0)},
		{"do not hold", config("n_layer", 200)},
		{"is missing", config("n_layer", 1+tiny(LanguageModel).Layers)},
		{"not part of the network", config("n_layer", 1)},
		{"the configuration says", config("n_positions", 9)},
		{"the tokenizer has", func(f fstest.MapFS) {
			config("vocab_size", testTokenizer(t).Size()-1)(f)
			weights(func(ts []Tensor) []Tensor {
				rows := ts[0].Shape[0] - 1
				ts[0].Shape, ts[0].Data = []int{rows, ts[0].Shape[1]}, ts[0].Data[:rows*ts[0].Shape[1]]
				return ts
			})(f)
		}},
		{`"transformer.ln_f.bias" is missing`, weights(func(ts []Tensor) []Tensor { return ts[:len(ts)-1] })},
		{"has shape", weights(func(ts []Tensor) []Tensor { ts[2].Shape = []int{4, 2}; return ts })},
		{`"more" is not part`, weights(func(ts []Tensor) []Tensor { return append(ts, Tensor{"more", []int{1}, []float32{1}}) })},
		{"format 2", func(f fstest.MapFS) { editJSON(f, "rankloop.json", func(d doc) { d["format"] = 2 }) }},
		{"unknown kind", func(f fstest.MapFS) { editJSON(f, "rankloop.json", func(d doc) { d["kind"] = "judge" }) }},
		{"a reward checkpoint with", func(f fstest.MapFS) { editJSON(f, "rankloop.json", func(d doc) { d["kind"] = "reward" }) }},
	} {
		files := folder(t, testCheckpoint(t, LanguageModel), F32)
		c.change(files)
		if _, err := LoadCheckpoint(files); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("want an error with %q, got %v", c.want, err)
		}
	}
}

// A folder as other programs write it: no rankloop.json, bare names, masks.
func TestLoadForeignFolder(t *testing.T) {
	c := testCheckpoint(t, LanguageModel)
	files := folder(t, c, F32)
	delete(files, "rankloop.json")
	delete(files, "generation_config.json")
	var tensors []Tensor
	for _, tensor := range c.Weights.Tensors() {
		tensor.Name = strings.TrimPrefix(tensor.Name, "transformer.")
		tensors = append(tensors, tensor)
	}
	tensors = append(tensors, Tensor{"h.0.attn.bias", []int{1, 1, 2, 2}, []float32{1, 0, 1, 1}})
	var out bytes.Buffer
	if err := WriteSafetensors(&out, tensors, F32, nil); err != nil {
		t.Fatal(err)
	}
	files[weightsFile] = &fstest.MapFile{Data: out.Bytes()}
	got, err := LoadCheckpoint(onlyReaders{files})
	if err != nil {
		t.Fatal(err)
	}
	if got.Meta.Kind != PolicyKind || !slices.Equal(got.Weights.Data, c.Weights.Data) {
		t.Errorf("kind %q, or the weights differ", got.Meta.Kind)
	}
}

// onlyReaders is a file system whose files cannot be read at an offset.
type onlyReaders struct{ fs.FS }

func (o onlyReaders) Open(name string) (fs.File, error) {
	f, err := o.FS.Open(name)
	return struct{ fs.File }{f}, err
}
