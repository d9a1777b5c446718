package model

import (
	"math"

	"rankloop/model/kernel"
)

// attentionBlock is how many queries are handled together. Keys after the last
// query of a block are skipped, which saves nearly half of the work.
const attentionBlock = 64

// attentionShape says where the heads lie in a token's row of qkv[N,Q]: H heads
// of queries, then K of keys, then K of values. Neighbouring query heads share
// one head of keys and values.
type attentionShape struct{ heads, kvHeads, headDim int }

// width is Q, the length of a row.
func (s attentionShape) width() int { return (s.heads + 2*s.kvHeads) * s.headDim }

// outWidth is A, the length of a row of what attention gives.
func (s attentionShape) outWidth() int { return s.heads * s.headDim }

// group is how many query heads share a head of keys and values.
func (s attentionShape) group() int { return s.heads / s.kvHeads }

// query, key and value are the columns at which a head begins. Keys and values
// are counted by their own heads.
func (s attentionShape) query(head int) int   { return head * s.headDim }
func (s attentionShape) key(kvHead int) int   { return (s.heads + kvHead) * s.headDim }
func (s attentionShape) value(kvHead int) int { return (s.heads + s.kvHeads + kvHead) * s.headDim }

// scale keeps logits at the size of one product: 1/√D.
func (s attentionShape) scale() float32 { return float32(1 / math.Sqrt(float64(s.headDim))) }

// attentionScratch is the working memory of one head of one sequence. The T×T
// probabilities are never kept: the backward pass computes them again, block by
// block, by the same operations (Rabe and Staats 2021; Dao et al. 2022).
type attentionScratch struct {
	query  []float32 // [block,D] queries, scaled
	scores []float32 // [block,stride] logits, then probabilities
	grads  []float32 // [block,stride] their gradients
	stride int
}

func (s *attentionScratch) plan(a *arena, rows, maxLength, headDim int) {
	s.stride = maxLength + 16 // rows a power of two apart would share cache sets
	s.query = a.take(rows * headDim)
	s.scores = a.take(rows * s.stride)
	s.grads = a.take(rows * s.stride)
}

// attend computes softmax(Q·Kᵀ/√D)·V, causal, for one head of a sequence of t
// tokens (Vaswani et al. 2017, equation 1). qkv is [T,Q] and out [T,A], both from
// the first token of the sequence on.
func attend(out, qkv []float32, t int, shape attentionShape, head int, s *attentionScratch) {
	values := qkv[shape.value(head/shape.group()):]
	for from := 0; from < t; from += attentionBlock {
		rows := min(attentionBlock, t-from)
		keys := from + rows
		s.probabilities(qkv, from, rows, shape, head)
		kernel.GemmSerial(false, false, rows, shape.headDim, keys, s.scores, s.stride,
			values, shape.width(), false, out[from*shape.outWidth()+shape.query(head):], shape.outWidth())
	}
}

// probabilities fills s.scores with the attention of queries from..from+rows on
// the keys before them, and zeros after them.
func (s *attentionScratch) probabilities(qkv []float32, from, rows int, shape attentionShape, head int) {
	d, width := shape.headDim, shape.width()
	for i := range rows {
		at := (from+i)*width + shape.query(head)
		copy(s.query[i*d:(i+1)*d], qkv[at:at+d])
	}
	kernel.Scale(s.query[:rows*d], shape.scale())
	keys := from + rows
	kernel.GemmSerial(false, true, rows, keys, d,
		s.query, d, qkv[shape.key(head/shape.group()):], width, false, s.scores, s.stride)
	softmaxCausal(s.scores, s.stride, from, rows, 1)
}

// softmaxCausal normalises rows of logits, group rows a token: those of token i
// see the first from+i+1 keys, the others get probability 0.
func softmaxCausal(scores []float32, stride, from, tokens, group int) {
	for i := range tokens * group {
		row, seen := scores[i*stride:i*stride+from+tokens], from+i/group+1
		kernel.SoftmaxRow(row[:seen], row[:seen])
		clear(row[seen:])
	}
}

// attendBackward writes the gradient of one head of keys and values, and of the
// query heads that share it, to dqkv[T,Q], given dout[T,A] and what attend read
// and wrote.
func attendBackward(dqkv, dout, qkv, out []float32, t int, shape attentionShape, kvHead int, s *attentionScratch) {
	d, width := shape.headDim, shape.width()
	atK, atV := shape.key(kvHead), shape.value(kvHead)
	for i := range t {
		clear(dqkv[i*width+atK : i*width+atK+d])
		clear(dqkv[i*width+atV : i*width+atV+d])
	}
	for head := kvHead * shape.group(); head < (kvHead+1)*shape.group(); head++ {
		for from := 0; from < t; from += attentionBlock {
			attendBlockBackward(dqkv, dout, qkv, out, from, min(attentionBlock, t-from), shape, head, s)
		}
	}
}

// attendBlockBackward writes the gradient of a block of queries and adds their
// part of the keys' and values'.
func attendBlockBackward(dqkv, dout, qkv, out []float32, from, rows int, shape attentionShape, head int, s *attentionScratch) {
	d, width, outWidth := shape.headDim, shape.width(), shape.outWidth()
	atQ, atK, atV := shape.query(head), shape.key(head/shape.group()), shape.value(head/shape.group())
	keys := from + rows
	s.probabilities(qkv, from, rows, shape, head)
	dblock := dout[from*outWidth+atQ:]
	// dV += Pᵀ·dO and dP = dO·Vᵀ
	kernel.GemmSerial(true, false, keys, d, rows,
		s.scores, s.stride, dblock, outWidth, true, dqkv[atV:], width)
	kernel.GemmSerial(false, true, rows, keys, d,
		dblock, outWidth, qkv[atV:], width, false, s.grads, s.stride)
	// dS = P∘(dP − rowsum(P∘dP)), and that sum is dO·O.
	for i := range rows {
		at := (from+i)*outWidth + atQ
		inner := kernel.Dot(dout[at:at+d], out[at:at+d])
		kernel.SoftmaxBackwardRow(s.grads[i*s.stride:i*s.stride+keys], s.scores[i*s.stride:i*s.stride+keys], inner)
	}
	// dK += dSᵀ·(Q/√D) and dQ = dS·K/√D
	kernel.GemmSerial(true, false, keys, d, rows,
		s.grads, s.stride, s.query, d, true, dqkv[atK:], width)
	kernel.GemmSerial(false, false, rows, d, keys,
		s.grads, s.stride, qkv[atK:], width, false, dqkv[from*width+atQ:], width)
	for i := range rows {
		at := (from+i)*width + atQ
		kernel.Scale(dqkv[at:at+d], shape.scale())
	}
}
