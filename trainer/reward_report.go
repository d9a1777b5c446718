package trainer

import (
	"cmp"
	"math"
	"slices"

	"rankloop/model"
	"rankloop/ranking"
)

// RewardReport is what there is to say about a reward model on rankings it was not trained on. Shares are of strict pairs,
// with 95 % intervals by bootstrap over prompts; an equal score is half right.
type RewardReport struct {
	Rankings int `json:"rankings"`
	Prompts  int `json:"prompts"`
	Pairs    int `json:"pairs"`
	Dropped  int `json:"dropped"` // responses that do not fit the model's context; their pairs are left out

	Accuracy  ranking.Share  `json:"accuracy"`
	Agreement *ranking.Share `json:"agreement"` // of annotators with one another on the same tasks; nil where no task has two

	// Rules that read no text, fitted on the training split: what a reward model must beat.
	LengthBaseline ranking.Share `json:"length_baseline"`
	ModelBaseline  ranking.Share `json:"model_baseline"` // the model that won more often wins

	SimilarLength SimilarLength `json:"similar_length"`

	Annotators []Slice `json:"annotators"`
	Margins    []Slice `json:"margins"` // by |r_w − r_l| in σ_ref
	Models     []Slice `json:"models"`  // by pair of models

	Calibration       Calibration `json:"calibration"`
	LengthCorrelation float64     `json:"length_correlation"` // Pearson's, of score and characters over responses
}

// Slice is the accuracy on a part of the pairs.
type Slice struct {
	Name     string        `json:"name"`
	Accuracy ranking.Share `json:"accuracy"`
}

// SimilarLength compares with length alone where length says little: pairs whose lengths are within a quarter of the
// longer one. Difference is reward model minus length, its interval by paired bootstrap over prompts.
type SimilarLength struct {
	Accuracy       ranking.Share `json:"accuracy"`
	LengthBaseline ranking.Share `json:"length_baseline"`
	Difference     ranking.Share `json:"difference"`
}

// Calibration compares σ(r_w − r_l) with how often such a pair is in order.
type Calibration struct {
	ECE   float64          `json:"ece"`   // expected calibration error: Σ |observed − predicted| · share of pairs
	Brier float64          `json:"brier"` // mean (1 − σ(r_w − r_l))²; ¼ is a coin
	Bins  []CalibrationBin `json:"bins"`  // reliability curve
}

// CalibrationBin holds the pairs whose predicted probability, of the side that the model prefers, is within [Low, High).
type CalibrationBin struct {
	Low       float64 `json:"low"`
	High      float64 `json:"high"`
	Predicted float64 `json:"predicted"`
	Observed  float64 `json:"observed"`
	Pairs     int     `json:"pairs"`
}

// judgedPair is one strict pair of one judgment, scored.
type judgedPair struct {
	prompt        ranking.PromptKey
	annotator     string
	winner, loser ranking.RecordResponse
	delta         float64 // r_winner − r_loser
}

// EvaluateReward scores the validation split of records, or all of them where they have no split, and reports. Baselines
// are fitted on the rest.
func EvaluateReward(reward *model.Checkpoint, records []ranking.Record, microBatchTokens int, seed int64) (*RewardReport, error) {
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
	report := &RewardReport{Rankings: len(heldOut)}
	pairs, err := scorer.pairs(heldOut)
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
	report.SimilarLength = SimilarLength{
		Accuracy: share(similar, byReward), LengthBaseline: share(similar, byLength), Difference: difference(similar, byReward, byLength, seed),
	}
	slicesBy := func(name func(judgedPair) string) []Slice { return sliced(pairs, name, seed) }
	report.Annotators = slicesBy(func(p judgedPair) string { return p.annotator })
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
func sliced(pairs []judgedPair, name func(judgedPair) string, seed int64) []Slice {
	parts := make(map[string][]judgedPair)
	for _, p := range pairs {
		parts[name(p)] = append(parts[name(p)], p)
	}
	var out []Slice
	for _, key := range sortedKeys(parts) {
		out = append(out, Slice{key, shareOf(parts[key], func(p judgedPair) float64 { return p.delta }, seed)})
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

func calibrate(pairs []judgedPair) Calibration {
	c := Calibration{Bins: make([]CalibrationBin, calibrationBins)}
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
	c.Bins = slices.DeleteFunc(c.Bins, func(b CalibrationBin) bool { return b.Pairs == 0 })
	return c
}
