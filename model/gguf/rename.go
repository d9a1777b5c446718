package gguf

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// origin is where a tensor of a Hugging Face folder comes from.
type origin struct {
	name      string // in the GGUF
	heads     int    // whose rows are interleaved; 0: the rows are in order
	transpose bool
}

// names maps the tensors of a file, and those of a block below "blk.N.", to
// Hugging Face's.
type names struct {
	top    map[string]string
	layer  string // of a block, with %s for its number
	blocks map[string]string
	// interleaved are the tensors of a block whose rows llama.cpp has in another
	// order: it turns neighbouring channels by RoPE, Hugging Face channel i with
	// channel i + D/2 (convert_hf_to_gguf.py, permute).
	interleaved map[string]func(heads) int
	transposed  []string // matrices of a block that Hugging Face keeps as [in,out]
}

// heads are the numbers of heads of queries, and of keys and values.
type heads struct{ queries, keys int }

func (h heads) ofQueries() int { return h.queries }
func (h heads) ofKeys() int    { return h.keys }

var llamaNames = names{
	top: map[string]string{
		"token_embd.weight": "model.embed_tokens.weight", "output_norm.weight": "model.norm.weight", "output.weight": "lm_head.weight",
	},
	layer: "model.layers.%s.",
	blocks: map[string]string{
		"attn_norm": "input_layernorm", "attn_q": "self_attn.q_proj", "attn_k": "self_attn.k_proj", "attn_v": "self_attn.v_proj",
		"attn_output": "self_attn.o_proj", "ffn_norm": "post_attention_layernorm", "ffn_gate": "mlp.gate_proj",
		"ffn_up": "mlp.up_proj", "ffn_down": "mlp.down_proj",
	},
	interleaved: map[string]func(heads) int{"attn_q": heads.ofQueries, "attn_k": heads.ofKeys},
}

// Qwen2 has Llama's names; its rows stay in order.
var qwen2Names = names{top: llamaNames.top, layer: llamaNames.layer, blocks: llamaNames.blocks}

var gpt2Names = names{
	top: map[string]string{
		"token_embd.weight": "transformer.wte.weight", "position_embd.weight": "transformer.wpe.weight",
		"output_norm.weight": "transformer.ln_f.weight", "output_norm.bias": "transformer.ln_f.bias", "output.weight": "lm_head.weight",
	},
	layer: "transformer.h.%s.",
	blocks: map[string]string{
		"attn_norm": "ln_1", "attn_qkv": "attn.c_attn", "attn_output": "attn.c_proj",
		"ffn_norm": "ln_2", "ffn_up": "mlp.c_fc", "ffn_down": "mlp.c_proj",
	},
	transposed: []string{"attn_qkv", "attn_output", "ffn_up", "ffn_down"},
}

// rename finds the name of every tensor. One that has none would be left out
// silently, so it is an error.
func (f *Folder) rename(n names, tied bool, h heads) error {
	for _, name := range f.file.Names() {
		if tied && name == "output.weight" {
			continue
		}
		found, from := n.find(name, h)
		if found == "" {
			return fmt.Errorf("tensor %q is not part of the network", name)
		}
		shape, _ := f.file.Shape(name)
		switch {
		case from.heads > 0 && (len(shape) == 0 || shape[0]%(2*from.heads) != 0):
			return fmt.Errorf("tensor %q: shape %v has no pairs of rows for %d heads", name, shape, from.heads)
		case from.transpose && len(shape) != 2:
			return fmt.Errorf("tensor %q: shape %v is no matrix", name, shape)
		}
		f.tensors[found] = from
		f.names = append(f.names, found)
	}
	return nil
}

func (n names) find(name string, h heads) (string, origin) {
	from := origin{name: name}
	if found, ok := n.top[name]; ok {
		return found, from
	}
	rest, isBlock := strings.CutPrefix(name, "blk.")
	number, rest, _ := strings.Cut(rest, ".")
	part, kind, _ := strings.Cut(rest, ".")
	found, ok := n.blocks[part]
	if i, err := strconv.Atoi(number); !isBlock || !ok || err != nil || strconv.Itoa(i) != number || kind != "weight" && kind != "bias" {
		return "", from
	}
	if count, ok := n.interleaved[part]; ok {
		from.heads = count(h)
	}
	from.transpose = kind == "weight" && slices.Contains(n.transposed, part)
	return fmt.Sprintf(n.layer, number) + found + "." + kind, from
}

// Names lists the tensors.
func (f *Folder) Names() []string { return f.names }

// Shape returns a tensor's dimensions.
func (f *Folder) Shape(name string) ([]int, bool) {
	from, ok := f.tensors[name]
	if !ok {
		return nil, false
	}
	shape, _ := f.file.Shape(from.name)
	if from.transpose {
		shape = slices.Clone(shape)
		slices.Reverse(shape)
	}
	return shape, true
}

// Read converts a tensor to float32 into dst, which has its number of elements.
func (f *Folder) Read(name string, dst []float32) error {
	from, ok := f.tensors[name]
	if !ok {
		return fmt.Errorf("there is no tensor %q", name)
	}
	if err := f.file.Read(from.name, dst); err != nil {
		return err
	}
	shape, _ := f.file.Shape(from.name)
	switch {
	case from.heads > 0:
		deinterleave(dst, shape[0], shape[0]/from.heads)
	case from.transpose:
		transpose(dst, shape[0], shape[1])
	}
	return nil
}

// deinterleave puts the rows of each head, headRows of them, into Hugging Face's
// order: the even ones, then the odd ones. A row may be one number, of a bias.
func deinterleave(dst []float32, rows, headRows int) {
	width := len(dst) / rows
	head := make([]float32, headRows*width)
	for ; len(dst) > 0; dst = dst[len(head):] {
		copy(head, dst)
		for i := range headRows {
			to := i/2 + i%2*(headRows/2)
			copy(dst[to*width:(to+1)*width], head[i*width:])
		}
	}
}

// transpose turns [rows,columns] into [columns,rows].
func transpose(dst []float32, rows, columns int) {
	from := slices.Clone(dst)
	for i := range rows {
		for j := range columns {
			dst[j*rows+i] = from[i*columns+j]
		}
	}
}
