package model

import (
	"math"

	"rankloop/model/kernel"
)

// attentionBlock is how many queries are handled together. Keys after the last
// query of a block are skipped, which saves nearly half of the work.
const attentionBlock = 64

// attentionScratch is the working memory of one head of one sequence. The T×T
// probabilities are never kept: the backward pass computes them again, block by
// block, by the same operations (Rabe and Staats 2021; Dao et al. 2022).
type attentionScratch struct {
	query  []float32 // [block,D] queries, scaled
	scores []float32 // [block,stride] logits, then probabilities
	grads  []float32 // [block,stride] their gradients
	stride int
}

func (s *attentionScratch) plan(a *arena, maxLength, headDim int) {
	s.stride = maxLength + 16 // rows a power of two apart would share cache sets
	s.query = a.take(attentionBlock * headDim)
	s.scores = a.take(attentionBlock * s.stride)
	s.grads = a.take(attentionBlock * s.stride)
}

// attend computes softmax(Q·Kᵀ/√D)·V, causal, for one head of a sequence of t
// tokens (Vaswani et al. 2017, equation 1). qkv is [T,3C] and out [T,C], both
// from the first token of the sequence on.
func attend(out, qkv []float32, t, dim, headDim, head int, s *attentionScratch) {
	values := qkv[2*dim+head*headDim:]
	for from := 0; from < t; from += attentionBlock {
		rows := min(attentionBlock, t-from)
		keys := from + rows
		s.probabilities(qkv, from, rows, dim, headDim, head)
		kernel.GemmSerial(false, false, rows, headDim, keys,
			s.scores, s.stride, values, 3*dim, false, out[from*dim+head*headDim:], dim)
	}
}

// probabilities fills s.scores with the attention of queries from..from+rows on
// the keys before them, and zeros after them.
func (s *attentionScratch) probabilities(qkv []float32, from, rows, dim, headDim, head int) {
	for i := range rows {
		at := (from+i)*3*dim + head*headDim
		copy(s.query[i*headDim:(i+1)*headDim], qkv[at:at+headDim])
	}
	kernel.Scale(s.query[:rows*headDim], attentionScale(headDim))
	keys := from + rows
	kernel.GemmSerial(false, true, rows, keys, headDim,
		s.query, headDim, qkv[dim+head*headDim:], 3*dim, false, s.scores, s.stride)
	softmaxCausal(s.scores, s.stride, from, rows)
}

// softmaxCausal normalises rows of logits: row i sees the first from+i+1 keys,
// the others get probability 0.
func softmaxCausal(scores []float32, stride, from, rows int) {
	for i := range rows {
		row, seen := scores[i*stride:i*stride+from+rows], from+i+1
		kernel.SoftmaxRow(row[:seen], row[:seen])
		clear(row[seen:])
	}
}

// attendBackward writes the gradient of one head's queries, keys and values to
// dqkv[T,3C], given dout[T,C] and what attend read and wrote.
func attendBackward(dqkv, dout, qkv, out []float32, t, dim, headDim, head int, s *attentionScratch) {
	atQ := head * headDim
	atK, atV := dim+atQ, 2*dim+atQ
	for i := range t {
		clear(dqkv[i*3*dim+atK : i*3*dim+atK+headDim])
		clear(dqkv[i*3*dim+atV : i*3*dim+atV+headDim])
	}
	for from := 0; from < t; from += attentionBlock {
		rows := min(attentionBlock, t-from)
		keys := from + rows
		s.probabilities(qkv, from, rows, dim, headDim, head)
		dblock := dout[from*dim+atQ:]
		// dV += Pᵀ·dO and dP = dO·Vᵀ
		kernel.GemmSerial(true, false, keys, headDim, rows,
			s.scores, s.stride, dblock, dim, true, dqkv[atV:], 3*dim)
		kernel.GemmSerial(false, true, rows, keys, headDim,
			dblock, dim, qkv[atV:], 3*dim, false, s.grads, s.stride)
		// dS = P∘(dP − rowsum(P∘dP)), and that sum is dO·O.
		for i := range rows {
			at := (from+i)*dim + atQ
			inner := kernel.Dot(dout[at:at+headDim], out[at:at+headDim])
			softmaxBackward(s.grads[i*s.stride:i*s.stride+keys], s.scores[i*s.stride:i*s.stride+keys], inner)
		}
		// dK += dSᵀ·(Q/√D) and dQ = dS·K/√D
		kernel.GemmSerial(true, false, keys, headDim, rows,
			s.grads, s.stride, s.query, headDim, true, dqkv[atK:], 3*dim)
		kernel.GemmSerial(false, false, rows, headDim, keys,
			s.grads, s.stride, qkv[atK:], 3*dim, false, dqkv[from*3*dim+atQ:], 3*dim)
		for i := range rows {
			at := (from+i)*3*dim + atQ
			kernel.Scale(dqkv[at:at+headDim], attentionScale(headDim))
		}
	}
}

// softmaxBackward turns the gradient of a row of probabilities into that of its
// logits: d = p·(d − inner).
func softmaxBackward(d, p []float32, inner float32) {
	p = p[:len(d)]
	for i, x := range p {
		d[i] = x * (d[i] - inner)
	}
}

func attentionScale(headDim int) float32 {
	return float32(1 / math.Sqrt(float64(headDim)))
}
