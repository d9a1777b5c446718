package gguf

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// small is a Llama of one layer, 2 heads of 4 channels with 1 head of keys, over
// 5 tokens. Every tensor counts up from 0.
func small(edit func(w *writer)) *writer {
	w := newWriter()
	w.key("general.architecture", stringValue, text("llama"))
	for key, n := range map[string]uint32{
		"block_count": 1, "context_length": 32, "embedding_length": 8, "feed_forward_length": 12,
		"attention.head_count": 2, "attention.head_count_kv": 1, "rope.dimension_count": 4,
	} {
		w.key("llama."+key, uint32Value, word32(n))
	}
	w.key("llama.attention.layer_norm_rms_epsilon", float32Value, floats(1e-5))
	w.key("llama.rope.freq_base", float32Value, floats(1e5))
	w.key("tokenizer.ggml.eos_token_id", uint32Value, word32(2))
	edit(w)
	for _, t := range []struct {
		name    string
		in, out uint64
	}{
		{"token_embd.weight", 8, 5}, {"output_norm.weight", 8, 0}, {"blk.0.attn_norm.weight", 8, 0}, {"blk.0.ffn_norm.weight", 8, 0},
		{"blk.0.attn_q.weight", 8, 8}, {"blk.0.attn_k.weight", 8, 4}, {"blk.0.attn_v.weight", 8, 4}, {"blk.0.attn_output.weight", 8, 8},
		{"blk.0.ffn_gate.weight", 8, 12}, {"blk.0.ffn_up.weight", 8, 12}, {"blk.0.ffn_down.weight", 12, 8},
	} {
		if t.out == 0 {
			w.tensor(t.name, F32, counting(t.in), t.in)
		} else {
			w.tensor(t.name, F32, counting(t.in*t.out), t.in, t.out)
		}
	}
	return w
}

func counting(n uint64) (raw []byte) {
	for i := range n {
		raw = append(raw, floats(float32(i))...)
	}
	return raw
}

func huggingFace(w *writer) (*Folder, error) {
	f, err := open(w.file())
	if err != nil {
		return nil, err
	}
	return f.HuggingFace()
}

func TestHuggingFace(t *testing.T) {
	folder, err := huggingFace(small(func(*writer) {}))
	if err != nil {
		t.Fatal(err)
	}
	var got, want map[string]any
	if err := json.Unmarshal(folder.Config, &got); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal([]byte(`{"architectures":["LlamaForCausalLM"],"model_type":"llama","vocab_size":5,"hidden_size":8,
		"intermediate_size":12,"num_hidden_layers":1,"num_attention_heads":2,"num_key_value_heads":1,"head_dim":4,
		"max_position_embeddings":32,"rms_norm_eps":1e-05,"hidden_act":"silu","rope_theta":100000,"attention_bias":false,
		"mlp_bias":false,"tie_word_embeddings":true,"eos_token_id":2}`), &want); err != nil {
		t.Fatal(err)
	}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("config\n%v, want\n%v", got, want)
	}
	names := slices.Sorted(slices.Values(folder.Names()))
	if want := []string{
		"model.embed_tokens.weight", "model.layers.0.input_layernorm.weight", "model.layers.0.mlp.down_proj.weight",
		"model.layers.0.mlp.gate_proj.weight", "model.layers.0.mlp.up_proj.weight", "model.layers.0.post_attention_layernorm.weight",
		"model.layers.0.self_attn.k_proj.weight", "model.layers.0.self_attn.o_proj.weight", "model.layers.0.self_attn.q_proj.weight",
		"model.layers.0.self_attn.v_proj.weight", "model.norm.weight",
	}; !slices.Equal(names, want) {
		t.Errorf("tensors %q", names)
	}
	// The two heads of four rows of eight: rows 0, 2, 1, 3 of each.
	q := make([]float32, 64)
	if err := folder.Read("model.layers.0.self_attn.q_proj.weight", q); err != nil {
		t.Fatal(err)
	}
	for i, row := range []float32{0, 2, 1, 3, 4, 6, 5, 7} {
		if q[8*i] != 8*row || q[8*i+7] != 8*row+7 {
			t.Errorf("row %d is %v, want that of %g", i, q[8*i:8*i+8], row)
		}
	}
	v := make([]float32, 32)
	if err := folder.Read("model.layers.0.self_attn.v_proj.weight", v); err != nil || v[8] != 8 {
		t.Errorf("values are in order: %v %v", v, err)
	}
	if shape, ok := folder.Shape("model.layers.0.mlp.down_proj.weight"); !ok || !slices.Equal(shape, []int{8, 12}) {
		t.Errorf("shape %v", shape)
	}
	if _, ok := folder.Shape("blk.0.attn_q.weight"); ok || folder.Read("x", nil) == nil {
		t.Error("a name that is not Hugging Face's")
	}
}

