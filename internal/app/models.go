package app

import (
	"context"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"rankloop/internal/jobs"
	"rankloop/internal/store"
	"rankloop/model"
	"rankloop/ranking"
)

// ImportModel registers a Hugging Face model folder or a GGUF file as a checkpoint that reads at most so many tokens; 0 is as many
// as the model can. What cannot be read, or would not fit the machine's memory, is refused, and nothing is stored then.
func (s *Services) ImportModel(ctx context.Context, path, name string, tokens int) (store.Checkpoint, error) {
	if err := store.CheckCheckpointName(name); err != nil {
		return store.Checkpoint{}, err
	}
	checkpoint, err := readModel(path)
	if err != nil {
		return store.Checkpoint{}, err
	}
	if tokens != 0 {
		if own := checkpoint.Weights.Config.Context; tokens < 1 || tokens > own {
			return store.Checkpoint{}, ranking.Errorf(ranking.CodeInvalid, "a context of %d tokens is not possible: this model reads at most %d", tokens, own)
		}
		if checkpoint.Weights, err = checkpoint.Weights.WithContext(tokens); err != nil {
			return store.Checkpoint{}, err
		}
	}
	if err := ctx.Err(); err != nil {
		return store.Checkpoint{}, err
	}
	return s.AddCheckpoint(ctx, name, checkpoint, checkpoint.Weights.NarrowestDType())
}

// ImportAdapter registers a PEFT folder, merged into the checkpoint base that it was trained on, as a checkpoint.
func (s *Services) ImportAdapter(ctx context.Context, path, base, name string) (store.Checkpoint, error) {
	if err := store.CheckCheckpointName(name); err != nil {
		return store.Checkpoint{}, err
	}
	below, err := s.Store.CheckpointByName(ctx, base)
	if err != nil {
		return store.Checkpoint{}, err
	}
	checkpoint, err := jobs.LoadServed(ctx, s.Artifacts, below.SHA256) // a merged copy beside it takes as much memory
	if err != nil {
		return store.Checkpoint{}, err
	}
	checkpoint.Meta.Name = below.Name
	merged, err := checkpoint.WithAdapter(os.DirFS(path))
	if err != nil {
		return store.Checkpoint{}, ranking.Errorf(ranking.CodeInvalid, "%s holds no adapter that fits %s: %s", path, base, err).WithCause(err)
	}
	return s.addCheckpoint(ctx, name, below.Name, merged, merged.Weights.NarrowestDType())
}

// IsAdapter says whether path is a folder with an adapter and no model.
func IsAdapter(path string) bool { return model.IsAdapterFolder(os.DirFS(path)) }

// CheckModel says early, without a database and without its weights, why the model at path cannot be imported.
func CheckModel(path string) error {
	_, _, err := findModel(path)
	return err
}

// findModel names the folder, and the file where it is a GGUF, of a model that is of a family the decoder has and fits in memory.
func findModel(path string) (folder fs.FS, file string, err error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, "", err
	}
	folder = os.DirFS(path)
	if !info.IsDir() {
		folder, file = os.DirFS(filepath.Dir(path)), filepath.Base(path)
	}
	config, err := readModelConfig(folder, file)
	if err == nil {
		err = jobs.CheckModelMemory(config, 1)
	}
	return folder, file, unreadable(path, err)
}

func readModel(path string) (*model.Checkpoint, error) {
	folder, file, err := findModel(path)
	if err != nil {
		return nil, err
	}
	var checkpoint *model.Checkpoint
	if file == "" {
		checkpoint, err = model.LoadCheckpoint(folder)
	} else {
		checkpoint, err = model.LoadGGUF(folder, file)
	}
	return checkpoint, unreadable(path, err)
}

func readModelConfig(folder fs.FS, file string) (model.Config, error) {
	switch {
	case file == "":
		return model.LoadConfig(folder)
	case strings.HasSuffix(file, ".safetensors"):
		return model.Config{}, ranking.Errorf(ranking.CodeInvalid, "%s alone is no model; name its folder, with config.json and tokenizer.json", file)
	default:
		return model.LoadGGUFConfig(folder, file)
	}
}

// unreadable says that a model is at fault, where no better reason is known.
func unreadable(path string, err error) error {
	if err == nil || ranking.ErrorCode(err) != ranking.CodeInternal {
		return err
	}
	return ranking.Errorf(ranking.CodeInvalid, "%s holds no model that can be read: %s", path, err).WithCause(err)
}
