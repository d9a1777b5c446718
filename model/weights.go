package model

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"

	"rankloop/model/kernel"
)

// Tensor is a named view into a slab of numbers.
type Tensor struct {
	Name  string
	Shape []int
	Data  []float32 // row-major, len = product of Shape
}

// Weights are the parameters of a network, or one number per parameter, such as
// their gradient. Names and shapes of the tensors are those of Hugging Face's
// files. With an adapter, Data and Tensors are the adapter's, which is what
// training changes; the numbers below it are another network's, only read.
type Weights struct {
	Config Config
	Data   []float32 // everything, in the order of Tensors

	tensors   []Tensor
	tokens    []float32 // [V,C] token embeddings
	positions []float32 // [Context,C] position embeddings; nil with RoPE
	layers    []layerWeights
	final     normWeights
	language  []float32 // [V,C] language head: tokens, or its own; nil in a scalar network
	score     []float32 // [C] scalar head; nil in a language model
	scoreBias []float32 // [1]; nil where the final normalisation has a bias

	adapter *Adapter // nil where everything is trained
	below   *Weights // what the adapter lies on; nil in a gradient, whose frozen parts are nil too
}

// normWeights are a normalisation's [C] gain and [C] bias; RMSNorm has no bias.
type normWeights struct{ gain, bias []float32 }

type layerWeights struct {
	norm1   normWeights
	qkv     linearWeights // C to Q: queries, keys, values
	attnOut linearWeights // A to C
	norm2   normWeights
	mlpIn   linearWeights // C to F; the gate of SwiGLU
	mlpUp   linearWeights // C to F; SwiGLU only
	mlpOut  linearWeights // F to C
}

// linearWeights are a matrix and its [out] bias, nil where there is none. GPT-2's
// files hold a matrix as [in,out], Llama's as [out,in]; it stays as it is, and
// matrices that lie together in [out,in] are one matrix to the products.
type linearWeights struct {
	matrix   []float32
	bias     []float32
	in, out  int
	outFirst bool // the matrix is [out,in]
	adapters []adapterWeights
}

// stride is the length of a stored row.
func (l *linearWeights) stride() int {
	if l.outFirst {
		return l.in
	}
	return l.out
}

// NewWeights allocates zeros in one slab. It panics on an invalid config.
func NewWeights(c Config) *Weights {
	if err := c.Validate(); err != nil {
		panic(err)
	}
	w := &Weights{Config: c, Data: kernel.Alloc(c.Parameters()), layers: make([]layerWeights, c.Layers)}
	l := layout{free: w.Data}
	if c.isGPT2() {
		l.gpt2(w)
	} else {
		l.llama(w)
	}
	l.heads(w)
	w.tensors = l.tensors
	return w
}

// Tensors lists the parts of the slab in order. The caller may write to the
// data but must not change the list.
func (w *Weights) Tensors() []Tensor { return w.tensors }

// Init draws GPT-2's initial weights: matrices N(0, 0.02), those that write to
// the residual stream divided by √(2·Layers), gains 1, biases 0. The scalar
// head is N(0, 1/√(C+1)) (standard deviation), as in Stiennon et al. 2020.
func (w *Weights) Init(seed uint64) {
	w.needWhole("Init")
	random := rand.New(rand.NewPCG(seed, 0x1d1))
	for _, t := range w.tensors {
		switch {
		case strings.HasSuffix(t.Name, ".bias"):
			clear(t.Data)
		case len(t.Shape) == 1:
			for i := range t.Data {
				t.Data[i] = 1
			}
		case strings.HasSuffix(t.Name, "c_proj.weight") || strings.HasSuffix(t.Name, "o_proj.weight") || strings.HasSuffix(t.Name, "down_proj.weight"):
			fillNormal(t.Data, random, 0.02/math.Sqrt(2*float64(w.Config.Layers)))
		case t.Name == scoreName:
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

// Clone returns an independent copy. With an adapter, that is copied, and what
// lies below stays shared.
func (w *Weights) Clone() *Weights {
	if w.adapter != nil {
		return w.below.Attach(w.adapter.Clone())
	}
	c := NewWeights(w.Config)
	c.CopyFrom(w)
	return c
}

// CopyFrom overwrites w with the numbers of src, which has the same config.
func (w *Weights) CopyFrom(src *Weights) {
	if w.Config != src.Config || w.lora() != src.lora() {
		panic(fmt.Sprintf("model: CopyFrom %+v, %+v into %+v, %+v", src.Config, src.lora(), w.Config, w.lora()))
	}
	copy(w.Data, src.Data)
}

// Zero sets every number to 0, before gradients are added up.
func (w *Weights) Zero() { clear(w.Data) }

// WithScalarHead returns a copy with a scalar head: the trunk as it is, and a
// fresh head N(0, 1/√(C+1)) drawn from seed. Weights that have a scalar head
// keep it: a value model starts as the reward model, head included.
func (w *Weights) WithScalarHead(seed uint64) *Weights {
	w.needWhole("WithScalarHead")
	if w.Config.Head == Scalar {
		return w.Clone()
	}
	config := w.Config
	config.Head = Scalar
	s := NewWeights(config)
	trunk := len(w.Data) - w.Config.headParameters() // heads come last
	copy(s.Data, w.Data[:trunk])
	fillScore(s.score, seed)
	return s
}

func fillScore(score []float32, seed uint64) {
	fillNormal(score, rand.New(rand.NewPCG(seed, 0x5c0)), 1/math.Sqrt(float64(len(score))+1))
}
