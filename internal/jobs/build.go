package jobs

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"rankloop/internal/store"
	"rankloop/ranking"
	"rankloop/trainer"
)

// builder fills in a spec from a request: what was asked for, else what the run of that name has, else the defaults.
type builder struct {
	*Launcher
	request Request
	old     *Spec // of the run of that name; nil where there is none
	spec    *Spec

	reward store.Checkpoint
}

// build goes through the inputs a kind needs, in the order they depend on each other.
func (b *builder) build(ctx context.Context) error {
	if err := b.config(); err != nil {
		return err
	}
	if err := b.unused(); err != nil {
		return err
	}
	if err := b.base(ctx); err != nil {
		return err
	}
	switch b.spec.Kind {
	case trainer.KindReward, trainer.KindDPO:
		return b.judgments(ctx)
	case trainer.KindPPO:
		if err := b.rewardModel(ctx); err != nil {
			return err
		}
		if err := b.prompts(ctx); err != nil {
			return err
		}
		return b.text(ctx, "gamma_ptx", "rho")
	case trainer.KindSFT:
		if err := b.replies(ctx); err != nil {
			return err
		}
		return b.text(ctx, "pretrain_share")
	case trainer.KindPretrain:
		return b.pretrainText(ctx)
	}
	return fmt.Errorf("kind %q has a configuration, but no inputs", b.spec.Kind)
}

func (b *builder) config() (err error) {
	if b.old != nil && !b.request.configured() && b.old.Kind == b.spec.Kind {
		b.spec.Config = b.old.Config
		return nil
	}
	b.spec.Config, err = b.request.resolve()
	return err
}

// unused refuses inputs that the kind would silently ignore.
func (b *builder) unused() error {
	r, kind := b.request, b.spec.Kind
	for _, input := range []struct {
		given bool
		flag  string
		kinds []string
	}{
		{r.Reward != "", "reward", []string{trainer.KindPPO}},
		{r.Snapshot != "", "snapshot", []string{trainer.KindReward, trainer.KindDPO, trainer.KindPPO, trainer.KindSFT}},
		{r.Data != nil, "data", []string{trainer.KindReward, trainer.KindDPO, trainer.KindSFT, trainer.KindPretrain}},
		{r.Campaign != "" || r.Prompts != nil, "prompts", []string{trainer.KindPPO}},
		{r.Ptx != nil, "ptx", []string{trainer.KindPPO, trainer.KindSFT}},
	} {
		if input.given && !slices.Contains(input.kinds, kind) {
			return ranking.Errorf(ranking.CodeInvalid, "a %s run does not use --%s; leave it out", kind, input.flag)
		}
	}
	if r.Snapshot != "" && r.Data != nil {
		return ranking.Errorf(ranking.CodeInvalid, "give either a snapshot or a data file, not both")
	}
	return nil
}

func (b *builder) base(ctx context.Context) error {
	if b.request.Base == "" && b.old != nil {
		b.spec.Base = b.old.Base
		return nil
	}
	name := b.request.Base
	if name == "" {
		name = DefaultBase
	}
	checkpoint, err := b.checkpoint(ctx, name, "policy")
	if err != nil {
		return err
	}
	b.spec.Base = Pinned{Name: checkpoint.Name, SHA256: checkpoint.SHA256}
	return nil
}

// checkpoint finds a checkpoint by name and checks what it is.
func (b *builder) checkpoint(ctx context.Context, name, kind string) (store.Checkpoint, error) {
	checkpoint, err := b.Store.CheckpointByName(ctx, name)
	if ranking.ErrorCode(err) == ranking.CodeNotFound {
		known, listErr := b.Store.ListCheckpoints(ctx)
		if listErr != nil {
			return store.Checkpoint{}, listErr
		}
		var names []string
		for _, c := range known {
			if c.Kind == kind && !strings.Contains(c.Name, "@") && len(names) < 10 {
				names = append(names, c.Name)
			}
		}
		if len(names) == 0 {
			return store.Checkpoint{}, ranking.Errorf(ranking.CodeNotFound, "there is no checkpoint %q, and no %s checkpoint at all", name, kind)
		}
		return store.Checkpoint{}, ranking.Errorf(ranking.CodeNotFound, "there is no checkpoint %q; there are %s", name, strings.Join(names, ", "))
	}
	if err != nil {
		return store.Checkpoint{}, err
	}
	if checkpoint.Kind != kind {
		return store.Checkpoint{}, ranking.Errorf(ranking.CodeInvalid, "%q is a %s checkpoint, but a %s is needed here", name, checkpoint.Kind, kind)
	}
	return checkpoint, nil
}

