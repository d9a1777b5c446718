package app

import (
	"context"
	"slices"

	"rankloop/internal/jobs"
	"rankloop/internal/store"
	"rankloop/model"
	"rankloop/model/kernel"
	"rankloop/model/tokenizer"
	"rankloop/ranking"
)

// Blank is a model that has learnt nothing yet: a shape with fresh weights, and a vocabulary learnt from texts.
type Blank struct {
	Config     model.Config // its Vocab is set by the vocabulary
	Vocabulary int          // ids at most, the markers of a chat included
	Texts      []string     // that the vocabulary is learnt from
	Seed       uint64
}

// CreateModel registers a blank model as a checkpoint, to be pretrained. The same blank makes the same bytes.
func (s *Services) CreateModel(ctx context.Context, name string, b Blank) (store.Checkpoint, error) {
	if err := store.CheckCheckpointName(name); err != nil {
		return store.Checkpoint{}, err
	}
	vocabulary, err := tokenizer.Train(slices.Values(b.Texts), b.Vocabulary, tokenizer.ChatSpecials)
	if err != nil {
		return store.Checkpoint{}, ranking.Errorf(ranking.CodeInvalid, "no vocabulary can be made: %s", err).WithCause(err)
	}
	config := b.Config
	config.Vocab = vocabulary.Size()
	if err := config.Validate(); err != nil {
		return store.Checkpoint{}, ranking.Errorf(ranking.CodeInvalid, "no model has this shape: %s", err).WithCause(err)
	}
	if err := jobs.CheckModelMemory(config, 1); err != nil {
		return store.Checkpoint{}, err
	}
	weights := model.NewWeights(config)
	weights.Init(b.Seed)
	return s.AddCheckpoint(ctx, name, &model.Checkpoint{
		Weights: weights, Tokenizer: vocabulary,
		Meta: model.Meta{Kind: model.PolicyKind, Name: name, Base: name, KernelSet: kernel.Name()},
	}, model.F32)
}
