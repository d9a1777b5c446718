package trainer

import (
	"cmp"
	"context"
	"math"
	"slices"

	"rankloop/model"
	"rankloop/ranking"
)

// judgedPair is one strict pair of one judgment, scored.
type judgedPair struct {
	prompt        ranking.PromptKey
	annotator     string
	simulated     bool // the annotator
	winner, loser ranking.RecordResponse
	delta         float64 // r_winner − r_loser
}

// EvaluateReward scores the validation split of records, or all of them where they have no split, and reports. Baselines
// are fitted on the rest. onScored hears how many of the responses have been scored.
func EvaluateReward(ctx context.Context, reward *model.Checkpoint, records []ranking.Record, microBatchTokens int, seed int64, onScored func(done, total int)) (*ranking.RewardReport, error) {
	if reward.Weights.Config.Head != model.Scalar {
		return nil, ranking.Errorf(ranking.CodeInvalid, "%q is a language model: only a reward model can be evaluated on rankings", reward.Meta.Name)
	}
	train, heldOut := bySplit(records)
	if len(heldOut) == 0 {
		heldOut = train
	}
	scorer, err := newScorer(reward, microBatchTokens)
	if err != nil {
		return nil, err
	}
	report := &ranking.RewardReport{Rankings: len(heldOut)}
	for _, r := range heldOut {
		if r.Simulated {
			report.Simulated++
		}
	}
	pairs, err := scorer.pairs(ctx, heldOut, onScored)
	if err != nil {
		return nil, err
	}
	if len(pairs) == 0 {
		return nil, ranking.Errorf(ranking.CodeInvalid, "there is no strict comparison to evaluate on in %d rankings", len(heldOut))
	}
	report.Dropped, report.Pairs = scorer.dropped, len(pairs)

	byReward := func(p judgedPair) float64 { return p.delta }
	byLength := longerRule(train)
	share := func(pairs []judgedPair, better func(judgedPair) float64) ranking.Share {
		return shareOf(pairs, better, seed)
	}
	report.Accuracy = share(pairs, byReward)
	report.LengthBaseline = share(pairs, byLength)
	report.ModelBaseline = share(pairs, modelRule(train))
	report.Prompts = len(talliesOf(pairs, byReward))
	report.Agreement = agreement(heldOut, seed)

	similar := slices.DeleteFunc(slices.Clone(pairs), func(p judgedPair) bool { return !similarLengths(p) })
	report.SimilarLength = ranking.SimilarLength{
		Accuracy: share(similar, byReward), LengthBaseline: share(similar, byLength), Difference: difference(similar, byReward, byLength, seed),
	}
	slicesBy := func(name func(judgedPair) string) []ranking.Slice { return sliced(pairs, name, seed) }
	report.Annotators = slicesBy(func(p judgedPair) string { return p.annotator })
	for i, annotator := range report.Annotators {
		report.Annotators[i].Simulated = slices.ContainsFunc(pairs, func(p judgedPair) bool { return p.simulated && p.annotator == annotator.Name })
	}
	report.Models = slicesBy(func(p judgedPair) string {
		return min(p.winner.Model, p.loser.Model) + " / " + max(p.winner.Model, p.loser.Model)
	})
	report.Margins = slicesBy(func(p judgedPair) string { return marginBin(p.delta, reward.Meta.RewardStd) })
	report.Calibration = calibrate(pairs)
	report.LengthCorrelation = scorer.lengthCorrelation()
	return report, nil
}

func bySplit(records []ranking.Record) (train, heldOut []ranking.Record) {
	for _, r := range records {
		if r.Split == ranking.SplitValidation {
			heldOut = append(heldOut, r)
		} else {
			train = append(train, r)
		}
	}
	return train, heldOut
}

// agreement of annotators on the same tasks, as the statistics of a snapshot have it.
func agreement(records []ranking.Record, seed int64) *ranking.Share {
	ordered := slices.Clone(records)
	slices.SortStableFunc(ordered, func(a, b ranking.Record) int {
		return cmp.Or(cmp.Compare(a.Campaign, b.Campaign), cmp.Compare(a.PromptID, b.PromptID))
	})
	collector := ranking.NewStatisticsCollector()
	for _, r := range ordered {
		collector.Add(r)
	}
	return collector.Result(uint64(seed)).Agreement
}

// sliced is the accuracy by name, the names in order.
func sliced(pairs []judgedPair, name func(judgedPair) string, seed int64) []ranking.Slice {
	parts := make(map[string][]judgedPair)
	for _, p := range pairs {
		parts[name(p)] = append(parts[name(p)], p)
	}
	var out []ranking.Slice
	for _, key := range sortedKeys(parts) {
		out = append(out, ranking.Slice{Name: key, Accuracy: shareOf(parts[key], func(p judgedPair) float64 { return p.delta }, seed)})
	}
	return out
}

// marginBin names the bin of a difference in σ_ref, in an order that sorts.
func marginBin(delta, spread float64) string {
	if !(spread > 0) {
		spread = 1
	}
	switch m := math.Abs(delta) / spread; {
	case m < 0.25:
		return "0 to 0.25"
	case m < 0.5:
		return "0.25 to 0.5"
	case m < 1:
		return "0.5 to 1"
	case m < 2:
		return "1 to 2"
	}
	return "2 and more"
}

// calibrationBins divide [0.5, 1]: a model that prefers neither side says 0.5.
const calibrationBins = 10

func calibrate(pairs []judgedPair) ranking.Calibration {
	c := ranking.Calibration{Bins: make([]ranking.CalibrationBin, calibrationBins)}
	for i := range c.Bins {
		c.Bins[i].Low, c.Bins[i].High = 0.5+0.5*float64(i)/calibrationBins, 0.5+0.5*float64(i+1)/calibrationBins
	}
	for _, p := range pairs {
		c.Brier += sigmoid(-p.delta) * sigmoid(-p.delta) / float64(len(pairs))
		confidence := sigmoid(math.Abs(p.delta))
		bin := &c.Bins[min(int((confidence-0.5)*2*calibrationBins), calibrationBins-1)]
		bin.Pairs++
		bin.Predicted += confidence
		switch {
		case p.delta > 0:
			bin.Observed++
		case p.delta == 0:
			bin.Observed += 0.5
		}
	}
	for i := range c.Bins {
		if bin := &c.Bins[i]; bin.Pairs > 0 {
			c.ECE += math.Abs(bin.Observed-bin.Predicted) / float64(len(pairs))
			bin.Predicted /= float64(bin.Pairs)
			bin.Observed /= float64(bin.Pairs)
		}
	}
	c.Bins = slices.DeleteFunc(c.Bins, func(b ranking.CalibrationBin) bool { return b.Pairs == 0 })
	return c
}
