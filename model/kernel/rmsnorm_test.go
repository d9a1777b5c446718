package kernel

import (
	"fmt"
	"math"
	"testing"
)

// rmsNormalised is RMSNorm of one row in float64.
func rmsNormalised(x, gain []float32, eps float64) (out []float64, rstd float64) {
	square := 0.0
	for _, v := range x {
		square += float64(v) * float64(v) / float64(len(x))
	}
	rstd = 1 / math.Sqrt(square+eps)
	for i, v := range x {
		out = append(out, float64(v)*rstd*float64(gain[i]))
	}
	return out, rstd
}

func TestRMSNormAgainstFloat64(t *testing.T) {
	const eps = 1e-5
	eachSet(t, func(t *testing.T) {
		for _, d := range lengths {
			for _, rows := range []int{1, 3, 70} {
				r := random(uint64(d))
				x, gain := uniform(r, rows*d, -1, 5), uniform(r, d, 0.5, 2)
				out, checkOut := guarded(t, rows*d)
				rstd, checkRstd := guarded(t, rows)
				RMSNorm(out, rstd, x, gain, rows, d, eps)
				checkOut()
				checkRstd()
				for i := range rows {
					want, s := rmsNormalised(x[i*d:(i+1)*d], gain, eps)
					near(t, fmt.Sprintf("rstd of row %d, d=%d", i, d), rstd[i], s, 1e-6)
					for j, w := range want {
						near(t, fmt.Sprintf("element %d,%d, d=%d", i, j, d), out[i*d+j], w, 1e-6)
					}
				}
				RMSNorm(x, rstd, x, gain, rows, d, eps)
				sameBits(t, "in place", x, out)
			}
		}
	})
}

// The gradient is compared with central differences of the float64 definition.
func TestRMSNormBackwardAgainstDifferences(t *testing.T) {
	const eps, step = 1e-5, 1e-3
	eachSet(t, func(t *testing.T) {
		for _, shape := range [][2]int{{1, 3}, {4, 9}, {3, 33}, {2, 80}, {3, 130}} {
			rows, d := shape[0], shape[1]
			r := random(uint64(d))
			x, dy, gain := uniform(r, rows*d, -1, 3), uniform(r, rows*d, -1, 1), uniform(r, d, 0.5, 2)
			out, rstd := make([]float32, rows*d), make([]float32, rows)
			RMSNorm(out, rstd, x, gain, rows, d, eps)
			loss := func() (sum float64) {
				for i := range rows {
					y, _ := rmsNormalised(x[i*d:(i+1)*d], gain, eps)
					for j, v := range y {
						sum += v * float64(dy[i*d+j])
					}
				}
				return sum
			}
			dx, checkX := guarded(t, rows*d)
			dgain, checkGain := guarded(t, d)
			for _, grad := range [][]float32{dx, dgain} {
				for i := range grad {
					grad[i] = 0.25 // gradients are added to what is there
				}
			}
			RMSNormBackward(dx, dgain, x, rstd, gain, dy, rows, d)
			checkX()
			checkGain()
			for name, pair := range map[string][2][]float32{"dx": {x, dx}, "dgain": {gain, dgain}} {
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

// A row's result depends on the row alone, and column sums on the order of rows
// alone, whatever the number of threads.
func TestRMSNormDoesNotDependOnThreadsOrRows(t *testing.T) {
	eachSet(t, func(t *testing.T) {
		for _, d := range []int{5, 64, 200, 777} {
			const rows = 150
			r := random(uint64(d))
			x, dy, gain := uniform(r, rows*d, -1, 1), uniform(r, rows*d, -1, 1), uniform(r, d, 0, 1)
			run := func(from, to int) (out, rstd, dx, dgain []float32) {
				n := to - from
				out, rstd, dx, dgain = make([]float32, n*d), make([]float32, n), make([]float32, n*d), make([]float32, d)
				RMSNorm(out, rstd, x[from*d:to*d], gain, n, d, 1e-5)
				RMSNormBackward(dx, dgain, x[from*d:to*d], rstd, gain, dy[from*d:to*d], n, d)
				return out, rstd, dx, dgain
			}
			var out, rstd, dx, dgain []float32
			withThreads(1, func() { out, rstd, dx, dgain = run(0, rows) })
			for _, threads := range []int{2, 5} {
				withThreads(threads, func() {
					o, s, g, c := run(0, rows)
					sameBits(t, "out", o, out)
					sameBits(t, "rstd", s, rstd)
					sameBits(t, "dx", g, dx)
					sameBits(t, "dgain", c, dgain)
				})
			}
			for _, i := range []int{0, 7, rows - 1} {
				o, s, g, _ := run(i, i+1)
				sameBits(t, "out of one row", o, out[i*d:(i+1)*d])
				sameBits(t, "rstd of one row", s, rstd[i:i+1])
				sameBits(t, "dx of one row", g, dx[i*d:(i+1)*d])
			}
		}
	})
}
