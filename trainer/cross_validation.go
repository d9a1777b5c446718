package trainer

import (
	"context"
	"math"
	"slices"

	"rankloop/model"
	"rankloop/ranking"
)

// CrossValidationProgress follows a cross-validation, and lets one go on that was cut off.
type CrossValidationProgress struct {
	Done   []ranking.Fold                     // of an earlier call with the same arguments
	OnStep func(fold, folds, step, total int) // hears of every optimizer step; nil for nobody
	OnFold func(done []ranking.Fold) error    // hears of every fold; nil for nobody
}

// defaultFolds is InstructGPT's number of groups (appendix E.2).
const defaultFolds = 5

// CrossValidate is InstructGPT's analysis with whole groups of annotators held out (ranking.CrossValidation). It trains one
// reward model a fold, in memory, with the configuration of spec. 0 folds are five, or as many as there are annotators.
func CrossValidate(ctx context.Context, spec Spec, in Inputs, folds int, p CrossValidationProgress) (*ranking.CrossValidation, error) {
	groups, err := annotatorGroups(in.Records, folds, spec.Seed)
	if err != nil {
		return nil, err
	}
	if _, heldOut := bySplit(in.Records); len(heldOut) == 0 {
		return nil, ranking.Errorf(ranking.CodeInvalid, "cross-validation measures on the validation split, but there is none: make a snapshot with --validation 0.1")
	}
	result := &ranking.CrossValidation{Folds: slices.Clone(p.Done)}
	for i := len(result.Folds); i < len(groups); i++ {
		fold, err := holdOut(ctx, spec, in, groups[i], func(step, total int) {
			if p.OnStep != nil {
				p.OnStep(i, len(groups), step, total)
			}
		})
		if err != nil {
			return nil, err
		}
		result.Folds = append(result.Folds, fold)
		if p.OnFold != nil {
			if err := p.OnFold(result.Folds); err != nil {
				return nil, err
			}
		}
	}
	result.Seen = meanOf(result.Folds, func(f ranking.Fold) ranking.Share { return f.Seen })
	result.HeldOut = meanOf(result.Folds, func(f ranking.Fold) ranking.Share { return f.HeldOut })
	return result, nil
}

// holdOut trains without a group of annotators and measures on the validation split, apart for them and for the others.
func holdOut(ctx context.Context, spec Spec, in Inputs, group []string, onStep func(step, total int)) (ranking.Fold, error) {
	var config RewardConfig
	if err := parseConfig(&config, spec.Config); err != nil {
		return ranking.Fold{}, err
	}
	outside := func(annotator string) bool { return slices.Contains(group, annotator) }
	train, heldOut := bySplit(in.Records)
	in.Records = slices.DeleteFunc(train, func(r ranking.Record) bool { return outside(r.Annotator) })
	reward, err := trainFold(ctx, spec, in, onStep)
	if err != nil {
		return ranking.Fold{}, err
	}
	scorer, err := newScorer(reward, config.MicroBatchTokens)
	if err != nil {
		return ranking.Fold{}, err
	}
	pairs, err := scorer.pairs(ctx, heldOut, nil)
	if err != nil {
		return ranking.Fold{}, err
	}
	fold := ranking.Fold{HeldOutAnnotators: group, Rankings: len(in.Records)}
	share := func(of bool) ranking.Share {
		some := slices.DeleteFunc(slices.Clone(pairs), func(p judgedPair) bool { return outside(p.annotator) != of })
		return shareOf(some, func(p judgedPair) float64 { return p.delta }, spec.Seed)
	}
	fold.Seen, fold.HeldOut = share(false), share(true)
	fold.Simulated = slices.ContainsFunc(pairs, func(p judgedPair) bool { return p.simulated && outside(p.annotator) })
	return fold, nil
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
	if folds == 0 {
		folds = max(2, min(defaultFolds, len(names)))
	}
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

func meanOf(folds []ranking.Fold, share func(ranking.Fold) ranking.Share) ranking.MeanOfFolds {
	var values []float32
	for _, f := range folds {
		if s := share(f); s.Pairs > 0 {
			values = append(values, float32(s.Value))
		}
	}
	mean, variance := moments([][]float32{values})
	m := ranking.MeanOfFolds{Mean: mean, Folds: len(values)}
	if n := float64(len(values)); n > 1 {
		m.StandardError = math.Sqrt(variance / (n - 1)) // of the mean, from the population variance
	}
	return m
}
