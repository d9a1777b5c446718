package trainer

// items are a task's replies as a language model learns them: the prompt is read, the reply and its end are predicted.
func (t *rewardTask) items() []item {
	items := make([]item, len(t.sequences))
	for i, s := range t.sequences {
		items[i] = item{tokens: s, from: len(t.promptIDs)}
	}
	return items
}

// dpoBatch gathers what DPO reports of one batch; chosen and rejected are sums over strict pairs.
type dpoBatch struct {
	loss          float64
	tokens, tasks int

	strict                       int
	right, margin                float64
	chosen, rejected             float64 // implicit rewards
	chosenLogProb, otherLogProbs float64
}

func (b *dpoBatch) add(task *rewardTask, rewards []float32, logProbs []float64, loss float64) {
	b.loss += loss
	b.tokens += task.tokens()
	b.tasks++
	for _, t := range tallyTasks([]*rewardTask{task}, func(_, winner, loser int) float64 {
		d := float64(rewards[winner]) - float64(rewards[loser])
		b.margin += d
		b.chosen += float64(rewards[winner])
		b.rejected += float64(rewards[loser])
		b.chosenLogProb += logProbs[winner]
		b.otherLogProbs += logProbs[loser]
		return d
	}) {
		b.right += t.right
		b.strict += t.pairs
	}
}

func (b *dpoBatch) metrics() map[string]float64 {
	metrics := map[string]float64{metricLoss: b.loss, metricTasks: float64(b.tasks), metricPairs: float64(b.strict)}
	if b.strict > 0 {
		n := float64(b.strict)
		metrics[metricDPOChosen], metrics[metricDPORejected] = b.chosen/n, b.rejected/n
		metrics[metricDPOMargins], metrics[metricDPOAccuracies] = b.margin/n, b.right/n
		metrics[metricDPOChosenLogProb], metrics[metricDPORejectedLogProb] = b.chosenLogProb/n, b.otherLogProbs/n
	}
	return metrics
}
