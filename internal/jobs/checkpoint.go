package jobs

import (
	"context"
	"encoding/json"

	"rankloop/internal/artifacts"
	"rankloop/internal/store"
	"rankloop/model"
)

// LoadCheckpoint reads the checkpoint of a manifest; every file's checksum is checked.
func LoadCheckpoint(ctx context.Context, from *artifacts.Folder, manifest string) (*model.Checkpoint, error) {
	files, err := from.OpenFS(ctx, manifest)
	if err != nil {
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
