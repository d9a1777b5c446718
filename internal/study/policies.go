package study

import (
	"context"
	"math"

	"rankloop/internal/demo/judge"
	"rankloop/internal/jobs"
	"rankloop/ranking"
)

// measured is a policy run's kept checkpoints on some prompts, by `model eval`, with the hidden judge for gold.
type measured struct {
	*jobs.Sampled
	curve ranking.OptimisationCurve
}

// measure samples the checkpoints of a run, or those alone that are named, and where it began.
func (l *lab) measure(ctx context.Context, run, of string, prompts []string, only ...string) (measured, error) {
	seed := l.Seed
	launcher := l.Launcher()
	spec, err := launcher.SpecifyEvaluation(ctx, jobs.EvaluationRequest{
		Kind: ranking.EvaluationCurve, Checkpoint: run, Curve: jobs.CurveRequest{Prompts: len(prompts), Pool: 1},
		Request: jobs.Request{Seed: &seed, Data: &jobs.File{Name: "prompts.jsonl", Content: promptSet(prompts)}},
	})
	if err != nil {
		return measured{}, err
	}
	stage := run + ", " + of + " prompts"
	if len(only) > 0 {
		spec.Curve.Policies = among(spec.Curve.Policies, only)
	}
	sampled, err := launcher.SampleCurve(ctx, spec, jobs.EvaluationProgress{
		OnProgress: func(done, total int) { l.step(stage, done, total, "sampled and judged") },
	})
	if err != nil {
		return measured{}, err
	}
	for i := range sampled.Replies {
		r := &sampled.Replies[i]
		score := judge.Judge(prompts[r.Prompt], r.Text, r.Ended).Score
		r.Gold = &score
	}
	curve := ranking.NewOptimisationCurve(sampled.Reference, sampled.Steps, sampled.Replies, len(sampled.Prompts), uint64(seed))
	curve.Proxy, curve.Gold = sampled.Proxy, judge.Name
	return measured{sampled, curve}, nil
}

func among(policies []jobs.PinnedPolicy, names []string) (some []jobs.PinnedPolicy) {
	for _, p := range policies {
		for _, name := range names {
			if p.Name == name {
				some = append(some, p)
			}
		}
	}
	return some
}

// golds and proxies of a policy, by prompt.
func (m measured) golds(policy string) []float64 {
	return m.scores(policy, func(r ranking.ScoredReply) float64 { return *r.Gold })
}

func (m measured) proxies(policy string) []float64 {
	return m.scores(policy, func(r ranking.ScoredReply) float64 { return r.Proxy })
}

func (m measured) scores(policy string, of func(ranking.ScoredReply) float64) []float64 {
	scores := make([]float64, len(m.Prompts))
	for _, r := range m.Replies {
		if r.Policy == policy {
			scores[r.Prompt] = of(r)
		}
	}
	return scores
}

// winRate is how often a policy's reply has the higher gold score than the start's to the same prompt; a tie is half a win.
func winRate(after, before []float64, seed uint64) ranking.Share {
	prompts := make([]ranking.Proportion, len(after))
	for i := range after {
		prompts[i].Of = 1
		switch {
		case after[i] > before[i]:
			prompts[i].Count = 1
		case after[i] == before[i]:
			prompts[i].Count = 0.5
		}
	}
	if share := ranking.NewShare(prompts, seed); share != nil {
		return *share
	}
	return ranking.Share{}
}

// best names the checkpoint with the highest value among those of a run, the first of equals.
func best(points []ranking.OptimisationPoint, value func(name string) float64) string {
	name, highest := "", math.Inf(-1)
	for _, p := range points {
		if v := value(p.Name); v > highest {
			name, highest = p.Name, v
		}
	}
	return name
}

// fall is the mean over prompts of a before less after, in its standard errors too. Prompts are paired.
func fall(before, after []float64) (mean, standardErrors float64) {
	differences := make([]float64, len(before))
	for i := range before {
		differences[i] = before[i] - after[i]
	}
	mean, deviation := moments(differences)
	if deviation == 0 {
		return mean, 0
	}
	return mean, mean / (deviation / math.Sqrt(float64(len(differences))))
}

// moments are the mean and the standard deviation of a sample.
func moments(values []float64) (mean, deviation float64) {
	if len(values) < 2 {
		if len(values) == 1 {
			mean = values[0]
		}
		return mean, 0
	}
	for _, v := range values {
		mean += v
	}
	mean /= float64(len(values))
	for _, v := range values {
		deviation += (v - mean) * (v - mean)
	}
	return mean, math.Sqrt(deviation / float64(len(values)-1))
}

func meanOf(values []float64) float64 {
	mean, _ := moments(values)
	return mean
}
