// Package bench measures the engine on the machine at hand: matrix products,
// elementwise kernels, training steps and decoding. Every repeat of a
// measurement stands next to a calibration of the processor's peak and of its
// memory, because the speed of a shared machine drifts; what can be compared
// between machines and days are the ratios.
package bench

import (
	"bufio"
	"context"
	"os"
	"runtime"
	"slices"
	"strings"
	"time"

	"rankloop/model/kernel"
)

// Report is what one benchmark found.
type Report struct {
	Bench       string             `json:"bench"`
	CPU         CPU                `json:"cpu"`
	Calibration kernel.Calibration `json:"calibration"`
	Results     any                `json:"results"` // a slice
}

// CPU names the processor and the kernel set in use.
type CPU struct {
	Model   string `json:"model"`
	Kernels string `json:"kernels"`
}

// Options are common to all benchmarks.
type Options struct {
	Repeats int   // measured repeats of each line
	Threads []int // thread counts; empty: 1 and all
	// Progress is told which line is measured now; nil for none.
	Progress func(line string)
}

// threads are the counts to measure, none above what the pool has.
func (o Options) threads() []int {
	all := kernel.Threads()
	if len(o.Threads) == 0 {
		return slices.Compact([]int{1, all})
	}
	return o.Threads
}

func (o Options) tell(line string) {
	if o.Progress != nil {
		o.Progress(line)
	}
}

// meter measures functions beside the machine's peaks.
type meter struct {
	ctx        context.Context
	calibrator *kernel.Calibrator
	options    Options
	all        int // threads of the pool

	// Every trial of the run, by kind.
	fma1T, fmaAll, read1T, readAll []float64
}

func newMeter(ctx context.Context, o Options) *meter {
	return &meter{ctx: ctx, calibrator: kernel.NewCalibrator(), options: o, all: kernel.Threads()}
}

// report closes a run. The calibration is the median of the trials that stood
// between the repeats.
func (m *meter) report(name string, results any) Report {
	for range 5 {
		m.fma1T = append(m.fma1T, m.calibrator.FMA(1))
		m.fmaAll = append(m.fmaAll, m.calibrator.FMA(m.all))
		m.read1T = append(m.read1T, m.calibrator.Read(1))
		m.readAll = append(m.readAll, m.calibrator.Read(m.all))
	}
	return Report{
		Bench: name, CPU: CPU{Model: cpuModel(), Kernels: kernel.Name()},
		Calibration: kernel.NewCalibration(median(m.fma1T), median(m.fmaAll), median(m.read1T), median(m.readAll)),
		Results:     results,
	}
}

// withThreads runs f with a pool of so many threads.
func (m *meter) withThreads(threads int, f func() error) error {
	defer kernel.SetThreads(m.all)
	kernel.SetThreads(threads)
	return f()
}

// peak is one trial of the multiply-add peak on so many threads, in GFLOP/s.
func (m *meter) peak(threads int) float64 {
	rate := m.calibrator.FMA(threads)
	if threads == 1 {
		m.fma1T = append(m.fma1T, rate)
	}
	if threads == m.all {
		m.fmaAll = append(m.fmaAll, rate)
	}
	return rate
}

// bandwidth is one trial of reading memory on so many threads, in GB/s.
func (m *meter) bandwidth(threads int) float64 {
	rate := m.calibrator.Read(threads)
	if threads == 1 {
		m.read1T = append(m.read1T, rate)
	}
	if threads == m.all {
		m.readAll = append(m.readAll, rate)
	}
	return rate
}

// sampleFor is how long a repeat runs at least: short calls are timed together.
const sampleFor = 20 * time.Millisecond

// calls returns how often unit has to run to fill a repeat, having warmed it up.
func calls(unit func()) int {
	for n := 1; ; n *= 2 {
		if timed(n, unit) >= sampleFor/2 {
			return n
		}
	}
}

func timed(n int, unit func()) time.Duration {
	start := time.Now()
	for range n {
		unit()
	}
	return time.Since(start)
}

// samples are what the repeats of a measurement gave, per call.
type samples struct {
	seconds    []float64
	peaks      []float64 // GFLOP/s of the trials beside the repeats
	bandwidths []float64 // GB/s, where they were asked for
	// allocations is the number of heap objects in the repeat that had the fewest,
	// rounded down: the runtime makes some of its own now and then.
	allocations uint64
}

func (s *samples) allocated(objects uint64, calls int) {
	if each := objects / uint64(calls); len(s.seconds) == 1 || each < s.allocations {
		s.allocations = each
	}
}

// sample measures unit on so many threads, each repeat beside a trial of the
// peak.
func (m *meter) sample(threads int, unit func()) (s samples, err error) {
	err = m.withThreads(threads, func() error {
		n := calls(unit)
		for range m.options.Repeats {
			if err := m.ctx.Err(); err != nil {
				return err
			}
			s.peaks = append(s.peaks, m.peak(threads))
			before := mallocs()
			s.seconds = append(s.seconds, timed(n, unit).Seconds()/float64(n))
			s.allocated(mallocs()-before, n)
		}
		return nil
	})
	return s, err
}

// mallocs counts the heap objects made so far.
func mallocs() uint64 {
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return stats.Mallocs
}

// median of at least one number.
func median(x []float64) float64 {
	sorted := slices.Sorted(slices.Values(x))
	middle := len(sorted) / 2
	if len(sorted)%2 == 1 {
		return sorted[middle]
	}
	return (sorted[middle-1] + sorted[middle]) / 2
}

// cpuModel is the processor's name where the system tells it, else the
// architecture.
func cpuModel() string {
	file, err := os.Open("/proc/cpuinfo")
	if err != nil {
		return runtime.GOARCH
	}
	defer file.Close()
	for lines := bufio.NewScanner(file); lines.Scan(); {
		if key, value, ok := strings.Cut(lines.Text(), ":"); ok && strings.TrimSpace(key) == "model name" {
			return strings.TrimSpace(value)
		}
	}
	return runtime.GOARCH
}
