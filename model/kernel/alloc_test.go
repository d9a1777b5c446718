package kernel

import "testing"

// Steady state allocates nothing, whatever the set and the number of threads.
func TestNoAllocations(t *testing.T) {
	const m, n, k = 130, 200, 96
	r := random(1)
	a, b, c := uniform(r, m*k, -1, 1), uniform(r, k*n, -1, 1), make([]float32, m*n)
	long := 3 * elementsEach
	x, y, z, w := uniform(r, long, -1, 1), uniform(r, long, -1, 1), make([]float32, long), make([]float32, long)
	rows, d := long/64, 64
	mean, rstd, gain, bias := make([]float32, rows), make([]float32, rows), uniform(r, d, 0, 1), uniform(r, d, 0, 1)
	positions := make([]int, rows)
	for i := range positions {
		positions[i] = i
	}
	body := func(i int) { z[i]++ }
	eachSet(t, func(t *testing.T) {
		packed := Pack(false, k, n, b, n)
		calls := map[string]func(){
			"Gemm NN":           func() { Gemm(false, false, m, n, k, a, k, b, n, false, c, n) },
			"Gemm NT":           func() { Gemm(false, true, m, n, k, a, k, b, k, true, c, n) },
			"Gemm TN":           func() { Gemm(true, false, m, n, k, a, m, b, n, false, c, n) },
			"GemmSerial":        func() { GemmSerial(false, true, m, n, k, a, k, b, k, false, c, n) },
			"GemmPacked":        func() { GemmPacked(m, a, k, packed, false, c, n) },
			"Repack":            func() { packed.Repack(b, n) },
			"Parallel":          func() { Parallel(100, body) },
			"Exp":               func() { Exp(z, x) },
			"SoftmaxRow":        func() { SoftmaxRow(z, x) },
			"LogSumExp":         func() { z[0] = LogSumExp(x) },
			"Gelu":              func() { Gelu(z, x) },
			"GeluBackward":      func() { GeluBackward(z, x, y) },
			"LayerNorm":         func() { LayerNorm(z, mean, rstd, x, gain, bias, rows, d, 1e-5) },
			"LayerNormBackward": func() { LayerNormBackward(z, gain, bias, x, mean, rstd, gain, y, rows, d) },
			"Silu":              func() { Silu(z, x) },
			"SiluBackward":      func() { SiluBackward(z, x, y) },
			"Swiglu":            func() { Swiglu(z, x, y) },
			"SwigluBackward":    func() { SwigluBackward(z, w, x, y, x) },
			"SoftmaxBackward":   func() { SoftmaxBackwardRow(z, x, 0.5) },
			"RMSNorm":           func() { RMSNorm(z, rstd, x, gain, rows, d, 1e-5) },
			"RMSNormBackward":   func() { RMSNormBackward(z, gain, x, rstd, gain, y, rows, d) },
			"RoPE":              func() { RoPE(z, d, positions, x, y, 2, d/2) },
			"RoPEBackward":      func() { RoPEBackward(z, d, positions, x, y, 2, d/2) },
			"AdamW":             func() { AdamW(w, x, y, z, 1e-3, 0.9, 0.99, 1e-8, 0.1, 0.5, 0.5, 1) },
			"Add":               func() { Add(z, x) },
			"Scale":             func() { Scale(z, 0.5) },
			"Axpy":              func() { Axpy(z, 0.5, x) },
			"Lerp":              func() { Lerp(z, x, 0.5) },
			"Dot":               func() { z[0] = Dot(x, y) },
			"SumSquares":        func() { z[0] = float32(SumSquares(x)) },
			"AddBias":           func() { AddBias(z, bias, rows, d) },
			"ColumnSum":         func() { ColumnSum(bias, x, rows, d) },
		}
		for _, threads := range []int{1, 2} {
			withThreads(threads, func() {
				for name, call := range calls {
					for range 20 {
						call() // fills the free lists
					}
					if count := testing.AllocsPerRun(20, call); count != 0 {
						t.Errorf("%s on %d threads allocates %.1f times a call", name, threads, count)
					}
				}
			})
		}
	})
}
