package simulate

import (
	"crypto/sha256"
	"encoding/binary"
	"math"
	"math/rand/v2"
	"slices"

	"rankloop/ranking"
)

// judge draws a simulated judgment. Every draw follows from the seed, the prompt, the slot (the how-manieth judgment of
// the task it is) and the response's place in the prompt set. So the judgments that a task gets do not depend on which
// annotator came when, nor on how many worked at once.
type judge struct {
	seed   int64
	scale  float64 // of the Gumbel noise, in units of the scores
	margin float64 // scores within it of a tier's best are tied
}

// gumbels draws the standard Gumbel noise of one judgment, one number for each response.
func (j judge) gumbels(one *plan, slot int) []float64 {
	var numbers [16]byte
	binary.LittleEndian.PutUint64(numbers[:], uint64(j.seed))
	binary.LittleEndian.PutUint64(numbers[8:], uint64(slot))
	random := rand.New(rand.NewChaCha8(sha256.Sum256([]byte("simulate\x00" + string(numbers[:]) + one.prompt))))
	order := make([]int, len(one.places))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int { return one.places[a] - one.places[b] })
	noise := make([]float64, len(order))
	for _, i := range order {
		u := (float64(random.Uint64()>>11) + 0.5) / (1 << 53) // strictly between 0 and 1
		noise[i] = -math.Log(-math.Log(u))
	}
	return noise
}

// rank gives the tiers of one judgment.
func (j judge) rank(one *plan, slot int) ranking.Tiers {
	return j.rankWith(one, j.gumbels(one, slot))
}

func (j judge) rankWith(one *plan, gumbels []float64) ranking.Tiers {
	scores := slices.Clone(one.scores)
	if j.scale > 0 {
		for i := range scores {
			scores[i] += j.scale * gumbels[i]
		}
	}
	return ranking.TiersFromScores(one.responses, scores, j.margin)
}

// outcome counts what a judgment made of the truth.
type outcome struct {
	pairs, ties int // of the judgment
	strict      int // pairs that are strict in the truth
	reversed    int // of those: ordered the other way
}

func (o *outcome) add(other outcome) {
	o.pairs += other.pairs
	o.ties += other.ties
	o.strict += other.strict
	o.reversed += other.reversed
}

// compare counts a judgment against the truth, where scores within the margin of a tier's best are tied as well.
func (j judge) compare(one *plan, tiers ranking.Tiers) outcome {
	truth := levels(one, ranking.TiersFromScores(one.responses, one.scores, j.margin))
	given := levels(one, tiers)
	var o outcome
	for p := range truth {
		for q := range p {
			o.pairs++
			if given[p] == given[q] {
				o.ties++
			}
			if truth[p] != truth[q] {
				o.strict++
				if given[p] != given[q] && (truth[p] < truth[q]) != (given[p] < given[q]) {
					o.reversed++
				}
			}
		}
	}
	return o
}

// levels gives the tier of each of the plan's responses.
func levels(one *plan, tiers ranking.Tiers) []int {
	out := make([]int, len(one.responses))
	for level, tier := range tiers {
		for _, id := range tier {
			out[slices.Index(one.responses, id)] = level
		}
	}
	return out
}

// Limits of solving for a flip rate.
const (
	maxSolvedJudgments = 20_000 // a larger campaign is sampled evenly: at 6 pairs each, the share is known to 0.002
	flipTolerance      = 0.005
	solveSteps         = 60
)

// flipScale finds the noise scale at which the share of truth-strict pairs that come out reversed is flip, over the very
// draws that the judgments will use. It returns the scale and the share it gives, which misses flip where there are too
// few pairs to come nearer.
func (p *plans) flipScale(seed int64, margin, flip float64) (scale, share float64) {
	draws := p.sample(seed)
	shareAt := func(scale float64) float64 {
		var sum outcome
		j := judge{seed: seed, scale: scale, margin: margin}
		for _, d := range draws {
			sum.add(j.compare(d.one, j.rankWith(d.one, d.gumbels)))
		}
		if sum.strict == 0 {
			return 0
		}
		return float64(sum.reversed) / float64(sum.strict)
	}
	low, high := 0.0, p.deviation
	if high == 0 {
		return 0, 0
	}
	lowShare, highShare := 0.0, shareAt(high)
	for doubled := 0; highShare < flip && doubled < solveSteps; doubled++ {
		low, lowShare = high, highShare
		high *= 2
		highShare = shareAt(high)
	}
	for step := 0; step < solveSteps && high-low > 1e-12*high; step++ {
		middle := (low + high) / 2
		if s := shareAt(middle); s < flip {
			low, lowShare = middle, s
		} else {
			high, highShare = middle, s
		}
		if math.Abs(highShare-flip) < flipTolerance/50 {
			break
		}
	}
	if flip-lowShare < math.Abs(highShare-flip) {
		return low, lowShare
	}
	return high, highShare
}

type draw struct {
	one     *plan
	gumbels []float64
}

// sample draws the noise of every judgment to come, or of an even selection of them.
func (p *plans) sample(seed int64) []draw {
	total := 0
	for _, one := range p.ordered {
		total += one.overlap
	}
	every := max((total+maxSolvedJudgments-1)/maxSolvedJudgments, 1)
	j := judge{seed: seed}
	var draws []draw
	at := 0
	for _, one := range p.ordered {
		for slot := range one.overlap {
			if at%every == 0 {
				draws = append(draws, draw{one, j.gumbels(one, slot)})
			}
			at++
		}
	}
	return draws
}
