package model

import (
	"fmt"
	"math"
	"slices"
	"testing"
)

func newAttentionScratch(maxLength, headDim int) *attentionScratch {
	s := new(attentionScratch)
	allocate(func(a *arena) { s.plan(a, attentionBlock, maxLength, headDim) })
	return s
}

// Attention's backward pass across several blocks, against differences of the
// oracle: two heads, so that strides matter, and four that share two.
func TestAttentionGradient(t *testing.T) {
	for _, shape := range []attentionShape{{heads: 2, kvHeads: 2, headDim: 5}, {heads: 4, kvHeads: 2, headDim: 3}} {
		const n = attentionBlock + 9
		width, outWidth := shape.width(), shape.outWidth()
		qkv32, dout := coefficients(n*width, 80), coefficients(n*outWidth, 81)
		out, dqkv := make([]float32, n*outWidth), make([]float32, n*width)
		s := newAttentionScratch(n, shape.headDim)
		for h := range shape.heads {
			attend(out, qkv32, n, shape, h, s)
		}
		for h := range shape.kvHeads {
			attendBackward(dqkv, dout, qkv32, out, n, shape, h, s)
		}
		flat := widen(qkv32)
		q, k, v := make([][]float64, n), make([][]float64, n), make([][]float64, n)
		for i := range n {
			row := flat[i*width : (i+1)*width]
			q[i], k[i], v[i] = row[:outWidth], row[shape.key(0):shape.value(0)], row[shape.value(0):]
		}
		loss := func() float64 {
			sum := 0.0
			for i, row := range oracleAttention(q, k, v, shape.heads, shape.kvHeads) {
				for j, x := range row {
					sum += x * float64(dout[i*outWidth+j])
				}
			}
			return sum
		}
		want := oracleAttention(q, k, v, shape.heads, shape.kvHeads)
		for i := range out {
			near(t, fmt.Sprint("attention ", i), float64(out[i]), want[i/outWidth][i%outWidth], 1e-5)
		}
		for i := 0; i < len(flat); i += 7 { // coprime to most strides: queries, keys, values
			near(t, fmt.Sprint("gradient ", i), float64(dqkv[i]), slope(&flat[i], loss), 1e-4)
		}
	}
}

// Both layouts of the matrix, with a bias and without.
func TestLinearGradient(t *testing.T) {
	const n, in, out = 5, 7, 9
	for _, outFirst := range []bool{false, true} {
		for _, biased := range []bool{false, true} {
			x, dout := coefficients(n*in, 82), coefficients(n*out, 85)
			w := linearWeights{matrix: coefficients(in*out, 83), in: in, out: out, outFirst: outFirst}
			dw := linearWeights{matrix: make([]float32, in*out), in: in, out: out, outFirst: outFirst}
			if biased {
				w.bias, dw.bias = coefficients(out, 84), make([]float32, out)
			}
			y, added := make([]float32, n*out), slices.Clone(dout)
			dx, dxAdded := make([]float32, n*in), slices.Clone(x)
			linear(y, x, &w, n)
			addLinear(added, x, &w, n)
			linearBackward(dx, &dw, x, &w, dout, n, false)
			linearBackward(dxAdded, &linearWeights{matrix: make([]float32, in*out), bias: make([]float32, out)}, x, &w, dout, n, true)
			x64, w64, b64 := widen(x), widen(w.matrix), widen(w.bias)
			at := func(i, j int) float64 {
				sum := 0.0
				if biased {
					sum = b64[j]
				}
				for k := range in {
					if outFirst {
						sum += x64[i*in+k] * w64[j*in+k]
					} else {
						sum += x64[i*in+k] * w64[k*out+j]
					}
				}
				return sum
			}
			loss := func() float64 {
				sum := 0.0
				for i := range n {
					for j := range out {
						sum += at(i, j) * float64(dout[i*out+j])
					}
				}
				return sum
			}
			for i := range y {
				near(t, "linear", float64(y[i]), at(i/out, i%out), 1e-5)
				near(t, "addLinear", float64(added[i]), at(i/out, i%out)+float64(dout[i]), 1e-5)
			}
			for i := range dx {
				near(t, "added gradient of x", float64(dxAdded[i]), float64(dx[i])+float64(x[i]), 1e-5)
			}
			for name, pair := range map[string]struct {
				value []float64
				grad  []float32
			}{"x": {x64, dx}, "w": {w64, dw.matrix}, "bias": {b64, dw.bias}} {
				for i := range pair.value {
					near(t, "gradient of "+name, float64(pair.grad[i]), slope(&pair.value[i], loss), 1e-5)
				}
			}
		}
	}
}

