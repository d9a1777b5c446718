package trainer

import (
	"rankloop/model"
	"rankloop/ranking"
)

// openRankings builds the batch elements of both splits and tells what was left out. The reward model and DPO learn from
// them.
func (c *common) openRankings(records []ranking.Record, sequences sequencer, options pairOptions) (train, validation []*rewardTask, counts pairCounts, err error) {
	if err := checkSplit(records); err != nil {
		return nil, nil, counts, err
	}
	var ours, heldOut []ranking.Record
	for _, record := range records {
		if record.Split == ranking.SplitValidation {
			heldOut = append(heldOut, record)
		} else {
			ours = append(ours, record)
		}
	}
	var held pairCounts
	if train, counts, err = buildTasks(ours, sequences, options); err != nil {
		return nil, nil, counts, err
	}
	if validation, held, err = buildTasks(heldOut, sequences, options); err != nil {
		return nil, nil, counts, err
	}
	if len(train) == 0 {
		return nil, nil, counts, ranking.Errorf(ranking.CodeInvalid, "a %s run needs rankings with at least one comparison in the training split; there are %d rankings", c.spec.Kind, len(ours))
	}
	if n := counts.TrimmedPrompts + held.TrimmedPrompts; n > 0 {
		c.warn("prompts_trimmed", "prompts longer than the context leaves room for: %d; their oldest turns, then their left were cut", n)
	}
	if n := counts.DroppedResponses + held.DroppedResponses; n > 0 {
		c.warn("responses_dropped", "responses that did not fit the context and were left out of their comparisons: %d", n)
	}
	if n := counts.SkippedTasks + held.SkippedTasks; n > 0 {
		c.warn("tasks_skipped", "tasks without a comparison to learn from, which were skipped: %d", n)
	}
	if len(validation) == 0 {
		c.warn("no_validation", "there is no validation split: held-out accuracy is not measured")
	}
	return train, validation, counts, nil
}

// rankingsDigest fingerprints what a run on rankings learns from.
func rankingsDigest(base *model.Weights, splits ...[]*rewardTask) string {
	d := newDigest().weights(base)
	for _, tasks := range splits {
		d.number(len(tasks))
		for _, task := range tasks {
			d.number(len(task.sequences))
			for _, s := range task.sequences {
				d.ids(s)
			}
			for _, ranked := range task.rankings {
				for _, p := range ranked.pairs {
					d.number(p.winner).number(p.loser)
				}
			}
		}
	}
	return d.sum()
}

// largestTask is the number of tokens of the task with the most.
func largestTask(splits ...[]*rewardTask) int {
	largest := 1
	for _, tasks := range splits {
		for _, task := range tasks {
			largest = max(largest, task.tokens())
		}
	}
	return largest
}

// epochSlice is the step's share of the epoch, which is divided evenly.
func epochSlice(tasks []*rewardTask, order *shuffler, step, perEpoch int) []*rewardTask {
	epoch, part, n := step/perEpoch, step%perEpoch, len(tasks)
	var batch []*rewardTask
	for i := part * n / perEpoch; i < (part+1)*n/perEpoch; i++ {
		batch = append(batch, tasks[order.at(epoch*n+i)])
	}
	return batch
}

// evaluateOrder reports how many held-out pairs are in order, beside looking at length alone.
func evaluateOrder(metrics map[string]float64, tallies []tally, tasks []*rewardTask, lengthSign float64, seed int64) {
	value, pairs := accuracy(tallies)
	low, high := accuracyInterval(tallies, seed)
	length, _ := accuracy(tallyTasks(tasks, longerBy(tasks, lengthSign)))
	metrics[metricEvalAccuracy], metrics[metricEvalAccuracyLow], metrics[metricEvalAccuracyHigh] = value, low, high
	metrics[metricEvalPairs], metrics[metricEvalPrompts] = float64(pairs), float64(len(tallies))
	metrics[metricEvalLengthBaseline] = length
}
