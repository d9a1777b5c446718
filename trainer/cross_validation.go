package trainer

import (
	"context"
	"math"
	"slices"

	"rankloop/model"
	"rankloop/ranking"
)

// CrossValidation is InstructGPT's analysis of appendix E.2: does a reward model predict people whose rankings it has never
// seen as well as those it has learned from? In each fold one group of annotators is held out of training; accuracy is
// measured on the validation split's prompts, apart for both kinds of annotators.
type CrossValidation struct {
	Folds   []Fold      `json:"folds"`
	Seen    MeanOfFolds `json:"seen"`     // annotators that the fold trained on (the paper: 72.4 ± 0.4 %)
	HeldOut MeanOfFolds `json:"held_out"` // annotators that it did not (the paper: 69.6 ± 0.9 %)
}

// Fold is one group of annotators held out.
type Fold struct {
	HeldOutAnnotators []string      `json:"held_out_annotators"`
	Rankings          int           `json:"rankings"` // trained on
	Seen              ranking.Share `json:"seen"`
	HeldOut           ranking.Share `json:"held_out"`
}

// MeanOfFolds is a mean with its standard error over folds.
type MeanOfFolds struct {
	Mean          float64 `json:"mean"`
	StandardError float64 `json:"standard_error"`
	Folds         int     `json:"folds"`
}

// CrossValidate trains one reward model a fold, in memory, with the configuration of spec. onStep hears of every step.
func CrossValidate(ctx context.Context, spec Spec, in Inputs, folds int, onStep func(fold, step, total int)) (*CrossValidation, error) {
	groups, err := annotatorGroups(in.Records, folds, spec.Seed)
	if err != nil {
		return nil, err
	}
	var config RewardConfig
	if err := parseConfig(&config, spec.Config); err != nil {
		return nil, err
	}
	if _, heldOut := bySplit(in.Records); len(heldOut) == 0 {
		return nil, ranking.Errorf(ranking.CodeInvalid, "cross-validation measures on the validation split, but there is none: make a snapshot with --validation 0.1")
	}
	result := &CrossValidation{}
	for i, group := range groups {
		outside := func(r ranking.Record) bool { return slices.Contains(group, r.Annotator) }
		train, heldOut := bySplit(in.Records)
		part := in
		part.Records = slices.DeleteFunc(train, outside)
		reward, err := trainFold(ctx, spec, part, func(step, total int) { onStep(i, step, total) })
		if err != nil {
			return nil, err
		}
		scorer, err := newScorer(reward, config.MicroBatchTokens)
		if err != nil {
			return nil, err
		}
		pairs, err := scorer.pairs(heldOut)
		if err != nil {
			return nil, err
		}
		fold := Fold{HeldOutAnnotators: group, Rankings: len(part.Records)}
		share := func(of bool) ranking.Share {
			some := slices.DeleteFunc(slices.Clone(pairs), func(p judgedPair) bool { return slices.Contains(group, p.annotator) != of })
			return shareOf(some, func(p judgedPair) float64 { return p.delta }, spec.Seed)
		}
		fold.Seen, fold.HeldOut = share(false), share(true)
		result.Folds = append(result.Folds, fold)
	}
	result.Seen = meanOf(result.Folds, func(f Fold) ranking.Share { return f.Seen })
	result.HeldOut = meanOf(result.Folds, func(f Fold) ranking.Share { return f.HeldOut })
	return result, nil
}

func trainFold(ctx context.Context, spec Spec, in Inputs, onStep func(step, total int)) (*model.Checkpoint, error) {
	run, err := Open(spec, in)
	if err != nil {
		return nil, err
	}
	for run.Step() < run.StepsTotal() {
		if _, err := run.Advance(ctx); err != nil {
			return nil, err
		}
		onStep(run.Step(), run.StepsTotal())
	}
	return run.Checkpoint()
}

// annotatorGroups deals the annotators out to folds in an order drawn from the seed.
func annotatorGroups(records []ranking.Record, folds int, seed int64) ([][]string, error) {
	var names []string
	for _, r := range records {
		if !slices.Contains(names, r.Annotator) {
			names = append(names, r.Annotator)
		}
	}
	slices.Sort(names)
	if folds < 2 || folds > len(names) {
		return nil, ranking.Errorf(ranking.CodeInvalid, "the number of folds must be between 2 and the number of annotators, %d, not %d", len(names), folds)
	}
	groups := make([][]string, folds)
	for i, at := range newStream(seed, "annotator groups").Perm(len(names)) {
		groups[i%folds] = append(groups[i%folds], names[at])
	}
	for _, group := range groups {
		slices.Sort(group)
	}
	return groups, nil
}

func meanOf(folds []Fold, share func(Fold) ranking.Share) MeanOfFolds {
	var values []float32
	for _, f := range folds {
		if s := share(f); s.Pairs > 0 {
			values = append(values, float32(s.Value))
		}
	}
	mean, variance := moments([][]float32{values})
	m := MeanOfFolds{Mean: mean, Folds: len(values)}
	if n := float64(len(values)); n > 1 {
		m.StandardError = math.Sqrt(variance / (n - 1)) // of the mean, from the population variance
	}
	return m
}
