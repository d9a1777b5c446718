package kernel

import (
	"fmt"
	"math"
)

func checkLength(what string, got, want int) {
	if got != want {
		panic(fmt.Sprintf("kernel: %s has length %d, want %d", what, got, want))
	}
}

// Exp writes e^x to dst, within 2 ulp; exp(-Inf) is 0 and NaN stays NaN. dst may
// be x.
func Exp(dst, x []float32) {
	checkLength("Exp dst", len(dst), len(x))
	if len(x) > 0 {
		active.Load().exp(dst, x)
	}
}

// SoftmaxRow writes e^(x-max) / Σ e^(x-max) to dst. Entries of -Inf get
// probability 0; a row of nothing else has no softmax and yields NaN. dst may
// be x.
func SoftmaxRow(dst, x []float32) {
	checkLength("SoftmaxRow dst", len(dst), len(x))
	if len(x) > 0 {
		active.Load().softmax(dst, x)
	}
}

// SoftmaxBackwardRow turns the gradient d of a row of probabilities p into that
// of its logits: d = p·(d − inner), where inner = Σ p·d.
func SoftmaxBackwardRow(d, p []float32, inner float32) {
	checkLength("SoftmaxBackwardRow d", len(d), len(p))
	if len(p) > 0 {
		active.Load().softmaxBackward(d, p, inner)
	}
}

// LogSumExp returns log Σ e^x in nats, -Inf for an empty slice.
func LogSumExp(x []float32) float32 {
	if len(x) == 0 {
		return float32(math.Inf(-1))
	}
	m, sum := active.Load().maxExpSum(x)
	if math.IsInf(float64(m), 0) {
		// x-max had no meaning, and the maximum of a set may pass over a NaN.
		for _, v := range x {
			if v != v {
				return v
			}
		}
		return m
	}
	return float32(float64(m) + math.Log(float64(sum)))
}

// Gelu writes the Gaussian error linear unit of x to dst in its tanh form:
// x/2·(1 + tanh(√(2/π)·(x + 0.044715x³))) (Hendrycks and Gimpel 2016). dst may
// be x.
func Gelu(dst, x []float32) {
	checkLength("Gelu dst", len(dst), len(x))
	w := newSweep()
	w.f0, w.f1 = dst, x
	w.run(len(x), elementsEach, func(w *sweep, from, to int) {
		w.set.gelu(w.f0[from:to], w.f1[from:to])
	})
}

// GeluBackward writes dy·gelu'(x) to dx, with x the input of Gelu. dx may be dy
// or x.
func GeluBackward(dx, x, dy []float32) {
	checkLength("GeluBackward dx", len(dx), len(x))
	checkLength("GeluBackward dy", len(dy), len(x))
	w := newSweep()
	w.f0, w.f1, w.f2 = dx, x, dy
	w.run(len(x), elementsEach, func(w *sweep, from, to int) {
		w.set.geluBackward(w.f0[from:to], w.f1[from:to], w.f2[from:to])
	})
}
