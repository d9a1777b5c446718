package model

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"rankloop/model/kernel"
)

// The table against the oracle's angles, for every rule, up to far positions.
func TestRopeTable(t *testing.T) {
	for _, r := range []Rope{
		{Theta: 10000},
		{Theta: 500000, Scaling: RopeScaling{Kind: LinearScaling, Factor: 4}},
		{Theta: 500000, Scaling: RopeScaling{Kind: Llama3Scaling, Factor: 32, LowFreqFactor: 1, HighFreqFactor: 4, OriginalContext: 8192}},
	} {
		c := llamaLike(tiny(LanguageModel))
		c.Rope, c.HeadDim = r, 64
		const positions = 3000
		var table ropeTable
		allocate(func(a *arena) { table.plan(a, c, positions) })
		table.fill(c)
		for position := 0; position < positions; position += 271 {
			for i := range c.HeadDim / 2 {
				sin, cos := math.Sincos(float64(position) * oracleFrequency(r, i, c.HeadDim))
				// A float32 angle of 3000 radians is exact to 1.2e-4, its frequency likewise.
				at := position*c.HeadDim/2 + i
				near(t, fmt.Sprintf("%s cos %d %d", r.Scaling.Kind, position, i), float64(table.cos[at]), cos, 5e-4)
				near(t, fmt.Sprintf("%s sin %d %d", r.Scaling.Kind, position, i), float64(table.sin[at]), sin, 5e-4)
			}
		}
	}
}

// The product of a query and a key depends on their distance alone.
func TestRopeSeesDistances(t *testing.T) {
	c := llamaLike(tiny(LanguageModel))
	c.HeadDim = 16
	const positions, distance = 200, 13
	var table ropeTable
	allocate(func(a *arena) { table.plan(a, c, positions) })
	table.fill(c)
	query, key := coefficients(16, 60), coefficients(16, 61)
	logit := func(atQuery, atKey int) float64 {
		row := slices.Concat(query, key)
		kernel.RoPE(row[:16], 16, []int{atQuery}, table.cos, table.sin, 1, 16)
		kernel.RoPE(row[16:], 16, []int{atKey}, table.cos, table.sin, 1, 16)
		return float64(kernel.Dot(row[:16], row[16:]))
	}
	want := logit(distance, 0)
	for at := distance + 1; at < positions; at += 31 {
		near(t, fmt.Sprint("logit at ", at), logit(at, at-distance), want, 1e-4)
	}
	if other := logit(distance+1, 0); math.Abs(other-want) < 1e-3 {
		t.Errorf("distances %d and %d have one logit, %g", distance, distance+1, want)
	}
}
