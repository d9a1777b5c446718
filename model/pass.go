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
	recompute                          bool
	rank                               int // largest of adapters
	bytes                              int64

	// The batch of the last Forward.
	weights   *Weights
	tokens    []int32
	lengths   []int
	starts    []int // first token of each sequence
	positions []int // of each token in its sequence

	// What Forward keeps for the backward passes.
	layers    []layerState
	residual  []float32 // [N,C] after the last layer
	finalNorm normState
	hidden    []float32 // [N,C] normalised residual, what the heads read

	// Scratch of both directions.
	rope      ropeTable
	normed    []float32 // [N,C]
	activated []float32 // [N,F]
	dresidual []float32 // [N,C]
	dhidden   []float32 // [N,C] gradient of hidden, later of branches
	dattended []float32 // [N,A], in dhidden where A = C
	dwide     []float32 // [N,max(Q,F)]
	dup       []float32 // [N,F]; SwiGLU only
	inner     []float32 // [N,rank] of adapters

	head    languageHead
	scratch chan *attentionScratch // one per thread

	// Operands of the parallel tasks, which are built once to allocate nothing.
	layer                  int
	attend, attendBackward func(i int)
}

// PassOption changes what a pass keeps.
type PassOption func(*Pass)

// Recompute keeps only the input of every layer and computes its inside again on
// the way back (Chen et al. 2016): about a third more time for a fraction of the
// memory, and the same bits.
func Recompute() PassOption { return func(p *Pass) { p.recompute = true } }

// Adapters also plans for weights with adapters up to a rank.
func Adapters(rank int) PassOption { return func(p *Pass) { p.rank = rank } }

// NewPass plans for batches of at most maxTokens tokens in at most maxSequences
// sequences, none longer than maxLength. A pass planned for a language model
// also serves scalar heads; the reverse needs less memory and has no LogProbs.
func NewPass(c Config, maxTokens, maxSequences, maxLength int, options ...PassOption) *Pass {
	p := newPassPlan(c, maxTokens, maxSequences, maxLength, options)
	p.tokens, p.positions = make([]int32, 0, maxTokens), make([]int, 0, maxTokens)
	p.lengths, p.starts = make([]int, 0, maxSequences), make([]int, 0, maxSequences)
	p.bytes = allocate(p.plan)
	p.rope.fill(c)
	p.attend, p.attendBackward = p.attendTask, p.attendBackwardTask
	p.head.init()
	return p
}

// PassBytes is the memory that NewPass would take, in bytes.
func PassBytes(c Config, maxTokens, maxSequences, maxLength int, options ...PassOption) int64 {
	var count arena
	newPassPlan(c, maxTokens, maxSequences, maxLength, options).plan(&count)
	return int64(count.used) * 4
}

// newPassPlan has the sizes of everything, and no memory yet.
func newPassPlan(c Config, maxTokens, maxSequences, maxLength int, options []PassOption) *Pass {
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
	for _, option := range options {
		option(p)
	}
	return p
}

// Bytes is the memory that the pass holds.
func (p *Pass) Bytes() int64 { return p.bytes }

func (p *Pass) plan(a *arena) {
	n, c := p.maxTokens, p.config
	var shared *layerInner
	for i := range p.layers {
		p.layers[i].in = a.take(n * c.Dim)
		if shared == nil || !p.recompute {
			shared = new(layerInner)
			shared.plan(a, c, n)
		}
		p.layers[i].inner = shared
	}
	p.residual = a.take(n * c.Dim)
	p.finalNorm.plan(a, c, n)
	p.hidden = a.take(n * c.Dim)
	p.rope.plan(a, c, p.maxLength)
	p.normed, p.activated = a.take(n*c.Dim), a.take(n*c.Hidden)
	p.dresidual, p.dhidden = a.take(n*c.Dim), a.take(n*c.Dim)
	p.dattended = p.dhidden // not needed at the same time
	if c.attentionDim() != c.Dim {
		p.dattended = a.take(n * c.attentionDim())
	}
	p.dwide = a.take(n * max(c.qkvDim(), c.Hidden))
	if c.MLP == SwiGLU {
		p.dup = a.take(n * c.Hidden)
	}
	p.inner = a.take(n * p.rank)
	for range cap(p.scratch) {
		s := <-p.scratch
		s.plan(a, attentionBlock, p.maxLength, c.headDim())
		p.scratch <- s
	}
	if c.Head == LanguageModel {
		p.head.plan(a, c, n)
	}
}

// Forward runs the trunk of w over b. w must not change until the last call
// that concerns this batch.
func (p *Pass) Forward(w *Weights, b Batch) {
	if !w.Config.sameTrunk(p.config) || w.lora().Rank > p.rank {
		panic(fmt.Sprintf("model: weights %+v, %+v in a pass for %+v and adapters of rank %d", w.Config, w.lora(), p.config, p.rank))
	}
	b.check(p.config, p.maxTokens, p.maxSequences, p.maxLength)
	p.weights, p.head.ready = w, false
	p.tokens = append(p.tokens[:0], b.Tokens...)
	p.lengths = append(p.lengths[:0], b.Lengths...)
	p.starts, p.positions = p.starts[:0], p.positions[:0]
	for _, length := range p.lengths {
		p.starts = append(p.starts, len(p.positions))
		for position := range length {
			p.positions = append(p.positions, position)
		}
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
	norm(p.config, p.hidden[:n*dim], &p.finalNorm, p.residual[:n*dim], &w.final, n)
}

func (p *Pass) batch() Batch { return Batch{Tokens: p.tokens, Lengths: p.lengths} }

// checkGrad panics unless grad belongs to the weights of the last Forward.
func (p *Pass) checkGrad(grad *Weights) {
	if p.weights == nil || grad.Config != p.weights.Config || grad.lora() != p.weights.lora() {
		panic("model: the gradient does not have the shape of the weights of the last Forward")
	}
}
