// Package model is the decoder: GPT-2 and Llama family transformers with
// hand-written forward and backward passes over flat float32 parameters, their
// optimizer, their sampler and their files.
//
// Shapes in comments: N tokens of a batch, T tokens of a sequence, C = Dim
// channels, H query heads and K heads of keys and values of D = HeadDim channels
// each, A = H·D, Q = (H+2K)·D, F = Hidden units of the MLP, V = Vocab. In GPT-2,
// K = H, A = C and Q = 3C. Matrices are row-major.
package model

import "fmt"

// HeadKind says what a network computes from the hidden state of a token.
type HeadKind string

const (
	// LanguageModel gives one logit per token of the vocabulary.
	LanguageModel HeadKind = "language"
	// Scalar gives one number, for reward and value models. The files are then
	// those of Hugging Face's sequence classification, whose head has no bias:
	// the bias of a final LayerNorm can express every shift. Networks without one
	// have a bias here, which files hold only where it is not 0.
	Scalar HeadKind = "scalar"
)

// Limits on what a configuration, which may come from a file, can ask for.
const (
	maxVocab      = 1 << 20
	maxContext    = 1 << 17
	maxLayers     = 256
	maxDim        = 1 << 14
	maxHidden     = 1 << 16
	maxParameters = 1 << 33
)

// Config is the shape of a network. Of the parts that there is a choice of, the
// zero value is GPT-2's (Radford et al. 2019): learned positions, LayerNorm, GELU,
// biases everywhere, as many heads of keys and values as of queries, and a
// language head that is the token embeddings. Llama (Touvron et al. 2023) has
// RoPE, RMSNorm, SwiGLU, no biases, and often fewer heads of keys and values.
type Config struct {
	Vocab        int
	Context      int // longest sequence in tokens
	Layers       int
	Heads        int     // H
	Dim          int     // C
	Hidden       int     // F, usually 4·Dim
	LayerNormEps float32 // of either normalisation
	Head         HeadKind

	KVHeads      int  // K, divides Heads (grouped-query attention, Ainslie et al. 2023); 0: Heads
	HeadDim      int  // D; 0: Dim/Heads
	SeparateHead bool // the language head has weights of its own
	Norm         NormKind
	MLP          MLPKind
	Bias         BiasKind
	Rope         Rope
}

// NormKind is the normalisation before attention, MLP and head.
type NormKind string

// The normalisations.
const (
	LayerNorm NormKind = ""    // Ba et al. 2016
	RMSNorm   NormKind = "rms" // Zhang and Sennrich 2019
)

// MLPKind is what an MLP does between its matrices.
type MLPKind string

// The MLPs: out(gelu(in(x))), and down(silu(gate(x))·up(x)) (Shazeer 2020).
const (
	GELU   MLPKind = "" // tanh form
	SwiGLU MLPKind = "swiglu"
)

// BiasKind says which of the matrices have a bias.
type BiasKind string

// The choices that files know.
const (
	AllBiases       BiasKind = ""
	NoBiases        BiasKind = "none"
	QKVBiases       BiasKind = "qkv"       // queries, keys and values: Qwen2
	AttentionBiases BiasKind = "attention" // those and the output of attention
	MLPBiases       BiasKind = "mlp"
)

func (b BiasKind) onQKV() bool {
	return b == AllBiases || b == QKVBiases || b == AttentionBiases
}
func (b BiasKind) onAttentionOut() bool { return b == AllBiases || b == AttentionBiases }
func (b BiasKind) onMLP() bool          { return b == AllBiases || b == MLPBiases }

