package kernel

import (
	"sync"
	"sync/atomic"
	"testing"
)

func TestParallelRunsEveryItemOnce(t *testing.T) {
	for _, threads := range []int{1, 2, 7} {
		withThreads(threads, func() {
			for _, n := range []int{0, 1, 2, 3, 100, 5000} {
				counts := make([]int, n) // plain writes: the race detector sees a shared item
				Parallel(n, func(i int) { counts[i]++ })
				for i, c := range counts {
					if c != 1 {
						t.Fatalf("%d threads: item %d of %d ran %d times", threads, i, n, c)
					}
				}
			}
		})
	}
}

func TestParallelNestedAndConcurrent(t *testing.T) {
	withThreads(4, func() {
		var total atomic.Int64
		var callers sync.WaitGroup
		for range 8 {
			callers.Go(func() {
				for range 50 {
					Parallel(6, func(int) {
						Parallel(5, func(i int) { total.Add(int64(i)) })
					})
				}
			})
		}
		callers.Wait()
		if want := int64(8 * 50 * 6 * (0 + 1 + 2 + 3 + 4)); total.Load() != want {
			t.Errorf("items sum to %d, want %d", total.Load(), want)
		}
	})
}

func TestParallelPanicReachesTheCaller(t *testing.T) {
	withThreads(3, func() {
		for range 20 {
			func() {
				defer func() {
					if value := recover(); value != "item 7" {
						t.Errorf("recovered %v", value)
					}
				}()
				Parallel(30, func(i int) {
					if i == 7 {
						panic("item 7")
					}
				})
			}()
		}
		var ran atomic.Int64
		Parallel(10, func(int) { ran.Add(1) })
		if ran.Load() != 10 {
			t.Errorf("%d of 10 items ran after a panic", ran.Load())
		}
	})
}

func TestGemmFromManyGoroutines(t *testing.T) {
	o := newOperands(random(3), false, true, 120, 130, 140)
	want := make([]float32, o.m*o.ldc)
	o.gemm(false, want)
	var callers sync.WaitGroup
	for range 6 {
		callers.Go(func() {
			for range 5 {
				c := make([]float32, len(want))
				o.gemm(false, c)
				for i := range c {
					if c[i] != want[i] {
						t.Errorf("element %d is %g, want %g", i, c[i], want[i])
						return
					}
				}
			}
		})
	}
	callers.Wait()
}
