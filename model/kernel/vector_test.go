package kernel

import (
	"fmt"
	"math"
	"testing"
)

func TestReductionsAgainstFloat64(t *testing.T) {
	eachSet(t, func(t *testing.T) {
		for _, n := range append([]int{100_000}, lengths...) {
			r := random(uint64(n))
			x, y := uniform(r, n, -1, 1), uniform(r, n, -1, 1)
			dot, squares := 0.0, 0.0
			for i, v := range x {
				dot += float64(v) * float64(y[i])
				squares += float64(v) * float64(v)
			}
			near(t, fmt.Sprintf("Dot, n=%d", n), Dot(x, y), dot, 3e-7*math.Sqrt(float64(n)))
			if got := SumSquares(x); math.Abs(got-squares) > 1e-12*squares {
				t.Errorf("SumSquares, n=%d: %g, want %g", n, got, squares)
			}
		}
		if Dot(nil, nil) != 0 || SumSquares(nil) != 0 {
			t.Error("an empty sum is not zero")
		}
		if big := SumSquares([]float32{3e38, 3e38}); big != 2*float64(float32(3e38))*float64(float32(3e38)) {
			t.Errorf("squares beyond float32 sum to %g", big)
		}
	})
}

// The reference is PyTorch's single-tensor AdamW loop, in float64.
func TestAdamWAgainstFloat64(t *testing.T) {
	const lr, beta1, beta2, eps, weightDecay, gradScale = 0.01, 0.9, 0.99, 1e-8, 0.1, 0.5
	eachSet(t, func(t *testing.T) {
		for _, n := range append([]int{elementsEach + 3}, lengths...) {
			r := random(uint64(n))
			w, checkW := guarded(t, n)
			m, checkM := guarded(t, n)
			v, checkV := guarded(t, n)
			copy(w, uniform(r, n, -1, 1))
			clear(m)
			clear(v)
			we, me, ve := make([]float64, n), make([]float64, n), make([]float64, n)
			for i := range w {
				we[i] = float64(w[i])
			}
			for step := 1; step <= 4; step++ {
				g := uniform(r, n, -1, 1)
				bc1, bc2 := 1-math.Pow(beta1, float64(step)), 1-math.Pow(beta2, float64(step))
				AdamW(w, g, m, v, lr, beta1, beta2, eps, weightDecay, float32(bc1), float32(bc2), gradScale)
				checkW()
				checkM()
				checkV()
				for i := range g {
					d := gradScale * float64(g[i])
					we[i] -= lr * weightDecay * we[i]
					me[i] = beta1*me[i] + (1-beta1)*d
					ve[i] = beta2*ve[i] + (1-beta2)*d*d
					we[i] -= lr * (me[i] / bc1) / (math.Sqrt(ve[i]/bc2) + eps)
					near(t, fmt.Sprintf("w, n=%d, step %d", n, step), w[i], we[i], 2e-6)
					near(t, "m", m[i], me[i], 1e-6)
					near(t, "v", v[i], ve[i], 1e-6)
				}
			}
		}
	})
}

func TestLengthsMustMatch(t *testing.T) {
	x, y := make([]float32, 4), make([]float32, 5)
	for name, call := range map[string]func(){
		"Exp":               func() { Exp(x, y) },
		"SoftmaxRow":        func() { SoftmaxRow(x, y) },
		"Gelu":              func() { Gelu(x, y) },
		"GeluBackward":      func() { GeluBackward(x, x, y) },
		"LayerNorm":         func() { LayerNorm(x, x[:2], x[:2], x, x[:2], y[:3], 2, 2, 0) },
		"LayerNormBackward": func() { LayerNormBackward(x, x[:2], x[:2], x, x[:1], x[:2], x[:2], x, 2, 2) },
		"Silu":              func() { Silu(x, y) },
		"SiluBackward":      func() { SiluBackward(x, x, y) },
		"Swiglu":            func() { Swiglu(x, x, y) },
		"SwigluBackward":    func() { SwigluBackward(x, y, x, x, x) },
		"SoftmaxBackward":   func() { SoftmaxBackwardRow(x, y, 1) },
		"RMSNorm":           func() { RMSNorm(x, x[:2], x, y[:3], 2, 2, 0) },
		"RMSNormBackward":   func() { RMSNormBackward(x, x[:2], x, x[:1], x[:2], x, 2, 2) },
		"RoPE rows":         func() { RoPE(x, 4, []int{0, 0}, x, x, 1, 4) },
		"RoPE table":        func() { RoPE(x, 4, []int{2}, x, x, 1, 4) },
		"RoPE position":     func() { RoPE(x, 4, []int{-1}, x, x, 1, 4) },
		"RoPE odd head":     func() { RoPEBackward(x, 4, []int{0}, x, x, 1, 3) },
		"RoPE sine":         func() { RoPE(x, 4, []int{0}, x, y, 1, 4) },
		"AdamW":             func() { AdamW(x, x, x, y, 0, 0, 0, 0, 0, 1, 1, 1) },
		"Add":               func() { Add(x, y) },
		"Axpy":              func() { Axpy(x, 1, y) },
		"Lerp":              func() { Lerp(x, y, 1) },
		"Dot":               func() { Dot(x, y) },
		"AddBias":           func() { AddBias(x, y, 2, 2) },
		"ColumnSum":         func() { ColumnSum(x, y, 1, 4) },
	} {
		t.Run(name, func(t *testing.T) {
			defer func() {
				if recover() == nil {
					t.Error("no panic")
				}
			}()
			call()
		})
	}
}
