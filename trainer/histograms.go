package trainer

import "rankloop/ranking"

// Histograms are those of a step by name: the figure of metrics.go whose values they count.
type Histograms map[string]ranking.Histogram

// add counts values; without any there is no histogram.
func (h Histograms) add(name string, values []float64) {
	if counted, ok := ranking.NewHistogram(values); ok {
		h[name] = counted
	}
}

// rolloutHistograms count a rollout's episodes, and the advantages of their tokens as they are learned from.
func rolloutHistograms(b *rollout) Histograms {
	var scores, lengths, kl, advantages []float64
	for i := range b.Episodes {
		e := &b.Episodes[i]
		scores, lengths = append(scores, e.Score), append(lengths, float64(e.length()))
		kl = append(kl, sequenceKL(e.LogProbs, e.ReferenceLogProbs))
		for _, x := range e.Advantages {
			advantages = append(advantages, float64(x))
		}
	}
	h := Histograms{}
	h.add(metricScores, scores)
	h.add(metricMeanLength, lengths)
	h.add(metricKL, kl)
	h.add(histogramAdvantages, advantages)
	return h
}

// orderHistograms count the differences of strict pairs of held-out rankings, those above 0 in order.
func orderHistograms(tasks []*rewardTask, rewards [][]float32) Histograms {
	var margins []float64
	tallyTasks(tasks, func(task, winner, loser int) float64 {
		margins = append(margins, float64(rewards[task][winner])-float64(rewards[task][loser]))
		return 0
	})
	h := Histograms{}
	h.add(metricEvalMargin, margins)
	return h
}
