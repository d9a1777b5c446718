package model

import (
	"encoding/json"
	"errors"
	"fmt"
)

const gpt2Type = "gpt2"

var gpt2Architectures = architectures{"GPT2LMHeadModel", "GPT2ForSequenceClassification", "GPT2Model"}

// gpt2File is config.json of Hugging Face's GPT-2.
type gpt2File struct {
	headFields
	ModelType    string  `json:"model_type"`
	Activation   string  `json:"activation_function"`
	Vocab        int     `json:"vocab_size"`
	Context      int     `json:"n_positions"`
	Dim          int     `json:"n_embd"`
	Layers       int     `json:"n_layer"`
	Heads        int     `json:"n_head"`
	Hidden       *int    `json:"n_inner"` // null is 4·n_embd
	LayerNormEps float32 `json:"layer_norm_epsilon"`
	ScaleWeights *bool   `json:"scale_attn_weights,omitempty"`
	ScaleByLayer bool    `json:"scale_attn_by_inverse_layer_idx,omitempty"`
	CrossAttend  bool    `json:"add_cross_attention,omitempty"`
	Tied         *bool   `json:"tie_word_embeddings,omitempty"` // absent is true

	// Dropout is never used here; 0 keeps other programs from using it.
	AttentionDropout float32 `json:"attn_pdrop"`
	EmbeddingDropout float32 `json:"embd_pdrop"`
	ResidualDropout  float32 `json:"resid_pdrop"`

	SpecialIDs
	DType string `json:"torch_dtype,omitempty"`
}

func newGPT2File(c *Checkpoint, dtype DType) gpt2File {
	m, yes, tied := c.Weights.Config, true, !c.Weights.Config.SeparateHead
	return gpt2File{
		headFields: gpt2Architectures.fields(m.Head), ModelType: gpt2Type, Activation: "gelu_new",
		Vocab: m.Vocab, Context: m.Context, Dim: m.Dim, Layers: m.Layers, Heads: m.Heads, Hidden: &m.Hidden,
		LayerNormEps: m.LayerNormEps, ScaleWeights: &yes, Tied: &tied,
		SpecialIDs: c.special(), DType: torchType(dtype),
	}
}

func parseGPT2(data []byte) (Config, error) {
	var f gpt2File
	if err := json.Unmarshal(data, &f); err != nil {
		return Config{}, err
	}
	switch {
	case f.Activation != "gelu_new" && f.Activation != "gelu_pytorch_tanh":
		return Config{}, fmt.Errorf("activation_function %q is not supported, only gelu_new", f.Activation)
	case f.ScaleWeights != nil && !*f.ScaleWeights:
		return Config{}, errors.New("scale_attn_weights=false is not supported")
	case f.ScaleByLayer:
		return Config{}, errors.New("scale_attn_by_inverse_layer_idx is not supported")
	case f.CrossAttend:
		return Config{}, errors.New("add_cross_attention is not supported")
	}
	head, err := gpt2Architectures.head(f.Architectures, f.Labels)
	c := Config{Vocab: f.Vocab, Context: f.Context, Layers: f.Layers, Heads: f.Heads, Dim: f.Dim,
		Hidden: 4 * f.Dim, LayerNormEps: f.LayerNormEps, Head: head, SeparateHead: f.Tied != nil && !*f.Tied}
	if f.Hidden != nil {
		c.Hidden = *f.Hidden
	}
	return c, err
}