func TestHuggingFaceOptions(t *testing.T) {
	embeddings := counting(40)
	for name, c := range map[string]struct {
		edit func(w *writer)
		want map[string]any
	}{
		"a head of its own":     {func(w *writer) { w.tensor("output.weight", F32, make([]byte, 160), 8, 5) }, map[string]any{"tie_word_embeddings": false}},
		"a head that is a copy": {func(w *writer) { w.tensor("output.weight", F32, embeddings, 8, 5) }, map[string]any{"tie_word_embeddings": true}},
		"biases": {func(w *writer) {
			w.tensor("blk.0.attn_q.bias", F32, counting(8), 8).tensor("blk.0.ffn_up.bias", F32, counting(12), 12)
		}, map[string]any{"attention_bias": true, "mlp_bias": true}},
		"stretched positions": {func(w *writer) {
			w.key("llama.rope.scaling.type", stringValue, text("linear")).key("llama.rope.scaling.factor", float32Value, floats(4))
		}, map[string]any{"rope_scaling": map[string]any{"rope_type": "linear", "factor": 4.0}}},
		"positions as they are": {func(w *writer) { w.key("llama.rope.scaling.type", stringValue, text("none")) }, map[string]any{"rope_theta": 1e5}},
		"no experts":            {func(w *writer) { w.key("llama.expert_count", uint32Value, word32(0)) }, map[string]any{"num_hidden_layers": 1.0}},
	} {
		folder, err := huggingFace(small(c.edit))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		var config map[string]any
		if err := json.Unmarshal(folder.Config, &config); err != nil {
			t.Fatal(err)
		}
		for key, want := range c.want {
			if fmt.Sprint(config[key]) != fmt.Sprint(want) {
				t.Errorf("%s: %s is %v, want %v", name, key, config[key], want)
			}
		}
		if _, listed := folder.Shape("lm_head.weight"); listed == (config["tie_word_embeddings"] == true) {
			t.Errorf("%s: lm_head.weight listed: %v", name, listed)
		}
	}
}

func TestHuggingFaceRefuses(t *testing.T) {
	for want, edit := range map[string]func(w *writer){
		"llama.expert_count is not supported":           func(w *writer) { w.key("llama.expert_count", uint32Value, word32(8)) },
		"llama.attention.sliding_window is not":         func(w *writer) { w.key("llama.attention.sliding_window", uint32Value, word32(4096)) },
		`rope.scaling.type "yarn" is not supported`:     func(w *writer) { w.key("llama.rope.scaling.type", stringValue, text("yarn")) },
		"split over 3 files":                            func(w *writer) { w.key("split.count", uint16Value, []byte{3, 0}) },
		"rope.scaling.factor is missing":                func(w *writer) { w.key("llama.rope.scaling.type", stringValue, text("linear")) },
		`"rope_freqs.weight": frequencies`:              func(w *writer) { w.tensor("rope_freqs.weight", F32, counting(2), 2) },
		`tensor "blk.0.other.weight" is not part`:       func(w *writer) { w.tensor("blk.0.other.weight", F32, counting(2), 2) },
		`tensor "blk.00.attn_q.weight" is not part`:     func(w *writer) { w.tensor("blk.00.attn_q.weight", F32, counting(2), 2) },
		`tensor "blk.0.attn_q.scale" is not part`:       func(w *writer) { w.tensor("blk.0.attn_q.scale", F32, counting(2), 2) },
		`tensor "blk.1.attn_q.weight": shape [6]`:       func(w *writer) { w.tensor("blk.1.attn_q.weight", F32, counting(6), 6) },
		`tensor "blk.1.attn_q.weight": shape []`:        func(w *writer) { w.tensor("blk.1.attn_q.weight", F32, counting(1)) },
		"attention.value_length differs":                func(w *writer) { w.key("llama.attention.value_length", uint32Value, word32(8)) },
		"rope.dimension_count is not that of a head":    func(w *writer) { w.key("llama.attention.key_length", uint32Value, word32(16)) },
		`"llama.attention.key_length" is missing or is`: func(w *writer) { w.key("llama.attention.key_length", stringValue, text("4")) },
	} {
		if _, err := huggingFace(small(edit)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("want an error with %q, got %v", want, err)
		}
	}
	for want, w := range map[string]*writer{
		`general.architecture "" is not`:         newWriter(),
		`general.architecture "mamba" is not`:    newWriter().key("general.architecture", stringValue, text("mamba")),
		`"llama.embedding_length" is missing`:    newWriter().key("general.architecture", stringValue, text("llama")),
		`"gpt2.attention.layer_norm_epsilon" is`: gpt2Keys(newWriter()).key("gpt2.attention.layer_norm_epsilon", float32Value, floats(2)),
		`"token_embd.weight" is missing`:         gpt2Keys(newWriter()).key("gpt2.attention.layer_norm_epsilon", float32Value, floats(1e-5)),
		`"blk.0.ffn_up.weight": shape [4] is no`: gpt2Keys(newWriter()).key("gpt2.attention.layer_norm_epsilon", float32Value, floats(1e-5)).
			tensor("token_embd.weight", F32, counting(8), 2, 4).tensor("blk.0.ffn_up.weight", F32, counting(4), 4),
	} {
		if _, err := huggingFace(w); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("want an error with %q, got %v", want, err)
		}
	}
}

