package model

import "math"

// The oracle is the decoder again: float64, one token after the other, written
// to be read. Everything fast is held against it.
type oracle struct {
	config Config
	param  map[string][]float64
}

func newOracle(w *Weights) *oracle {
	o := &oracle{config: w.Config, param: make(map[string][]float64)}
	for _, t := range w.Tensors() {
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
	c := o.config
	wte, wpe := o.param["transformer.wte.weight"], o.param["transformer.wpe.weight"]
	x := make([][]float64, len(tokens))
	for t, token := range tokens {
		x[t] = make([]float64, c.Dim)
		for j := range c.Dim {
			x[t][j] = wte[int(token)*c.Dim+j] + wpe[t*c.Dim+j]
		}
	}
	for l := range c.Layers {
		at := "transformer.h." + string(rune('0'+l)) + "."
		var qkv [][]float64
		for t := range x {
			qkv = append(qkv, o.linear(o.norm(x[t], at+"ln_1"), at+"attn.c_attn", 3*c.Dim))
		}
		mixed := oracleAttention(qkv, c.Dim, c.Heads)
		for t := range x {
			addTo(x[t], o.linear(mixed[t], at+"attn.c_proj", c.Dim))
			wide := o.linear(o.norm(x[t], at+"ln_2"), at+"mlp.c_fc", c.Hidden)
			for i, v := range wide {
				wide[i] = oracleGelu(v)
			}
			addTo(x[t], o.linear(wide, at+"mlp.c_proj", c.Dim))
		}
	}
	for t := range x {
		x[t] = o.norm(x[t], "transformer.ln_f")
	}
	return x
}

// logProbs returns the log-probability of every token of the vocabulary after
// every token of a sequence.
func (o *oracle) logProbs(tokens []int32) [][]float64 {
	c := o.config
	wte := o.param["transformer.wte.weight"]
	out := make([][]float64, len(tokens))
	for t, h := range o.hidden(tokens) {
		out[t] = make([]float64, c.Vocab)
		sum := 0.0
		for v := range c.Vocab {
			for j := range c.Dim {
				out[t][v] += h[j] * wte[v*c.Dim+j]
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
	}
	return out
}

func (o *oracle) norm(x []float64, name string) []float64 {
	mean, variance, n := 0.0, 0.0, float64(len(x))
	for _, v := range x {
		mean += v / n
	}
	for _, v := range x {
		variance += (v - mean) * (v - mean) / n
	}
	gain, bias := o.param[name+".weight"], o.param[name+".bias"]
	y := make([]float64, len(x))
	for j, v := range x {
		y[j] = (v-mean)/math.Sqrt(variance+float64(o.config.LayerNormEps))*gain[j] + bias[j]
	}
	return y
}

func (o *oracle) linear(x []float64, name string, out int) []float64 {
	y, weight := append([]float64(nil), o.param[name+".bias"]...), o.param[name+".weight"]
	for i, v := range x {
		for j := range out {
			y[j] += v * weight[i*out+j]
		}
	}
	return y
}

// oracleAttention takes rows of queries, keys and values to mixed values.
func oracleAttention(qkv [][]float64, dim, heads int) [][]float64 {
	d := dim / heads
	out := make([][]float64, len(qkv))
	for t := range qkv {
		out[t] = make([]float64, dim)
		for h := range heads {
			weight, sum := make([]float64, t+1), 0.0
			for u := range weight {
				for j := range d {
					weight[u] += qkv[t][h*d+j] * qkv[u][dim+h*d+j]
				}
				weight[u] = math.Exp(weight[u] / math.Sqrt(float64(d)))
				sum += weight[u]
			}
			for u, w := range weight {
				for j := range d {
					out[t][h*d+j] += w / sum * qkv[u][2*dim+h*d+j]
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
