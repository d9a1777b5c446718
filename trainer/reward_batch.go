package trainer

import "math"

// rewardBatch gathers what one step of the reward model reports.
type rewardBatch struct {
	loss, dEta    float64
	tokens, tasks int

	right, margin   float64 // over strict pairs
	strict          int
	least, sum, top float64 // rewards
	rewards         int
}

func (b *rewardBatch) add(task *rewardTask, rewards []float32, loss, dEta float64) {
	b.loss += loss
	b.dEta += dEta
	b.tokens += task.tokens()
	b.tasks++
	for _, x := range rewards {
		reward := float64(x)
		if b.rewards == 0 || reward < b.least {
			b.least = reward
		}
		if b.rewards == 0 || reward > b.top {
			b.top = reward
		}
		b.sum += reward
		b.rewards++
	}
	tallies := tallyTasks([]*rewardTask{task}, func(_, winner, loser int) float64 {
		d := float64(rewards[winner]) - float64(rewards[loser])
		b.margin += d
		return d
	})
	for _, t := range tallies {
		b.right += t.right
		b.strict += t.pairs
	}
}

func (b *rewardBatch) metrics() map[string]float64 {
	metrics := map[string]float64{
		metricLoss: b.loss, metricTasks: float64(b.tasks), metricPairs: float64(b.strict),
		metricMinReward: b.least, metricMeanReward: b.sum / float64(b.rewards), metricMaxReward: b.top,
	}
	if b.strict > 0 {
		metrics[metricAccuracy] = b.right / float64(b.strict)
		metrics[metricMargin] = b.margin / float64(b.strict)
	}
	return metrics
}

// tieParameter is davidson's η with an Adam of its own, since it is no weight of the network.
type tieParameter struct {
	Eta  float64 `json:"eta"`
	M    float64 `json:"m"`
	V    float64 `json:"v"`
	Step int     `json:"step"`
}

func newTieParameter(counts pairCounts) tieParameter {
	return tieParameter{Eta: firstEta(counts.Tied, counts.Strict)}
}

func (p *tieParameter) update(gradient, rate float64, o Optimization) {
	p.Step++
	p.M = o.Beta1*p.M + (1-o.Beta1)*gradient
	p.V = o.Beta2*p.V + (1-o.Beta2)*gradient*gradient
	m := p.M / (1 - math.Pow(o.Beta1, float64(p.Step)))
	v := p.V / (1 - math.Pow(o.Beta2, float64(p.Step)))
	p.Eta -= rate * m / (math.Sqrt(v) + o.Epsilon)
}
