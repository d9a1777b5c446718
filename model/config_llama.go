package model

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
)

const (
	llamaType = "llama"
	qwen2Type = "qwen2"
)

var (
	llamaArchitectures = architectures{"LlamaForCausalLM", "LlamaForSequenceClassification", "LlamaModel"}
	qwen2Architectures = architectures{"Qwen2ForCausalLM", "Qwen2ForSequenceClassification", "Qwen2Model"}
)

// llamaFile is config.json of Hugging Face's Llama and Qwen2. What is absent has
// the defaults of their classes.
type llamaFile struct {
	headFields
	ModelType     string    `json:"model_type"`
	Activation    string    `json:"hidden_act"`
	Vocab         int       `json:"vocab_size"`
	Context       int       `json:"max_position_embeddings"`
	Dim           int       `json:"hidden_size"`
	Hidden        int       `json:"intermediate_size"`
	Layers        int       `json:"num_hidden_layers"`
	Heads         int       `json:"num_attention_heads"`
	KVHeads       *int      `json:"num_key_value_heads"` // absent is num_attention_heads
	HeadDim       *int      `json:"head_dim,omitempty"`  // absent is hidden_size/num_attention_heads
	Eps           float32   `json:"rms_norm_eps"`
	Theta         *decimal  `json:"rope_theta,omitempty"` // absent is 10000
	Scaling       *ropeFile `json:"rope_scaling"`
	Rope          *ropeFile `json:"rope_parameters,omitempty"` // newer files: both of those together
	AttentionBias bool      `json:"attention_bias,omitempty"`  // llama only
	MLPBias       bool      `json:"mlp_bias,omitempty"`        // llama only
	Tied          bool      `json:"tie_word_embeddings"`

	// What would compute something else.
	Interleaved   bool     `json:"rope_interleaved,omitempty"`
	Partial       *float64 `json:"partial_rotary_factor,omitempty"`
	SlidingWindow *bool    `json:"use_sliding_window,omitempty"`
	LayerTypes    []string `json:"layer_types,omitempty"`

	// Dropout is never used here; 0 keeps other programs from using it.
	AttentionDropout float32 `json:"attention_dropout"`

	SpecialIDs
	DType string `json:"torch_dtype,omitempty"`
}

// ropeFile is how files write a Rope.
type ropeFile struct {
	Kind            string   `json:"rope_type,omitempty"`
	OldKind         string   `json:"type,omitempty"` // of older files
	Theta           *decimal `json:"rope_theta,omitempty"`
	Factor          decimal  `json:"factor,omitempty"`
	LowFreqFactor   decimal  `json:"low_freq_factor,omitempty"`
	HighFreqFactor  decimal  `json:"high_freq_factor,omitempty"`
	OriginalContext int      `json:"original_max_position_embeddings,omitempty"`
}

// decimal is written with a point, as transformers demands of these fields.
type decimal float64

func (d decimal) MarshalJSON() ([]byte, error) {
	text, err := json.Marshal(float64(d))
	if err == nil && !bytes.ContainsAny(text, ".e") {
		text = append(text, ".0"...)
	}
	return text, err
}

// isLlama and isQwen2 say whether c is what these architectures can be.
func (c Config) isLlama() bool { return c.isLlamaBut() && c.Bias != QKVBiases }
func (c Config) isQwen2() bool { return c.isLlamaBut() && c.Bias == QKVBiases }

func (c Config) isLlamaBut() bool {
	return c.Norm == RMSNorm && c.MLP == SwiGLU && c.Rope.Theta != 0
}

func newLlamaFile(c *Checkpoint, dtype DType) llamaFile {
	m := c.Weights.Config
	kvHeads, headDim, theta := m.kvHeads(), m.headDim(), decimal(m.Rope.Theta)
	f := llamaFile{
		headFields: llamaArchitectures.fields(m.Head), ModelType: llamaType, Activation: "silu",
		Vocab: m.Vocab, Context: m.Context, Dim: m.Dim, Hidden: m.Hidden, Layers: m.Layers,
		Heads: m.Heads, KVHeads: &kvHeads, HeadDim: &headDim, Eps: m.LayerNormEps, Theta: &theta,
		AttentionBias: m.Bias.onAttentionOut(), MLPBias: m.Bias.onMLP(), Tied: !m.SeparateHead,
		SpecialIDs: c.special(), DType: torchType(dtype),
	}
	if m.isQwen2() {
		no := false
		f.headFields, f.ModelType, f.SlidingWindow = qwen2Architectures.fields(m.Head), qwen2Type, &no
	}
	if s := m.Rope.Scaling; s.Kind != NoScaling {
		f.Scaling = &ropeFile{Kind: string(s.Kind), Factor: decimal(s.Factor), LowFreqFactor: decimal(s.LowFreqFactor),
			HighFreqFactor: decimal(s.HighFreqFactor), OriginalContext: s.OriginalContext}
	}
	return f
}

