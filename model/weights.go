package model

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
)

// Tensor is a named view into a slab of numbers.
type Tensor struct {
	Name  string
	Shape []int
	Data  []float32 // row-major, len = product of Shape
}

// Weights are the parameters of a network, or one number per parameter, such as
// their gradient.
type Weights struct {
	Config Config
	Data   []float32 // everything, in the order of Tensors

	tensors   []Tensor
	tokens    []float32 // [V,C] token embeddings; also the language head
	positions []float32 // [Context,C]
	layers    []layerWeights
	finalGain []float32 // [C]
	finalBias []float32 // [C]
	score     []float32 // [C] scalar head; nil in a language model
}

type layerWeights struct {
	norm1Gain, norm1Bias []float32 // [C]
	qkv, qkvBias         []float32 // [C,3C], [3C]: queries, keys, values
	attnOut, attnOutBias []float32 // [C,C], [C]
	norm2Gain, norm2Bias []float32 // [C]
	mlpIn, mlpInBias     []float32 // [C,F], [F]
	mlpOut, mlpOutBias   []float32 // [F,C], [C]
}

// NewWeights allocates zeros in one slab. It panics on an invalid config.
func NewWeights(c Config) *Weights {
	if err := c.Validate(); err != nil {
		panic(err)
	}
	w := &Weights{Config: c, Data: make([]float32, c.Parameters()), layers: make([]layerWeights, c.Layers)}
	used := 0
	take := func(name string, shape ...int) []float32 {
		size := 1
		for _, d := range shape {
			size *= d
		}
		data := w.Data[used : used+size : used+size]
		used += size
		w.tensors = append(w.tensors, Tensor{Name: name, Shape: shape, Data: data})
		return data
	}
	// Names and layout of Hugging Face's GPT-2; its Conv1D stores [in, out].
	w.tokens = take("transformer.wte.weight", c.Vocab, c.Dim)
	w.positions = take("transformer.wpe.weight", c.Context, c.Dim)
	for i := range w.layers {
		l, at := &w.layers[i], fmt.Sprintf("transformer.h.%d.", i)
		l.norm1Gain = take(at+"ln_1.weight", c.Dim)
		l.norm1Bias = take(at+"ln_1.bias", c.Dim)
		l.qkv = take(at+"attn.c_attn.weight", c.Dim, 3*c.Dim)
		l.qkvBias = take(at+"attn.c_attn.bias", 3*c.Dim)
		l.attnOut = take(at+"attn.c_proj.weight", c.Dim, c.Dim)
		l.attnOutBias = take(at+"attn.c_proj.bias", c.Dim)
		l.norm2Gain = take(at+"ln_2.weight", c.Dim)
		l.norm2Bias = take(at+"ln_2.bias", c.Dim)
		l.mlpIn = take(at+"mlp.c_fc.weight", c.Dim, c.Hidden)
		l.mlpInBias = take(at+"mlp.c_fc.bias", c.Hidden)
		l.mlpOut = take(at+"mlp.c_proj.weight", c.Hidden, c.Dim)
		l.mlpOutBias = take(at+"mlp.c_proj.bias", c.Dim)
	}
	w.finalGain = take("transformer.ln_f.weight", c.Dim)
	w.finalBias = take("transformer.ln_f.bias", c.Dim)
	if c.Head == Scalar {
		w.score = take("score.weight", 1, c.Dim)
	}
	return w
}

// Tensors lists the parts of the slab in order. The caller may write to the
// data but must not change the list.
func (w *Weights) Tensors() []Tensor { return w.tensors }

// Init draws GPT-2's initial weights: matrices N(0, 0.02), those that write to
// the residual stream divided by √(2·Layers), gains 1, biases 0. The scalar
// head is N(0, 1/√(C+1)) (standard deviation), as in Stiennon et al. 2020.
func (w *Weights) Init(seed uint64) {
	random := rand.New(rand.NewPCG(seed, 0x1d1))
	for _, t := range w.tensors {
		switch {
		case strings.HasSuffix(t.Name, ".bias"):
			clear(t.Data)
		case len(t.Shape) == 1:
			for i := range t.Data {
				t.Data[i] = 1
			}
		case strings.HasSuffix(t.Name, "c_proj.weight"):
			fillNormal(t.Data, random, 0.02/math.Sqrt(2*float64(w.Config.Layers)))
		case t.Name == "score.weight":
			fillNormal(t.Data, random, 1/math.Sqrt(float64(w.Config.Dim)+1))
		default:
			fillNormal(t.Data, random, 0.02)
		}
	}
}

func fillNormal(data []float32, random *rand.Rand, deviation float64) {
	for i := range data {
		data[i] = float32(random.NormFloat64() * deviation)
	}
}

// Clone returns an independent copy.
func (w *Weights) Clone() *Weights {
	c := NewWeights(w.Config)
	c.CopyFrom(w)
	return c
}

// CopyFrom overwrites w with the numbers of src, which has the same config.
func (w *Weights) CopyFrom(src *Weights) {
	if w.Config != src.Config {
		panic(fmt.Sprintf("model: CopyFrom %+v into %+v", src.Config, w.Config))
	}
	copy(w.Data, src.Data)
}

// Zero sets every number to 0, before gradients are added up.
func (w *Weights) Zero() { clear(w.Data) }

// WithScalarHead returns a copy with a scalar head: the trunk as it is, and a
// fresh head N(0, 1/√(C+1)) drawn from seed. Weights that have a scalar head
// keep it: a value model starts as the reward model, head included.
func (w *Weights) WithScalarHead(seed uint64) *Weights {
	if w.Config.Head == Scalar {
		return w.Clone()
	}
	config := w.Config
	config.Head = Scalar
	s := NewWeights(config)
	copy(s.Data, w.Data) // the head comes last
	fillNormal(s.score, rand.New(rand.NewPCG(seed, 0x5c0)), 1/math.Sqrt(float64(config.Dim)+1))
	return s
}
