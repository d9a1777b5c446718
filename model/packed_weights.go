package model

import "rankloop/model/kernel"

// packedWeights are the matrices of a network as products with few rows read
// them: packed, and in the order of a step on one piece of memory.
type packedWeights struct {
	kernelSet string // that they are packed for
	layers    []packedLayer
	head      *kernel.Packed // [C,V]
}

type packedLayer struct{ qkv, attnOut, mlpIn, mlpUp, mlpOut *kernel.Packed }

// set packs w's matrices with their adapters added to them.
func (p *packedWeights) set(w *Weights) {
	head := linearWeights{matrix: w.language, in: w.Config.Dim, out: w.Config.Vocab, outFirst: true}
	if p.kernelSet != kernel.Name() {
		p.kernelSet, p.layers = kernel.Name(), make([]packedLayer, len(w.layers))
		allocate(func(a *arena) { p.plan(a, w, &head) })
	}
	merged := make(chan []float32, kernel.Threads()) // one matrix for each thread
	for range cap(merged) {
		merged <- nil
	}
	kernel.Parallel(len(p.layers)+1, func(i int) {
		buffer := <-merged
		if i < len(p.layers) {
			p.layers[i].each(&w.layers[i], func(p **kernel.Packed, l *linearWeights) {
				buffer = repack(*p, l, buffer)
			})
		} else {
			buffer = repack(p.head, &head, buffer)
		}
		merged <- buffer
	})
}

func (p *packedWeights) plan(a *arena, w *Weights, head *linearWeights) {
	place := func(p **kernel.Packed, l *linearWeights) {
		if memory := a.take(kernel.PackedLen(l.in, l.out)); memory != nil {
			*p = kernel.NewPacked(memory, l.outFirst, l.in, l.out)
		}
	}
	for i := range p.layers {
		p.layers[i].each(&w.layers[i], place)
	}
	place(&p.head, head)
}

// each calls do with the layer's matrices in the order of a step.
func (p *packedLayer) each(w *layerWeights, do func(p **kernel.Packed, l *linearWeights)) {
	do(&p.qkv, &w.qkv)
	do(&p.attnOut, &w.attnOut)
	do(&p.mlpIn, &w.mlpIn)
	if w.mlpUp.matrix != nil { // SwiGLU
		do(&p.mlpUp, &w.mlpUp)
	}
	do(&p.mlpOut, &w.mlpOut)
}

// repack packs l, merged with its adapters in buffer if it has some, and returns
// the buffer, which may have grown.
func repack(p *kernel.Packed, l *linearWeights, buffer []float32) []float32 {
	matrix := l.matrix
	if len(l.adapters) > 0 {
		if len(buffer) < len(matrix) {
			buffer = make([]float32, len(matrix))
		}
		matrix = buffer[:len(matrix)]
		l.mergeInto(matrix)
	}
	p.Repack(matrix, l.stride())
	return buffer
}
