package app

import (
	"context"
	"encoding/json"
	"iter"

	"rankloop/internal/basemodel"
	"rankloop/internal/jobs"
	"rankloop/internal/store"
	"rankloop/model"
	"rankloop/ranking"
)

// BaseModel is the model that every database starts with, under the name base.
type BaseModel struct {
	Checkpoint func() (*model.Checkpoint, error)
	Digest     func() string                                   // tells it from other base models; nil: it never changes
	Text       func(seed uint64) iter.Seq[string]              // what it was pretrained on
	Prompts    func(seed uint64, n int, heldOut bool) []string // requests it can answer
}

// EmbeddedBase is the model that ships with the program.
var EmbeddedBase = BaseModel{
	Checkpoint: basemodel.Checkpoint,
	Digest:     basemodel.Digest,
	Text:       basemodel.Text,
	Prompts:    basemodel.Prompts,
}

// registerBase makes the base model a checkpoint of this database. Later starts cost one query.
//
// Another program, newer as a rule, may bring another base model: then that becomes base, and the one before goes on under
// its hash, with all that was trained from it. A base model that has been set aside so never comes back: an older program
// that still runs beside the newer one works with the newer one's base.
func (s *Services) registerBase(ctx context.Context) error {
	digest := s.Base.digest()
	old, err := s.Store.CheckpointByName(ctx, jobs.DefaultBase)
	known := err == nil
	if err != nil && ranking.ErrorCode(err) != ranking.CodeNotFound {
		return err
	}
	if known && (digest == "" || embeddedDigest(old) == digest) {
		return nil
	}
	if known {
		all, err := s.Store.ListCheckpoints(ctx)
		if err != nil {
			return err
		}
		for _, c := range all {
			if embeddedDigest(c) == digest {
				s.Log.Info("this database has another program's base model as base; this program's own is there too", "own", c.Name)
				return nil
			}
		}
	}
	checkpoint, err := s.Base.Checkpoint()
	if err != nil {
		return err
	}
	row, err := s.saveCheckpoint(ctx, checkpoint, model.F16)
	if err != nil {
		return err
	}
	row.Name, row.Base = jobs.DefaultBase, jobs.DefaultBase
	if row.Meta, err = withDigest(row.Meta, digest); err != nil {
		return err
	}
	aside := jobs.DefaultBase + "-" + old.SHA256[:min(8, len(old.SHA256))]
	replaced, err := s.Store.ReplaceCheckpoint(ctx, row, aside)
	if replaced {
		s.Log.Info("this program brings another base model: it is base from now on; the one before has a new name", "before", aside)
	}
	if ranking.ErrorCode(err) == ranking.CodeConflict {
		return nil // another process was quicker
	}
	return err
}

// digest tells base models apart without reading them; "" where nobody does.
func (b *BaseModel) digest() string {
	if b.Digest == nil {
		return ""
	}
	return b.Digest()
}

// digestKey is where a checkpoint's meta keeps the digest of the embedded model that it is.
const digestKey = "embedded"

// embeddedDigest is "" for a checkpoint that came with no program.
func embeddedDigest(c store.Checkpoint) string {
	var meta map[string]any
	if json.Unmarshal(c.Meta, &meta) != nil {
		return ""
	}
	digest, _ := meta[digestKey].(string)
	return digest
}

func withDigest(meta json.RawMessage, digest string) (json.RawMessage, error) {
	var values map[string]any
	if err := json.Unmarshal(meta, &values); err != nil || digest == "" {
		return meta, err
	}
	values[digestKey] = digest
	return json.Marshal(values)
}

// AddCheckpoint stores a checkpoint that no run made, under a new name.
func (s *Services) AddCheckpoint(ctx context.Context, name string, c *model.Checkpoint, dtype model.DType) (store.Checkpoint, error) {
	return s.addCheckpoint(ctx, name, name, c, dtype)
}

func (s *Services) addCheckpoint(ctx context.Context, name, base string, c *model.Checkpoint, dtype model.DType) (store.Checkpoint, error) {
	row, err := s.saveCheckpoint(ctx, c, dtype)
	if err != nil {
		return store.Checkpoint{}, err
	}
	row.Name, row.Base = name, base
	return s.Store.AddCheckpoint(ctx, row)
}

// saveCheckpoint stores a checkpoint's files and describes it, but for its name.
func (s *Services) saveCheckpoint(ctx context.Context, c *model.Checkpoint, dtype model.DType) (store.NewCheckpoint, error) {
	row, files, err := jobs.SaveCheckpoint(ctx, s.Artifacts, c, dtype)
	if err != nil {
		return row, err
	}
	for _, file := range files {
		if err := s.Store.PutArtifact(ctx, file.SHA256, file.Bytes); err != nil {
			return row, err
		}
	}
	return row, nil
}

// ownText knows the checkpoints that have pretraining text of their own: base, and what was base before.
func (s *Services) ownText(c store.Checkpoint) jobs.Text {
	if c.Name != jobs.DefaultBase && embeddedDigest(c) == "" {
		return nil
	}
	return s.Base.Text
}
