package kernel

import (
	"fmt"
	"math"
	"testing"
)

// lengths cover whole vectors, blocks of vectors and every kind of rest.
var lengths = []int{1, 2, 3, 5, 7, 8, 9, 15, 16, 17, 31, 33, 63, 64, 65, 100, 127, 129, 257, 1000}

func TestExpWithinTwoUlp(t *testing.T) {
	eachSet(t, func(t *testing.T) {
		var x []float32
		for v := float32(-105); v < 90; v += 0.00317 {
			x = append(x, v)
		}
		x = append(x, 0, float32(math.Copysign(0, -1)), 1e-30, -1e-30, 1e-45, 88.72283, 88.72284, -87.33655, -103.97, -1e30, 1e30)
		y := make([]float32, len(x))
		Exp(y, x)
		worst, at := 0.0, float32(0)
		for i, v := range x {
			if d := ulps(y[i], math.Exp(float64(v))); d > worst {
				worst, at = d, v
			}
		}
		if worst > 2 {
			t.Errorf("exp(%g) is off by %.2f ulp", at, worst)
		}
	})
}

func TestExpOfSpecialValues(t *testing.T) {
	inf, nan := float32(math.Inf(1)), float32(math.NaN())
	eachSet(t, func(t *testing.T) {
		for _, n := range []int{3, 8, 16, 19} { // in a masked and in a whole vector
			x, y := make([]float32, n), make([]float32, n)
			x[0], x[1], x[2] = -inf, inf, nan
			Exp(y, x)
			if y[0] != 0 || y[1] != inf || y[2] == y[2] {
				t.Errorf("n=%d: exp(-Inf, Inf, NaN) = %v", n, y[:3])
			}
			for _, v := range y[3:] {
				if v != 1 {
					t.Errorf("n=%d: exp(0) = %g beside special values", n, v)
				}
			}
		}
	})
}

func geluExact(x float64) float64 {
	return x / 2 * (1 + math.Tanh(math.Sqrt(2/math.Pi)*(x+0.044715*x*x*x)))
}

func geluSlope(x float64) float64 {
	c := math.Sqrt(2 / math.Pi)
	th := math.Tanh(c * (x + 0.044715*x*x*x))
	return (1+th)/2 + x/2*(1-th*th)*c*(1+3*0.044715*x*x)
}

func TestElementwiseAgainstFloat64(t *testing.T) {
	functions := []struct {
		name  string
		from  float64
		run   func(dst, x, y []float32)
		exact func(dst, x, y float64) float64
	}{
		{"Exp", 8, func(dst, x, _ []float32) { Exp(dst, x) }, func(_, x, _ float64) float64 { return math.Exp(x) }},
		{"Gelu", 8, func(dst, x, _ []float32) { Gelu(dst, x) }, func(_, x, _ float64) float64 { return geluExact(x) }},
		{"GeluBackward", 8, GeluBackward, func(_, x, y float64) float64 { return y * geluSlope(x) }},
		{"Silu", 20, func(dst, x, _ []float32) { Silu(dst, x) }, func(_, x, _ float64) float64 { return siluExact(x) }},
		{"SiluBackward", 20, SiluBackward, func(_, x, y float64) float64 { return y * siluSlopeExact(x) }},
		{"Swiglu", 20, Swiglu, func(_, x, y float64) float64 { return y * siluExact(x) }},
		{"SoftmaxBackwardRow", 2, func(dst, x, _ []float32) { SoftmaxBackwardRow(dst, x, 0.375) }, func(d, x, _ float64) float64 { return x * (d - 0.375) }},
		{"Add", 2, func(dst, x, _ []float32) { Add(dst, x) }, func(d, x, _ float64) float64 { return d + x }},
		{"Scale", 2, func(dst, _, _ []float32) { Scale(dst, 1.5) }, func(d, _, _ float64) float64 { return 1.5 * d }},
		{"Axpy", 2, func(dst, x, _ []float32) { Axpy(dst, -0.75, x) }, func(d, x, _ float64) float64 { return d - 0.75*x }},
		{"Lerp", 2, func(dst, x, _ []float32) { Lerp(dst, x, 0.9375) }, func(d, x, _ float64) float64 { return 0.9375*d + 0.0625*x }},
	}
	eachSet(t, func(t *testing.T) {
		for _, f := range functions {
			for _, n := range append([]int{elementsEach + 5, 3 * elementsEach}, lengths...) {
				r := random(uint64(n))
				x, y, start := uniform(r, n, -f.from, f.from), uniform(r, n, -2, 2), uniform(r, n, -2, 2)
				dst, check := guarded(t, n)
				copy(dst, start)
				f.run(dst, x, y)
				check()
				for i, got := range dst {
					want := f.exact(float64(start[i]), float64(x[i]), float64(y[i]))
					if math.Abs(float64(got)-want) > 1e-6*(1+math.Abs(want)) {
						t.Fatalf("%s, n=%d, element %d of x=%g: %g, want %g", f.name, n, i, x[i], got, want)
					}
				}
			}
		}
	})
}

