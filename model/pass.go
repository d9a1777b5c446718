package model

import (
	"fmt"

	"rankloop/model/kernel"
)

// Pass is the workspace of forward and backward passes, planned once for the
// largest batch; a step then allocates nothing. It serves any weights with its
// trunk, one at a time, and is not safe for concurrent use.
//
// Results are bit-equal for any number of threads: every sum has one order.
type Pass struct {
	config                             Config
	maxTokens, maxSequences, maxLength int
	bytes                              int64

	// The batch of the last Forward.
	weights *Weights
	tokens  []int32
	lengths []int
	starts  []int // first token of each sequence

	// What Forward keeps for the backward passes.
	layers    []layerState
	residual  []float32 // [N,C] after the last layer
	finalMean []float32 // [N]
	finalRstd []float32 // [N]
	hidden    []float32 // [N,C] normalised residual, what the heads read

	// Scratch of both directions.
	normed    []float32 // [N,C]
	activated []float32 // [N,F]
	dresidual []float32 // [N,C]
	dhidden   []float32 // [N,C] gradient of hidden, later of branches
	dwide     []float32 // [N,max(3C,F)]

	head    languageHead
	scratch chan *attentionScratch // one per thread

	// Operands of the parallel tasks, which are built once to allocate nothing.
	layer                  int
	attend, attendBackward func(i int)
}

// layerState is what the backward pass of a layer needs. Normalised rows and
// activations are computed again instead of being kept.
type layerState struct {
	in                   []float32 // [N,C] residual stream before the layer
	norm1Mean, norm1Rstd []float32 // [N]
	qkv                  []float32 // [N,3C]
	attended             []float32 // [N,C] all heads, before the projection
	mid                  []float32 // [N,C] residual stream after attention
	norm2Mean, norm2Rstd []float32 // [N]
	wide                 []float32 // [N,F] before GELU
}

// NewPass plans for batches of at most maxTokens tokens in at most maxSequences
// sequences, none longer than maxLength. A pass planned for a language model
// also serves scalar heads; the reverse needs less memory and has no LogProbs.
func NewPass(c Config, maxTokens, maxSequences, maxLength int) *Pass {
	p := newPassPlan(c, maxTokens, maxSequences, maxLength)
	p.tokens = make([]int32, 0, maxTokens)
	p.lengths, p.starts = make([]int, 0, maxSequences), make([]int, 0, maxSequences)
	p.bytes = allocate(p.plan)
	p.attend, p.attendBackward = p.attendTask, p.attendBackwardTask
	p.head.init()
	return p
}

// PassBytes is the memory that NewPass would take, in bytes.
func PassBytes(c Config, maxTokens, maxSequences, maxLength int) int64 {
	var count arena
	newPassPlan(c, maxTokens, maxSequences, maxLength).plan(&count)
	return int64(count.used) * 4
}

// newPassPlan has the sizes of everything, and no memory yet.
func newPassPlan(c Config, maxTokens, maxSequences, maxLength int) *Pass {
	if err := c.Validate(); err != nil {
		panic(err)
	}
	if maxTokens < 1 || maxSequences < 1 || maxLength < 1 || maxLength > c.Context {
		panic(fmt.Sprintf("model: pass of %d tokens, %d sequences of at most %d tokens, with context %d",
			maxTokens, maxSequences, maxLength, c.Context))
	}
	p := &Pass{
		config: c, maxTokens: maxTokens, maxSequences: maxSequences, maxLength: maxLength,
		layers:  make([]layerState, c.Layers),
		scratch: make(chan *attentionScratch, kernel.Threads()),
	}
	for range cap(p.scratch) {
		p.scratch <- new(attentionScratch)
	}
	return p
}

// Bytes is the memory that the pass holds.
func (p *Pass) Bytes() int64 { return p.bytes }

