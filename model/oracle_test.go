package model

import (
	"fmt"
	"math"
	"slices"
)

// The oracle is the decoder again: float64, one token after the other, from the
// names of the tensors, written to be read. Everything fast is held against it.
type oracle struct {
	config Config
	param  map[string][]float64
	scale  float64 // of adapters
}

func newOracle(w *Weights) *oracle {
	o := &oracle{config: w.Config, param: make(map[string][]float64)}
	tensors := w.Tensors()
	if w.adapter != nil {
		o.scale = w.adapter.LoRA.Scale()
		tensors = append(slices.Clone(w.below.Tensors()), tensors...) // its head takes the other's place
	}
	for _, t := range tensors {
		o.param[t.Name] = widen(t.Data)
	}
	return o
}

func widen(x []float32) []float64 {
	y := make([]float64, len(x))
	for i := range x {
		y[i] = float64(x[i])
	}
	return y
}

// hidden returns the final normalised state of every token of one sequence.
func (o *oracle) hidden(tokens []int32) [][]float64 {
	x := make([][]float64, len(tokens))
	for t, token := range tokens {
		x[t] = o.embedding(int(token), t)
	}
	for l := range o.config.Layers {
		o.layer(x, l)
	}
	for t := range x {
		x[t] = o.norm(x[t], o.name("transformer.ln_f", "model.norm"))
	}
	return x
}

// name is what GPT-2's or Llama's files call something.
func (o *oracle) name(gpt2, llama string) string {
	if o.config.isGPT2() {
		return gpt2
	}
	return llama
}

func (o *oracle) embedding(token, position int) []float64 {
	c := o.config
	x := append([]float64(nil), o.param[o.name("transformer.wte.weight", "model.embed_tokens.weight")][token*c.Dim:(token+1)*c.Dim]...)
	if learned, ok := o.param[o.name("transformer.wpe.weight", "model.embed_positions.weight")]; ok {
		addTo(x, learned[position*c.Dim:(position+1)*c.Dim])
	}
	return x
}

func (o *oracle) layer(x [][]float64, l int) {
	c := o.config
	d, kv := c.headDim(), c.kvHeads()*c.headDim()
	at := o.name(fmt.Sprintf("transformer.h.%d.", l), fmt.Sprintf("model.layers.%d.", l))
	var q, k, v [][]float64
	for t := range x {
		n := o.norm(x[t], at+o.name("ln_1", "input_layernorm"))
		if c.isGPT2() {
			qkv := o.linear(n, at+"attn.c_attn", 3*c.Dim)
			q, k, v = append(q, qkv[:c.Dim]), append(k, qkv[c.Dim:2*c.Dim]), append(v, qkv[2*c.Dim:])
			continue
		}
		q = append(q, o.turn(o.linear(n, at+"self_attn.q_proj", c.Heads*d), t))
		k = append(k, o.turn(o.linear(n, at+"self_attn.k_proj", kv), t))
		v = append(v, o.linear(n, at+"self_attn.v_proj", kv))
	}
	mixed := oracleAttention(q, k, v, c.Heads, c.kvHeads())
	for t := range x {
		addTo(x[t], o.linear(mixed[t], at+o.name("attn.c_proj", "self_attn.o_proj"), c.Dim))
		n := o.norm(x[t], at+o.name("ln_2", "post_attention_layernorm"))
		addTo(x[t], o.linear(o.wide(n, at), at+o.name("mlp.c_proj", "mlp.down_proj"), c.Dim))
	}
}

// wide is the inside of an MLP.
func (o *oracle) wide(x []float64, at string) []float64 {
	up := o.linear(x, at+o.name("mlp.c_fc", "mlp.up_proj"), o.config.Hidden)
	if o.config.MLP == GELU {
		for i, u := range up {
			up[i] = oracleGelu(u)
		}
		return up
	}
	for i, g := range o.linear(x, at+"mlp.gate_proj", o.config.Hidden) {
		up[i] *= g / (1 + math.Exp(-g))
	}
	return up
}

// turn rotates the heads of one token: elements i and i+D/2 are the coordinates
// of plane i.
func (o *oracle) turn(x []float64, position int) []float64 {
	if o.config.Rope.Theta == 0 {
		return x
	}
	d, y := o.config.headDim(), make([]float64, len(x))
	for h := 0; h < len(x); h += d {
		for i := range d / 2 {
			sin, cos := math.Sincos(float64(position) * oracleFrequency(o.config.Rope, i, d))
			a, b := x[h+i], x[h+i+d/2]
			y[h+i], y[h+i+d/2] = a*cos-b*sin, b*cos+a*sin
		}
	}
	return y
}

