package kernel

import (
	"fmt"
	"math"
	"testing"
)

// angles are the tables of count positions for heads of d elements, base 10000.
func angles(count, d int) (cos, sin []float32) {
	for p := range count {
		for i := range d / 2 {
			angle := float64(p) * math.Pow(10000, -2*float64(i)/float64(d))
			cos, sin = append(cos, float32(math.Cos(angle))), append(sin, float32(math.Sin(angle)))
		}
	}
	return cos, sin
}

// rotated is q·cos + rotate_half(q)·sin as in Hugging Face's modeling_llama,
// with tables of whole heads, in float64.
func rotated(q []float32, cos, sin []float32) []float64 {
	d := len(q)
	out := make([]float64, d)
	for i, v := range q {
		var other float64 // rotate_half(q) = cat(-q[d/2:], q[:d/2])
		if i < d/2 {
			other = -float64(q[i+d/2])
		} else {
			other = float64(q[i-d/2])
		}
		out[i] = float64(v)*float64(cos[i%(d/2)]) + other*float64(sin[i%(d/2)])
	}
	return out
}

func TestRoPEAgainstFloat64(t *testing.T) {
	eachSet(t, func(t *testing.T) {
		for _, d := range []int{2, 6, 16, 20, 32, 34, 64, 80, 128} {
			for _, heads := range []int{1, 3} {
				const table = 40
				stride := heads*d + 5
				cos, sin := angles(table, d)
				positions := []int{0, 39, 1, 7, 7, 20}
				rows := len(positions)
				x, check := guarded(t, (rows-1)*stride+heads*d)
				start := uniform(random(uint64(d)), len(x), -2, 2)
				copy(x, start)
				RoPE(x, stride, positions, cos, sin, heads, d)
				check()
				for r, p := range positions {
					for h := range heads {
						from := r*stride + h*d
						want := rotated(start[from:from+d], cos[p*d/2:(p+1)*d/2], sin[p*d/2:(p+1)*d/2])
						for i, w := range want {
							near(t, fmt.Sprintf("d=%d, row %d, head %d, element %d", d, r, h, i), x[from+i], w, 4e-7)
						}
					}
					if r < rows-1 {
						gap := r*stride + heads*d
						sameBits(t, "between rows", x[gap:gap+5], start[gap:gap+5])
					}
				}
			}
		}
	})
}

// The map is linear and orthogonal: the gradient of y·w in x is the reverse
// turn of w, and turning back restores x.
func TestRoPEBackward(t *testing.T) {
	eachSet(t, func(t *testing.T) {
		const rows, heads, d = 300, 4, 24 // several items of a sweep
		cos, sin := angles(rows, d)
		positions := make([]int, rows)
		for i := range positions {
			positions[i] = rows - 1 - i
		}
		r := random(9)
		x, w := uniform(r, rows*heads*d, -1, 1), uniform(r, rows*heads*d, -1, 1)
		y, dx := append([]float32(nil), x...), append([]float32(nil), w...)
		RoPE(y, heads*d, positions, cos, sin, heads, d)
		RoPEBackward(dx, heads*d, positions, cos, sin, heads, d)
		forward, backward := 0.0, 0.0
		for i := range x {
			forward += float64(y[i]) * float64(w[i])
			backward += float64(x[i]) * float64(dx[i])
		}
		if math.Abs(forward-backward) > 1e-4 {
			t.Errorf("y·w is %g, x·dx is %g", forward, backward)
		}
		back := append([]float32(nil), y...)
		RoPEBackward(back, heads*d, positions, cos, sin, heads, d)
		for i := range x {
			near(t, fmt.Sprintf("element %d turned there and back", i), back[i], float64(x[i]), 1e-6)
		}
		for _, threads := range []int{1, 3} {
			withThreads(threads, func() {
				again := append([]float32(nil), x...)
				RoPE(again, heads*d, positions, cos, sin, heads, d)
				sameBits(t, fmt.Sprintf("%d threads", threads), again, y)
				one := append([]float32(nil), x[7*heads*d:8*heads*d]...)
				RoPE(one, heads*d, positions[7:8], cos, sin, heads, d)
				sameBits(t, "a row alone", one, y[7*heads*d:8*heads*d])
			})
		}
	})
}
