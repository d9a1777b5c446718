package gguf

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
)

// Folder is a GGUF as the Hugging Face model folder that it was made from: its
// config.json, and its tensors under the names, in the shapes and in the order
// of rows that such a folder has.
type Folder struct {
	Config []byte // config.json

	file    *File
	tensors map[string]origin // by Hugging Face's name
	names   []string
}

// family is what is particular to the models of one general.architecture.
type family struct {
	architecture, modelType string
	config                  func(*configReader) map[string]any
	names                   names
}

var families = map[string]family{
	"llama": {"LlamaForCausalLM", "llama", llamaConfig, llamaNames},
	"qwen2": {"Qwen2ForCausalLM", "qwen2", qwen2Config, qwen2Names},
	"gpt2":  {"GPT2LMHeadModel", "gpt2", gpt2Config, gpt2Names},
}

// HuggingFace reads what a file says of its network. What the network would
// compute in a way that config.json cannot say is refused by name.
func (f *File) HuggingFace() (*Folder, error) {
	if parts, _ := f.Uint("split.count"); parts > 1 {
		return nil, fmt.Errorf("the model is split over %d files; merge them first (llama-gguf-split --merge)", parts)
	}
	name, _ := f.String("general.architecture")
	family, ok := families[name]
	if !ok {
		return nil, fmt.Errorf("general.architecture %q is not supported, only llama, qwen2 and gpt2", name)
	}
	r := &configReader{file: f, prefix: name + "."}
	config := family.config(r)
	config["architectures"] = []string{family.architecture}
	config["model_type"] = family.modelType
	config["vocab_size"] = r.rows("token_embd.weight")
	tied, err := f.tied()
	if err != nil {
		return nil, err
	}
	config["tie_word_embeddings"] = tied
	for key, id := range map[string]string{"bos_token_id": "bos", "eos_token_id": "eos", "pad_token_id": "padding"} {
		if n, ok := f.Int("tokenizer.ggml." + id + "_token_id"); ok {
			config[key] = n
		}
	}
	if r.err != nil {
		return nil, r.err
	}
	folder := &Folder{file: f, tensors: make(map[string]origin)}
	if folder.Config, err = json.MarshalIndent(config, "", "  "); err != nil {
		return nil, err
	}
	return folder, folder.rename(family.names, tied, heads{r.heads, r.kvHeads})
}

// configReader reads a model's numbers. The first error stays.
type configReader struct {
	file           *File
	prefix         string
	heads, kvHeads int
	err            error
}

func (r *configReader) fail(format string, args ...any) {
	if r.err == nil {
		r.err = fmt.Errorf(format, args...)
	}
}

// size reads a number that must be there.
func (r *configReader) size(key string) int {
	n, ok := r.file.Int(r.prefix + key)
	if !ok || n < 1 {
		r.fail("the key %q is missing or is no size", r.prefix+key)
	}
	return n
}

// sizeOr reads a number that may be left out.
func (r *configReader) sizeOr(key string, absent int) int {
	if !r.file.Has(r.prefix + key) {
		return absent
	}
	return r.size(key)
}

// epsilon reads a small number that was stored in 32 bits, as its shortest text.
func (r *configReader) epsilon(key string) float32 {
	x, ok := r.file.Float(r.prefix + key)
	if !ok || !(x > 0 && x < 1) {
		r.fail("the key %q is missing or outside of (0, 1)", r.prefix+key)
		return 0
	}
	return float32(x)
}

func (r *configReader) rows(tensor string) int {
	shape, ok := r.file.Shape(tensor)
	if !ok || len(shape) != 2 {
		r.fail("tensor %q is missing or no matrix", tensor)
		return 0
	}
	return shape[0]
}

// refuse stops at keys that ask for more than config.json can say here.
func (r *configReader) refuse(keys ...string) {
	for _, key := range keys {
		n, isNumber := r.file.Uint(r.prefix + key)
		if r.file.Has(r.prefix+key) && !(isNumber && n == 0) {
			r.fail("%s%s is not supported", r.prefix, key)
		}
	}
}