func gpt2Keys(w *writer) *writer {
	w.key("general.architecture", stringValue, text("gpt2"))
	for _, key := range []string{"block_count", "context_length", "embedding_length", "feed_forward_length", "attention.head_count"} {
		w.key("gpt2."+key, uint32Value, word32(2))
	}
	return w
}

// Matrices of GPT-2 are turned back to the [in,out] of Hugging Face's Conv1D.
func TestHuggingFaceGPT2(t *testing.T) {
	w := gpt2Keys(newWriter()).key("gpt2.attention.layer_norm_epsilon", float32Value, floats(1e-5)).
		tensor("token_embd.weight", F32, counting(6), 2, 3).tensor("blk.1.attn_qkv.weight", F32, counting(12), 2, 6).
		tensor("blk.1.attn_qkv.bias", F32, counting(6), 6)
	folder, err := huggingFace(w)
	if err != nil {
		t.Fatal(err)
	}
	const name = "transformer.h.1.attn.c_attn.weight"
	got := make([]float32, 12)
	if err := folder.Read(name, got); err != nil {
		t.Fatal(err)
	}
	if shape, _ := folder.Shape(name); !slices.Equal(shape, []int{2, 6}) || !slices.Equal(got, []float32{0, 2, 4, 6, 8, 10, 1, 3, 5, 7, 9, 11}) {
		t.Errorf("shape %v, %v", shape, got)
	}
	if !slices.Contains(folder.Names(), "transformer.h.1.attn.c_attn.bias") || !strings.Contains(string(folder.Config), `"n_inner": 2`) {
		t.Errorf("%q\n%s", folder.Names(), folder.Config)
	}
}

// permute is what llama.cpp's convert_hf_to_gguf.py does to queries and keys:
// reshape(heads, 2, half, …).swapaxes(1, 2).
func permute(rows [][]float32, heads int) [][]float32 {
	size := len(rows) / heads
	var out [][]float32
	for h := range heads {
		for i := range size / 2 {
			out = append(out, rows[h*size+i], rows[h*size+size/2+i])
		}
	}
	return out
}

func TestDeinterleave(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		heads := rapid.IntRange(1, 4).Draw(t, "heads")
		size := 2 * rapid.IntRange(1, 6).Draw(t, "half")
		width := rapid.IntRange(1, 5).Draw(t, "width")
		rows := make([][]float32, heads*size)
		for i := range rows {
			rows[i] = slices.Repeat([]float32{float32(i)}, width)
		}
		got := slices.Concat(permute(rows, heads)...)
		deinterleave(got, len(rows), size)
		if !slices.Equal(got, slices.Concat(rows...)) {
			t.Fatalf("%v", got)
		}
	})
}

// A file that opens is taken or refused, and never more than that.
func FuzzHuggingFace(f *testing.F) {
	f.Add(small(func(*writer) {}).file())
	f.Add(gpt2Keys(newWriter()).key("gpt2.attention.layer_norm_epsilon", float32Value, floats(1e-5)).
		tensor("token_embd.weight", F32, counting(6), 2, 3).tensor("blk.1.attn_qkv.weight", F32, counting(12), 2, 6).file())
	f.Fuzz(func(t *testing.T, file []byte) {
		g, err := open(file)
		if err != nil {
			return
		}
		folder, err := g.HuggingFace()
		if err != nil {
			return
		}
		if !json.Valid(folder.Config) {
			t.Fatalf("config %s", folder.Config)
		}
		for name := range maps.Keys(folder.tensors) {
			shape, _ := folder.Shape(name)
			n := 1
			for _, d := range shape {
				n *= d
			}
			if err := folder.Read(name, make([]float32, n)); err != nil {
				t.Fatal(err)
			}
		}
	})
}
