package kernel

import (
	"fmt"
	"math"
	"testing"
)

// normalised is LayerNorm of one row in float64.
func normalised(x, gain, bias []float32, eps float64) (out []float64, mean, rstd float64) {
	d := float64(len(x))
	for _, v := range x {
		mean += float64(v) / d
	}
	variance := 0.0
	for _, v := range x {
		variance += (float64(v) - mean) * (float64(v) - mean) / d
	}
	rstd = 1 / math.Sqrt(variance+eps)
	for i, v := range x {
		out = append(out, (float64(v)-mean)*rstd*float64(gain[i])+float64(bias[i]))
	}
	return out, mean, rstd
}

func near(t *testing.T, what string, got float32, want, tolerance float64) {
	t.Helper()
	if !(math.Abs(float64(got)-want) <= tolerance*(1+math.Abs(want))) {
		t.Fatalf("%s is %g, want %g", what, got, want)
	}
}

func TestLayerNormAgainstFloat64(t *testing.T) {
	const eps = 1e-5
	eachSet(t, func(t *testing.T) {
		for _, d := range lengths {
			for _, rows := range []int{1, 3, 70} {
				r := random(uint64(d))
				x := uniform(r, rows*d, -1, 5) // a mean that is not zero
				gain, bias := uniform(r, d, 0.5, 2), uniform(r, d, -1, 1)
				out, checkOut := guarded(t, rows*d)
				mean, checkMean := guarded(t, rows)
				rstd := make([]float32, rows)
				LayerNorm(out, mean, rstd, x, gain, bias, rows, d, eps)
				checkOut()
				checkMean()
				for i := range rows {
					want, m, s := normalised(x[i*d:(i+1)*d], gain, bias, eps)
					near(t, fmt.Sprintf("mean of row %d, d=%d", i, d), mean[i], m, 1e-6)
					if d == 1 {
						continue // the variance is rounding alone
					}
					near(t, fmt.Sprintf("rstd of row %d, d=%d", i, d), rstd[i], s, 1e-5)
					for j, w := range want {
						near(t, fmt.Sprintf("element %d,%d, d=%d", i, j, d), out[i*d+j], w, 2e-5)
					}
				}
			}
		}
	})
}

// The gradient is compared with central differences of the float64 definition.
func TestLayerNormBackwardAgainstDifferences(t *testing.T) {
	const eps, step = 1e-5, 1e-3
	eachSet(t, func(t *testing.T) {
		for _, shape := range [][2]int{{1, 3}, {4, 9}, {3, 33}, {2, 80}} {
			rows, d := shape[0], shape[1]
			r := random(uint64(d))
			x, dy := uniform(r, rows*d, -1, 3), uniform(r, rows*d, -1, 1)
			gain, bias := uniform(r, d, 0.5, 2), uniform(r, d, -1, 1)
			out, mean, rstd := make([]float32, rows*d), make([]float32, rows), make([]float32, rows)
			LayerNorm(out, mean, rstd, x, gain, bias, rows, d, eps)
			loss := func() (sum float64) {
				for i := range rows {
					y, _, _ := normalised(x[i*d:(i+1)*d], gain, bias, eps)
					for j, v := range y {
						sum += v * float64(dy[i*d+j])
					}
				}
				return sum
			}
			dx, checkX := guarded(t, rows*d)
			dgain, checkGain := guarded(t, d)
			dbias, checkBias := guarded(t, d)
			for _, grad := range [][]float32{dx, dgain, dbias} {
				for i := range grad {
					grad[i] = 0.25 // gradients are added to what is there
				}
			}
			LayerNormBackward(dx, dgain, dbias, x, mean, rstd, gain, dy, rows, d)
			checkX()
			checkGain()
			checkBias()
			for name, pair := range map[string][2][]float32{"dx": {x, dx}, "dgain": {gain, dgain}, "dbias": {bias, dbias}} {
				for i, v := range pair[0] {
					pair[0][i] = v + step
					above, high := loss(), float64(pair[0][i])
					pair[0][i] = v - step
					below, low := loss(), float64(pair[0][i])
					pair[0][i] = v
					near(t, fmt.Sprintf("%s[%d] of %v", name, i, shape), pair[1][i]-0.25, (above-below)/(high-low), 2e-4)
				}
			}
		}
	})
}

func TestRowSumsDoNotDependOnThreads(t *testing.T) {
	eachSet(t, func(t *testing.T) {
		for _, d := range []int{5, 64, 200, 777} {
			const rows = 150
			r := random(uint64(d))
			x, dy, gain := uniform(r, rows*d, -1, 1), uniform(r, rows*d, -1, 1), uniform(r, d, 0, 1)
			run := func() []float32 {
				result := make([]float32, 4*rows*d+3*d+2*rows)
				rest := result
				take := func(n int) []float32 {
					part := rest[:n:n]
					rest = rest[n:]
					return part
				}
				mean, rstd, dgain, dbias, total := take(rows), take(rows), take(d), take(d), take(d)
				out, dx := take(rows*d), take(rows*d)
				LayerNorm(out, mean, rstd, x, gain, gain, rows, d, 1e-5)
				LayerNormBackward(dx, dgain, dbias, x, mean, rstd, gain, dy, rows, d)
				ColumnSum(total, x, rows, d)
				AddBias(out, gain, rows, d)
				return result
			}
			var one []float32
			withThreads(1, func() { one = run() })
			for _, threads := range []int{2, 5} {
				withThreads(threads, func() { sameBits(t, fmt.Sprintf("%d threads, d=%d", threads, d), run(), one) })
			}
		}
	})
}

func TestColumnSumAndAddBias(t *testing.T) {
	eachSet(t, func(t *testing.T) {
		for _, d := range lengths {
			const rows = 37
			r := random(uint64(d))
			x, bias := uniform(r, rows*d, -1, 1), uniform(r, d, -1, 1)
			sum, checkSum := guarded(t, d)
			copy(sum, bias)
			ColumnSum(sum, x, rows, d)
			checkSum()
			y, checkY := guarded(t, rows*d)
			copy(y, x)
			AddBias(y, bias, rows, d)
			checkY()
			for j := range d {
				want := float64(bias[j])
				for i := range rows {
					want += float64(x[i*d+j])
					near(t, "bias", y[i*d+j], float64(x[i*d+j])+float64(bias[j]), 1e-6)
				}
				near(t, fmt.Sprintf("column %d of %d", j, d), sum[j], want, 2e-6)
			}
		}
	})
}
