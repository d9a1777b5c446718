// Package model is the decoder: a GPT-2 family transformer with hand-written
// forward and backward passes over flat float32 parameters, its optimizer, its
// sampler and its files.
//
// Shapes in comments: N tokens of a batch, T tokens of a sequence, C = Dim
// channels, D = C/Heads channels of a head, F = Hidden units of the MLP, V =
// Vocab. Matrices are row-major.
package model

import "fmt"

// HeadKind says what a network computes from the hidden state of a token.
type HeadKind string

const (
	// LanguageModel gives one logit per token of the vocabulary, through the
	// token embeddings (tied weights).
	LanguageModel HeadKind = "language"
	// Scalar gives one number, for reward and value models. It has no bias: the
	// bias of the final normalisation can express every shift, and the files are
	// then those of Hugging Face's sequence classification.
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

// Config is the shape of a GPT-2 network (Radford et al. 2019): learned
// positions, pre-LayerNorm, fused QKV with biases, tanh-form GELU.
type Config struct {
	Vocab        int
	Context      int // longest sequence in tokens
	Layers       int
	Heads        int
	Dim          int // C, divisible by Heads
	Hidden       int // F, usually 4·Dim
	LayerNormEps float32
	Head         HeadKind
}

// Validate reports the first field that is out of range.
func (c Config) Validate() error {
	for _, field := range []struct {
		name       string
		value, max int
	}{
		{"vocabulary", c.Vocab, maxVocab}, {"context", c.Context, maxContext},
		{"number of layers", c.Layers, maxLayers}, {"number of heads", c.Heads, maxDim},
		{"dimension", c.Dim, maxDim}, {"hidden size", c.Hidden, maxHidden},
	} {
		if field.value < 1 || field.value > field.max {
			return fmt.Errorf("model: %s is %d, outside of 1..%d", field.name, field.value, field.max)
		}
	}
	switch {
	case c.Dim%c.Heads != 0:
		return fmt.Errorf("model: dimension %d is not divisible by %d heads", c.Dim, c.Heads)
	case !(c.LayerNormEps > 0 && c.LayerNormEps < 1):
		return fmt.Errorf("model: layer norm epsilon is %g, outside of (0, 1)", c.LayerNormEps)
	case c.Head != LanguageModel && c.Head != Scalar:
		return fmt.Errorf("model: unknown head %q", c.Head)
	case c.Parameters() > maxParameters:
		return fmt.Errorf("model: %d parameters are over the limit of %d", c.Parameters(), maxParameters)
	}
	return nil
}

// Parameters is the number of trained numbers.
func (c Config) Parameters() int {
	layer := 4*c.Dim + // two normalisations
		c.Dim*3*c.Dim + 3*c.Dim + c.Dim*c.Dim + c.Dim + // attention
		c.Dim*c.Hidden + c.Hidden + c.Hidden*c.Dim + c.Dim // MLP
	total := (c.Vocab+c.Context)*c.Dim + c.Layers*layer + 2*c.Dim
	if c.Head == Scalar {
		total += c.Dim
	}
	return total
}

// FLOPsPerToken estimates the floating-point operations of training on one
// token in sequences of t tokens, forward and backward: 6N + 12·L·C·T (Kaplan
// et al. 2020; Chowdhery et al. 2022, appendix B).
func (c Config) FLOPsPerToken(t int) float64 {
	return 6*float64(c.Parameters()) + 12*float64(c.Layers)*float64(c.Dim)*float64(t)
}

// headDim is D.
func (c Config) headDim() int { return c.Dim / c.Heads }

// sameTrunk says whether weights of c and d differ in the head at most.
func (c Config) sameTrunk(d Config) bool {
	c.Head = d.Head
	return c == d
}