// oracleFrequency is θ^(−2i/D), stretched.
func oracleFrequency(r Rope, i, d int) float64 {
	f := math.Pow(r.Theta, -2*float64(i)/float64(d))
	s := r.Scaling
	switch s.Kind {
	case LinearScaling:
		return f / s.Factor
	case Llama3Scaling:
		turns := float64(s.OriginalContext) * f / (2 * math.Pi) // within the first context
		share := min(1, max(0, (turns-s.LowFreqFactor)/(s.HighFreqFactor-s.LowFreqFactor)))
		return f*share + f/s.Factor*(1-share)
	}
	return f
}

// logProbs returns the log-probability of every token of the vocabulary after
// every token of a sequence.
func (o *oracle) logProbs(tokens []int32) [][]float64 {
	c := o.config
	head := o.param[o.name("transformer.wte.weight", "model.embed_tokens.weight")]
	if c.SeparateHead {
		head = o.param["lm_head.weight"]
	}
	out := make([][]float64, len(tokens))
	for t, h := range o.hidden(tokens) {
		out[t] = make([]float64, c.Vocab)
		sum := 0.0
		for v := range c.Vocab {
			for j := range c.Dim {
				out[t][v] += h[j] * head[v*c.Dim+j]
			}
			sum += math.Exp(out[t][v])
		}
		for v := range out[t] {
			out[t][v] -= math.Log(sum)
		}
	}
	return out
}

func (o *oracle) scalars(tokens []int32) []float64 {
	out := make([]float64, len(tokens))
	for t, h := range o.hidden(tokens) {
		for j, x := range h {
			out[t] += x * o.param["score.weight"][j]
		}
		if bias, ok := o.param["score.bias"]; ok {
			out[t] += bias[0]
		}
	}
	return out
}

func (o *oracle) norm(x []float64, name string) []float64 {
	mean, variance, n := 0.0, 0.0, float64(len(x))
	if o.config.Norm == LayerNorm {
		for _, v := range x {
			mean += v / n
		}
	}
	for _, v := range x {
		variance += (v - mean) * (v - mean) / n
	}
	gain, bias := o.param[name+".weight"], o.param[name+".bias"]
	y := make([]float64, len(x))
	for j, v := range x {
		y[j] = (v - mean) / math.Sqrt(variance+float64(o.config.LayerNormEps)) * gain[j]
		if bias != nil {
			y[j] += bias[j]
		}
	}
	return y
}

// linear is GPT-2's [in,out] or Llama's [out,in] matrix, with the bias if there
// is one.
func (o *oracle) linear(x []float64, name string, out int) []float64 {
	y, weight := make([]float64, out), o.param[name+".weight"]
	copy(y, o.param[name+".bias"])
	for i, v := range x {
		for j := range out {
			if o.config.isGPT2() {
				y[j] += v * weight[i*out+j]
			} else {
				y[j] += v * weight[j*len(x)+i]
			}
		}
	}
	if a, ok := o.param[name+".lora_A.weight"]; ok {
		o.adapt(y, x, a, o.param[name+".lora_B.weight"])
	}
	return y
}

// adapt adds scale·B·(A·x).
func (o *oracle) adapt(y, x, a, b []float64) {
	rank := len(a) / len(x)
	for r := range rank {
		sum := 0.0
		for i, v := range x {
			sum += a[r*len(x)+i] * v
		}
		for j := range y {
			y[j] += o.scale * b[j*rank+r] * sum
		}
	}
}

// oracleAttention takes rows of queries, keys and values to mixed values.
func oracleAttention(q, k, v [][]float64, heads, kvHeads int) [][]float64 {
	d := len(q[0]) / heads
	out := make([][]float64, len(q))
	for t := range q {
		out[t] = make([]float64, heads*d)
		for h := range heads {
			shared := h * kvHeads / heads
			weight, sum := make([]float64, t+1), 0.0
			for u := range weight {
				for j := range d {
					weight[u] += q[t][h*d+j] * k[u][shared*d+j]
				}
				weight[u] = math.Exp(weight[u] / math.Sqrt(float64(d)))
				sum += weight[u]
			}
			for u, w := range weight {
				for j := range d {
					out[t][h*d+j] += w / sum * v[u][shared*d+j]
				}
			}
		}
	}
	return out
}

func oracleGelu(x float64) float64 {
	return x / 2 * (1 + math.Tanh(math.Sqrt(2/math.Pi)*(x+0.044715*x*x*x)))
}

func addTo(x, y []float64) {
	for i := range x {
		x[i] += y[i]
	}
}
