package ranking_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"rankloop/ranking"
)

func near(t *testing.T, what string, got, want, tolerance float64) {
	t.Helper()
	if math.IsNaN(got) || math.Abs(got-want) > tolerance {
		t.Errorf("%s = %.10g, want %.10g ± %g", what, got, want, tolerance)
	}
}

// The worked example of the Wikipedia article "Bradley–Terry model"; arena-rank's tests have the same numbers.
func TestBradleyTerryGolden(t *testing.T) {
	const a, b, c, d = 0, 1, 2, 3
	got, err := ranking.BradleyTerry(4, []ranking.Outcome{
		{A: a, B: b, WinsA: 2, WinsB: 3}, {A: a, B: d, WinsA: 1, WinsB: 4},
		{A: b, B: c, WinsA: 5, WinsB: 3}, {A: c, B: d, WinsA: 1, WinsB: 3},
	})
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []float64{0.6398, 1.0433, 0.6598, 2.2704} {
		near(t, "strength", got[i], want, 5e-5)
	}
}

// evalica's simple.csv: left, right or tie between contestants 0 … 4. The numbers come from an independent
// maximum-likelihood fit; evalica's own agree (Bradley-Terry to 10 digits, Davidson to 1e-4, where it stops early).
var simple = []ranking.Outcome{
	{A: 0, B: 1, Ties: 1}, {A: 0, B: 2, WinsB: 1}, {A: 0, B: 2, Ties: 1}, {A: 0, B: 4, Ties: 1},
	{A: 1, B: 0, WinsA: 1}, {A: 1, B: 2, Ties: 1}, {A: 1, B: 2, Ties: 1}, {A: 1, B: 3, Ties: 1},
	{A: 2, B: 4, Ties: 1}, {A: 3, B: 0, WinsA: 1}, {A: 3, B: 1, WinsA: 1}, {A: 3, B: 2, WinsA: 1},
	{A: 3, B: 4, Ties: 1}, {A: 3, B: 4, Ties: 1}, {A: 4, B: 0, WinsA: 1}, {A: 4, B: 3, WinsA: 1},
}

func TestBradleyTerryTiesGolden(t *testing.T) {
	got, err := ranking.BradleyTerry(5, simple)
	if err != nil {
		t.Fatal(err)
	}
	sum := 0.0
	for _, s := range got {
		sum += s
	}
	for i, want := range []float64{.0507996725, .1311506915, .1316856807, .3368886804, .3494752749} {
		near(t, "strength", got[i]/sum, want, 1e-9)
	}
}

func TestDavidsonGolden(t *testing.T) {
	got, nu, err := ranking.Davidson(5, simple)
	if err != nil {
		t.Fatal(err)
	}
	near(t, "ν/2", nu/2, 3.4609991142, 1e-8)
	for i, want := range []float64{.0193373351, .5166781282, .5179465950, 13.7774051758, 14.0259048113} {
		near(t, "strength", got[i], want, 1e-7)
	}
}

// With much data the fits give back what it was drawn from.
func TestDavidsonRecovers(t *testing.T) {
	strengths, nu := []float64{0.5, 1, 2}, 0.8
	mean := math.Cbrt(strengths[0] * strengths[1] * strengths[2])
	random := rand.New(rand.NewPCG(3, 4))
	var outcomes []ranking.Outcome
	for a := range 3 {
		for b := range a {
			o := ranking.Outcome{A: a, B: b}
			tie := nu * math.Sqrt(strengths[a]*strengths[b])
			total := strengths[a] + strengths[b] + tie
			for range 200_000 {
				switch u := random.Float64() * total; {
				case u < strengths[a]:
					o.WinsA++
				case u < strengths[a]+strengths[b]:
					o.WinsB++
				default:
					o.Ties++
				}
			}
			outcomes = append(outcomes, o)
		}
	}
	got, gotNu, err := ranking.Davidson(3, outcomes)
	if err != nil {
		t.Fatal(err)
	}
	near(t, "ν", gotNu, nu, 0.01)
	for i := range strengths {
		near(t, "strength", got[i], strengths[i]/mean, 0.01)
	}
}

func TestStrengthsThatDoNotExist(t *testing.T) {
	for name, outcomes := range map[string][]ranking.Outcome{
		"nobody met":   nil,
		"never lost":   {{A: 0, B: 1, WinsA: 3}, {A: 1, B: 2, WinsA: 1, WinsB: 1}},
		"two islands":  {{A: 0, B: 1, WinsA: 1, WinsB: 1}},
		"only upwards": {{A: 0, B: 1, WinsA: 1}, {A: 1, B: 2, WinsA: 1}},
	} {
		if _, err := ranking.BradleyTerry(3, outcomes); ranking.ErrorCode(err) != ranking.CodeInvalid {
			t.Errorf("%s: err = %v", name, err)
		}
	}
	if _, _, err := ranking.Davidson(2, []ranking.Outcome{{A: 0, B: 1, WinsA: 1, WinsB: 1}}); err == nil {
		t.Error("Davidson without ties was fitted")
	}
	// A cycle has all strengths equal.
	got, err := ranking.BradleyTerry(3, []ranking.Outcome{{A: 0, B: 1, WinsA: 1}, {A: 1, B: 2, WinsA: 1}, {A: 2, B: 0, WinsA: 1}})
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range got {
		near(t, "strength", s, 1, 1e-9)
	}
}
