package kernel

import "testing"

// BenchmarkElementwise measures cache-resident operands on one thread in ns an
// element.
func BenchmarkElementwise(b *testing.B) {
	const n, d = 4096, 256
	r := random(1)
	x, y, z, w := uniform(r, n, -4, 4), uniform(r, n, -1, 1), make([]float32, n), make([]float32, n)
	gain, bias, mean, rstd := uniform(r, d, 0, 1), uniform(r, d, 0, 1), make([]float32, n/d), make([]float32, n/d)
	dgain, dbias := make([]float32, d), make([]float32, d)
	positions := make([]int, n/d)
	for i := range positions {
		positions[i] = i
	}
	operations := []struct {
		name string
		run  func()
	}{
		{"exp", func() { Exp(z, x) }},
		{"softmax-256", func() {
			for i := 0; i < n; i += d {
				SoftmaxRow(z[i:i+d], x[i:i+d])
			}
		}},
		{"gelu", func() { Gelu(z, x) }},
		{"gelu-backward", func() { GeluBackward(z, x, y) }},
		{"silu", func() { Silu(z, x) }},
		{"swiglu", func() { Swiglu(z, x, y) }},
		{"swiglu-backward", func() { SwigluBackward(z, w, x, y, y) }},
		{"softmax-backward", func() { SoftmaxBackwardRow(z, x, 0.5) }},
		{"rmsnorm-256", func() { RMSNorm(z, rstd, x, gain, n/d, d, 1e-5) }},
		{"rmsnorm-backward-256", func() { RMSNormBackward(z, dgain, x, rstd, gain, y, n/d, d) }},
		{"rope-64", func() { RoPE(z, d, positions, x, y, d/64, 64) }},
		{"layernorm-256", func() { LayerNorm(z, mean, rstd, x, gain, bias, n/d, d, 1e-5) }},
		{"layernorm-backward-256", func() { LayerNormBackward(z, dgain, dbias, x, mean, rstd, gain, y, n/d, d) }},
		{"adamw", func() { AdamW(w, x, y, z, 1e-3, 0.9, 0.99, 1e-8, 0.1, 0.5, 0.5, 1) }},
		{"add", func() { Add(z, x) }},
		{"dot", func() { z[0] = Dot(x, y) }},
		{"sum-squares", func() { z[0] = float32(SumSquares(x)) }},
		{"column-sum", func() { ColumnSum(dbias, x, n/d, d) }},
	}
	benchmarkEachSet(b, func(b *testing.B) {
		for _, op := range operations {
			b.Run(op.name, func(b *testing.B) {
				clear(z)
				for b.Loop() {
					op.run()
				}
				b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/n, "ns/element")
			})
		}
	})
}

func BenchmarkParallelHandOff(b *testing.B) {
	z := make([]float32, 64)
	body := func(i int) { z[16*i]++ }
	for b.Loop() {
		Parallel(2, body)
	}
}
