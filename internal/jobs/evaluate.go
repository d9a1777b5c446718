package jobs

import (
	"context"

	"rankloop/ranking"
	"rankloop/trainer"
)

// evaluationTokens is how many tokens an evaluation reads at once.
const evaluationTokens = 4096

// EvaluateReward reports on a reward checkpoint on the validation split of a snapshot ("" is the newest) or of a file in
// the native format.
func (l *Launcher) EvaluateReward(ctx context.Context, name, snapshot string, data *File) (*trainer.RewardReport, Pinned, error) {
	spec := Spec{Kind: trainer.KindReward, Seed: 1}
	b := &builder{Launcher: l, request: Request{Kind: trainer.KindReward, Snapshot: snapshot, Data: data}, spec: &spec}
	checkpoint, err := b.checkpoint(ctx, name, "reward")
	if err != nil {
		return nil, Pinned{}, err
	}
	source, records, err := b.evaluated(ctx)
	if err != nil {
		return nil, Pinned{}, err
	}
	reward, err := LoadCheckpoint(ctx, l.Artifacts, checkpoint.SHA256)
	if err != nil {
		return nil, Pinned{}, err
	}
	report, err := trainer.EvaluateReward(reward, records, evaluationTokens, spec.Seed)
	return report, source, err
}

// CrossValidate trains a reward model for each group of annotators held out, with the request's base, rankings and
// settings, and reports how well they predict people they have not seen. Nothing is stored.
func (l *Launcher) CrossValidate(ctx context.Context, r Request, folds int, onStep func(fold, step, total int)) (*trainer.CrossValidation, Pinned, error) {
	r.Kind = trainer.KindReward
	spec := Spec{Kind: r.Kind, Seed: 1}
	if r.Seed != nil {
		spec.Seed = *r.Seed
	}
	b := &builder{Launcher: l, request: r, spec: &spec}
	if err := b.config(); err != nil {
		return nil, Pinned{}, err
	}
	if err := b.base(ctx); err != nil {
		return nil, Pinned{}, err
	}
	source, records, err := b.evaluated(ctx)
	if err != nil {
		return nil, Pinned{}, err
	}
	inputs := trainer.Inputs{Records: records}
	if inputs.Base, err = LoadCheckpoint(ctx, l.Artifacts, spec.Base.SHA256); err != nil {
		return nil, Pinned{}, err
	}
	of := trainer.Spec{Kind: spec.Kind, Seed: spec.Seed, Config: spec.Config}
	if err := checkMemory(of, inputs); err != nil {
		return nil, Pinned{}, err
	}
	result, err := trainer.CrossValidate(ctx, of, inputs, folds, onStep)
	return result, source, err
}

// evaluated pins and reads the rankings of the request.
func (b *builder) evaluated(ctx context.Context) (Pinned, []ranking.Record, error) {
	if err := b.unused(); err != nil {
		return Pinned{}, nil, err
	}
	if err := b.judgments(ctx); err != nil {
		return Pinned{}, nil, err
	}
	source := b.spec.Snapshot
	if b.spec.Data != nil {
		source = b.spec.Data
	}
	records, err := b.Inputs.records(ctx, *b.spec)
	return *source, records, err
}
