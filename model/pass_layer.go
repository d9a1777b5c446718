package model

import "rankloop/model/kernel"

// layerState is what the backward pass of a layer needs. Normalised rows and
// activations are computed again instead of being kept.
type layerState struct {
	in    []float32 // [N,C] residual stream before the layer
	inner *layerInner
}

// layerInner is the part of a layerState that layers share under Recompute.
type layerInner struct {
	norm1    normState
	qkv      []float32 // [N,Q] turned by their positions where there is RoPE
	attended []float32 // [N,A] all heads, before the projection
	mid      []float32 // [N,C] residual stream after attention
	norm2    normState
	wide     []float32 // [N,F] before GELU or SiLU
	up       []float32 // [N,F] what SiLU is multiplied with; SwiGLU only
}

func (l *layerInner) plan(a *arena, c Config, n int) {
	l.norm1.plan(a, c, n)
	l.qkv, l.attended, l.mid = a.take(n*c.qkvDim()), a.take(n*c.attentionDim()), a.take(n*c.Dim)
	l.norm2.plan(a, c, n)
	l.wide = a.take(n * c.Hidden)
	if c.MLP == SwiGLU {
		l.up = a.take(n * c.Hidden)
	}
}

// layerForward computes one block whose branches read the normalised stream:
//
//	mid  = in  + attention(norm1(in))
//	next = mid + mlp(norm2(mid))
func (p *Pass) layerForward(i int, next []float32) {
	n, c := len(p.tokens), p.config
	l, w := p.layers[i].inner, &p.weights.layers[i]
	p.layerInside(i)
	activated := p.activated[:n*c.Hidden]
	activate(c, activated, l.wide[:n*c.Hidden], rows(l.up, n, c.Hidden))
	copy(next, l.mid[:n*c.Dim])
	p.addLinear(next[:n*c.Dim], activated, &w.mlpOut, n)
}

// layerInside computes everything that a layer keeps from its input.
func (p *Pass) layerInside(i int) {
	n, c := len(p.tokens), p.config
	in, l, w := p.layers[i].in[:n*c.Dim], p.layers[i].inner, &p.weights.layers[i]
	normed, qkv, mid := p.normed[:n*c.Dim], l.qkv[:n*c.qkvDim()], l.mid[:n*c.Dim]

	norm(c, normed, &l.norm1, in, &w.norm1, n)
	p.linear(qkv, normed, &w.qkv, n)
	if c.Rope.Theta != 0 {
		kernel.RoPE(qkv, c.qkvDim(), p.positions, p.rope.cos, p.rope.sin, c.Heads+c.kvHeads(), c.headDim())
	}
	p.layer = i
	kernel.Parallel(len(p.lengths)*c.Heads, p.attend)
	copy(mid, in)
	p.addLinear(mid, l.attended[:n*c.attentionDim()], &w.attnOut, n)

	norm(c, normed, &l.norm2, mid, &w.norm2, n)
	p.linear(l.wide[:n*c.Hidden], normed, &w.mlpIn, n)
	if c.MLP == SwiGLU {
		p.linear(l.up[:n*c.Hidden], normed, &w.mlpUp, n)
	}
}

// attendTask handles one head of one sequence.
func (p *Pass) attendTask(i int) {
	s := <-p.scratch
	shape, l := p.config.attention(), p.layers[p.layer].inner
	sequence, head := i/shape.heads, i%shape.heads
	start := p.starts[sequence]
	attend(l.attended[start*shape.outWidth():], l.qkv[start*shape.width():], p.lengths[sequence], shape, head, s)
	p.scratch <- s
}

// backward adds the gradient of the trunk to grad, given p.dhidden.
func (p *Pass) backward(grad *Weights) {
	n, dim := len(p.tokens), p.config.Dim
	dresidual := p.dresidual[:n*dim]
	clear(dresidual)
	normBackward(p.config, dresidual, &grad.final, p.residual[:n*dim], &p.finalNorm, &p.weights.final, p.dhidden[:n*dim], n)
	for i := len(p.layers) - 1; i >= 0; i-- {
		if p.recompute {
			p.layerInside(i)
		}
		p.layerBackward(i, grad)
	}
	if grad.tokens != nil {
		embedBackward(grad, p.batch(), dresidual)
	}
}

// layerBackward takes p.dresidual from behind a layer to before it.
func (p *Pass) layerBackward(i int, grad *Weights) {
	n, c := len(p.tokens), p.config
	w, g := &p.weights.layers[i], &grad.layers[i]
	in, l := p.layers[i].in[:n*c.Dim], p.layers[i].inner
	mid, dresidual, normed := l.mid[:n*c.Dim], p.dresidual[:n*c.Dim], p.normed[:n*c.Dim]

	wide, activated, dwide := l.wide[:n*c.Hidden], p.activated[:n*c.Hidden], p.dwide[:n*c.Hidden]
	up, dup := rows(l.up, n, c.Hidden), rows(p.dup, n, c.Hidden)
	activate(c, activated, wide, up)
	p.linearBackward(dwide, &g.mlpOut, activated, &w.mlpOut, dresidual, n, false)
	activateBackward(c, dwide, dup, wide, up)
	norm(c, normed, &l.norm2, mid, &w.norm2, n)
	dnormed := p.dhidden[:n*c.Dim]
	p.linearBackward(dnormed, &g.mlpIn, normed, &w.mlpIn, dwide, n, false)
	if c.MLP == SwiGLU {
		p.linearBackward(dnormed, &g.mlpUp, normed, &w.mlpUp, dup, n, true)
	}
	normBackward(c, dresidual, &g.norm2, mid, &l.norm2, &w.norm2, dnormed, n)

	dattended := p.dattended[:n*c.attentionDim()]
	p.linearBackward(dattended, &g.attnOut, l.attended[:n*c.attentionDim()], &w.attnOut, dresidual, n, false)
	p.layer = i
	kernel.Parallel(len(p.lengths)*c.kvHeads(), p.attendBackward)
	dqkv := p.dwide[:n*c.qkvDim()]
	if c.Rope.Theta != 0 {
		kernel.RoPEBackward(dqkv, c.qkvDim(), p.positions, p.rope.cos, p.rope.sin, c.Heads+c.kvHeads(), c.headDim())
	}
	norm(c, normed, &l.norm1, in, &w.norm1, n)
	p.linearBackward(dnormed, &g.qkv, normed, &w.qkv, dqkv, n, false)
	normBackward(c, dresidual, &g.norm1, in, &l.norm1, &w.norm1, dnormed, n)
}

// attendBackwardTask handles one head of keys and values of one sequence:
// p.dattended holds the gradient of the attended values, p.dwide receives that of
// qkv.
func (p *Pass) attendBackwardTask(i int) {
	s := <-p.scratch
	shape, l := p.config.attention(), p.layers[p.layer].inner
	sequence, kvHead := i/shape.kvHeads, i%shape.kvHeads
	start := p.starts[sequence]
	atQKV, atOut := start*shape.width(), start*shape.outWidth()
	attendBackward(p.dwide[atQKV:], p.dattended[atOut:], l.qkv[atQKV:], l.attended[atOut:], p.lengths[sequence], shape, kvHead, s)
	p.scratch <- s
}

// rows returns the first n rows of a matrix that may not exist.
func rows(x []float32, n, width int) []float32 {
	if x == nil {
		return nil
	}
	return x[:n*width]
}