// Both normalisations, against differences of the oracle.
func TestNormGradient(t *testing.T) {
	for _, kind := range []NormKind{LayerNorm, RMSNorm} {
		c := llamaLike(tiny(LanguageModel))
		c.Norm = kind
		const n = 4
		x, dout := coefficients(n*c.Dim, 90), coefficients(n*c.Dim, 91)
		w, dw := normWeights{gain: coefficients(c.Dim, 92)}, normWeights{gain: make([]float32, c.Dim)}
		if kind == LayerNorm {
			w.bias, dw.bias = coefficients(c.Dim, 93), make([]float32, c.Dim)
		}
		var s normState
		allocate(func(a *arena) { s.plan(a, c, n) })
		out, dx := make([]float32, n*c.Dim), make([]float32, n*c.Dim)
		norm(c, out, &s, x, &w, n)
		normBackward(c, dx, &dw, x, &s, &w, dout, n)
		o := &oracle{config: c, param: map[string][]float64{"w.weight": widen(w.gain)}}
		if kind == LayerNorm {
			o.param["w.bias"] = widen(w.bias)
		}
		x64 := widen(x)
		loss := func() float64 {
			sum := 0.0
			for i := range n {
				for j, y := range o.norm(x64[i*c.Dim:(i+1)*c.Dim], "w") {
					sum += y * float64(dout[i*c.Dim+j])
				}
			}
			return sum
		}
		for i, y := range o.norm(x64[:c.Dim], "w") {
			near(t, "norm", float64(out[i]), y, 1e-5)
		}
		for name, pair := range map[string]struct {
			value []float64
			grad  []float32
		}{"x": {x64, dx}, "gain": {o.param["w.weight"], dw.gain}, "bias": {o.param["w.bias"], dw.bias}} {
			for i := range pair.value {
				near(t, string(kind)+": gradient of "+name, float64(pair.grad[i]), slope(&pair.value[i], loss), 1e-4)
			}
		}
	}
}

// Both activations of the MLP.
func TestActivationGradient(t *testing.T) {
	for _, kind := range []MLPKind{GELU, SwiGLU} {
		c := Config{MLP: kind}
		const n = 60
		wide, up, dout := coefficients(n, 94), coefficients(n, 95), coefficients(n, 96)
		out, dwide, dup := make([]float32, n), slices.Clone(dout), make([]float32, n)
		activate(c, out, wide, up)
		activateBackward(c, dwide, dup, wide, up)
		wide64, up64 := widen(wide), widen(up)
		at := func(i int) float64 {
			if kind == GELU {
				return oracleGelu(wide64[i])
			}
			return wide64[i] / (1 + math.Exp(-wide64[i])) * up64[i]
		}
		for i := range n {
			loss := func() float64 { return at(i) * float64(dout[i]) }
			near(t, "activation", float64(out[i]), at(i), 1e-6)
			near(t, "gradient of wide", float64(dwide[i]), slope(&wide64[i], loss), 1e-5)
			near(t, "gradient of up", float64(dup[i]), slope(&up64[i], loss), 1e-5)
		}
	}
}

// Embeddings: a token that occurs twice gets both gradients.
func TestEmbeddingGradient(t *testing.T) {
	c := tiny(LanguageModel)
	w, grad := lively(c, 86), NewWeights(c)
	b := Batch{Tokens: []int32{3, 5, 3, 3, 1}, Lengths: []int{3, 2}}
	out, dout := make([]float32, 5*c.Dim), coefficients(5*c.Dim, 87)
	embed(out, w, b)
	embedBackward(grad, b, dout)
	positions := []int{0, 1, 2, 0, 1}
	want := NewWeights(c)
	for n, token := range b.Tokens {
		for j := range c.Dim {
			if got := out[n*c.Dim+j]; got != w.tokens[int(token)*c.Dim+j]+w.positions[positions[n]*c.Dim+j] {
				t.Fatalf("embedding of token %d is %g", n, got)
			}
			want.tokens[int(token)*c.Dim+j] += dout[n*c.Dim+j]
			want.positions[positions[n]*c.Dim+j] += dout[n*c.Dim+j]
		}
	}
	for i := range want.Data {
		near(t, fmt.Sprint("gradient ", i), float64(grad.Data[i]), float64(want.Data[i]), 1e-6)
	}
}

// Very large logits neither overflow nor lose the distribution.
func TestAttentionWithLargeLogits(t *testing.T) {
	qkv := coefficients(20*3*4, 88)
	for i := range qkv {
		qkv[i] *= 100
	}
	out := make([]float32, 20*4)
	attend(out, qkv, 20, attentionShape{heads: 1, kvHeads: 1, headDim: 4}, 0, newAttentionScratch(20, 4))
	for i, x := range out {
		if math.IsNaN(float64(x)) || math.Abs(float64(x)) > 500 {
			t.Fatalf("output %d is %g", i, x)
		}
	}
}
