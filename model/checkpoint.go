package model

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"rankloop/model/tokenizer"
)

// Kind says what a checkpoint is for.
type Kind string

// The kinds of checkpoints.
const (
	PolicyKind Kind = "policy" // a language model
	RewardKind Kind = "reward" // scores complete replies
	ValueKind  Kind = "value"  // predicts scores from unfinished replies
)

// Meta is what Hugging Face's files have no place for (rankloop.json).
type Meta struct {
	Format int    `json:"format"` // 1
	Kind   Kind   `json:"kind"`
	Name   string `json:"name,omitempty"`
	Base   string `json:"base,omitempty"` // name of the checkpoint that training started from
	// RewardMean and RewardStd are the raw scores' mean and standard deviation on
	// the replies that define zero. The stored head is raw: Reward subtracts the
	// mean, once.
	RewardMean float64 `json:"reward_mean,omitempty"`
	RewardStd  float64 `json:"reward_std,omitempty"`
	// RewardMaxNew is how many tokens of the context prompts left free in a reward
	// model's training. Scoring fits prompts to context − RewardMaxNew, so that
	// what is scored is laid out as what was learned from.
	RewardMaxNew int    `json:"reward_max_new,omitempty"`
	KernelSet    string `json:"kernel_set,omitempty"` // that the weights were trained with
}

// Reward shifts a raw score so that the replies that define zero have mean 0.
func (m Meta) Reward(raw float32) float32 { return float32(float64(raw) - m.RewardMean) }

// Checkpoint is a network with everything needed to use it.
type Checkpoint struct {
	Weights   *Weights
	Tokenizer *tokenizer.Tokenizer
	Meta      Meta
}

const (
	metaFormat       = 1
	maxConfigBytes   = 1 << 20
	maxTokenizerFile = 64 << 20
	weightsFile      = "model.safetensors"
)

// Files returns the files of a checkpoint as a Hugging Face model folder, by
// name, for any storage to write. Equal checkpoints give equal bytes.
func (c *Checkpoint) Files(dtype DType) (map[string]func(io.Writer) error, error) {
	if err := c.check(); err != nil {
		return nil, err
	}
	vocabulary, err := c.Tokenizer.JSON()
	if err != nil {
		return nil, err
	}
	meta := c.Meta
	meta.Format = metaFormat
	files := map[string]func(io.Writer) error{
		"config.json":    jsonFile(newFileConfig(c, dtype)),
		"tokenizer.json": func(w io.Writer) error { _, err := w.Write(vocabulary); return err },
		"rankloop.json":  jsonFile(meta),
		weightsFile: func(w io.Writer) error {
			return WriteSafetensors(w, c.Weights.Tensors(), dtype, map[string]string{"format": "pt"})
		},
	}
	if c.Weights.Config.Head == LanguageModel {
		files["generation_config.json"] = jsonFile(newGenerationConfig(c))
	}
	return files, nil
}

func (c *Checkpoint) check() error {
	scalar := c.Weights.Config.Head == Scalar
	switch {
	case c.Meta.Kind != PolicyKind && c.Meta.Kind != RewardKind && c.Meta.Kind != ValueKind:
		return fmt.Errorf("checkpoint: unknown kind %q", c.Meta.Kind)
	case scalar == (c.Meta.Kind == PolicyKind):
		return fmt.Errorf("checkpoint: a %s checkpoint with a %s head", c.Meta.Kind, c.Weights.Config.Head)
	case c.Tokenizer.Size() > c.Weights.Config.Vocab:
		return fmt.Errorf("checkpoint: the tokenizer has %d ids, the network %d", c.Tokenizer.Size(), c.Weights.Config.Vocab)
	}
	return nil
}

func jsonFile(value any) func(io.Writer) error {
	return func(w io.Writer) error {
		enc := json.NewEncoder(w)
		enc.SetEscapeHTML(false)
		enc.SetIndent("", "  ")
		return enc.Encode(value)
	}
}

// SaveFolder writes the files to a new folder dir. The folder appears complete
// or not at all.
func (c *Checkpoint) SaveFolder(dir string, dtype DType) (err error) {
	files, err := c.Files(dtype)
	if err != nil {
		return err
	}
	if _, err := os.Lstat(dir); err == nil {
		return fmt.Errorf("checkpoint: %s exists already", dir)
	}
	parent := filepath.Dir(dir)
	if err := os.MkdirAll(parent, 0o755); err != nil {
		return err
	}
	temporary, err := os.MkdirTemp(parent, ".checkpoint-*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.RemoveAll(temporary))
		}
	}()
	for name, write := range files {
		if err := writeSynced(filepath.Join(temporary, name), write); err != nil {
			return err
		}
	}
	if err := os.Chmod(temporary, 0o755); err != nil {
		return err
	}
	if err := syncFolder(temporary); err != nil {
		return err
	}
	if err := os.Rename(temporary, dir); err != nil {
		return err
	}
	return syncFolder(parent)
}

func writeSynced(path string, write func(io.Writer) error) error {
	f, err := os.Create(path)
	if err != nil {
		return err
	}
	return errors.Join(write(f), f.Sync(), f.Close())
}

func syncFolder(dir string) error {
	f, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

// LoadCheckpoint reads a Hugging Face model folder of the GPT-2 family. Without
// a rankloop.json it is a policy, or a reward model if it has a score head.
func LoadCheckpoint(fsys fs.FS) (*Checkpoint, error) {
	config, err := readConfig(fsys)
	if err != nil {
		return nil, err
	}
	c := &Checkpoint{}
	if c.Meta, err = readMeta(fsys, config.Head); err != nil {
		return nil, err
	}
	text, err := readSmall(fsys, "tokenizer.json", maxTokenizerFile)
	if err != nil {
		return nil, err
	}
	if c.Tokenizer, err = tokenizer.Parse(text); err != nil {
		return nil, err
	}
	files, err := openWeights(fsys)
	if err != nil {
		return nil, err
	}
	c.Weights, err = readWeights(files, config)
	if err = errors.Join(err, files.Close()); err != nil {
		return nil, err
	}
	return c, c.check()
}

func readMeta(fsys fs.FS, head HeadKind) (Meta, error) {
	meta := Meta{Format: metaFormat, Kind: PolicyKind}
	if head == Scalar {
		meta.Kind = RewardKind
	}
	data, err := readSmall(fsys, "rankloop.json", maxConfigBytes)
	if errors.Is(err, fs.ErrNotExist) {
		return meta, nil
	}
	if err != nil {
		return meta, err
	}
	if err := json.Unmarshal(data, &meta); err != nil {
		return meta, fmt.Errorf("rankloop.json: %w", err)
	}
	if meta.Format != metaFormat {
		return meta, fmt.Errorf("rankloop.json: format %d, this program reads %d", meta.Format, metaFormat)
	}
	return meta, nil
}

// readSmall reads a file of at most limit bytes.
func readSmall(fsys fs.FS, name string, limit int64) ([]byte, error) {
	f, err := fsys.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, limit+1))
	if err == nil && int64(len(data)) > limit {
		err = fmt.Errorf("%s is over the limit of %d bytes", name, limit)
	}
	return data, err
}
