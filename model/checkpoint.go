package model

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"unicode/utf8"

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
	// Special and Companions are what an imported folder says to other programs;
	// an export says the same. Both are optional.
	Special    SpecialIDs
	Companions map[string][]byte // by name, each as it came
	// Adapter is what Weights differ from Meta.Base by, where they were trained
	// with one; it is in them already.
	Adapter *Adapter
}

const (
	metaFormat        = 1
	maxConfigBytes    = 1 << 20
	maxTokenizerFile  = 64 << 20
	maxCompanionBytes = 4 << 20
	configFile        = "config.json"
	metaFile          = "rankloop.json"
	tokenizerFile     = "tokenizer.json"
	generationFile    = "generation_config.json"
	weightsFile       = "model.safetensors"
)

// companionFiles are kept as they came: how other programs sample, and the chat
// template and roles of tokens that they read.
var companionFiles = []string{generationFile, tokenizerConfigFile, "special_tokens_map.json", templateFile}

// Derive returns a checkpoint of other weights that are used as c's are: with its
// tokenizer, and what its folder says to other programs.
func (c *Checkpoint) Derive(weights *Weights, meta Meta) *Checkpoint {
	d := *c
	d.Weights, d.Meta, d.Adapter = weights, meta, nil
	return &d
}

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
	config, err := newConfigFile(c, dtype)
	if err != nil {
		return nil, err
	}
	meta := c.Meta
	meta.Format = metaFormat
	files := map[string]func(io.Writer) error{
		configFile:    jsonFile(config),
		tokenizerFile: rawFile(vocabulary),
		metaFile:      jsonFile(meta),
		weightsFile: func(w io.Writer) error {
			return WriteSafetensors(w, fileTensors(c.Weights), dtype, map[string]string{"format": "pt"})
		},
		generationFile: jsonFile(newGenerationConfig(c)),
	}
	for name, data := range c.Companions {
		if !slices.Contains(companionFiles, name) {
			return nil, fmt.Errorf("checkpoint: %q is not a file that a model folder has", name)
		}
		files[name] = rawFile(data)
	}
	if c.Weights.Config.Head == Scalar {
		delete(files, generationFile)
	}
	if c.Adapter == nil {
		return files, nil
	}
	// In a folder of its own: beside config.json, transformers would lay it on the
	// weights that hold it already.
	parts, err := c.AdapterFiles(F32)
	for name, write := range parts {
		files[path.Join(adapterFolder, name)] = write
	}
	return files, err
}

// fileTensors are the tensors that files hold: Hugging Face's scalar heads have
// no bias, so that one is written only where it says something.
func fileTensors(w *Weights) []Tensor {
	tensors := w.Tensors()
	if w.scoreBias != nil && w.scoreBias[0] == 0 {
		return tensors[:len(tensors)-1] // it comes last
	}
	return tensors
}

func rawFile(data []byte) func(io.Writer) error {
	return func(w io.Writer) error {
		_, err := w.Write(data)
		return err
	}
}