// rewardModel takes the named reward checkpoint, else the newest one of the same base.
func (b *builder) rewardModel(ctx context.Context) (err error) {
	switch {
	case b.request.Reward != "":
		b.reward, err = b.checkpoint(ctx, b.request.Reward, "reward")
	case b.old != nil && b.old.Reward != nil:
		b.reward, err = b.checkpoint(ctx, b.old.Reward.Name, "reward")
	default:
		b.reward, err = b.Store.LatestReward(ctx, b.spec.Base.Name)
		if ranking.ErrorCode(err) == ranking.CodeNotFound {
			return ranking.Errorf(ranking.CodeNotFound,
				"there is no reward model of %q yet; train one first (rankloop train reward) or name one", b.spec.Base.Name)
		}
	}
	if err != nil {
		return err
	}
	b.spec.Reward = &Pinned{Name: b.reward.Name, SHA256: b.reward.SHA256}
	return nil
}

// judgments takes the data file, the named snapshot, or the newest one.
func (b *builder) judgments(ctx context.Context) error {
	switch {
	case b.request.Data != nil:
		return b.file(ctx)
	case b.request.Snapshot == "" && b.old != nil:
		b.spec.Snapshot, b.spec.Data = b.old.Snapshot, b.old.Data
		return nil
	}
	snapshot, err := b.snapshot(ctx)
	if err != nil {
		return err
	}
	b.spec.Snapshot = snapshot
	return nil
}

// snapshot finds the named snapshot, else the newest.
func (b *builder) snapshot(ctx context.Context) (*Pinned, error) {
	var (
		found store.Snapshot
		err   error
	)
	if b.request.Snapshot != "" {
		found, err = b.Store.SnapshotByName(ctx, b.request.Snapshot)
		if ranking.ErrorCode(err) == ranking.CodeNotFound {
			return nil, ranking.Errorf(ranking.CodeNotFound, "there is no snapshot %q (see rankloop snapshot list)", b.request.Snapshot)
		}
	} else {
		found, err = b.Store.LatestSnapshot(ctx)
		if ranking.ErrorCode(err) == ranking.CodeNotFound {
			return nil, ranking.Errorf(ranking.CodeNotFound, "there is no snapshot yet; make one first (rankloop snapshot create)")
		}
	}
	if err != nil {
		return nil, err
	}
	return &Pinned{Name: found.Name, SHA256: found.SHA256}, nil
}

// replies takes the data file or the named snapshot. The newest one is no default: most hold rankings alone.
func (b *builder) replies(ctx context.Context) (err error) {
	switch {
	case b.request.Data != nil:
		return b.file(ctx)
	case b.request.Snapshot != "":
		b.spec.Snapshot, err = b.snapshot(ctx)
		return err
	case b.old != nil && (b.old.Snapshot != nil || b.old.Data != nil):
		b.spec.Snapshot, b.spec.Data = b.old.Snapshot, b.old.Data
		return nil
	}
	return ranking.Errorf(ranking.CodeInvalid,
		"an sft run needs replies to learn: --snapshot S with demonstrations or dialogues, or a file with prompts and their replies (uploaded, or --data FILE)")
}

// file pins the request's data file.
func (b *builder) file(ctx context.Context) error {
	pinned, err := b.pin(ctx, b.request.Data)
	b.spec.Data = pinned
	return err
}

// pin stores a file that came with the request.
func (b *builder) pin(ctx context.Context, file *File) (*Pinned, error) {
	return b.put(ctx, file.Name, func(w io.Writer) error {
		n, err := io.Copy(w, io.LimitReader(file.Content, maxFileBytes+1))
		if err == nil && n > maxFileBytes {
			return ranking.Errorf(ranking.CodeTooLarge, "%s is larger than the limit of %d MiB; split it", file.Name, maxFileBytes>>20)
		}
		if err == nil && n == 0 {
			return ranking.Errorf(ranking.CodeInvalid, "%s is empty", file.Name)
		}
		return err
	})
}

