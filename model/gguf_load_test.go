package model

import (
	"bytes"
	"io/fs"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"pgregory.net/rapid"
)

func testFile(t testing.TB, name string) []byte {
	t.Helper()
	data, err := os.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// One network, written by other programs as a folder and as a GGUF
// (interop/gguf_tiny.py), is the same network here.
func TestLoadGGUF(t *testing.T) {
	want, err := LoadCheckpoint(os.DirFS("testdata/tiny-llama"))
	if err != nil {
		t.Fatal(err)
	}
	got, err := LoadGGUF(os.DirFS("testdata"), "tiny-llama.gguf")
	if err != nil {
		t.Fatal(err)
	}
	if got.Weights.Config != want.Weights.Config || !slices.Equal(got.Weights.Data, want.Weights.Data) {
		t.Errorf("config %+v, want %+v; or the weights differ", got.Weights.Config, want.Weights.Config)
	}
	for _, tensor := range want.Weights.Tensors() {
		i := slices.IndexFunc(got.Weights.Tensors(), func(x Tensor) bool { return x.Name == tensor.Name })
		if !slices.Equal(got.Weights.Tensors()[i].Data, tensor.Data) {
			t.Errorf("%s differs", tensor.Name)
		}
	}
	if *got.Special.BOS != 1 || !slices.Equal(got.Special.EOS, want.Special.EOS) || *got.Special.Pad != *want.Special.Pad {
		t.Errorf("special ids %+v", got.Special)
	}
	for _, text := range []string{"the theme of 2024", " then", "<|im_end|> is text", "café 你好"} {
		if !slices.Equal(got.Tokenizer.Encode(text), want.Tokenizer.Encode(text)) {
			t.Errorf("%q: %v, want %v", text, got.Tokenizer.Encode(text), want.Tokenizer.Encode(text))
		}
	}
	if id, ok := got.Tokenizer.Special("<|im_end|>"); !ok || id != 2 {
		t.Errorf("<|im_end|> is %d, %v", id, ok)
	}
	if said := string(got.Companions["tokenizer_config.json"]); !strings.Contains(said, "You are small.") || !strings.Contains(said, `"eos_token": "\u003c|im_end|\u003e"`) {
		t.Errorf("tokenizer_config.json\n%s", said)
	}
	config, err := LoadGGUFConfig(os.DirFS("testdata"), "tiny-llama.gguf")
	if err != nil || config != want.Weights.Config {
		t.Errorf("config alone: %+v, %v", config, err)
	}
	// What was imported can be written and read again.
	again, err := LoadCheckpoint(folder(t, got, F32))
	if err != nil || !slices.Equal(again.Weights.Data, want.Weights.Data) || again.Weights.Config != want.Weights.Config {
		t.Errorf("written and read again: %v", err)
	}
}

func TestLoadGGUFRefuses(t *testing.T) {
	whole := testFile(t, "tiny-llama.gguf")
	change := func(from, to string) []byte {
		if len(from) != len(to) || bytes.Count(whole, []byte(from)) != 1 {
			t.Fatalf("%q cannot be replaced", from)
		}
		return bytes.Replace(whole, []byte(from), []byte(to), 1)
	}
	for want, data := range map[string][]byte{
		"m.gguf: tensor":                            whole[:len(whole)-100],
		"m.gguf: this is no GGUF":                   []byte("PK...."),
		`m.gguf: tokenizer: tokenizer.ggml.model`:   change("tokenizer.ggml.model", "tokenizer.ggml.modem"),
		`tokenizer.ggml.pre: "smolln" is`:           change("smollm", "smolln"),
		"llama.block_count":                         change("llama.block_count", "llama.block_counT"),
		`"model.layers.1.mlp.up_proj.weight" is mi`: change("blk.1.ffn_up.weight", "blk.2.ffn_up.weight"),
	} {
		_, err := LoadGGUF(fstest.MapFS{"m.gguf": {Data: data}}, "m.gguf")
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("want an error with %q, got %v", want, err)
		}
	}
	if _, err := LoadGGUF(fstest.MapFS{}, "m.gguf"); err == nil || !strings.Contains(err.Error(), "m.gguf") {
		t.Errorf("no file: %v", err)
	}
	if _, err := LoadGGUFConfig(fstest.MapFS{"m.gguf": {Data: whole[:50]}}, "m.gguf"); err == nil || !strings.Contains(err.Error(), "m.gguf") {
		t.Errorf("half a header: %v", err)
	}
}

// Whatever a file says of its network and its words, it is loaded or refused.
func FuzzLoadGGUF(f *testing.F) {
	f.Add(testFile(f, "tiny-llama.gguf"))
	f.Fuzz(func(t *testing.T, file []byte) {
		files := fs.FS(fstest.MapFS{"m.gguf": {Data: file}})
		c, err := LoadGGUF(files, "m.gguf")
		if err != nil {
			return
		}
		if 2*len(file) < c.Weights.Config.Parameters() {
			t.Fatalf("%d parameters from %d bytes", c.Weights.Config.Parameters(), len(file))
		}
		if _, err := c.Files(F32); err != nil {
			t.Fatalf("what was loaded cannot be written: %v", err)
		}
	})
}

func TestNarrowestDType(t *testing.T) {
	w := NewWeights(tiny(LanguageModel))
	for _, c := range []struct {
		numbers []float32
		want    DType
	}{
		{nil, BF16}, {[]float32{1, -2.5, 1 << 100}, BF16}, {[]float32{1, 2049}, F32}, {[]float32{1.0009765625}, F16},
		{[]float32{1.0009765625, 1 << 100}, F32}, {[]float32{1e-30, 0.333}, F32},
	} {
		w.Zero()
		copy(w.Data, c.numbers)
		if got := w.NarrowestDType(); got != c.want {
			t.Errorf("%v: %s, want %s", c.numbers, got, c.want)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		w.Zero()
		copy(w.Data, rapid.SliceOfN(rapid.Float32(), 1, 3).Draw(t, "numbers"))
		var out bytes.Buffer
		if err := WriteSafetensors(&out, w.Tensors(), w.NarrowestDType(), nil); err != nil {
			t.Fatal(err)
		}
		tensors, _, err := ReadSafetensors(bytes.NewReader(out.Bytes()), int64(out.Len()))
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(tensors[0].Data, w.Tensors()[0].Data) {
			t.Fatalf("%v was stored as %s and came back as %v", w.Data[:3], w.NarrowestDType(), tensors[0].Data[:3])
		}
	})
}
