package jobs

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"

	"rankloop/internal/artifacts"
	"rankloop/internal/store"
	"rankloop/ranking"
	"rankloop/trainer"
)

// maxRecordBytes bounds one line of a snapshot, a prompt list or a text file.
const maxRecordBytes = 16 << 20

// Text yields documents in an order drawn from seed.
type Text = func(seed uint64) iter.Seq[string]

// Inputs loads what a spec names.
type Inputs struct {
	Store     *store.Store
	Artifacts *artifacts.Folder
	// OwnText gives the pretraining text that a checkpoint records as its own; nil where it records none.
	OwnText func(checkpoint store.Checkpoint) Text
}

// Load reads a run's inputs into memory.
func (in *Inputs) Load(ctx context.Context, spec Spec) (inputs trainer.Inputs, err error) {
	if inputs.Base, err = LoadCheckpoint(ctx, in.Artifacts, spec.Base.SHA256); err != nil {
		return trainer.Inputs{}, fmt.Errorf("checkpoint %s: %w", spec.Base.Name, err)
	}
	if spec.Reward != nil {
		if inputs.Reward, err = LoadCheckpoint(ctx, in.Artifacts, spec.Reward.SHA256); err != nil {
			return trainer.Inputs{}, fmt.Errorf("checkpoint %s: %w", spec.Reward.Name, err)
		}
	}
	switch spec.Kind {
	case trainer.KindReward, trainer.KindDPO:
		inputs.Records, err = in.records(ctx, spec)
		inputs.Margin = func(r ranking.Record, winner, loser int) float64 { return r.Margin(winner, loser) }
	case trainer.KindPPO:
		if err = in.prompts(ctx, spec, &inputs); err == nil {
			inputs.Records, err = in.heldOut(ctx, spec)
		}
	case trainer.KindSFT:
		inputs.Examples, err = in.examples(ctx, spec)
	}
	if err != nil {
		return trainer.Inputs{}, err
	}
	if spec.Ptx == nil {
		return inputs, nil
	}
	heldOut := 0.0
	if spec.Kind == trainer.KindPretrain {
		if heldOut, err = heldOutShare(spec.Config); err != nil {
			return trainer.Inputs{}, err
		}
	}
	inputs.Text, inputs.HeldOutText, err = in.text(ctx, spec, heldOut)
	return inputs, err
}

// check finds out, before a run is stored, whether it could start: its inputs can be read and are not empty, and its
// memory would suffice.
func (in *Inputs) check(ctx context.Context, spec Spec) error {
	inputs, err := in.usable(ctx, spec)
	if err != nil {
		return err
	}
	return checkMemory(spec.trainer(), inputs)
}

func anyTrainingPair(records []ranking.Record) bool {
	for _, r := range records {
		if r.Split != ranking.SplitValidation && len(r.Tiers) > 1 {
			return true
		}
	}
	return false
}

// records reads the judgments of a snapshot or of a file in the native format. A file without splits gets them as a
// snapshot would: by group, a tenth for validation.
func (in *Inputs) records(ctx context.Context, spec Spec) ([]ranking.Record, error) {
	source := spec.Snapshot
	if spec.Data != nil {
		source = spec.Data
	}
	var records []ranking.Record
	divided := false
	err := in.eachRecord(ctx, source.SHA256, func(r ranking.Record) error {
		if err := r.Validate(); err != nil {
			return err
		}
		divided = divided || r.Split != ""
		records = append(records, r)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("%s: %w", source.Name, err)
	}
	if !divided {
		divide(records, spec.Seed)
	}
	return records, nil
}

// validationShare is the share of the groups that a file without splits gives to validation.
const validationShare = 0.1

func divide(records []ranking.Record, seed int64) {
	splitter := ranking.NewSplitter(uint64(seed), validationShare)
	for i := range records {
		splitter.Add(&records[i])
	}
	split := splitter.Split()
	for i, r := range records {
		records[i].Split = split[ranking.PromptKey{Campaign: r.Campaign, ID: r.PromptID}]
	}
}

// eachRecord reads an artifact of JSON lines of records.
func (in *Inputs) eachRecord(ctx context.Context, sha256 string, visit func(ranking.Record) error) error {
	return eachLine(ctx, in.Artifacts, sha256, visit)
}

// prompts reads the prompts that were drawn when the run was made.
func (in *Inputs) prompts(ctx context.Context, spec Spec, inputs *trainer.Inputs) error {
	return eachLine(ctx, in.Artifacts, spec.Prompts.SHA256, func(line promptLine) error {
		prompt := trainer.Prompt{ID: line.ID, Messages: line.Messages}
		if line.HeldOut {
			inputs.HeldOutPrompts = append(inputs.HeldOutPrompts, prompt)
		} else {
			inputs.Prompts = append(inputs.Prompts, prompt)
		}
		return nil
	})
}

// heldOut reads the rankings of the snapshot's validation split, which a PPO run is compared with and never trained on.
func (in *Inputs) heldOut(ctx context.Context, spec Spec) (records []ranking.Record, err error) {
	if spec.Snapshot == nil {
		return nil, nil
	}
	err = in.eachRecord(ctx, spec.Snapshot.SHA256, func(r ranking.Record) error {
		if r.Split == ranking.SplitValidation && len(records) < maxHeldOutRankings {
			records = append(records, r)
		}
		return nil
	})
	return records, err
}

// maxHeldOutRankings bounds what a PPO run keeps of a validation split: rankings of more tasks than it looks at.
const maxHeldOutRankings = 256

// eachLine reads an artifact of JSON lines and checks its checksum at the end.
func eachLine[T any](ctx context.Context, from *artifacts.Folder, sha256 string, visit func(T) error) error {
	file, err := from.Get(ctx, sha256)
	if err != nil {
		return err
	}
	defer file.Close()
	lines := bufio.NewScanner(file)
	lines.Buffer(make([]byte, 64<<10), maxRecordBytes)
	for number := 1; lines.Scan(); number++ {
		if number%1024 == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		if len(lines.Bytes()) == 0 {
			continue
		}
		var value T
		err := json.Unmarshal(lines.Bytes(), &value)
		if err == nil {
			err = visit(value)
		}
		if err != nil {
			return ranking.Errorf(ranking.CodeInvalid, "line %d: %s", number, err).WithCause(err)
		}
	}
	if errors.Is(lines.Err(), bufio.ErrTooLong) {
		return ranking.Errorf(ranking.CodeTooLarge, "a line is longer than %d MiB", maxRecordBytes>>20)
	}
	return lines.Err()
}

// readAll reads an artifact whole, as its limit allows.
func readAll(ctx context.Context, from *artifacts.Folder, sha256 string, limit int64) ([]byte, error) {
	file, err := from.Get(ctx, sha256)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	content, err := io.ReadAll(io.LimitReader(file, limit+1))
	if err == nil && int64(len(content)) > limit {
		err = ranking.Errorf(ranking.CodeTooLarge, "the text is larger than the limit of %d MiB", limit>>20)
	}
	return content, err
}
