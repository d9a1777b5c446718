package kernel

import (
	"fmt"
	"testing"
)

// benchmarkEachSet runs a benchmark for every set on the machine, on one thread.
func benchmarkEachSet(b *testing.B, run func(b *testing.B)) {
	before, threads := Name(), Threads()
	defer func() {
		SetThreads(threads)
		if err := Select(before); err != nil {
			b.Fatal(err)
		}
	}()
	SetThreads(1)
	for _, name := range Sets() {
		if err := Select(name); err != nil {
			b.Fatal(err)
		}
		b.Run(name, run)
	}
}

// reportGemm adds the rate and its ratio to the peak, measured next to it because
// the speed of a virtual processor drifts.
func reportGemm(b *testing.B, flops int) {
	rate := float64(flops) * float64(b.N) / float64(b.Elapsed().Nanoseconds())
	b.ReportMetric(rate, "GFLOP/s")
	b.ReportMetric(rate/fmaRate(active.Load(), Threads()), "of-peak")
}

func BenchmarkGemm(b *testing.B) {
	benchmarkEachSet(b, func(b *testing.B) {
		for _, shape := range [][3]int{{1024, 1024, 1024}, {4096, 768, 192}, {4096, 192, 768}, {192, 768, 4096}, {512, 576, 1536},
			{256, 256, 64}, {256, 64, 256}, {64, 64, 64}, {16, 1536, 576}, {8, 1536, 576}} {
			for _, form := range forms[:3] {
				m, n, k := shape[0], shape[1], shape[2]
				b.Run(fmt.Sprintf("%s/%dx%dx%d", form.name, m, n, k), func(b *testing.B) {
					o := newOperands(random(1), form.transA, form.transB, m, n, k)
					o.lda, o.ldb, o.ldc = o.lda-3, o.ldb-5, o.ldc-7
					c := make([]float32, m*n)
					for b.Loop() {
						o.gemm(false, c)
					}
					reportGemm(b, 2*m*n*k)
				})
			}
		}
	})
}

func BenchmarkGemmThreads(b *testing.B) {
	const m, n, k = 4096, 768, 192
	for _, form := range forms[:3] {
		b.Run(form.name, func(b *testing.B) {
			o := newOperands(random(1), form.transA, form.transB, m, n, k)
			c := make([]float32, m*o.ldc)
			for b.Loop() {
				o.gemm(false, c)
			}
			reportGemm(b, 2*m*n*k)
		})
	}
}

func BenchmarkGemmPacked(b *testing.B) {
	benchmarkEachSet(b, func(b *testing.B) {
		for _, m := range []int{1, 8, 16} {
			b.Run(fmt.Sprint(m), func(b *testing.B) {
				const n, k = 1024, 256
				r := random(1)
				packed := Pack(false, k, n, uniform(r, k*n, -1, 1), n)
				a, c := uniform(r, m*k, -1, 1), make([]float32, m*n)
				for b.Loop() {
					GemmPacked(m, a, k, packed, false, c, n)
				}
				reportGemm(b, 2*m*n*k)
			})
		}
	})
}
