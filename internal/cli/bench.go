package cli

import (
	"fmt"
	"slices"
	"strings"
	"text/tabwriter"

	"rankloop/internal/bench"
)

// BenchCmd measures the engine on this machine. Nothing of it needs a database.
type BenchCmd struct {
	Gemm        BenchGemmCmd        `cmd:"" help:"Matrix products, as a share of the processor's peak."`
	Elementwise BenchElementwiseCmd `cmd:"" help:"The other kernels, in ns an element."`
	Train       BenchTrainCmd       `cmd:"" help:"Training steps."`
	Decode      BenchDecodeCmd      `cmd:"" help:"Batched generation with cached keys and values."`
	PPO         BenchPPOCmd         `cmd:"" help:"An iteration of PPO, by phase."`
}

// The bounds of a measurement.
const (
	maxBenchRepeats = 1000
	maxBenchThreads = 1024
)

// benchFlags are common to the measurements.
type benchFlags struct {
	Repeats int   `default:"${default}" help:"Measured repeats of each line; the median is reported, and the best." placeholder:"N"`
	Threads []int `help:"Thread counts, separated by commas. Default: 1 and all." placeholder:"N,…"`
}

// options checks the flags and starts a progress line; close it when the measurement ends.
func (f benchFlags) options(ctx *Context) (o bench.Options, done func(), err error) {
	if f.Repeats < 1 || f.Repeats > maxBenchRepeats {
		return o, nil, Usagef("--repeats is between 1 and %d", maxBenchRepeats)
	}
	for _, n := range f.Threads {
		if n < 1 || n > maxBenchThreads {
			return o, nil, Usagef("--threads is between 1 and %d", maxBenchThreads)
		}
	}
	progress := ctx.Progress("measuring", 0)
	lines := int64(0)
	return bench.Options{Repeats: f.Repeats, Threads: f.Threads, Progress: func(line string) {
		lines++
		progress.Set(lines, line)
	}}, progress.Close, nil
}

// BenchGemmCmd measures matrix products.
type BenchGemmCmd struct {
	Shape []string `help:"Products to measure, as MxNxK (C[M,N] = A[M,K]·B[K,N]), separated by commas." placeholder:"MxNxK,…"`
	Form  []string `enum:"NN,NT,TN,packed" help:"NN, NT, TN (which operands are stored transposed) and packed (the second one in panels)." placeholder:"FORM,…"`

	benchFlags `set:"default=15"`
}

// Run measures and prints.
func (c BenchGemmCmd) Run(ctx *Context) error {
	options := bench.GemmOptions{}
	for _, text := range c.Shape {
		var s bench.Shape
		if _, err := fmt.Sscanf(text+"\n", "%dx%dx%d\n", &s.M, &s.N, &s.K); err != nil {
			return Usagef("--shape is like 1024x1024x1024, not %q", text)
		}
		if err := s.Check(); err != nil {
			return Usagef("--shape %s", err)
		}
		options.Shapes = append(options.Shapes, s)
	}
	for _, form := range c.Form {
		options.Forms = append(options.Forms, bench.Form(form))
	}
	var (
		done func()
		err  error
	)
	if options.Options, done, err = c.options(ctx); err != nil {
		return err
	}
	report, err := bench.Gemm(ctx, options)
	done()
	return printBench(ctx, report, err, "FORM\tM\tN\tK\tTHREADS\tGFLOP/S\tBEST\tPEAK\tRATIO\tERROR", func(l bench.GemmLine) string {
		return fmt.Sprintf("%s\t%d\t%d\t%d\t%d\t%.1f\t%.1f\t%.1f\t%.2f\t%.1e", l.Form, l.M, l.N, l.K, l.Threads, l.GflopsMedian, l.GflopsBest, l.PeakGflops, l.RatioToPeak, l.RelativeError)
	})
}

// BenchElementwiseCmd measures the kernels that are no products.
type BenchElementwiseCmd struct {
	Repeats int `default:"15" help:"Measured repeats of each line; the median is reported, and the best." placeholder:"N"`
}

// Run measures and prints.
func (c BenchElementwiseCmd) Run(ctx *Context) error {
	options, done, err := benchFlags{Repeats: c.Repeats}.options(ctx)
	if err != nil {
		return err
	}
	report, err := bench.Elementwise(ctx, options)
	done()
	return printBench(ctx, report, err, "KERNEL\tELEMENTS\tNS/ELEMENT\tBEST\tPEAK GFLOP/S", func(l bench.ElementwiseLine) string {
		return fmt.Sprintf("%s\t%d\t%.3f\t%.3f\t%.1f", l.Name, l.Elements, l.NsPerElementMedian, l.NsPerElementBest, l.PeakGflops)
	})
}