// decoder reads what Llama and Qwen2 have in common.
func (r *configReader) decoder() map[string]any {
	dim := r.size("embedding_length")
	r.heads = r.size("attention.head_count")
	r.kvHeads = r.sizeOr("attention.head_count_kv", r.heads)
	headDim := dim / max(1, r.heads)
	headDim = r.sizeOr("attention.key_length", headDim)
	switch {
	case r.err != nil:
	case r.sizeOr("attention.value_length", headDim) != headDim:
		r.fail("%sattention.value_length differs from key_length, which is not supported", r.prefix)
	case r.sizeOr("rope.dimension_count", headDim) != headDim:
		r.fail("%srope.dimension_count is not that of a head, %d, which is not supported", r.prefix, headDim)
	}
	r.refuse("expert_count", "attention.sliding_window", "rope.scale_linear")
	config := map[string]any{
		"hidden_size": dim, "intermediate_size": r.size("feed_forward_length"), "num_hidden_layers": r.size("block_count"),
		"num_attention_heads": r.heads, "num_key_value_heads": r.kvHeads, "head_dim": headDim,
		"max_position_embeddings": r.size("context_length"), "rms_norm_eps": r.epsilon("attention.layer_norm_rms_epsilon"),
		"hidden_act": "silu", "rope_theta": r.theta(),
	}
	if factor := r.linearScaling(); factor > 0 {
		config["rope_scaling"] = map[string]any{"rope_type": "linear", "factor": factor}
	}
	return config
}

func (r *configReader) theta() float64 {
	const key = "rope.freq_base"
	if !r.file.Has(r.prefix + key) {
		return 10000
	}
	x, ok := r.file.Float(r.prefix + key)
	if !ok || math.IsInf(x, 0) || math.IsNaN(x) {
		r.fail("%s%s is no number", r.prefix, key)
		return 0
	}
	return x
}

// linearScaling returns by how much positions are stretched, 0 for not at all.
func (r *configReader) linearScaling() float64 {
	if _, there := r.file.Shape("rope_freqs.weight"); there {
		r.fail(`tensor "rope_freqs.weight": frequencies of their own are not supported; import the model's safetensors`)
	}
	kind, _ := r.file.String(r.prefix + "rope.scaling.type")
	switch kind {
	case "", "none":
		return 0
	case "linear":
		factor, ok := r.file.Float(r.prefix + "rope.scaling.factor")
		if !ok || !(factor > 0) || math.IsInf(factor, 0) {
			r.fail("%srope.scaling.factor is missing or no factor", r.prefix)
			return 0
		}
		return factor
	}
	r.fail("%srope.scaling.type %q is not supported, only linear", r.prefix, kind)
	return 0
}

func llamaConfig(r *configReader) map[string]any {
	config := r.decoder()
	_, config["attention_bias"] = r.file.Shape("blk.0.attn_q.bias")
	_, config["mlp_bias"] = r.file.Shape("blk.0.ffn_up.bias")
	return config
}

func qwen2Config(r *configReader) map[string]any {
	config := r.decoder()
	config["use_sliding_window"] = false
	return config
}

func gpt2Config(r *configReader) map[string]any {
	return map[string]any{
		"n_embd": r.size("embedding_length"), "n_inner": r.size("feed_forward_length"), "n_layer": r.size("block_count"),
		"n_head": r.size("attention.head_count"), "n_positions": r.size("context_length"),
		"layer_norm_epsilon": r.epsilon("attention.layer_norm_epsilon"), "activation_function": "gelu_new",
	}
}

// tied says whether the language head is the token embeddings: it is left out,
// or repeats them byte for byte.
func (f *File) tied() (bool, error) {
	head, there := f.tensors["output.weight"]
	if !there {
		return true, nil
	}
	embeddings, ok := f.tensors["token_embd.weight"]
	if !ok || head.kind != embeddings.kind || head.bytes() != embeddings.bytes() {
		return false, nil
	}
	a := io.NewSectionReader(f.source, f.data+head.offset, head.bytes())
	b := io.NewSectionReader(f.source, f.data+embeddings.offset, embeddings.bytes())
	return sameContent(a, b)
}

func sameContent(a, b io.Reader) (bool, error) {
	x, y := make([]byte, 1<<16), make([]byte, 1<<16)
	for {
		n, errA := io.ReadFull(a, x)
		m, errB := io.ReadFull(b, y)
		if !bytes.Equal(x[:n], y[:m]) {
			return false, nil
		}
		switch {
		case errA == nil && errB == nil:
		case errors.Is(errA, io.EOF) || errors.Is(errA, io.ErrUnexpectedEOF):
			return true, nil
		default:
			return false, errors.Join(errA, errB)
		}
	}
}