func (p *Pass) plan(a *arena) {
	n, dim, hidden := p.maxTokens, p.config.Dim, p.config.Hidden
	for i := range p.layers {
		l := &p.layers[i]
		l.in, l.norm1Mean, l.norm1Rstd = a.take(n*dim), a.take(n), a.take(n)
		l.qkv, l.attended, l.mid = a.take(n*3*dim), a.take(n*dim), a.take(n*dim)
		l.norm2Mean, l.norm2Rstd, l.wide = a.take(n), a.take(n), a.take(n*hidden)
	}
	p.residual, p.finalMean, p.finalRstd, p.hidden = a.take(n*dim), a.take(n), a.take(n), a.take(n*dim)
	p.normed, p.activated = a.take(n*dim), a.take(n*hidden)
	p.dresidual, p.dhidden, p.dwide = a.take(n*dim), a.take(n*dim), a.take(n*max(3*dim, hidden))
	for range cap(p.scratch) {
		s := <-p.scratch
		s.plan(a, p.maxLength, p.config.headDim())
		p.scratch <- s
	}
	if p.config.Head == LanguageModel {
		p.head.plan(a, p.config, n)
	}
}

// Forward runs the trunk of w over b. w must not change until the last call
// that concerns this batch.
func (p *Pass) Forward(w *Weights, b Batch) {
	if !w.Config.sameTrunk(p.config) {
		panic(fmt.Sprintf("model: weights %+v in a pass for %+v", w.Config, p.config))
	}
	b.check(p.config, p.maxTokens, p.maxSequences, p.maxLength)
	p.weights, p.head.ready = w, false
	p.tokens = append(p.tokens[:0], b.Tokens...)
	p.lengths = append(p.lengths[:0], b.Lengths...)
	p.starts = p.starts[:0]
	start := 0
	for _, length := range p.lengths {
		p.starts = append(p.starts, start)
		start += length
	}
	if len(p.tokens) == 0 {
		return
	}
	embed(p.layers[0].in, w, p.batch())
	for i := range p.layers {
		next := p.residual
		if i+1 < len(p.layers) {
			next = p.layers[i+1].in
		}
		p.layerForward(i, next)
	}
	n, dim := len(p.tokens), p.config.Dim
	kernel.LayerNorm(p.hidden[:n*dim], p.finalMean[:n], p.finalRstd[:n], p.residual[:n*dim],
		w.finalGain, w.finalBias, n, dim, p.config.LayerNormEps)
}

func (p *Pass) batch() Batch { return Batch{Tokens: p.tokens, Lengths: p.lengths} }

// layerForward computes one pre-LayerNorm block:
//
//	mid  = in  + attention(norm1(in))
//	next = mid + gelu(norm2(mid)·mlpIn)·mlpOut
func (p *Pass) layerForward(i int, next []float32) {
	n, dim, hidden := len(p.tokens), p.config.Dim, p.config.Hidden
	l, w := &p.layers[i], &p.weights.layers[i]
	in, mid := l.in[:n*dim], l.mid[:n*dim]
	normed, wide, activated := p.normed[:n*dim], l.wide[:n*hidden], p.activated[:n*hidden]

	kernel.LayerNorm(normed, l.norm1Mean[:n], l.norm1Rstd[:n], in, w.norm1Gain, w.norm1Bias, n, dim, p.config.LayerNormEps)
	linear(l.qkv[:n*3*dim], normed, w.qkv, w.qkvBias, n, dim, 3*dim)
	p.layer = i
	kernel.Parallel(len(p.lengths)*p.config.Heads, p.attend)
	copy(mid, in)
	addLinear(mid, l.attended[:n*dim], w.attnOut, w.attnOutBias, n, dim, dim)

	kernel.LayerNorm(normed, l.norm2Mean[:n], l.norm2Rstd[:n], mid, w.norm2Gain, w.norm2Bias, n, dim, p.config.LayerNormEps)
	linear(wide, normed, w.mlpIn, w.mlpInBias, n, dim, hidden)
	kernel.Gelu(activated, wide)
	copy(next, mid)
	addLinear(next[:n*dim], activated, w.mlpOut, w.mlpOutBias, n, hidden, dim)
}

// attendTask handles one head of one sequence.
func (p *Pass) attendTask(i int) {
	s := <-p.scratch
	dim, l := p.config.Dim, &p.layers[p.layer]
	sequence, head := i/p.config.Heads, i%p.config.Heads
	start := p.starts[sequence]
	attend(l.attended[start*dim:], l.qkv[start*3*dim:], p.lengths[sequence], dim, p.config.headDim(), head, s)
	p.scratch <- s
}