// BenchTrainCmd measures training steps.
type BenchTrainCmd struct {
	Name []string `help:"Networks to measure; all by default." placeholder:"NAME,…"`

	benchFlags `set:"default=7"`
}

// Run measures and prints.
func (c BenchTrainCmd) Run(ctx *Context) error {
	presets, err := chosen(c.Name, bench.TrainPresets(), func(p bench.TrainPreset) string { return p.Name })
	if err != nil {
		return err
	}
	options, done, err := c.options(ctx)
	if err != nil {
		return err
	}
	report, err := bench.Train(ctx, options, presets)
	done()
	return printBench(ctx, report, err, "NAME\tPARAMETERS\tBATCH\tTHREADS\tSTEP\tTOKENS/S\tBEST\tGFLOP/S\tPEAK\tRATIO\tALLOCATIONS", func(l bench.TrainLine) string {
		return fmt.Sprintf("%s\t%d\t%d×%d\t%d\t%.3f s\t%.0f\t%.0f\t%.1f\t%.1f\t%.2f\t%d", l.Name, l.Parameters, l.Batch, l.Context, l.Threads, l.StepSMedian, l.TokensPerSMedian, l.TokensPerSBest, l.GflopsMedian, l.PeakGflops, l.RatioToPeak, l.AllocationsPerStep)
	})
}

// BenchDecodeCmd measures generation.
type BenchDecodeCmd struct {
	Name  []string `help:"Networks to measure; all by default." placeholder:"NAME,…"`
	Batch []int    `help:"Batch sizes to measure, of those that a network has; all by default." placeholder:"N,…"`

	benchFlags `set:"default=7"`
}

// Run measures and prints.
func (c BenchDecodeCmd) Run(ctx *Context) error {
	presets, err := chosen(c.Name, bench.DecodePresets(), func(p bench.DecodePreset) string { return p.Name })
	if err != nil {
		return err
	}
	if len(c.Batch) > 0 {
		presets = slices.DeleteFunc(presets, func(p bench.DecodePreset) bool { return !slices.Contains(c.Batch, p.Batch) })
	}
	if len(presets) == 0 {
		return Usagef("no network is measured with that --batch; see bench decode without it")
	}
	options, done, err := c.options(ctx)
	if err != nil {
		return err
	}
	report, err := bench.Decode(ctx, options, presets)
	done()
	return printBench(ctx, report, err, "NAME\tPARAMETERS\tBATCH\tTHREADS\tTOKENS/S\tBEST\tOF BANDWIDTH\tOF PEAK\tERROR\tALLOCATIONS", func(l bench.DecodeLine) string {
		return fmt.Sprintf("%s\t%d\t%d\t%d\t%.0f\t%.0f\t%.2f\t%.2f\t%.1e\t%d", l.Name, l.Parameters, l.Batch, l.Threads, l.TokensPerSMedian, l.TokensPerSBest, l.RatioToBandwidth, l.RatioToPeak, l.LogProbError, l.AllocationsPerStep)
	})
}

// chosen returns the presets of the given names, all where there are none.
func chosen[T any](names []string, presets []T, name func(T) string) ([]T, error) {
	var known []string
	for _, p := range presets {
		if !slices.Contains(known, name(p)) {
			known = append(known, name(p))
		}
	}
	for _, n := range names {
		if !slices.Contains(known, n) {
			return nil, Usagef("no network %q; there are %s", n, strings.Join(known, ", "))
		}
	}
	return slices.DeleteFunc(presets, func(p T) bool { return len(names) > 0 && !slices.Contains(names, name(p)) }), nil
}

// printBench prints a report, its lines as a table for people.
func printBench[L any](ctx *Context, r bench.Report, err error, header string, row func(L) string) error {
	if err != nil {
		return err
	}
	if ctx.JSON {
		return ctx.PrintJSON(r)
	}
	k := r.Calibration
	ctx.Printf("%s, %s kernels\n", r.CPU.Model, r.CPU.Kernels)
	ctx.Printf("multiply-adds %.1f GFLOP/s on one thread, %.1f on all; memory %.1f and %.1f GB/s\n", k.FMAGflops1T, k.FMAGflopsAll, k.BandwidthGBs1T, k.BandwidthGBsAll)
	if k.CoresShared {
		ctx.Printf("the threads seem to share a core: figures on all of them say little\n")
	}
	table := tabwriter.NewWriter(ctx.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "\n"+header)
	for _, line := range r.Results.([]L) {
		fmt.Fprintln(table, row(line))
	}
	return table.Flush()
}
