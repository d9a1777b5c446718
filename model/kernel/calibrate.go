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
	calibrateFor  = 15 * time.Millisecond // a trial
	calibrateSize = 24 << 20              // elements: larger than the L3 cache
)

// Calibrate measures the peak of multiply-adds held in registers and the
// bandwidth of streaming reads from memory, the best of some trials of each. It
// takes about 0.3 s and 96 MiB.
func Calibrate() Calibration {
	c, threads := NewCalibrator(), Threads()
	best := func(trial func(threads int) float64, threads int) (rate float64) {
		for range 4 {
			rate = max(rate, trial(threads))
		}
		return rate
	}
	return NewCalibration(best(c.FMA, 1), best(c.FMA, threads), best(c.Read, 1), best(c.Read, threads))
}

// NewCalibration puts measured rates together.
func NewCalibration(fma1T, fmaAll, read1T, readAll float64) Calibration {
	return Calibration{
		FMAGflops1T: fma1T, FMAGflopsAll: fmaAll,
		BandwidthGBs1T: read1T, BandwidthGBsAll: readAll,
		CoresShared: Threads() > 1 && fmaAll < 1.4*fma1T,
	}
}

// Calibrator measures the machine in trials of 15 ms, short enough to stand
// between measured repeats: the speed of a virtual processor drifts.
type Calibrator struct{ data []float32 }

// NewCalibrator takes the 96 MiB that Read streams through.
func NewCalibrator() *Calibrator {
	c := &Calibrator{data: Alloc(calibrateSize)}
	for i := range c.data {
		c.data[i] = 1 // a page that was never written would be read from one zero page
	}
	return c
}

// FMA returns the multiply-adds of the active set on so many threads, at most
// Threads(), in GFLOP/s.
func (*Calibrator) FMA(threads int) float64 { return fmaRate(active.Load(), threads) }

// Read returns the bandwidth of reading memory on so many threads, at most
// Threads(), in GB/s.
func (c *Calibrator) Read(threads int) float64 { return readRate(active.Load(), c.data, threads) }

func fmaRate(s *set, threads int) float64 {
	var flops atomic.Int64
	start := time.Now()
	Parallel(threads, func(int) {
		for time.Since(start) < calibrateFor {
			const rounds = 10000
			flops.Add(int64(rounds) * int64(s.fmaLoop(rounds)))
		}
	})
	return float64(flops.Load()) / float64(time.Since(start).Nanoseconds())
}

func readRate(s *set, data []float32, threads int) float64 {
	const each = 1 << 18
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
	return float64(read.Load()) / float64(time.Since(start).Nanoseconds())
}
