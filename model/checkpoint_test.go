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
	return familyCheckpoint(t, tiny(head))
}

func familyCheckpoint(t testing.TB, c Config) *Checkpoint {
	t.Helper()
	tok, head := testTokenizer(t), c.Head
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

// What was saved comes back, and is saved again to the same bytes.
func TestCheckpointRoundTrip(t *testing.T) {
	for _, head := range []HeadKind{LanguageModel, Scalar} {
		inFamilies(t, tiny(head), checkRoundTrip)
	}
	inFamilies(t, tiny(LanguageModel), func(t *testing.T, c Config) {
		c.SeparateHead = !c.SeparateHead
		checkRoundTrip(t, c)
	})
	for _, bias := range []BiasKind{AllBiases, AttentionBiases, MLPBiases} {
		c := llamaLike(tiny(LanguageModel))
		c.Bias, c.Rope.Scaling = bias, RopeScaling{Kind: LinearScaling, Factor: 2}
		checkRoundTrip(t, c)
	}
}

func checkRoundTrip(t *testing.T, c Config) {
	for _, dtype := range []DType{F32, F16, BF16} {
		want := familyCheckpoint(t, c)
		first := folder(t, want, dtype)
		got, err := LoadCheckpoint(first)
		if err != nil {
			t.Fatal(err)
		}
		if got.Weights.Config != want.Weights.Config || got.Meta.Name != want.Meta.Name || got.Meta.Reward(1) != want.Meta.Reward(1) {
			t.Errorf("%s: %+v %+v", c.Head, got.Weights.Config, got.Meta)
		}
		if dtype == F32 && !slices.Equal(got.Weights.Data, want.Weights.Data) {
			t.Errorf("%s: the weights differ", c.Head)
		}
		second := folder(t, got, dtype)
		if len(second) != len(first) {
			t.Errorf("%d files, saved again %d", len(first), len(second))
		}
		for name := range first {
			if !bytes.Equal(first[name].Data, second[name].Data) {
				t.Errorf("%s %s: %s differs when saved again", c.Head, dtype, name)
			}
		}
	}
}

// A network that no architecture of Hugging Face describes is refused.
func TestFilesRefuseWhatCannotBeRead(t *testing.T) {
	c := llamaLike(tiny(LanguageModel))
	c.MLP = GELU
	if _, err := familyCheckpoint(t, c).Files(F32); err == nil || !strings.Contains(err.Error(), "no Hugging Face architecture") {
		t.Errorf("an MLP that Llama does not have: %v", err)
	}
	odd := testCheckpoint(t, LanguageModel)
	odd.Companions = map[string][]byte{"../config.json": nil}
	if _, err := odd.Files(F32); err == nil || !strings.Contains(err.Error(), "not a file that a model folder has") {
		t.Errorf("a companion with another name: %v", err)
	}
}

// What a folder says to other programs is said by what is derived from it.
func TestCompanionsAreKept(t *testing.T) {
	files := folder(t, familyCheckpoint(t, llamaLike(tiny(LanguageModel))), F32)
	files[generationFile] = &fstest.MapFile{Data: []byte(`{"eos_token_id":[2,0],"temperature":0.6}`)}
	files["tokenizer_config.json"] = &fstest.MapFile{Data: []byte(`{"model_max_length":10}`)}
	files["chat_template.jinja"] = &fstest.MapFile{Data: []byte("{% for message in messages %}{{ '<|im_start|>' + message['role'] + '\\n' + " +
		"message['content'] + '<|im_end|>' + '\\n' }}{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}")}
	editJSON(t, files, configFile, func(d map[string]any) { d["eos_token_id"] = []int{2, 0} })
	base, err := LoadCheckpoint(files)
	if err != nil {
		t.Fatal(err)
	}
	if end := base.Special.EOS; !slices.Equal(end, []int32{2, 0}) {
		t.Errorf("eos_token_id is %v", end)
	}
	derived := folder(t, base.Derive(base.Weights.Clone(), Meta{Kind: PolicyKind, Name: "next"}), F32)
	for _, name := range []string{generationFile, "tokenizer_config.json", "chat_template.jinja"} {
		if !bytes.Equal(derived[name].Data, files[name].Data) {
			t.Errorf("%s is %s", name, derived[name].Data)
		}
	}
	again, err := LoadCheckpoint(derived)
	if err != nil || !slices.Equal(again.Special.EOS, base.Special.EOS) {
		t.Errorf("eos_token_id is %v after an export: %v", again.Special.EOS, err)
	}
	scorer := folder(t, base.Derive(base.Weights.WithScalarHead(1), Meta{Kind: RewardKind, RewardStd: 1}), F32)
	if _, ok := scorer[generationFile]; ok {
		t.Error("a model that writes no text says how it samples")
	}
	files["tokenizer_config.json"] = &fstest.MapFile{Data: []byte(`{`)}
	if _, err := LoadCheckpoint(files); err == nil || !strings.Contains(err.Error(), "tokenizer_config.json is not valid") {
		t.Errorf("a broken companion: %v", err)
	}
}

// A scalar head without a bias is Hugging Face's; one with a bias keeps it.
func TestScalarBiasInFiles(t *testing.T) {
	c := familyCheckpoint(t, llamaLike(tiny(Scalar)))
	for _, bias := range []float32{0, 1.5} {
		c.Weights.scoreBias[0] = bias
		got, err := LoadCheckpoint(folder(t, c, F32))
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(got.Weights.Data, c.Weights.Data) {
			t.Errorf("bias %g: the weights differ", bias)
		}
		if has := slices.ContainsFunc(fileTensors(c.Weights), func(t Tensor) bool { return t.Name == scoreBiasName }); has != (bias != 0) {
			t.Errorf("bias %g: in the file: %v", bias, has)
		}
	}
}

// editJSON changes a file of a folder.
func editJSON(t testing.TB, files fstest.MapFS, name string, change func(map[string]any)) {
	t.Helper()
	d := map[string]any{}
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
	config := func(key string, value any) func(fstest.MapFS) {
		return func(files fstest.MapFS) { editJSON(t, files, configFile, func(d doc) { d[key] = value }) }
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
		{"model_type", config("model_type", "mamba")},
		{"quantization_config", config("quantization_config", map[string]any{"bits": 4})},
		{"architecture", config("architectures", []string{"OtherModel"})},
		{"activation_function", config("activation_function", "relu")},
		{"scale_attn_weights", config("scale_attn_weights", false)},
		{"inverse_layer", config("scale_attn_by_inverse_layer_idx", true)},
		{"cross_attention", config("add_cross_attention", true)},
		{`"lm_head.weight" is missing`, config("tie_word_embeddings", false)},
		{"2 labels", func(f fstest.MapFS) {
			config("architectures", []string{gpt2Architectures.scalar})(f)
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
		{"format 2", func(f fstest.MapFS) { editJSON(t, f, metaFile, func(d doc) { d["format"] = 2 }) }},
		{"unknown kind", func(f fstest.MapFS) { editJSON(t, f, metaFile, func(d doc) { d["kind"] = "judge" }) }},
		{"a reward checkpoint with", func(f fstest.MapFS) { editJSON(t, f, metaFile, func(d doc) { d["kind"] = "reward" }) }},
	} {
		files := folder(t, testCheckpoint(t, LanguageModel), F32)
		c.change(files)
		if _, err := LoadCheckpoint(files); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("want an error with %q, got %v", c.want, err)
		}
	}
}

// Llama's config.json, as other programs write it.
func TestLlamaConfig(t *testing.T) {
	plain := `{"architectures": ["LlamaForCausalLM"], "model_type": "llama", "vocab_size": 100, "hidden_size": 32,
		"intermediate_size": 64, "num_hidden_layers": 2, "num_attention_heads": 4, "hidden_act": "silu"}`
	want := Config{Vocab: 100, Context: 2048, Layers: 2, Heads: 4, Dim: 32, Hidden: 64, LayerNormEps: 1e-6, Head: LanguageModel,
		SeparateHead: true, Norm: RMSNorm, MLP: SwiGLU, Bias: NoBiases, Rope: Rope{Theta: 10000}}
	with := func(change func(*Config)) Config { c := want; change(&c); return c }
	for _, c := range []struct {
		key   string
		value any
		want  Config
	}{
		{"model_type", "llama", want},
		{"model_type", "qwen2", with(func(c *Config) { c.Bias = QKVBiases })},
		{"num_key_value_heads", 2, with(func(c *Config) { c.KVHeads = 2 })},
		{"num_key_value_heads", 4, want},
		{"head_dim", 16, with(func(c *Config) { c.HeadDim = 16 })},
		{"head_dim", 8, want},
		{"tie_word_embeddings", true, with(func(c *Config) { c.SeparateHead = false })},
		{"attention_bias", true, with(func(c *Config) { c.Bias = AttentionBiases })},
		{"mlp_bias", true, with(func(c *Config) { c.Bias = MLPBiases })},
		{"rope_theta", 5e5, with(func(c *Config) { c.Rope.Theta = 5e5 })},
		{"rope_scaling", nil, want},
		{"rope_scaling", map[string]any{"rope_type": "default"}, want},
		{"rope_scaling", map[string]any{"type": "linear", "factor": 2.5}, with(func(c *Config) {
			c.Rope.Scaling = RopeScaling{Kind: LinearScaling, Factor: 2.5}
		})},
		{"rope_scaling", map[string]any{"rope_type": "llama3", "factor": 8, "low_freq_factor": 1, "high_freq_factor": 4,
			"original_max_position_embeddings": 512}, with(func(c *Config) {
			c.Rope.Scaling = RopeScaling{Llama3Scaling, 8, 1, 4, 512}
		})},
		{"rope_parameters", map[string]any{"rope_type": "default", "rope_theta": 1e6}, with(func(c *Config) { c.Rope.Theta = 1e6 })},
		{"layer_types", []string{"full_attention", "full_attention"}, want},
	} {
		files := fstest.MapFS{configFile: {Data: []byte(plain)}}
		editJSON(t, files, configFile, func(d map[string]any) {
			d[c.key] = c.value
			if c.value == "qwen2" {
				d["architectures"] = []string{"Qwen2ForCausalLM"}
			}
		})
		if got, _, err := readConfig(files); err != nil || got != c.want {
			t.Errorf("%s %v: %v\n got %+v\nwant %+v", c.key, c.value, err, got, c.want)
		}
	}
	for _, c := range []struct {
		want, key string
		value     any
	}{
		{"hidden_act", "hidden_act", "gelu"},
		{"rope_interleaved", "rope_interleaved", true},
		{"partial_rotary_factor", "partial_rotary_factor", 0.5},
		{"use_sliding_window", "use_sliding_window", true},
		{"layer_types", "layer_types", []string{"sliding_attention"}},
		{`"yarn" is not supported`, "rope_scaling", map[string]any{"rope_type": "yarn", "factor": 2}},
		{"scaling factor", "rope_scaling", map[string]any{"rope_type": "linear"}},
		{"rope_theta is 0", "rope_theta", 0},
		{"num_key_value_heads", "num_key_value_heads", 0},
		{"not divisible", "num_key_value_heads", 3},
		{"head_dim", "head_dim", -1},
		{"is odd", "head_dim", 3},
		{`architecture "MistralForCausalLM"`, "architectures", []string{"MistralForCausalLM"}},
		{"vocabulary", "vocab_size", 0},
		{"intermediate_size", "intermediate_size", "many"},
	} {
		files := fstest.MapFS{configFile: {Data: []byte(plain)}}
		editJSON(t, files, configFile, func(d map[string]any) { d[c.key] = c.value })
		if _, _, err := readConfig(files); err == nil || !strings.Contains(err.Error(), c.want) {
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
