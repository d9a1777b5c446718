package model

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"slices"

	"rankloop/model/tokenizer"
)

// A config.json of Hugging Face says what a folder's weights compute. Each
// family has its own keys: config_gpt2.go, config_llama.go.

// readConfig reads config.json. What would silently compute something else is
// refused by name.
func readConfig(fsys fs.FS) (Config, SpecialIDs, error) {
	data, err := readSmall(fsys, configFile, maxConfigBytes)
	if err != nil {
		return Config{}, SpecialIDs{}, err
	}
	c, ids, err := parseConfig(data)
	if err == nil {
		err = c.Validate()
	}
	if err != nil {
		return Config{}, SpecialIDs{}, fmt.Errorf("%s: %w", configFile, err)
	}
	return c, ids, nil
}

func parseConfig(data []byte) (Config, SpecialIDs, error) {
	var common struct {
		ModelType    string          `json:"model_type"`
		Quantization json.RawMessage `json:"quantization_config"`
		SpecialIDs
	}
	if err := json.Unmarshal(data, &common); err != nil {
		return Config{}, SpecialIDs{}, err
	}
	if len(common.Quantization) > 0 && string(common.Quantization) != "null" {
		return Config{}, SpecialIDs{}, errors.New("quantization_config is not supported")
	}
	var c Config
	var err error
	switch common.ModelType {
	case gpt2Type:
		c, err = parseGPT2(data)
	case llamaType, qwen2Type:
		c, err = parseLlama(data)
	default:
		err = fmt.Errorf("model_type %q is not supported, only gpt2, llama and qwen2 are", common.ModelType)
	}
	return c, common.SpecialIDs, err
}

// newConfigFile is the config.json of a checkpoint.
func newConfigFile(c *Checkpoint, dtype DType) (any, error) {
	switch config := c.Weights.Config; {
	case config.isGPT2():
		return newGPT2File(c, dtype), nil
	case config.isLlama() || config.isQwen2():
		return newLlamaFile(c, dtype), nil
	}
	return nil, errors.New("checkpoint: no Hugging Face architecture has these parts together: the network cannot be stored")
}

// architectures are the names of a family's networks by head.
type architectures struct{ language, scalar, trunk string }

// head returns which head a file's architectures ask for. A bare trunk is read
// as a language model.
func (a architectures) head(names []string, labels map[string]string) (HeadKind, error) {
	switch {
	case len(names) == 0 || slices.Contains([]string{a.language, a.trunk}, names[0]):
		return LanguageModel, nil
	case names[0] != a.scalar:
		return "", fmt.Errorf("architecture %q is not supported", names[0])
	case len(labels) != 1:
		return "", fmt.Errorf("%d labels are not supported, a score is one", len(labels))
	}
	return Scalar, nil
}

// headFields are the keys that say which head a network has.
type headFields struct {
	Architectures []string          `json:"architectures"`
	Labels        map[string]string `json:"id2label,omitempty"` // one label: one score
	IDs           map[string]int    `json:"label2id,omitempty"`
}

func (a architectures) fields(head HeadKind) headFields {
	if head == Scalar {
		return headFields{[]string{a.scalar}, map[string]string{"0": "score"}, map[string]int{"score": 0}}
	}
	return headFields{Architectures: []string{a.language}}
}

// torchType is what PyTorch calls a type of numbers.
func torchType(dtype DType) string {
	return map[DType]string{F32: "float32", F16: "float16", BF16: "bfloat16"}[dtype]
}

// SpecialIDs are the tokens that config.json names for other programs. Where
// none is set, a checkpoint names its tokenizer's own.
type SpecialIDs struct {
	BOS *int32   `json:"bos_token_id,omitempty"`
	EOS tokenIDs `json:"eos_token_id,omitempty"`
	Pad *int32   `json:"pad_token_id,omitempty"`
}

// tokenIDs is one id or a list of them.
type tokenIDs []int32

func (t *tokenIDs) UnmarshalJSON(data []byte) error {
	if string(data) == "null" {
		return nil
	}
	if len(data) > 0 && data[0] == '[' {
		return json.Unmarshal(data, (*[]int32)(t))
	}
	*t = make(tokenIDs, 1)
	return json.Unmarshal(data, &(*t)[0])
}

func (t tokenIDs) MarshalJSON() ([]byte, error) {
	if len(t) == 1 {
		return json.Marshal(t[0])
	}
	return json.Marshal([]int32(t))
}

// special returns the ids that the checkpoint's files name.
func (c *Checkpoint) special() SpecialIDs {
	if c.Special.BOS != nil || c.Special.EOS != nil || c.Special.Pad != nil {
		return c.Special
	}
	find := func(name string) *int32 {
		if id, ok := c.Tokenizer.Special(name); ok {
			return &id
		}
		return nil
	}
	ids := SpecialIDs{BOS: find(tokenizer.DocumentToken), Pad: find(tokenizer.PadToken)}
	if end := find(tokenizer.TurnEndToken); end != nil {
		ids.EOS = tokenIDs{*end}
	}
	return ids
}

// generationConfig makes other programs sample from the model's own
// distribution and stop where a reply ends.
type generationConfig struct {
	SpecialIDs
	DoSample    bool    `json:"do_sample"`
	Temperature float64 `json:"temperature"`
	TopK        int     `json:"top_k"`
	TopP        float64 `json:"top_p"`
}

func newGenerationConfig(c *Checkpoint) generationConfig {
	return generationConfig{SpecialIDs: c.special(), DoSample: true, Temperature: 1, TopK: 0, TopP: 1}
}