func (c *Checkpoint) check() error {
	scalar := c.Weights.Config.Head == Scalar
	switch {
	case c.Weights.adapter != nil:
		return errors.New("checkpoint: weights with an adapter; merge them first")
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
func (c *Checkpoint) SaveFolder(dir string, dtype DType) error {
	files, err := c.Files(dtype)
	if err != nil {
		return err
	}
	return saveFolder(dir, files)
}

func saveFolder(dir string, files map[string]func(io.Writer) error) (err error) {
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
		if folder := path.Dir(name); folder != "." {
			if err := os.MkdirAll(filepath.Join(temporary, folder), 0o755); err != nil {
				return err
			}
		}
		if err := writeSynced(filepath.Join(temporary, name), write); err != nil {
			return err
		}
	}
	if err := syncFolders(temporary); err != nil {
		return err
	}
	if err := os.Chmod(temporary, 0o755); err != nil {
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

// syncFolders syncs dir and the folders in it.
func syncFolders(dir string) error {
	return filepath.WalkDir(dir, func(name string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.IsDir() {
			return err
		}
		return syncFolder(name)
	})
}

func syncFolder(dir string) error {
	f, err := os.Open(dir)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

// LoadCheckpoint reads a Hugging Face model folder of the GPT-2 or the Llama
// family. Without a rankloop.json it is a policy, or a reward model if it has a
// score head.
func LoadCheckpoint(fsys fs.FS) (*Checkpoint, error) {
	config, special, err := readConfig(fsys)
	if err != nil {
		return nil, err
	}
	c := &Checkpoint{Special: special}
	if c.Companions, err = readCompanions(fsys); err != nil {
		return nil, err
	}
	if c.Meta, err = readMeta(fsys, config.Head); err != nil {
		return nil, err
	}
	text, err := readSmall(fsys, tokenizerFile, maxTokenizerFile)
	if err != nil {
		return nil, err
	}
	if c.Tokenizer, err = tokenizer.Parse(text); err != nil {
		return nil, err
	}
	if c.Tokenizer, err = withTemplate(c.Tokenizer, c.Companions); err != nil {
		return nil, err
	}
	if c.Weights, err = loadWeights(fsys, config); err != nil {
		return nil, err
	}
	if c.Adapter, err = loadMerged(fsys, c.Weights); err != nil {
		return nil, err
	}
	return c, c.check()
}

// loadMerged reads the adapter that w holds already, if its folder has one.
func loadMerged(fsys fs.FS, w *Weights) (*Adapter, error) {
	folder, err := fs.Sub(fsys, adapterFolder)
	if err != nil {
		return nil, err
	}
	f, err := folder.Open(adapterConfigFile)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	if err := f.Close(); err != nil {
		return nil, err
	}
	return LoadAdapter(folder, w)
}

// LoadConfig reads a folder's configuration alone, for what it will take to load
// the rest.
func LoadConfig(fsys fs.FS) (Config, error) {
	config, _, err := readConfig(fsys)
	return config, err
}

// LoadWeights reads the network of a Hugging Face model folder, without its
// tokenizer.
func LoadWeights(fsys fs.FS) (*Weights, error) {
	config, _, err := readConfig(fsys)
	if err != nil {
		return nil, err
	}
	return loadWeights(fsys, config)
}

func loadWeights(fsys fs.FS, config Config) (*Weights, error) {
	files, err := openWeights(fsys)
	if err != nil {
		return nil, err
	}
	w, err := readWeights(files, config)
	if err = errors.Join(err, files.Close()); err != nil {
		return nil, err
	}
	return w, nil
}

func readCompanions(fsys fs.FS) (map[string][]byte, error) {
	var found map[string][]byte
	for _, name := range companionFiles {
		data, err := readSmall(fsys, name, maxCompanionBytes)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, err
		}
		if strings.HasSuffix(name, ".json") && !json.Valid(data) || !utf8.Valid(data) {
			return nil, fmt.Errorf("%s is not valid", name)
		}
		if found == nil {
			found = make(map[string][]byte)
		}
		found[name] = data
	}
	return found, nil
}

func readMeta(fsys fs.FS, head HeadKind) (Meta, error) {
	meta := Meta{Format: metaFormat, Kind: PolicyKind}
	if head == Scalar {
		meta.Kind = RewardKind
	}
	data, err := readSmall(fsys, metaFile, maxConfigBytes)
	if errors.Is(err, fs.ErrNotExist) {
		return meta, nil
	}
	if err != nil {
		return meta, err
	}
	if err := json.Unmarshal(data, &meta); err != nil {
		return meta, fmt.Errorf(metaFile+": %w", err)
	}
	if meta.Format != metaFormat {
		return meta, fmt.Errorf(metaFile+": format %d, this program reads %d", meta.Format, metaFormat)
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
