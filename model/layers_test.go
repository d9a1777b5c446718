package model

import (
	"fmt"
	"math"
	"testing"
)

// Attention's backward pass across several blocks, against differences of the
// oracle. One head of two, so that strides matter.
func TestAttentionGradient(t *testing.T) {
	const n, dim, heads = attentionBlock + 9, 10, 2
	const d = dim / heads
	qkv32, dout := coefficients(n*3*dim, 80), coefficients(n*dim, 81)
	a := new(attentionScratch)
	allocate(func(slab *arena) { a.plan(slab, n, d) })
	out, dqkv := make([]float32, n*dim), make([]float32, n*3*dim)
	for h := range heads {
		attend(out, qkv32, n, dim, d, h, a)
		attendBackward(dqkv, dout, qkv32, out, n, dim, d, h, a)
	}
	flat := widen(qkv32)
	rows := make([][]float64, n)
	for i := range rows {
		rows[i] = flat[i*3*dim : (i+1)*3*dim]
	}
	loss := func() float64 {
		sum := 0.0
		for i, row := range oracleAttention(rows, dim, heads) {
			for j, x := range row {
				sum += x * float64(dout[i*dim+j])
			}
		}
		return sum
	}
	want := oracleAttention(rows, dim, heads)
	for i := range out {
		near(t, fmt.Sprint("attention ", i), float64(out[i]), want[i/dim][i%dim], 1e-5)
	}
	for i := 0; i < len(flat); i += 7 { // coprime to the strides: queries, keys, values
		near(t, fmt.Sprint("gradient ", i), float64(dqkv[i]), slope(&flat[i], loss), 1e-4)
	}
}

func TestLinearGradient(t *testing.T) {
	const n, in, out = 5, 7, 9
	x, w, bias, dout := coefficients(n*in, 82), coefficients(in*out, 83), coefficients(out, 84), coefficients(n*out, 85)
	dx, dw, dbias := make([]float32, n*in), make([]float32, in*out), make([]float32, out)
	y, added := make([]float32, n*out), make([]float32, n*out)
	linear(y, x, w, bias, n, in, out)
	addLinear(added, x, w, bias, n, in, out)
	linearBackward(dx, dw, dbias, x, w, dout, n, in, out)
	x64, w64, b64 := widen(x), widen(w), widen(bias)
	at := func(i, j int) float64 {
		sum := b64[j]
		for k := range in {
			sum += x64[i*in+k] * w64[k*out+j]
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
		near(t, "addLinear", float64(added[i]), at(i/out, i%out), 1e-5)
	}
	for name, pair := range map[string]struct {
		value []float64
		grad  []float32
	}{"x": {x64, dx}, "w": {w64, dw}, "bias": {b64, dbias}} {
		for i := range pair.value {
			near(t, "gradient of "+name, float64(pair.grad[i]), slope(&pair.value[i], loss), 1e-5)
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
	a := new(attentionScratch)
	allocate(func(slab *arena) { a.plan(slab, 20, 4) })
	out := make([]float32, 20*4)
	attend(out, qkv, 20, 4, 4, 0, a)
	for i, x := range out {
		if math.IsNaN(float64(x)) || math.Abs(float64(x)) > 500 {
			t.Fatalf("output %d is %g", i, x)
		}
	}
}