// backward adds the gradient of the trunk to grad, given p.dhidden.
func (p *Pass) backward(grad *Weights) {
	n, dim := len(p.tokens), p.config.Dim
	dresidual := p.dresidual[:n*dim]
	clear(dresidual)
	kernel.LayerNormBackward(dresidual, grad.finalGain, grad.finalBias, p.residual[:n*dim],
		p.finalMean[:n], p.finalRstd[:n], p.weights.finalGain, p.dhidden[:n*dim], n, dim)
	for i := len(p.layers) - 1; i >= 0; i-- {
		p.layerBackward(i, grad)
	}
	embedBackward(grad, p.batch(), dresidual)
}

// layerBackward takes p.dresidual from behind a layer to before it.
func (p *Pass) layerBackward(i int, grad *Weights) {
	n, dim, hidden := len(p.tokens), p.config.Dim, p.config.Hidden
	l, w, g := &p.layers[i], &p.weights.layers[i], &grad.layers[i]
	in, mid, dresidual := l.in[:n*dim], l.mid[:n*dim], p.dresidual[:n*dim]
	normed, dnormed := p.normed[:n*dim], p.dhidden[:n*dim]

	wide, activated, dwide := l.wide[:n*hidden], p.activated[:n*hidden], p.dwide[:n*hidden]
	kernel.Gelu(activated, wide)
	linearBackward(dwide, g.mlpOut, g.mlpOutBias, activated, w.mlpOut, dresidual, n, hidden, dim)
	kernel.GeluBackward(dwide, wide, dwide)
	kernel.LayerNorm(normed, l.norm2Mean[:n], l.norm2Rstd[:n], mid, w.norm2Gain, w.norm2Bias, n, dim, p.config.LayerNormEps)
	linearBackward(dnormed, g.mlpIn, g.mlpInBias, normed, w.mlpIn, dwide, n, dim, hidden)
	kernel.LayerNormBackward(dresidual, g.norm2Gain, g.norm2Bias, mid, l.norm2Mean[:n], l.norm2Rstd[:n], w.norm2Gain, dnormed, n, dim)

	dattended := dnormed // not needed at the same time
	linearBackward(dattended, g.attnOut, g.attnOutBias, l.attended[:n*dim], w.attnOut, dresidual, n, dim, dim)
	p.layer = i
	kernel.Parallel(len(p.lengths)*p.config.Heads, p.attendBackward)
	dqkv := p.dwide[:n*3*dim]
	kernel.LayerNorm(normed, l.norm1Mean[:n], l.norm1Rstd[:n], in, w.norm1Gain, w.norm1Bias, n, dim, p.config.LayerNormEps)
	linearBackward(dnormed, g.qkv, g.qkvBias, normed, w.qkv, dqkv, n, dim, 3*dim)
	kernel.LayerNormBackward(dresidual, g.norm1Gain, g.norm1Bias, in, l.norm1Mean[:n], l.norm1Rstd[:n], w.norm1Gain, dnormed, n, dim)
}

// attendBackwardTask handles one head of one sequence: p.dhidden holds the
// gradient of the attended values, p.dwide receives that of qkv.
func (p *Pass) attendBackwardTask(i int) {
	s := <-p.scratch
	dim, l := p.config.Dim, &p.layers[p.layer]
	sequence, head := i/p.config.Heads, i%p.config.Heads
	start := p.starts[sequence]
	attendBackward(p.dwide[start*3*dim:], p.dhidden[start*dim:], l.qkv[start*3*dim:], l.attended[start*dim:],
		p.lengths[sequence], dim, p.config.headDim(), head, s)
	p.scratch <- s
}

// checkGrad panics unless grad belongs to the weights of the last Forward.
func (p *Pass) checkGrad(grad *Weights) {
	if p.weights == nil || grad.Config != p.weights.Config {
		panic("model: the gradient does not have the shape of the weights of the last Forward")
	}
}
