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
		if p.weights.scoreBias != nil {
			out[i] += p.weights.scoreBias[0]
		}
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
			if grad.scoreBias != nil {
				grad.scoreBias[0] += d
			}
		}
	}
	p.backward(grad)
}

// ShiftScalars adds shift to every scalar that w computes. A network whose final
// normalisation has a bias b to train has none in its head u: b ← b + shift·u/‖u‖² adds
// exactly shift to u·h. Of a head of zeros there is nothing to shift.
func (w *Weights) ShiftScalars(shift float64) {
	if w.Config.Head != Scalar {
		panic("model: ShiftScalars of weights without a scalar head")
	}
	if w.scoreBias != nil {
		w.scoreBias[0] += float32(shift)
		return
	}
	var square float64
	for _, u := range w.score {
		square += float64(u) * float64(u)
	}
	if square == 0 {
		return
	}
	for i, u := range w.score {
		w.final.bias[i] = float32(float64(w.final.bias[i]) + shift*float64(u)/square)
	}
}

// ScalarBias is the bias of w's scalar head; 0 where a bias of the normalisation
// stands for it.
func (w *Weights) ScalarBias() float64 {
	if w.scoreBias == nil {
		return 0
	}
	return float64(w.scoreBias[0])
}

func (p *Pass) checkScalar(n int) {
	if p.weights == nil || p.weights.Config.Head != Scalar {
		panic("model: scalars need a Forward with weights that have a scalar head")
	}
	if n != len(p.tokens) {
		panic(fmt.Sprintf("model: %d scalars for %d tokens", n, len(p.tokens)))
	}
}
