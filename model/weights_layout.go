package model

import "fmt"

// layout cuts a slab into tensors, in the order of the names below.
type layout struct {
	free    []float32
	tensors []Tensor
}

// take names the next part of the slab.
func (l *layout) take(name string, shape ...int) []float32 {
	size := 1
	for _, d := range shape {
		size *= d
	}
	data := l.free[:size:size]
	l.free = l.free[size:]
	l.tensors = append(l.tensors, Tensor{Name: name, Shape: shape, Data: data})
	return data
}

// gpt2 has the names and the order of Hugging Face's GPT-2, whose matrices (its
// Conv1D) are [in,out].
func (l *layout) gpt2(w *Weights) {
	c := w.Config
	matrix := func(name string, in, out int) linearWeights {
		m := l.take(name+".weight", in, out)
		return linearWeights{matrix: m, bias: l.take(name+".bias", out), in: in, out: out}
	}
	w.tokens = l.take("transformer.wte.weight", c.Vocab, c.Dim)
	w.positions = l.take("transformer.wpe.weight", c.Context, c.Dim)
	for i := range w.layers {
		layer, at := &w.layers[i], fmt.Sprintf("transformer.h.%d.", i)
		layer.norm1 = l.norm(at+"ln_1", c)
		layer.qkv = matrix(at+"attn.c_attn", c.Dim, c.qkvDim())
		layer.attnOut = matrix(at+"attn.c_proj", c.Dim, c.Dim)
		layer.norm2 = l.norm(at+"ln_2", c)
		layer.mlpIn = matrix(at+"mlp.c_fc", c.Dim, c.Hidden)
		layer.mlpOut = matrix(at+"mlp.c_proj", c.Hidden, c.Dim)
	}
	w.final = l.norm("transformer.ln_f", c)
}

// llama has the names of Hugging Face's Llama and Qwen2, whose matrices are
// [out,in]. Queries, keys and values lie together and so are one matrix.
func (l *layout) llama(w *Weights) {
	c := w.Config
	w.tokens = l.take("model.embed_tokens.weight", c.Vocab, c.Dim)
	if c.Rope.Theta == 0 {
		w.positions = l.take("model.embed_positions.weight", c.Context, c.Dim)
	}
	for i := range w.layers {
		layer, at := &w.layers[i], fmt.Sprintf("model.layers.%d.", i)
		kv := c.kvHeads() * c.headDim()
		layer.norm1 = l.norm(at+"input_layernorm", c)
		layer.qkv = l.linears(c.Bias.onQKV(), c.Dim, part{at + "self_attn.q_proj", c.attentionDim()},
			part{at + "self_attn.k_proj", kv}, part{at + "self_attn.v_proj", kv})
		layer.attnOut = l.linears(c.Bias.onAttentionOut(), c.attentionDim(), part{at + "self_attn.o_proj", c.Dim})
		layer.norm2 = l.norm(at+"post_attention_layernorm", c)
		if c.MLP == SwiGLU {
			layer.mlpIn = l.linears(c.Bias.onMLP(), c.Dim, part{at + "mlp.gate_proj", c.Hidden})
			layer.mlpUp = l.linears(c.Bias.onMLP(), c.Dim, part{at + "mlp.up_proj", c.Hidden})
		} else {
			layer.mlpIn = l.linears(c.Bias.onMLP(), c.Dim, part{at + "mlp.up_proj", c.Hidden})
		}
		layer.mlpOut = l.linears(c.Bias.onMLP(), c.Hidden, part{at + "mlp.down_proj", c.Dim})
	}
	w.final = l.norm("model.norm", c)
}

// Names of the heads, which are the same in all families.
const (
	languageName  = "lm_head.weight"
	scoreName     = "score.weight"
	scoreBiasName = "score.bias"
)

func (l *layout) heads(w *Weights) {
	c := w.Config
	switch {
	case c.Head == Scalar:
		w.score = l.take(scoreName, 1, c.Dim)
		if c.scalarBias() {
			w.scoreBias = l.take(scoreBiasName, 1)
		}
	case c.SeparateHead:
		w.language = l.take(languageName, c.Vocab, c.Dim)
	default:
		w.language = w.tokens
	}
}

func (l *layout) norm(name string, c Config) normWeights {
	n := normWeights{gain: l.take(name+".weight", c.Dim)}
	if c.Norm == LayerNorm {
		n.bias = l.take(name+".bias", c.Dim)
	}
	return n
}

// part is one of the matrices that make a product together.
type part struct {
	name string
	out  int
}

// linears lays [out,in] matrices one below the other, and their biases likewise.
func (l *layout) linears(biased bool, in int, parts ...part) linearWeights {
	w := linearWeights{in: in, outFirst: true}
	from := l.free
	for _, p := range parts {
		l.take(p.name+".weight", p.out, in)
		w.out += p.out
	}
	w.matrix = from[: w.out*in : w.out*in]
	if biased {
		from = l.free
		for _, p := range parts {
			l.take(p.name+".bias", p.out)
		}
		w.bias = from[:w.out:w.out]
	}
	return w
}
