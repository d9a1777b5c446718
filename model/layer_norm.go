package model

import "rankloop/model/kernel"

// normState is what the backward pass of a normalisation needs beside its input.
type normState struct {
	mean []float32 // [N]; LayerNorm only
	rstd []float32 // [N]
}

func (s *normState) plan(a *arena, c Config, n int) {
	if c.Norm == LayerNorm {
		s.mean = a.take(n)
	}
	s.rstd = a.take(n)
}

// norm writes the normalised rows of x[N,C] to out[N,C], which may be x:
//
//	LayerNorm  (x − mean)/√(variance + ε)·gain + bias
//	RMSNorm    x/√(mean(x²) + ε)·gain
func norm(c Config, out []float32, s *normState, x []float32, w *normWeights, n int) {
	if c.Norm == RMSNorm {
		kernel.RMSNorm(out, s.rstd[:n], x, w.gain, n, c.Dim, c.LayerNormEps)
		return
	}
	kernel.LayerNorm(out, s.mean[:n], s.rstd[:n], x, w.gain, w.bias, n, c.Dim, c.LayerNormEps)
}

// normBackward adds the gradient of norm to dx[N,C] and to dw, given its input,
// the state it left and the gradient dout[N,C] of its output. A dw without
// numbers is not wanted: w is frozen.
func normBackward(c Config, dx []float32, dw *normWeights, x []float32, s *normState, w *normWeights, dout []float32, n int) {
	if c.Norm == RMSNorm {
		kernel.RMSNormBackward(dx, dw.gain, x, s.rstd[:n], w.gain, dout, n, c.Dim)
		return
	}
	kernel.LayerNormBackward(dx, dw.gain, dw.bias, x, s.mean[:n], s.rstd[:n], w.gain, dout, n, c.Dim)
}
