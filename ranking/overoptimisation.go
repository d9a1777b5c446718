package ranking

import (
	"cmp"
	"math"
	"slices"
)

// EvaluationCurve is the kind of an evaluation of over-optimisation: an OptimisationCurve.
const EvaluationCurve = "curve"

// OptimisationCurve lays what a policy was tuned on (the proxy) beside what it should have been tuned on (gold), over the
// distance to where it began: √KL, in which both best-of-n and reinforcement learning follow simple laws (Gao et al. 2023).
type OptimisationCurve struct {
	Reference string `json:"reference"` // where the run started: KL 0
	Proxy     string `json:"proxy"`     // the reward model that it was tuned with
	Gold      string `json:"gold"`      // a reward model or a file of scores; "" where there is none
	Human     string `json:"human"`     // the rankings that people gave such replies; "" where there are none
	Prompts   int    `json:"prompts"`

	// Scores of the reference's own replies: points are also given in standard deviations from their mean, the one scale that
	// two scorers share.
	ProxyScale Scale  `json:"proxy_scale"`
	GoldScale  *Scale `json:"gold_scale"`

	Checkpoints []OptimisationPoint `json:"checkpoints"` // by step; the first is the reference
	BestOf      []OptimisationPoint `json:"best_of"`     // of the reference's replies, chosen by the proxy
	Peak        string              `json:"peak"`        // the checkpoint with the highest gold score, else ""
	BestOfPeak  int                 `json:"best_of_peak,omitempty"`
}

// Scale is a mean and a standard deviation.
type Scale struct {
	Mean   float64 `json:"mean"`
	Spread float64 `json:"spread"`
}

// Standard is a score in standard deviations from the mean.
func (s Scale) Standard(x float64) float64 {
	if s.Spread > 0 {
		return (x - s.Mean) / s.Spread
	}
	return 0
}

// OptimisationPoint is a policy at a distance from the reference.
type OptimisationPoint struct {
	Name    string   `json:"name"` // the checkpoint, or "best of 4"
	Step    int      `json:"step,omitempty"`
	N       int      `json:"n,omitempty"` // of best-of-n
	KL      Mean     `json:"kl"`          // nats a reply; of best-of-n its analytic bound, without an interval
	RootKL  float64  `json:"sqrt_kl"`
	Proxy   Mean     `json:"proxy"`
	Gold    *Mean    `json:"gold"`
	Human   *Share   `json:"human"`            // of strict pairs with the reference's replies, that people preferred this one's
	Ended   *float64 `json:"ended,omitempty"`  // share of replies with an end of their own
	Length  *float64 `json:"length,omitempty"` // tokens a reply
	Replies int      `json:"replies"`
}

// Mean is a mean with its 95 % interval by bootstrap over prompts.
type Mean struct {
	Value    float64     `json:"value"`
	Interval *[2]float64 `json:"interval"`
}

// ScoredReply is one reply of a policy to one prompt, measured.
type ScoredReply struct {
	Prompt int    // index
	Policy string // the checkpoint that wrote it
	Text   string
	Tokens int
	Ended  bool
	KL     float64 // log π(y|x) − log π_ref(y|x), nats
	Proxy  float64
	Gold   *float64
}

// BestOfKL is the divergence of best-of-n from the policy that it samples from, in nats: ln n − (n−1)/n. It is exact where no
// two replies have one score, and else a bound from above (Beirami et al. 2024).
func BestOfKL(n int) float64 { return math.Log(float64(n)) - float64(n-1)/float64(n) }

// BestOf estimates without bias what the best of n replies by proxy is worth, from all subsets of n of one pool: the chance
// that a reply is its subset's best is a ratio of binomial coefficients, and replies with one proxy score share theirs
// (Nakano et al. 2021, appendix I). It wants 1 ≤ n ≤ len(proxy) = len(value).
func BestOf(n int, proxy, value []float64) float64 {
	pool := len(proxy)
	order := make([]int, pool)
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(proxy[a], proxy[b]) })
	within := func(j int) float64 { // the chance that all n of a subset are among the j worst
		p := 1.0
		for k := range n {
			p *= float64(max(j-k, 0)) / float64(pool-k)
		}
		return p
	}
	total, below := 0.0, 0.0
	for from := 0; from < pool; {
		to, sum := from, 0.0
		for to < pool && proxy[order[to]] == proxy[order[from]] {
			sum += value[order[to]]
			to++
		}
		upTo := within(to)
		total += (upTo - below) * sum / float64(to-from)
		below, from = upTo, to
	}
	return total
}

// NewOptimisationCurve draws the curve of replies: of the reference (its pool is what best-of-n chooses from), then of the
// checkpoints in their order. prompts is how many there are; every one has at least one reply of each.
func NewOptimisationCurve(reference string, steps map[string]int, replies []ScoredReply, prompts int, seed uint64) OptimisationCurve {
	byPolicy := make(map[string][][]ScoredReply) // policy → prompt → replies
	var order []string
	for _, r := range replies {
		if byPolicy[r.Policy] == nil {
			byPolicy[r.Policy] = make([][]ScoredReply, prompts)
			order = append(order, r.Policy)
		}
		byPolicy[r.Policy][r.Prompt] = append(byPolicy[r.Policy][r.Prompt], r)
	}
	c := OptimisationCurve{Reference: reference, Prompts: prompts}
	c.ProxyScale = scaleOf(byPolicy[reference], func(r ScoredReply) float64 { return r.Proxy })
	gold := len(replies) > 0
	for _, r := range replies {
		gold = gold && r.Gold != nil
	}
	if gold {
		scale := scaleOf(byPolicy[reference], func(r ScoredReply) float64 { return *r.Gold })
		c.GoldScale = &scale
	}
	for _, name := range order {
		point := pointOf(byPolicy[name], gold, seed)
		point.Name, point.Step = name, steps[name]
		c.Checkpoints = append(c.Checkpoints, point)
	}
	c.bestOf(byPolicy[reference], gold, seed)
	c.findPeaks()
	return c
}

