package model

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"slices"
	"strings"
)

// An adapter folder is PEFT's (github.com/huggingface/peft): adapter_config.json
// and adapter_model.safetensors. Names of tensors are the network's, each module's
// followed by lora_A.weight or lora_B.weight.
const (
	adapterConfigFile  = "adapter_config.json"
	adapterWeightsFile = "adapter_model.safetensors"
	adapterPrefix      = "base_model.model." // of every tensor
	adapterFolder      = "adapter"           // of a model folder, for the adapter that was merged into it
)

// adapterConfig is adapter_config.json.
type adapterConfig struct {
	Type           string   `json:"peft_type"`
	Task           string   `json:"task_type"`
	Base           string   `json:"base_model_name_or_path"`
	Rank           int      `json:"r"`
	Alpha          float64  `json:"lora_alpha"`
	Dropout        float64  `json:"lora_dropout"`
	Targets        []string `json:"target_modules"`
	ModulesToSave  []string `json:"modules_to_save"`
	FanInFanOut    bool     `json:"fan_in_fan_out"` // matrices are [in,out]
	Bias           string   `json:"bias"`
	RankStabilized bool     `json:"use_rslora"`
	InitWeights    bool     `json:"init_lora_weights"`
	InferenceMode  bool     `json:"inference_mode"`
}

func newAdapterConfig(a *Adapter, base string) adapterConfig {
	c := adapterConfig{
		Type: "LORA", Task: "CAUSAL_LM", Base: base, Rank: a.LoRA.Rank, Alpha: a.LoRA.Alpha, Targets: a.targets(),
		FanInFanOut: a.Config.isGPT2(), Bias: "none", RankStabilized: a.LoRA.RankStabilized, InitWeights: true, InferenceMode: true,
	}
	if a.Config.Head == Scalar {
		c.Task, c.ModulesToSave = "SEQ_CLS", []string{"score"}
	}
	return c
}

// targets are the shortest names that mean a's modules and no others.
func (a *Adapter) targets() []string {
	var names []string
	for _, m := range a.Config.modules() {
		if !a.LoRA.has(m) {
			continue
		}
		name := lastName(m.name)
		for _, other := range a.Config.modules() {
			if lastName(other.name) == name && !a.LoRA.has(other) {
				name = m.name
			}
		}
		if !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	return names
}

// AdapterFiles returns the files of the checkpoint's adapter as a PEFT folder, by
// name. A checkpoint that was not trained with one has none.
func (c *Checkpoint) AdapterFiles(dtype DType) (map[string]func(io.Writer) error, error) {
	if c.Adapter == nil {
		return nil, errors.New("checkpoint: it was trained whole, there is no adapter")
	}
	meta := c.Meta
	meta.Format = metaFormat
	return map[string]func(io.Writer) error{
		adapterConfigFile: jsonFile(newAdapterConfig(c.Adapter, c.Meta.Base)),
		adapterWeightsFile: func(w io.Writer) error {
			return WriteSafetensors(w, c.Adapter.fileTensors(), dtype, map[string]string{"format": "pt"})
		},
		metaFile: jsonFile(meta),
	}, nil
}

// fileTensors are the tensors as PEFT names them: its scalar heads have no bias,
// so that one is written only where it says something.
func (a *Adapter) fileTensors() []Tensor {
	tensors := slices.Clone(a.tensors)
	if a.scoreBias != nil && a.scoreBias[0] == 0 {
		tensors = tensors[:len(tensors)-1] // it comes last
	}
	for i := range tensors {
		tensors[i].Name = adapterPrefix + tensors[i].Name
	}
	return tensors
}

// SaveAdapter writes the files of the adapter to a new folder dir. The folder
// appears complete or not at all.
func (c *Checkpoint) SaveAdapter(dir string, dtype DType) error {
	files, err := c.AdapterFiles(dtype)
	if err != nil {
		return err
	}
	return saveFolder(dir, files)
}

// IsAdapterFolder says whether a folder holds an adapter and no model.
func IsAdapterFolder(fsys fs.FS) bool {
	if _, err := fs.Stat(fsys, configFile); err == nil {
		return false
	}
	_, err := fs.Stat(fsys, adapterConfigFile)
	return err == nil
}

// LoadAdapter reads a PEFT folder for the network w, which stays as it is. An
// adapter with a score makes a scalar network of a language model; one without
// has w's head. What would silently compute something else is refused by name.
func LoadAdapter(fsys fs.FS, w *Weights) (*Adapter, error) {
	w.needWhole("LoadAdapter")
	config, err := readAdapterConfig(fsys)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", adapterConfigFile, err)
	}
	if _, err := fs.Stat(fsys, adapterWeightsFile); errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%s is missing; an adapter_model.bin must be saved as safetensors first", adapterWeightsFile)
	}
	files := &weightFiles{shards: make(map[string]shard)}
	if err = files.add(fsys, adapterWeightsFile); err != nil {
		return nil, errors.Join(err, files.Close())
	}
	a, err := readAdapter(files, config, w)
	if err = errors.Join(err, files.Close()); err != nil {
		return nil, err
	}
	return a, nil
}