func parseLlama(data []byte) (Config, error) {
	f := llamaFile{Context: 2048, Eps: 1e-6, Activation: "silu"}
	if err := json.Unmarshal(data, &f); err != nil {
		return Config{}, err
	}
	if err := f.supported(); err != nil {
		return Config{}, err
	}
	names, bias := llamaArchitectures, f.bias()
	if f.ModelType == qwen2Type {
		names, bias = qwen2Architectures, QKVBiases
	}
	head, err := names.head(f.Architectures, f.Labels)
	if err != nil {
		return Config{}, err
	}
	c := Config{
		Vocab: f.Vocab, Context: f.Context, Layers: f.Layers, Heads: f.Heads, Dim: f.Dim, Hidden: f.Hidden,
		LayerNormEps: f.Eps, Head: head, SeparateHead: !f.Tied,
		Norm: RMSNorm, MLP: SwiGLU, Bias: bias,
	}
	if c.Rope, err = f.rope(); err != nil {
		return Config{}, err
	}
	// What a field would say anyway is left out, so that equal networks have
	// equal configs.
	if f.KVHeads != nil && *f.KVHeads != f.Heads {
		if c.KVHeads = *f.KVHeads; c.KVHeads < 1 {
			return Config{}, fmt.Errorf("num_key_value_heads is %d, want at least 1", c.KVHeads)
		}
	}
	if f.HeadDim != nil && *f.HeadDim*f.Heads != f.Dim {
		if c.HeadDim = *f.HeadDim; c.HeadDim < 1 {
			return Config{}, fmt.Errorf("head_dim is %d, want at least 1", c.HeadDim)
		}
	}
	return c, nil
}

func (f *llamaFile) bias() BiasKind {
	switch {
	case f.AttentionBias && f.MLPBias:
		return AllBiases
	case f.AttentionBias:
		return AttentionBiases
	case f.MLPBias:
		return MLPBiases
	}
	return NoBiases
}

func (f *llamaFile) supported() error {
	switch {
	case f.Activation != "silu":
		return fmt.Errorf("hidden_act %q is not supported, only silu", f.Activation)
	case f.Interleaved:
		return errors.New("rope_interleaved is not supported")
	case f.Partial != nil && *f.Partial != 1:
		return fmt.Errorf("partial_rotary_factor %g is not supported, only 1", *f.Partial)
	case f.SlidingWindow != nil && *f.SlidingWindow:
		return errors.New("use_sliding_window is not supported")
	case f.ModelType == qwen2Type && (f.AttentionBias || f.MLPBias):
		return errors.New("attention_bias and mlp_bias are not fields of qwen2")
	}
	for _, kind := range f.LayerTypes {
		if kind != "full_attention" {
			return fmt.Errorf("layer_types has %q, only full_attention is supported", kind)
		}
	}
	return nil
}

// rope reads rope_theta and rope_scaling, or rope_parameters instead.
func (f *llamaFile) rope() (Rope, error) {
	r, s := Rope{Theta: 10000}, f.Scaling
	if f.Rope != nil {
		if s != nil {
			return Rope{}, errors.New("rope_parameters beside rope_scaling")
		}
		s = f.Rope
	}
	if f.Theta != nil {
		r.Theta = float64(*f.Theta)
	}
	if s != nil && s.Theta != nil {
		r.Theta = float64(*s.Theta)
	}
	if r.Theta == 0 { // would mean learned positions
		return Rope{}, errors.New("rope_theta is 0")
	}
	if s == nil {
		return r, nil
	}
	kind := s.Kind
	if kind == "" {
		kind = s.OldKind
	}
	switch RopeScalingKind(kind) {
	case NoScaling, "default":
		return r, nil
	case LinearScaling:
		r.Scaling = RopeScaling{Kind: LinearScaling, Factor: float64(s.Factor)}
	case Llama3Scaling:
		r.Scaling = RopeScaling{Llama3Scaling, float64(s.Factor), float64(s.LowFreqFactor), float64(s.HighFreqFactor), s.OriginalContext}
	default:
		return Rope{}, fmt.Errorf("rope_scaling type %q is not supported, only linear and llama3", kind)
	}
	return r, nil
}
