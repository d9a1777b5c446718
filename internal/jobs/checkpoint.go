package jobs

import (
	"context"
	"encoding/json"

	"rankloop/internal/artifacts"
	"rankloop/internal/store"
	"rankloop/model"
)

// LoadCheckpoint reads the checkpoint of a manifest; every file's checksum is checked. A model that would not fit the
// machine's memory is refused before its weights are read.
func LoadCheckpoint(ctx context.Context, from *artifacts.Folder, manifest string) (*model.Checkpoint, error) {
	return loadCheckpoint(ctx, from, manifest, 1)
}

// LoadServed is LoadCheckpoint for a model that is to be sampled from: its matrices are packed for that, which takes about
// as much memory again.
func LoadServed(ctx context.Context, from *artifacts.Folder, manifest string) (*model.Checkpoint, error) {
	return loadCheckpoint(ctx, from, manifest, 2)
}

func loadCheckpoint(ctx context.Context, from *artifacts.Folder, manifest string, copies int) (*model.Checkpoint, error) {
	files, err := from.OpenFS(ctx, manifest)
	if err != nil {
		return nil, err
	}
	config, err := model.LoadConfig(files)
	if err != nil {
		return nil, err
	}
	if err := CheckModelMemory(config, copies); err != nil {
		return nil, err
	}
	return model.LoadCheckpoint(files)
}

// SaveCheckpoint writes a checkpoint's files and returns the row that names them, still without a name, and the
// artifacts that the row needs.
func SaveCheckpoint(ctx context.Context, to *artifacts.Folder, c *model.Checkpoint, dtype model.DType) (store.NewCheckpoint, []store.Artifact, error) {
	contents, err := c.Files(dtype)
	if err != nil {
		return store.NewCheckpoint{}, nil, err
	}
	manifest, files, err := putFiles(ctx, to, contents)
	if err != nil {
		return store.NewCheckpoint{}, nil, err
	}
	meta, err := json.Marshal(c.Meta)
	if err != nil {
		return store.NewCheckpoint{}, nil, err
	}
	return store.NewCheckpoint{
		Kind: string(c.Meta.Kind), Base: c.Meta.Base, SHA256: manifest.SHA256, Bytes: manifest.Bytes, Meta: meta,
		Parameters: int64(c.Weights.Config.Parameters()),
	}, files, nil
}
