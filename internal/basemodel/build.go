package basemodel

import (
	"context"
	"errors"
	"fmt"
	"iter"

	"rankloop/internal/basemodel/textgen"
	"rankloop/model"
	"rankloop/model/kernel"
	"rankloop/model/tokenizer"
	"rankloop/trainer"
)

// Progress hears of every optimizer step of a stage ("pretrain", and "sft" once per tuning).
type Progress func(stage string, step, total int, metrics map[string]float64)

// Build makes the base model: a vocabulary, next-token pretraining, supervised tuning. The result is the same to the
// byte on the same kernel set, whatever the number of threads.
func Build(ctx context.Context, progress Progress) (*model.Checkpoint, error) {
	vocabulary, err := tokenizer.Train(corpusTexts(seed, tokenizerBytes), vocabulary, tokenizer.ChatSpecials)
	if err != nil {
		return nil, fmt.Errorf("basemodel: vocabulary: %w", err)
	}
	config := shape
	config.Vocab = vocabulary.Size()
	weights := model.NewWeights(config)
	weights.Init(seed)
	checkpoint := &model.Checkpoint{
		Weights:   weights,
		Tokenizer: vocabulary,
		Meta:      model.Meta{Kind: model.PolicyKind, Name: Name, Base: Name, KernelSet: kernel.Name()},
	}

	checkpoint, err = stage(ctx, trainer.KindPretrain, pretrainSettings, trainer.Inputs{Base: checkpoint, Text: Text}, progress)
	if err != nil {
		return nil, err
	}
	for i, tuning := range tunings {
		checkpoint, err = stage(ctx, trainer.KindSFT, tuning.settings, trainer.Inputs{
			Base: checkpoint, Text: Text, Examples: examples(seed+1+uint64(i), tuning),
		}, progress)
		if err != nil {
			return nil, err
		}
	}
	checkpoint.Meta = model.Meta{Kind: model.PolicyKind, Name: Name, Base: Name, KernelSet: kernel.Name()}
	return checkpoint, nil
}

// stage runs one training job from its first step to its last.
func stage(ctx context.Context, kind string, settings []string, in trainer.Inputs, progress Progress) (*model.Checkpoint, error) {
	config, err := trainer.ResolveConfig(kind, "small", settings, nil)
	if err != nil {
		return nil, fmt.Errorf("basemodel: %s: %w", kind, err)
	}
	run, err := trainer.Open(trainer.Spec{Kind: kind, Seed: seed, Config: config}, in)
	if err != nil {
		return nil, fmt.Errorf("basemodel: %s: %w", kind, err)
	}
	for {
		report, err := run.Advance(ctx)
		if errors.Is(err, trainer.ErrDone) {
			return run.Checkpoint()
		}
		if err != nil {
			return nil, fmt.Errorf("basemodel: %s: %w", kind, err)
		}
		progress(kind, report.Step, run.StepsTotal(), report.Metrics)
	}
}

// corpusTexts are the pretraining documents up to a number of bytes, for the vocabulary.
func corpusTexts(seed uint64, bytes int) iter.Seq[string] {
	return func(yield func(string) bool) {
		for document := range textgen.Corpus(seed, bytes) {
			if document.Prompt != "" && !yield(document.Prompt) {
				return
			}
			if !yield(document.Text) {
				return
			}
		}
	}
}