func (b *builder) put(ctx context.Context, name string, write func(io.Writer) error) (*Pinned, error) {
	sha256, size, err := b.Artifacts.Put(ctx, write)
	if err != nil {
		return nil, err
	}
	if err := b.Store.PutArtifact(ctx, sha256, size); err != nil {
		return nil, err
	}
	return &Pinned{Name: name, SHA256: sha256}, nil
}

// text finds text for the pretraining mix where the configuration has one: the request's file, else what the base
// checkpoint records as its own. Without any the mix is switched off with a note, unless it was asked for by name.
func (b *builder) text(ctx context.Context, keys ...string) error {
	mixed, err := positive(b.spec.Config, keys)
	if err != nil {
		return err
	}
	if !mixed {
		if b.request.Ptx != nil {
			return ranking.Errorf(ranking.CodeInvalid, "--ptx gives text for the pretraining mix, but %s=0 switches it off; leave one out", keys[0])
		}
		b.keepNotes()
		return nil
	}
	if found, err := b.findText(ctx, b.request.Ptx); found || err != nil {
		return err
	}
	if b.request.asksFor(keys...) {
		return ranking.Errorf(ranking.CodeInvalid,
			"%s asks for the pretraining mix, but %q has no text of its own; give some with --ptx FILE", keys[0], b.spec.Base.Name)
	}
	if b.spec.Config, err = b.request.resolve(keys[0] + "=0"); err != nil {
		return err
	}
	b.noteMixOff()
	return nil
}

// keepNotes repeats the notes of the run of that name, whose mix is off for want of text.
func (b *builder) keepNotes() {
	if b.old != nil && !b.request.configured() {
		b.spec.Notes = append(b.spec.Notes, b.old.Notes...)
	}
}

func (b *builder) noteMixOff() {
	b.spec.Notes = append(b.spec.Notes, newWarning("no_pretraining_text",
		"the pretraining mix is off: %q records no text of its own and none was given (--ptx FILE)", b.spec.Base.Name))
}

// findText pins the given file or, without one, what the run of that name has, or the base's own text.
func (b *builder) findText(ctx context.Context, file *File) (found bool, err error) {
	if file != nil {
		pinned, err := b.pin(ctx, file)
		if err != nil {
			return false, err
		}
		b.spec.Ptx = &PinnedText{Source: pinned.Name, SHA256: pinned.SHA256}
		return true, nil
	}
	if b.old != nil && b.old.Ptx != nil {
		b.spec.Ptx = b.old.Ptx
		return true, nil
	}
	own, err := b.Inputs.ownText(ctx, b.spec.Base.Name)
	if own == nil || err != nil {
		return false, err
	}
	b.spec.Ptx = &PinnedText{Source: b.spec.Base.Name}
	return true, nil
}

func (b *builder) pretrainText(ctx context.Context) error {
	found, err := b.findText(ctx, b.request.Data)
	switch {
	case err != nil:
		return err
	case !found:
		return ranking.Errorf(ranking.CodeInvalid, "a pretrain run needs text: a file that is uploaded, or --data FILE")
	case b.spec.Ptx.SHA256 != "":
		return nil
	case b.request.asksFor("held_out"):
		return ranking.Errorf(ranking.CodeInvalid,
			"held_out keeps a share of a file from training, but the text of %q has no end; leave it out, or give a file with --data FILE", b.spec.Base.Name)
	case b.request.configured() || b.old == nil:
		b.spec.Config, err = b.request.resolve("held_out=0")
	}
	return err
}

// positive says whether all of the numeric settings are above 0.
func positive(config json.RawMessage, keys []string) (bool, error) {
	var settings map[string]json.RawMessage
	if err := json.Unmarshal(config, &settings); err != nil {
		return false, err
	}
	for _, key := range keys {
		var value float64
		if err := json.Unmarshal(settings[key], &value); err != nil {
			return false, errors.New("the configuration lacks " + key)
		}
		if value <= 0 {
			return false, nil
		}
	}
	return true, nil
}
