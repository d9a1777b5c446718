package model

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"

	"rankloop/model/tokenizer"
)

// fileConfig is config.json of Hugging Face's GPT-2.
type fileConfig struct {
	Architectures []string `json:"architectures"`
	ModelType     string   `json:"model_type"`
	Activation    string   `json:"activation_function"`
	Vocab         int      `json:"vocab_size"`
	Context       int      `json:"n_positions"`
	Dim           int      `json:"n_embd"`
	Layers        int      `json:"n_layer"`
	Heads         int      `json:"n_head"`
	Hidden        *int     `json:"n_inner"` // null is 4·n_embd
	LayerNormEps  float32  `json:"layer_norm_epsilon"`
	ScaleWeights  *bool    `json:"scale_attn_weights,omitempty"`
	ScaleByLayer  bool     `json:"scale_attn_by_inverse_layer_idx,omitempty"`
	CrossAttend   bool     `json:"add_cross_attention,omitempty"`
	Tied          *bool    `json:"tie_word_embeddings,omitempty"`

	// Dropout is never used here; 0 keeps other programs from using it.
	AttentionDropout float32 `json:"attn_pdrop"`
	EmbeddingDropout float32 `json:"embd_pdrop"`
	ResidualDropout  float32 `json:"resid_pdrop"`

	BOS    *int32            `json:"bos_token_id,omitempty"`
	EOS    *int32            `json:"eos_token_id,omitempty"`
	Pad    *int32            `json:"pad_token_id,omitempty"`
	DType  string            `json:"torch_dtype,omitempty"`
	Labels map[string]string `json:"id2label,omitempty"` // one label: one score
	IDs    map[string]int    `json:"label2id,omitempty"`
}

const (
	languageArchitecture = "GPT2LMHeadModel"
	scalarArchitecture   = "GPT2ForSequenceClassification"
)

func newFileConfig(c *Checkpoint, dtype DType) fileConfig {
	m, yes := c.Weights.Config, true
	f := fileConfig{
		Architectures: []string{languageArchitecture}, ModelType: "gpt2", Activation: "gelu_new",
		Vocab: m.Vocab, Context: m.Context, Dim: m.Dim, Layers: m.Layers, Heads: m.Heads, Hidden: &m.Hidden,
		LayerNormEps: m.LayerNormEps, ScaleWeights: &yes, Tied: &yes,
		BOS: special(c, tokenizer.DocumentToken), EOS: special(c, tokenizer.TurnEndToken), Pad: special(c, tokenizer.PadToken),
		DType: map[DType]string{F32: "float32", F16: "float16", BF16: "bfloat16"}[dtype],
	}
	if m.Head == Scalar {
		f.Architectures = []string{scalarArchitecture}
		f.Labels, f.IDs = map[string]string{"0": "score"}, map[string]int{"score": 0}
	}
	return f
}

func special(c *Checkpoint, name string) *int32 {
	id, ok := c.Tokenizer.Special(name)
	if !ok {
		return nil
	}
	return &id
}

// generationConfig makes other programs sample from the model's own
// distribution and stop where a reply ends.
type generationConfig struct {
	BOS         *int32  `json:"bos_token_id,omitempty"`
	EOS         *int32  `json:"eos_token_id,omitempty"`
	Pad         *int32  `json:"pad_token_id,omitempty"`
	DoSample    bool    `json:"do_sample"`
	Temperature float64 `json:"temperature"`
	TopK        int     `json:"top_k"`
	TopP        float64 `json:"top_p"`
}

func newGenerationConfig(c *Checkpoint) generationConfig {
	return generationConfig{
		BOS: special(c, tokenizer.DocumentToken), EOS: special(c, tokenizer.TurnEndToken), Pad: special(c, tokenizer.PadToken),
		DoSample: true, Temperature: 1, TopK: 0, TopP: 1,
	}
}

// readConfig reads config.json. What would silently compute something else is
// refused by name.
func readConfig(fsys fs.FS) (Config, error) {
	data, err := readSmall(fsys, "config.json", maxConfigBytes)
	if err != nil {
		return Config{}, err
	}
	var f fileConfig
	if err := json.Unmarshal(data, &f); err != nil {
		return Config{}, fmt.Errorf("config.json: %w", err)
	}
	if err := f.supported(); err != nil {
		return Config{}, fmt.Errorf("config.json: %w", err)
	}
	c := Config{Vocab: f.Vocab, Context: f.Context, Layers: f.Layers, Heads: f.Heads, Dim: f.Dim,
		Hidden: 4 * f.Dim, LayerNormEps: f.LayerNormEps, Head: LanguageModel}
	if f.Hidden != nil {
		c.Hidden = *f.Hidden
	}
	if len(f.Architectures) == 1 && f.Architectures[0] == scalarArchitecture {
		c.Head = Scalar
	}
	if err := c.Validate(); err != nil {
		return Config{}, fmt.Errorf("config.json: %w", err)
	}
	return c, nil
}

func (f fileConfig) supported() error {
	architecture := languageArchitecture
	if len(f.Architectures) > 0 {
		architecture = f.Architectures[0]
	}
	switch {
	case f.ModelType != "gpt2":
		return fmt.Errorf("model_type %q is not supported, only gpt2", f.ModelType)
	case architecture != languageArchitecture && architecture != scalarArchitecture && architecture != "GPT2Model":
		return fmt.Errorf("architecture %q is not supported", architecture)
	case f.Activation != "gelu_new" && f.Activation != "gelu_pytorch_tanh":
		return fmt.Errorf("activation_function %q is not supported, only gelu_new", f.Activation)
	case f.ScaleWeights != nil && !*f.ScaleWeights:
		return errors.New("scale_attn_weights=false is not supported")
	case f.ScaleByLayer:
		return errors.New("scale_attn_by_inverse_layer_idx is not supported")
	case f.CrossAttend:
		return errors.New("add_cross_attention is not supported")
	case f.Tied != nil && !*f.Tied:
		return errors.New("tie_word_embeddings=false is not supported")
	case architecture == scalarArchitecture && len(f.Labels) != 1:
		return fmt.Errorf("%d labels are not supported, a score is one", len(f.Labels))
	}
	return nil
}
