package model

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

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
	if c.Weights, err = readWeights(fsys, config); err != nil {
		return nil, fmt.Errorf("%s: %w", weightsFile, err)
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

func readWeights(fsys fs.FS, config Config) (*Weights, error) {
	source, size, closeFile, err := openReaderAt(fsys, weightsFile)
	if err != nil {
		return nil, err
	}
	defer closeFile()
	// Checked before memory is taken for what the config claims.
	if size/2 < int64(config.Parameters()) {
		return nil, fmt.Errorf("%d bytes do not hold the %d parameters of config.json", size, config.Parameters())
	}
	file, err := OpenSafetensors(source, size)
	if err != nil {
		return nil, err
	}
	w := NewWeights(config)
	used := make(map[string]bool)
	for _, t := range w.Tensors() {
		// Files of the bare trunk leave the first part of the name out.
		name := t.Name
		shape, ok := file.Shape(name)
		if !ok {
			name = strings.TrimPrefix(name, "transformer.")
			shape, ok = file.Shape(name)
		}
		if !ok {
			return nil, fmt.Errorf("tensor %q is missing", t.Name)
		}
		if !slices.Equal(shape, t.Shape) {
			return nil, fmt.Errorf("tensor %q has shape %v, config.json says %v", name, shape, t.Shape)
		}
		if err := file.Read(name, t.Data); err != nil {
			return nil, err
		}
		used[name] = true
	}
	for _, name := range file.Names() {
		if !used[name] && !ignoredTensor(name) {
			return nil, fmt.Errorf("tensor %q is not part of the network", name)
		}
	}
	return w, nil
}

// ignoredTensor knows what GPT-2 files hold beside parameters: causal masks and
// a copy of the token embeddings.
func ignoredTensor(name string) bool {
	return strings.HasSuffix(name, ".attn.bias") || strings.HasSuffix(name, ".attn.masked_bias") || name == "lm_head.weight"
}

// openReaderAt opens a file for reading at any offset; file systems that cannot
// do so have it read to memory.
func openReaderAt(fsys fs.FS, name string) (r io.ReaderAt, size int64, closeFile func(), err error) {
	f, err := fsys.Open(name)
	if err != nil {
		return nil, 0, nil, err
	}
	info, err := f.Stat()
	if err != nil {
		f.Close()
		return nil, 0, nil, err
	}
	if at, ok := f.(io.ReaderAt); ok {
		return at, info.Size(), func() { f.Close() }, nil
	}
	defer f.Close()
	data, err := io.ReadAll(f)
	return bytes.NewReader(data), int64(len(data)), func() {}, err
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
