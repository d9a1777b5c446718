package kernel

import (
	"math"
	"math/rand/v2"
	"testing"
)

// eachSet runs a test once for every set that the machine supports.
func eachSet(t *testing.T, run func(t *testing.T)) {
	before := Name()
	defer func() {
		if err := Select(before); err != nil {
			t.Fatal(err)
		}
	}()
	for _, name := range Sets() {
		if err := Select(name); err != nil {
			t.Fatal(err)
		}
		t.Run(name, run)
	}
}

// withThreads runs a function with the given number of threads.
func withThreads(n int, run func()) {
	before := Threads()
	defer SetThreads(before)
	SetThreads(n)
	run()
}

// guarded returns n elements in the middle of a larger slice of canaries, and a
// check that the canaries are untouched.
func guarded(t *testing.T, n int) (data []float32, check func()) {
	t.Helper()
	const margin = 80
	canary := float32(-12345.678)
	whole := make([]float32, n+2*margin)
	for i := range whole {
		whole[i] = canary
	}
	return whole[margin : margin+n : margin+n], func() {
		t.Helper()
		for i, v := range whole {
			if (i < margin || i >= margin+n) && v != canary {
				t.Fatalf("element %d of %d was overwritten", i-margin, n)
			}
		}
	}
}

func uniform(r *rand.Rand, n int, from, to float64) []float32 {
	x := make([]float32, n)
	for i := range x {
		x[i] = float32(from + (to-from)*r.Float64())
	}
	return x
}

func random(seed uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, 1)) }

// ulps returns the distance between got and the exact value in units in the last
// place of float32.
func ulps(got float32, exact float64) float64 {
	if math.IsInf(exact, 0) || math.Abs(exact) > math.MaxFloat32 {
		if math.IsInf(float64(got), int(math.Copysign(1, exact))) {
			return 0
		}
		return math.Inf(1)
	}
	near := float32(math.Abs(exact))
	unit := float64(math.Nextafter32(near, math.MaxFloat32)) - float64(near)
	return math.Abs(float64(got)-exact) / unit
}

func sameBits(t *testing.T, what string, got, want []float32) {
	t.Helper()
	for i := range want {
		if math.Float32bits(got[i]) != math.Float32bits(want[i]) {
			t.Fatalf("%s: element %d is %g, want the bits of %g", what, i, got[i], want[i])
		}
	}
}
