package jobs

import (
	"context"
	"encoding/json"
	"fmt"

	"rankloop/ranking"
	"rankloop/trainer"
)

// examples reads the replies to learn: those of a snapshot, or of a prompt set.
func (in *Inputs) examples(ctx context.Context, spec Spec) ([]trainer.Example, error) {
	if spec.Snapshot != nil {
		return in.snapshotExamples(ctx, *spec.Snapshot)
	}
	return in.fileExamples(ctx, spec)
}

// snapshotExamples reads the demonstrations and the replies of dialogues. The snapshot's validation split is not trained
// on; it is what a best epoch is chosen by.
func (in *Inputs) snapshotExamples(ctx context.Context, snapshot Pinned) (examples []trainer.Example, err error) {
	toTrain := 0
	err = in.eachRecord(ctx, snapshot.SHA256, func(r ranking.Record) error {
		if err := r.Validate(); err != nil {
			return err
		}
		if reply, ok := r.ReplyToLearn(); ok {
			examples = append(examples, trainer.Example{Messages: r.Messages, Reply: reply.Text, Split: r.Split})
			if r.Split != ranking.SplitValidation {
				toTrain++
			}
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("%s: %w", snapshot.Name, err)
	}
	if toTrain == 0 {
		return nil, ranking.Errorf(ranking.CodeInvalid, "the training split of snapshot %q holds no reply to learn: no demonstration, and no dialogue", snapshot.Name)
	}
	return examples, nil
}

// fileExamples reads a prompt set with replies: each response of a line is one to learn. Where the best epoch is to be
// chosen, a tenth of the groups is kept from training to choose by.
func (in *Inputs) fileExamples(ctx context.Context, spec Spec) ([]trainer.Example, error) {
	file, err := in.Artifacts.Get(ctx, spec.Data.SHA256)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	var examples []trainer.Example
	var prompts []ranking.PromptKey // of the examples
	splitter := ranking.NewSplitter(uint64(spec.Seed), validationShare)
	for line, err := range ranking.ReadPromptSet(spec.Data.Name, file, ranking.DefaultPromptSetLimits()) {
		if err != nil {
			return nil, err
		}
		if line.Bad != nil {
			return nil, ranking.Errorf(ranking.CodeInvalid, "%s:%d: %s", spec.Data.Name, line.Line, line.Bad)
		}
		prompt := ranking.Record{PromptID: line.Prompt.ExternalID, Group: line.Prompt.Group, Messages: line.Prompt.Messages}
		splitter.Add(&prompt)
		for _, response := range line.Responses {
			examples = append(examples, trainer.Example{Messages: line.Prompt.Messages, Reply: response.Text})
			prompts = append(prompts, ranking.PromptKey{ID: prompt.PromptID})
		}
	}
	if len(examples) == 0 {
		return nil, ranking.Errorf(ranking.CodeInvalid, "%s holds no reply to learn: give each prompt its responses", spec.Data.Name)
	}
	if selectsBest(spec.Config) {
		split := splitter.Split()
		for i := range examples {
			examples[i].Split = split[prompts[i]]
		}
	}
	return examples, nil
}

// selectsBest says whether the configuration of an sft run publishes the epoch with the lowest validation loss.
func selectsBest(config json.RawMessage) bool {
	var c trainer.SFTConfig
	return json.Unmarshal(config, &c) == nil && c.Select == "best"
}