// Validate reports the first field that is out of range.
func (c Config) Validate() error {
	for _, field := range []struct {
		name          string
		value         int
		smallest, max int
	}{
		{"vocabulary", c.Vocab, 1, maxVocab}, {"context", c.Context, 1, maxContext},
		{"number of layers", c.Layers, 1, maxLayers}, {"number of heads", c.Heads, 1, maxDim},
		{"dimension", c.Dim, 1, maxDim}, {"hidden size", c.Hidden, 1, maxHidden},
		{"number of key and value heads", c.KVHeads, 0, c.Heads}, {"head dimension", c.HeadDim, 0, maxDim},
	} {
		if field.value < field.smallest || field.value > field.max {
			return fmt.Errorf("model: %s is %d, outside of %d..%d", field.name, field.value, field.smallest, field.max)
		}
	}
	switch {
	case c.HeadDim == 0 && c.Dim%c.Heads != 0:
		return fmt.Errorf("model: dimension %d is not divisible by %d heads", c.Dim, c.Heads)
	case c.Heads%c.kvHeads() != 0:
		return fmt.Errorf("model: %d heads are not divisible by %d key and value heads", c.Heads, c.KVHeads)
	case c.attentionDim() > maxDim:
		return fmt.Errorf("model: %d heads of dimension %d are over the limit of %d", c.Heads, c.headDim(), maxDim)
	case !(c.LayerNormEps > 0 && c.LayerNormEps < 1):
		return fmt.Errorf("model: layer norm epsilon is %g, outside of (0, 1)", c.LayerNormEps)
	case c.Head != LanguageModel && c.Head != Scalar:
		return fmt.Errorf("model: unknown head %q", c.Head)
	case c.Norm != LayerNorm && c.Norm != RMSNorm:
		return fmt.Errorf("model: unknown normalisation %q", c.Norm)
	case c.MLP != GELU && c.MLP != SwiGLU:
		return fmt.Errorf("model: unknown MLP %q", c.MLP)
	case c.Bias != NoBiases && !c.Bias.onQKV() && !c.Bias.onMLP():
		return fmt.Errorf("model: unknown biases %q", c.Bias)
	}
	if err := c.Rope.validate(c.headDim()); err != nil {
		return err
	}
	if c.Parameters() > maxParameters {
		return fmt.Errorf("model: %d parameters are over the limit of %d", c.Parameters(), maxParameters)
	}
	return nil
}

// Parameters is the number of trained numbers.
func (c Config) Parameters() int {
	total := c.Vocab * c.Dim
	if c.Rope.Theta == 0 {
		total += c.Context * c.Dim
	}
	norm := c.Dim
	if c.Norm == LayerNorm {
		norm += c.Dim
	}
	layer := 2*norm + c.Dim*c.qkvDim() + c.attentionDim()*c.Dim + 2*c.Dim*c.Hidden
	wide := c.Hidden
	if c.MLP == SwiGLU {
		layer += c.Dim * c.Hidden
		wide += c.Hidden
	}
	if c.Bias.onQKV() {
		layer += c.qkvDim()
	}
	if c.Bias.onAttentionOut() {
		layer += c.Dim
	}
	if c.Bias.onMLP() {
		layer += wide + c.Dim
	}
	return total + c.Layers*layer + norm + c.headParameters()
}

// headParameters counts what a network has beside its trunk.
func (c Config) headParameters() int {
	switch {
	case c.Head == LanguageModel && c.SeparateHead:
		return c.Vocab * c.Dim
	case c.Head == Scalar && c.scalarBias():
		return c.Dim + 1
	case c.Head == Scalar:
		return c.Dim
	}
	return 0
}

// scalarBias says whether a scalar head needs a bias to express every shift.
func (c Config) scalarBias() bool { return c.Norm != LayerNorm }

// FLOPsPerToken estimates the floating-point operations of training on one
// token in sequences of t tokens, forward and backward: 6N + 12·L·A·T (Kaplan
// et al. 2020; Chowdhery et al. 2022, appendix B).
func (c Config) FLOPsPerToken(t int) float64 {
	return 6*float64(c.Parameters()) + 12*float64(c.Layers)*float64(c.attentionDim())*float64(t)
}

// headDim is D.
func (c Config) headDim() int {
	if c.HeadDim > 0 {
		return c.HeadDim
	}
	return c.Dim / c.Heads
}

// kvHeads is K.
func (c Config) kvHeads() int {
	if c.KVHeads > 0 {
		return c.KVHeads
	}
	return c.Heads
}

// attentionDim is A.
func (c Config) attentionDim() int { return c.Heads * c.headDim() }

// qkvDim is Q.
func (c Config) qkvDim() int { return c.attention().width() }

// attention is the shape of a row of queries, keys and values.
func (c Config) attention() attentionShape {
	return attentionShape{heads: c.Heads, kvHeads: c.kvHeads(), headDim: c.headDim()}
}

// isGPT2 says whether every part but the language head is GPT-2's.
func (c Config) isGPT2() bool {
	return c.Norm == LayerNorm && c.MLP == GELU && c.Bias == AllBiases && c.Rope == (Rope{}) &&
		c.kvHeads() == c.Heads && c.attentionDim() == c.Dim
}

// sameTrunk says whether weights of c and d differ in the head at most.
func (c Config) sameTrunk(d Config) bool {
	c.Head, c.SeparateHead = d.Head, d.SeparateHead
	return c == d
}
