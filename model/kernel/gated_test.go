package kernel

import (
	"fmt"
	"math"
	"testing"
)

func siluExact(x float64) float64 { return x / (1 + math.Exp(-x)) }

func siluSlopeExact(x float64) float64 {
	s := 1 / (1 + math.Exp(-x))
	return s + x*s*(1-s)
}

func TestSwigluBackwardAgainstFloat64(t *testing.T) {
	eachSet(t, func(t *testing.T) {
		for _, n := range append([]int{elementsEach + 5}, lengths...) {
			r := random(uint64(n))
			gate, up, dy := uniform(r, n, -30, 30), uniform(r, n, -2, 2), uniform(r, n, -2, 2)
			dgate, checkGate := guarded(t, n)
			dup, checkUp := guarded(t, n)
			SwigluBackward(dgate, dup, gate, up, dy)
			checkGate()
			checkUp()
			for i, g := range gate {
				u, d := float64(up[i]), float64(dy[i])
				near(t, fmt.Sprintf("dgate %d of %d at %g", i, n, g), dgate[i], d*u*siluSlopeExact(float64(g)), 1e-6)
				near(t, fmt.Sprintf("dup %d of %d at %g", i, n, g), dup[i], d*siluExact(float64(g)), 1e-6)
			}
			for name, into := range map[string][2][]float32{"gate and up": {gate, up}, "dy and gate": {dy, gate}} {
				copies := map[*float32][]float32{}
				for _, x := range [][]float32{gate, up, dy} {
					copies[&x[0]] = append([]float32(nil), x...)
				}
				SwigluBackward(into[0], into[1], gate, up, dy)
				sameBits(t, "dgate in place of "+name, into[0], dgate)
				sameBits(t, "dup in place of "+name, into[1], dup)
				for _, x := range [][]float32{gate, up, dy} {
					copy(x, copies[&x[0]])
				}
			}
		}
	})
}

func TestSiluOfLargeValues(t *testing.T) {
	nan := float32(math.NaN())
	eachSet(t, func(t *testing.T) {
		x := []float32{1e30, 100, -100, -1e30, 0, nan}
		y, dx := make([]float32, 6), make([]float32, 6)
		Silu(y, x)
		SiluBackward(dx, x, []float32{2, 2, 2, 2, 2, 2})
		sameBits(t, "Silu", y[:2], x[:2])
		sameBits(t, "SiluBackward", dx[:2], []float32{2, 2})
		for i := 2; i < 5; i++ {
			if math.Abs(float64(y[i])) > 1e-30 {
				t.Errorf("Silu(%g) = %g, want 0", x[i], y[i])
			}
		}
		if math.Abs(float64(dx[2])) > 1e-30 || math.Abs(float64(dx[3])) > 1e-30 || dx[4] != 1 {
			t.Errorf("SiluBackward of (-100, -1e30, 0) = %v", dx[2:5])
		}
		if y[5] == y[5] || dx[5] == dx[5] {
			t.Errorf("NaN became %g and %g", y[5], dx[5])
		}
	})
}
