package kernel

import (
	"sync/atomic"
	"time"
)

// Calibration is what the machine can do with the active set, measured now, for
// judging measured times: 1T is one thread, All is Threads() threads.
type Calibration struct {
	FMAGflops1T     float64 `json:"fma_gflops_1t"`
	FMAGflopsAll    float64 `json:"fma_gflops_all"`
	BandwidthGBs1T  float64 `json:"bandwidth_gbs_1t"`
	BandwidthGBsAll float64 `json:"bandwidth_gbs_all"`
	// CoresShared tells that all threads together reach less than 1.4 times one
	// thread's arithmetic, as when two virtual processors share a core.
	CoresShared bool `json:"cores_shared"`
}

const (
	calibrateFor  = 30 * time.Millisecond // a trial
	calibrateSize = 24 << 20              // elements: larger than the L3 cache
)

// Calibrate measures the peak of multiply-adds held in registers and the
// bandwidth of streaming reads from memory. It takes about 0.3 s and 96 MiB.
func Calibrate() Calibration {
	s := active.Load()
	threads := Threads()
	data := make([]float32, calibrateSize)
	for i := range data {
		data[i] = 1 // a page that was never written would be read from one zero page
	}
	c := Calibration{
		FMAGflops1T:     fmaRate(s, 1),
		FMAGflopsAll:    fmaRate(s, threads),
		BandwidthGBs1T:  readRate(s, data, 1),
		BandwidthGBsAll: readRate(s, data, threads),
	}
	c.CoresShared = threads > 1 && c.FMAGflopsAll < 1.4*c.FMAGflops1T
	return c
}

// fmaRate returns the best of two trials in GFLOP/s.
func fmaRate(s *set, threads int) float64 {
	best := 0.0
	for range 2 {
		var flops atomic.Int64
		start := time.Now()
		Parallel(threads, func(int) {
			for time.Since(start) < calibrateFor {
				const rounds = 10000
				flops.Add(int64(rounds) * int64(s.fmaLoop(rounds)))
			}
		})
		best = max(best, float64(flops.Load())/float64(time.Since(start).Nanoseconds()))
	}
	return best
}

// readRate returns the best of two trials in GB/s.
func readRate(s *set, data []float32, threads int) float64 {
	const each = 1 << 18
	best := 0.0
	for range 2 {
		var next, read atomic.Int64
		start := time.Now()
		Parallel(threads, func(int) {
			for time.Since(start) < calibrateFor {
				from := int(next.Add(1)-1) * each % len(data)
				if s.readLoop(data[from:from+each]) != 0 {
					read.Add(4 * each)
				}
			}
		})
		best = max(best, float64(read.Load())/float64(time.Since(start).Nanoseconds()))
	}
	return best
}