func TestGeluOfLargeValues(t *testing.T) {
	nan := float32(math.NaN())
	eachSet(t, func(t *testing.T) {
		x := []float32{1e30, 40, -40, -1e10, 0, nan}
		y, dx := make([]float32, 6), make([]float32, 6)
		Gelu(y, x)
		GeluBackward(dx, x, []float32{2, 2, 2, 2, 2, 2})
		sameBits(t, "Gelu", y[:2], x[:2])
		sameBits(t, "GeluBackward", dx[:2], []float32{2, 2})
		for i := 2; i < 5; i++ {
			if y[i] != 0 {
				t.Errorf("Gelu(%g) = %g, want 0", x[i], y[i])
			}
		}
		if math.Abs(float64(dx[2])) > 1e-30 || math.Abs(float64(dx[3])) > 1e-30 || dx[4] != 1 {
			t.Errorf("GeluBackward of (-40, -1e10, 0) = %v", dx[2:5])
		}
		if y[5] == y[5] || dx[5] == dx[5] {
			t.Errorf("NaN became %g and %g", y[5], dx[5])
		}
	})
}

func TestSoftmaxAgainstFloat64(t *testing.T) {
	eachSet(t, func(t *testing.T) {
		for _, n := range lengths {
			// The greatest element comes first, in the middle and last, since a
			// kernel may overlook a lane of the rest. All values are far below zero: a
			// stray zero lane would win and leave nothing.
			for _, peak := range []int{0, n / 2, n - 1} {
				x := uniform(random(uint64(n)), n, -330, -320)
				x[peak] = -260
				if n > 3 {
					x[(peak+1)%n] = float32(math.Inf(-1))
					x[(peak+2)%n] = -259.5
				}
				sum := 0.0
				for _, v := range x {
					sum += math.Exp(float64(v))
				}
				dst, check := guarded(t, n)
				SoftmaxRow(dst, x)
				check()
				for i, v := range x {
					want := math.Exp(float64(v)) / sum
					if math.Abs(float64(dst[i])-want) > 5e-7*want+1e-37 {
						t.Fatalf("n=%d: softmax %d is %g, want %g", n, i, dst[i], want)
					}
				}
				if got, want := LogSumExp(x), math.Log(sum); math.Abs(float64(got)-want) > 2e-5 {
					t.Fatalf("n=%d: LogSumExp is %g, want %g", n, got, want)
				}
				SoftmaxRow(x, x)
				sameBits(t, fmt.Sprintf("softmax in place, n=%d", n), x, dst)
			}
		}
	})
}

func TestSoftmaxOfSpecialRows(t *testing.T) {
	inf, nan := float32(math.Inf(1)), float32(math.NaN())
	eachSet(t, func(t *testing.T) {
		for _, n := range []int{4, 16, 70} {
			row := make([]float32, n)
			row[n/2] = nan
			SoftmaxRow(row, row)
			for i, v := range row {
				if v == v {
					t.Errorf("n=%d: element %d of a NaN row is %g", n, i, v)
				}
			}
			if v := LogSumExp(row); v == v {
				t.Errorf("LogSumExp of a NaN row is %g", v)
			}
			for i := range row {
				row[i] = -inf
			}
			if v := LogSumExp(row); v != -inf {
				t.Errorf("LogSumExp of nothing possible is %g", v)
			}
			row[n-1] = 3
			SoftmaxRow(row, row)
			if row[n-1] != 1 || row[0] != 0 {
				t.Errorf("one possible entry has probability %g, another %g", row[n-1], row[0])
			}
		}
		if v := LogSumExp(nil); v != -inf {
			t.Errorf("LogSumExp of an empty row is %g", v)
		}
	})
}