func readAdapterConfig(fsys fs.FS) (adapterConfig, error) {
	var c struct {
		adapterConfig
		Targets any `json:"target_modules"` // the tensors say which
	}
	data, err := readSmall(fsys, adapterConfigFile, maxConfigBytes)
	if err != nil {
		return c.adapterConfig, err
	}
	var all map[string]any
	if err := errors.Join(json.Unmarshal(data, &c), json.Unmarshal(data, &all)); err != nil {
		return c.adapterConfig, err
	}
	if c.Type != "LORA" {
		return c.adapterConfig, fmt.Errorf("peft_type %q is not supported, only LORA", c.Type)
	}
	if c.Bias != "" && c.Bias != "none" {
		return c.adapterConfig, fmt.Errorf("bias %q is not supported, only none", c.Bias)
	}
	for _, key := range otherAdapters {
		if value := fmt.Sprint(all[key]); value != "<nil>" && value != "false" && value != "map[]" {
			return c.adapterConfig, fmt.Errorf("%s is not supported", key)
		}
	}
	return c.adapterConfig, nil
}

// otherAdapters are the keys of a configuration that make adapters compute
// something else, where they are set.
var otherAdapters = []string{
	"use_dora", "use_qalora", "use_bdlora", "lora_bias", "rank_pattern", "alpha_pattern", "layer_replication",
	"alora_invocation_tokens", "kasa_config", "arrow_config",
}

// readAdapter reads the tensors. No memory is taken for what the configuration
// claims and the file does not hold.
func readAdapter(from tensorSource, config adapterConfig, w *Weights) (*Adapter, error) {
	c := w.Config
	var modules []string
	for _, m := range c.modules() {
		for i := range c.Layers {
			if _, ok := from.Shape(adapterPrefix + c.layerName(i) + m.name + ".lora_A.weight"); ok {
				modules = append(modules, m.name)
				break
			}
		}
	}
	if len(modules) == 0 {
		return nil, fmt.Errorf("%s adapts no matrix of this network: was it trained on another one?", adapterWeightsFile)
	}
	l, err := NewLoRA(c, config.Rank, config.Alpha, config.RankStabilized, strings.Join(modules, ","))
	if err != nil {
		return nil, err
	}
	if _, ok := from.Shape(adapterPrefix + scoreName); ok {
		c.Head = Scalar
	}
	if held := numbers(from); held < int64(l.Parameters(c))/2 {
		return nil, fmt.Errorf("%s: %d numbers do not hold the %d of rank %d", adapterWeightsFile, held, l.Parameters(c), l.Rank)
	}
	a := NewAdapter(c, l)
	copy(a.score, w.score)
	copy(a.scoreBias, w.scoreBias)
	used := make(map[string]bool)
	for _, t := range a.tensors {
		name := adapterPrefix + t.Name
		shape, ok := from.Shape(name)
		switch {
		case !ok && (t.Name == scoreBiasName || t.Name == scoreName && w.score != nil):
			continue // 0, or what w has
		case !ok:
			return nil, fmt.Errorf("%s: tensor %q is missing", adapterWeightsFile, name)
		case !slices.Equal(shape, t.Shape):
			return nil, fmt.Errorf("%s: tensor %q has shape %v, this network and rank %d need %v", adapterWeightsFile, name, shape, l.Rank, t.Shape)
		}
		if err := from.Read(name, t.Data); err != nil {
			return nil, err
		}
		used[name] = true
	}
	for _, name := range from.Names() {
		if !used[name] {
			return nil, fmt.Errorf("%s: tensor %q is not one that this network can have adapted", adapterWeightsFile, name)
		}
	}
	return a, nil
}

// WithAdapter returns the checkpoint of base with an adapter merged into its
// weights, as one that was trained on it here. The folder's own rankloop.json,
// if there is one, says what it is for.
func (c *Checkpoint) WithAdapter(fsys fs.FS) (*Checkpoint, error) {
	a, err := LoadAdapter(fsys, c.Weights)
	if err != nil {
		return nil, err
	}
	meta, err := readMeta(fsys, a.Config.Head)
	if err != nil {
		return nil, err
	}
	meta.Base = c.Meta.Name
	merged := c.Derive(c.Weights.Attach(a).Merge(), meta)
	merged.Adapter = a
	return merged, merged.check()
}