func scaleOf(replies [][]ScoredReply, score func(ScoredReply) float64) Scale {
	var n, sum, squares float64
	for _, of := range replies {
		for _, r := range of {
			n, sum = n+1, sum+score(r)
		}
	}
	mean := sum / max(n, 1)
	for _, of := range replies {
		for _, r := range of {
			squares += (score(r) - mean) * (score(r) - mean)
		}
	}
	return Scale{mean, math.Sqrt(squares / max(n, 1))}
}

// meanOver is the mean over replies, weighted equally, with prompts as the unit that is drawn.
func meanOver(replies [][]ScoredReply, seed uint64, value func(ScoredReply) float64) Mean {
	prompts := make([]Proportion, len(replies))
	for i, of := range replies {
		for _, r := range of {
			prompts[i].Count += value(r)
			prompts[i].Of++
		}
	}
	return meanOfShare(NewShare(prompts, seed))
}

func meanOfShare(s *Share) Mean {
	if s == nil {
		return Mean{}
	}
	return Mean{s.Value, &s.Interval}
}

func pointOf(replies [][]ScoredReply, gold bool, seed uint64) OptimisationPoint {
	p := OptimisationPoint{
		KL:    meanOver(replies, seed, func(r ScoredReply) float64 { return r.KL }),
		Proxy: meanOver(replies, seed, func(r ScoredReply) float64 { return r.Proxy }),
	}
	p.RootKL = math.Sqrt(max(p.KL.Value, 0)) // an estimate may fall below 0
	if gold {
		mean := meanOver(replies, seed, func(r ScoredReply) float64 { return *r.Gold })
		p.Gold = &mean
	}
	ended := meanOver(replies, seed, func(r ScoredReply) float64 { return map[bool]float64{true: 1}[r.Ended] })
	length := meanOver(replies, seed, func(r ScoredReply) float64 { return float64(r.Tokens) })
	p.Ended, p.Length = &ended.Value, &length.Value
	for _, of := range replies {
		p.Replies += len(of)
	}
	return p
}

// bestOf doubles n up to the smallest pool of a prompt.
func (c *OptimisationCurve) bestOf(pools [][]ScoredReply, gold bool, seed uint64) {
	smallest, replies := math.MaxInt, 0
	for _, pool := range pools {
		smallest = min(smallest, len(pool))
		replies += len(pool)
	}
	if len(pools) == 0 || smallest < 2 {
		return
	}
	for n := 1; ; n = min(2*n, smallest) {
		estimate := func(value func(ScoredReply) float64) Mean {
			prompts := make([]Proportion, len(pools))
			for i, pool := range pools {
				proxy, values := make([]float64, len(pool)), make([]float64, len(pool))
				for j, r := range pool {
					proxy[j], values[j] = r.Proxy, value(r)
				}
				prompts[i] = Proportion{BestOf(n, proxy, values), 1}
			}
			return meanOfShare(NewShare(prompts, seed))
		}
		p := OptimisationPoint{N: n, KL: Mean{Value: BestOfKL(n)}, RootKL: math.Sqrt(BestOfKL(n)), Replies: replies}
		p.Proxy = estimate(func(r ScoredReply) float64 { return r.Proxy })
		if gold {
			mean := estimate(func(r ScoredReply) float64 { return *r.Gold })
			p.Gold = &mean
		}
		c.BestOf = append(c.BestOf, p)
		if n == smallest {
			return
		}
	}
}

func (c *OptimisationCurve) findPeaks() {
	best := math.Inf(-1)
	for _, p := range c.Checkpoints {
		if p.Gold != nil && p.Gold.Value > best {
			best, c.Peak = p.Gold.Value, p.Name
		}
	}
	best = math.Inf(-1)
	for _, p := range c.BestOf {
		if p.Gold != nil && p.Gold.Value > best {
			best, c.BestOfPeak = p.Gold.Value, p.N
		}
	}
}

// HumanWins is, for each of the named models, how often people preferred its reply to one of the reference's to the same
// prompt, of all pairs that they put in strict order. Models that nobody compared with the reference are missing.
func HumanWins(records []Record, reference string, models []string, seed uint64) map[string]*Share {
	wins := make(map[string]map[PromptKey]*Proportion)
	for _, r := range records {
		for _, pair := range r.Comparisons() {
			winner, loser := r.Responses[pair.Winner].Model, r.Responses[pair.Loser].Model
			model, won := winner, 1.0
			if winner == reference {
				model, won = loser, 0
			} else if loser != reference {
				continue
			}
			if pair.Tied || model == reference || !slices.Contains(models, model) {
				continue
			}
			if wins[model] == nil {
				wins[model] = make(map[PromptKey]*Proportion)
			}
			key := PromptKey{r.Campaign, r.PromptID}
			if wins[model][key] == nil {
				wins[model][key] = &Proportion{}
			}
			wins[model][key].Count += won
			wins[model][key].Of++
		}
	}
	shares := make(map[string]*Share)
	for model, prompts := range wins {
		var proportions []Proportion
		for _, p := range prompts {
			proportions = append(proportions, *p)
		}
		shares[model] = NewShare(proportions, seed)
	}
	return shares
}
