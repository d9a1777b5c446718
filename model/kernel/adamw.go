package kernel

import "math"

// adamwScalars are the constants of one update, as the kernels use them.
type adamwScalars struct {
	gradScale, beta1, rest1, beta2, rest2 float32 // rest = 1 - beta
	decay                                 float32 // 1 - lr·weightDecay
	step                                  float32 // lr / biasCorrection1
	rootScale                             float32 // 1 / √biasCorrection2
	eps                                   float32
}

// AdamW updates the weights w and the moments m and v in place from the gradient
// g·gradScale (Loshchilov and Hutter 2019, algorithm 2, in the form of PyTorch):
//
//	w -= lr·weightDecay·w
//	m  = beta1·m + (1-beta1)·g
//	v  = beta2·v + (1-beta2)·g²
//	w -= lr·(m/biasCorrection1) / (√(v/biasCorrection2) + eps)
//
// where biasCorrection1 = 1-beta1^t and biasCorrection2 = 1-beta2^t at step t.
func AdamW(w, g, m, v []float32, lr, beta1, beta2, eps, weightDecay, biasCorrection1, biasCorrection2, gradScale float32) {
	checkLength("AdamW g", len(g), len(w))
	checkLength("AdamW m", len(m), len(w))
	checkLength("AdamW v", len(v), len(w))
	s := newSweep()
	s.f0, s.f1, s.f2, s.f3 = w, g, m, v
	s.adamw = adamwScalars{
		gradScale: gradScale,
		beta1:     beta1, rest1: 1 - beta1,
		beta2: beta2, rest2: 1 - beta2,
		decay:     1 - lr*weightDecay,
		step:      lr / biasCorrection1,
		rootScale: float32(1 / math.Sqrt(float64(biasCorrection2))),
		eps:       eps,
	}
	s.run(len(w), elementsEach, func(s *sweep, from, to int) {
		s.set.adamw(s.f0[from:to], s.f1[from:to], s.f2[from:to], s.f3[from:to], &s.adamw)
	})
}
