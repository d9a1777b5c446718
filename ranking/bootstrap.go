package ranking

import (
	"cmp"
	"maps"
	"math/rand/v2"
	"slices"

	"gonum.org/v1/gonum/stat/distuv"
)

// Proportion is what one prompt contributes to a share: Count of Of.
type Proportion struct{ Count, Of float64 }

// Share is a share with its 95 % interval: Σ Count / Σ Of over prompts, so that pairs are weighted equally, with
// prompts, not pairs, as the unit that is drawn (the pairs of one prompt are not independent).
type Share struct {
	Value    float64    `json:"value"`
	Interval [2]float64 `json:"interval"`
	Pairs    int        `json:"pairs"`
}

// bootstrapSamples is the number of resamples behind an interval.
const bootstrapSamples = 1000

// NewShare sums the prompts' proportions and bootstraps the interval (percentile method). It returns nil where there
// is nothing to count.
//
// A resample draws how often each distinct proportion occurs, from a multinomial by successive binomials: the same as
// drawing prompts one by one, at a cost that does not grow with their number.
func NewShare(prompts []Proportion, seed uint64) *Share {
	counts := make(map[Proportion]int)
	n := 0
	var total Proportion
	for _, p := range prompts {
		if p.Of > 0 {
			counts[p]++
			n++
			total.Count += p.Count
			total.Of += p.Of
		}
	}
	if n == 0 {
		return nil
	}
	classes := slices.SortedFunc(maps.Keys(counts), func(a, b Proportion) int {
		return cmp.Or(cmp.Compare(a.Of, b.Of), cmp.Compare(a.Count, b.Count))
	})
	source := rand.NewPCG(seed, 0x5ca1ab1e)
	values := make([]float64, bootstrapSamples)
	for i := range values {
		var sample Proportion
		drawn, members := n, n // prompts still to draw, prompts in the classes still to come
		for _, class := range classes {
			size := counts[class]
			times := drawn
			if size < members {
				times = int(distuv.Binomial{N: float64(drawn), P: float64(size) / float64(members), Src: source}.Rand())
			}
			sample.Count += float64(times) * class.Count
			sample.Of += float64(times) * class.Of
			drawn -= times
			members -= size
		}
		values[i] = sample.Count / sample.Of
	}
	slices.Sort(values)
	return &Share{
		Value:    total.Count / total.Of,
		Interval: [2]float64{values[bootstrapSamples*25/1000], values[bootstrapSamples*975/1000-1]},
		Pairs:    int(total.Of),
	}
}
