package model

import (
	"fmt"

	"rankloop/model/kernel"
)

// Scalars writes the scalar head's value at every token of the last Forward to
// out: the value at a token has seen that token and those before it.
func (p *Pass) Scalars(out []float32) {
	p.checkScalar(len(out))
	dim := p.config.Dim
	for i := range out {
		out[i] = kernel.Dot(p.hidden[i*dim:(i+1)*dim], p.weights.score)
	}
}

// BackwardScalars adds Σ dout_t · ∂out_t/∂w to grad.
func (p *Pass) BackwardScalars(dout []float32, grad *Weights) {
	p.checkScalar(len(dout))
	p.checkGrad(grad)
	dim := p.config.Dim
	clear(p.dhidden[:len(dout)*dim])
	for i, d := range dout {
		if d != 0 {
			kernel.Axpy(grad.score, d, p.hidden[i*dim:(i+1)*dim])
			kernel.Axpy(p.dhidden[i*dim:(i+1)*dim], d, p.weights.score)
		}
	}
	p.backward(grad)
}

func (p *Pass) checkScalar(n int) {
	if p.weights == nil || p.weights.Config.Head != Scalar {
		panic("model: scalars need a Forward with weights that have a scalar head")
	}
	if n != len(p.tokens) {
		panic(fmt.Sprintf("model: %d scalars for %d tokens", n, len(p.tokens)))
	}
}
