package model

import "rankloop/model/kernel"

// step reads tokens, rows in all, for every reply in s.reading, and chooses the
// next token of those in s.choosing.
func (s *Sampler) step(rows int) {
	c, w := s.config, s.weights
	dim := c.Dim
	s.positions = s.positions[:0]
	for _, r := range s.reading {
		for i, token := range r.pending[:r.reads] {
			row := r.row + i
			x := s.x[row*dim : (row+1)*dim]
			copy(x, tokenRow(w.tokens, token, dim))
			if w.positions != nil {
				kernel.Axpy(x, 1, w.positions[(r.seen+i)*dim:(r.seen+i+1)*dim])
			}
			s.positions = append(s.positions, r.seen+i)
		}
	}
	for i := range s.packed.layers {
		s.layerStep(i, rows)
	}
	for _, r := range s.reading {
		r.seen += r.reads
		r.pending = r.pending[r.reads:]
	}
	n := len(s.choosing)
	for i, r := range s.choosing {
		end := r.row + r.reads
		copy(s.last[i*dim:(i+1)*dim], s.x[(end-1)*dim:end*dim])
	}
	norm(c, s.last[:n*dim], &s.norm, s.last[:n*dim], &w.final, n)
	kernel.GemmPacked(n, s.last, dim, s.packed.head, false, s.logits, c.Vocab)
	kernel.Parallel(n, s.chooseFn)
}

// layerStep is Pass.layerForward for the rows of a step.
func (s *Sampler) layerStep(i, n int) {
	c, w, p := s.config, &s.weights.layers[i], &s.packed.layers[i]
	x, normed, attended := s.x[:n*c.Dim], s.normed[:n*c.Dim], s.attended[:n*c.attentionDim()]
	qkv, wide, up, activated := s.qkv[:n*c.qkvDim()], s.wide[:n*c.Hidden], rows(s.up, n, c.Hidden), s.activated[:n*c.Hidden]

	norm(c, normed, &s.norm, x, &w.norm1, n)
	packedProduct(qkv, normed, p.qkv, &w.qkv, n, false)
	if c.Rope.Theta != 0 {
		kernel.RoPE(qkv, c.qkvDim(), s.positions, s.rope.cos, s.rope.sin, c.Heads+c.kvHeads(), c.headDim())
	}
	s.layer = i
	kernel.Parallel(len(s.reading)*c.kvHeads(), s.attendFn)
	packedProduct(x, attended, p.attnOut, &w.attnOut, n, true)

	norm(c, normed, &s.norm, x, &w.norm2, n)
	packedProduct(wide, normed, p.mlpIn, &w.mlpIn, n, false)
	if c.MLP == SwiGLU {
		packedProduct(up, normed, p.mlpUp, &w.mlpUp, n, false)
	}
	activate(c, activated, wide, up)
	packedProduct(x, activated, p.mlpOut, &w.mlpOut, n, true)
}

// packedProduct is product with a packed matrix.
func packedProduct(out, x []float32, packed *kernel.Packed, w *linearWeights, n int, accumulate bool) {
	kernel.GemmPacked(n, x, w.in, packed, accumulate, out, w.out)
	if w.bias != nil {
		kernel.AddBias(out, w.bias, n, w.out)
	}
}

// attendTask handles one head of keys and values of one reply.
func (s *Sampler) attendTask(i int) {
	scratch := <-s.scratch
	shape := s.cache.shape
	r, kvHead := s.reading[i/shape.kvHeads], i%shape.kvHeads
	s.cache.attend(s.attended[r.row*shape.outWidth():], s.qkv[r.row*shape.width():], r.slot, s.layer, kvHead, r.seen, r.reads, scratch)
	s.scratch <- scratch
}

// chooseTask draws the next token of one reply.
func (s *Sampler) chooseTask(i int) {
	r, o := s.choosing[i], s.options
	logits := s.logits[i*s.config.Vocab : (i+1)*s.config.Vocab]
	logSum := kernel.LogSumExp(logits)
	if o.Temperature == 0 {
		r.next[0] = argmax(logits)
	} else {
		probs := r.draw.probs
		copy(probs, logits)
		if o.Temperature != 1 {
			kernel.Scale(probs, float32(1/o.Temperature))
		}
		kernel.SoftmaxRow(probs, probs)
		r.next[0] = r.draw.choose(o, float64(r.random.Uint64()>>11)/(1<<53))
	}
	r.logProb = logits[r.next[0]] - logSum
}
