package ranking

import (
	"fmt"
	"math"
	"testing"

	"pgregory.net/rapid"
)

func TestBestOfKL(t *testing.T) {
	for n, want := range map[int]float64{1: 0, 2: 0.193, 4: 0.636, 16: 1.835, 64: 3.174, 1024: 5.932} {
		if got := BestOfKL(n); math.Abs(got-want) > 1e-3 {
			t.Errorf("n = %d: %g nats, want %g", n, got, want)
		}
	}
}

// TestBestOfIsTheMeanOverSubsets: the estimate is what averaging over every subset of n replies gives, replies of equal
// proxy sharing a subset's choice.
func TestBestOfIsTheMeanOverSubsets(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		pool := rapid.IntRange(1, 9).Draw(t, "pool")
		n := rapid.IntRange(1, pool).Draw(t, "n")
		proxy, value := make([]float64, pool), make([]float64, pool)
		for i := range pool {
			proxy[i] = float64(rapid.IntRange(0, 4).Draw(t, "proxy")) // ties are frequent
			value[i] = rapid.Float64Range(-5, 5).Draw(t, "value")
		}
		sum, subsets := 0.0, 0.0
		for set := range 1 << pool {
			best, among, total, size := math.Inf(-1), 0.0, 0.0, 0
			for i := range pool {
				if set>>i&1 == 0 {
					continue
				}
				size++
				switch {
				case proxy[i] > best:
					best, among, total = proxy[i], 1, value[i]
				case proxy[i] == best:
					among, total = among+1, total+value[i]
				}
			}
			if size == n {
				sum, subsets = sum+total/among, subsets+1
			}
		}
		// Within one subset the tied replies share it; over all subsets each of a tied group is there equally often.
		if got, want := BestOf(n, proxy, value), sum/subsets; math.Abs(got-want) > 1e-9 {
			t.Fatalf("best of %d of %v by %v: %g, over subsets %g", n, value, proxy, got, want)
		}
	})
}

// curved are replies of a reference and two checkpoints whose proxy rises while gold rises and falls.
func curved() []ScoredReply {
	var replies []ScoredReply
	add := func(policy string, prompt int, kl, proxy, gold float64) {
		replies = append(replies, ScoredReply{Prompt: prompt, Policy: policy, Tokens: 10, Ended: true, KL: kl, Proxy: proxy, Gold: &gold})
	}
	for prompt := range 20 {
		for i := range 4 {
			add("base", prompt, 0, float64(i), float64(i%3))
		}
		add("ppo@10", prompt, 1, 4, 3)
		add("ppo@20", prompt, 9, 6, 1)
	}
	return replies
}

func TestOptimisationCurve(t *testing.T) {
	c := NewOptimisationCurve("base", map[string]int{"ppo@10": 10, "ppo@20": 20}, curved(), 20, 1)
	if c.Peak != "ppo@10" || c.Prompts != 20 || len(c.Checkpoints) != 3 || c.Checkpoints[0].Name != "base" {
		t.Fatalf("%+v", c)
	}
	last := c.Checkpoints[2]
	if last.RootKL != 3 || last.Step != 20 || last.Proxy.Value != 6 || last.Gold.Value != 1 || *last.Ended != 1 || *last.Length != 10 || last.Replies != 20 {
		t.Errorf("%+v", last)
	}
	if c.ProxyScale.Mean != 1.5 || c.ProxyScale.Standard(1.5) != 0 || math.Abs(c.ProxyScale.Standard(1.5+c.ProxyScale.Spread)-1) > 1e-12 {
		t.Errorf("scale %+v", c.ProxyScale)
	}
	var n []int
	for _, p := range c.BestOf {
		n = append(n, p.N)
	}
	// Of 0, 1, 2, 3 with gold 0, 1, 2, 0 the best is always the last; of two it is 1, 2 and 3 in 1, 2 and 3 of six pairs.
	if fmt.Sprint(n) != "[1 2 4]" || c.BestOf[2].Gold.Value != 0 || math.Abs(c.BestOf[1].Gold.Value-5.0/6) > 1e-12 || c.BestOf[2].Proxy.Value != 3 {
		t.Errorf("best of %v: %+v", n, c.BestOf)
	}
	if c.BestOf[2].KL.Value != BestOfKL(4) || c.BestOf[2].KL.Interval != nil || c.BestOfPeak != 2 {
		t.Errorf("best of 4: %+v", c.BestOf[2])
	}

	replies := curved()
	replies[7].Gold = nil // one without: gold says nothing
	c = NewOptimisationCurve("base", nil, replies, 20, 1)
	if c.GoldScale != nil || c.Peak != "" || c.Checkpoints[0].Gold != nil || c.BestOf[1].Gold != nil {
		t.Errorf("without gold %+v", c)
	}
}

func TestHumanWins(t *testing.T) {
	record := func(prompt string, tiers [][]int, models ...string) Record {
		r := Record{Campaign: "c", PromptID: prompt, Tiers: tiers}
		for i, model := range models {
			r.Responses = append(r.Responses, RecordResponse{Text: fmt.Sprint(i), Model: model})
		}
		return r
	}
	wins := HumanWins([]Record{
		record("a", [][]int{{0}, {1}}, "ppo", "base"),
		record("b", [][]int{{1}, {0}}, "ppo", "base"),
		record("c", [][]int{{0}, {1}}, "ppo", "base"),
		record("d", [][]int{{0, 1}}, "ppo", "base"),   // a tie tells nothing
		record("e", [][]int{{0}, {1}}, "ppo", "sft"),  // not with the reference
		record("f", [][]int{{0}, {1}}, "sft", "base"), // not asked for
	}, "base", []string{"ppo", "other"}, 1)
	if len(wins) != 1 || wins["ppo"].Pairs != 3 || math.Abs(wins["ppo"].Value-2.0/3) > 1e-12 {
		t.Errorf("%+v", wins["ppo"])
	}
}
