package model

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"rankloop/model/kernel"
)

// Adapter is what LoRA adds to a network that lies elsewhere: A and B of every
// adapted matrix and, in a scalar network, the head, which is trained whole. It
// is small: the numbers, their gradient and their moments are slabs of LoRA's
// Parameters.
type Adapter struct {
	Config Config // of the network with its adapters
	LoRA   LoRA
	Data   []float32 // everything, in the order of Tensors

	tensors   []Tensor
	layers    [][]adapterWeights // by layer, in the order of its adapted modules
	score     []float32          // [C]; nil in a language model
	scoreBias []float32          // [1]; every family has one here, since its own place for a shift is frozen
}

// NewAdapter allocates zeros, which change nothing.
func NewAdapter(c Config, l LoRA) *Adapter {
	a := &Adapter{Config: c, LoRA: l, Data: kernel.Alloc(l.Parameters(c)), layers: make([][]adapterWeights, c.Layers)}
	cut := layout{free: a.Data}
	for i := range a.layers {
		for _, m := range c.modules() {
			if !l.has(m) {
				continue
			}
			name := c.layerName(i) + m.name
			a.layers[i] = append(a.layers[i], adapterWeights{
				a: cut.take(name+".lora_A.weight", l.Rank, m.in), b: cut.take(name+".lora_B.weight", m.out, l.Rank),
				rank: l.Rank, in: m.in, out: m.out, column: m.column, scale: float32(l.Scale()),
			})
		}
	}
	if c.Head == Scalar {
		a.score, a.scoreBias = cut.take(scoreName, 1, c.Dim), cut.take(scoreBiasName, 1)
	}
	a.tensors = cut.tensors
	return a
}

// Tensors lists the parts of the slab in order, by the names of the network's
// files: PEFT's without their first part.
func (a *Adapter) Tensors() []Tensor { return a.tensors }

// Init draws the numbers that training starts from, as PEFT does: A is uniform
// within ±1/√in (He et al. 2015 with a = √5), B is zero, so that the network
// starts as the one below.
func (a *Adapter) Init(seed uint64) {
	random := rand.New(rand.NewPCG(seed, 0x10a))
	for _, layer := range a.layers {
		for _, w := range layer {
			bound := 1 / math.Sqrt(float64(w.in))
			for i := range w.a {
				w.a[i] = float32((2*random.Float64() - 1) * bound)
			}
			clear(w.b)
		}
	}
}

// Clone returns an independent copy.
func (a *Adapter) Clone() *Adapter {
	c := NewAdapter(a.Config, a.LoRA)
	copy(c.Data, a.Data)
	return c
}

// WithAdapter returns w with fresh adapters drawn from seed: the same numbers
// below, shared and never written to again, and Data of the adapters alone. A
// scalar head that w does not have is drawn as WithScalarHead does; one that it
// has is copied, to be trained on.
func (w *Weights) WithAdapter(l LoRA, head HeadKind, seed uint64) *Weights {
	c := w.Config
	c.Head = head
	a := NewAdapter(c, l)
	a.Init(seed)
	switch {
	case head == Scalar && w.Config.Head == Scalar:
		copy(a.score, w.score)
		copy(a.scoreBias, w.scoreBias)
	case head == Scalar:
		fillScore(a.score, seed)
	}
	return w.Attach(a)
}

// Attach returns w with an adapter, of which it takes hold. It panics where the
// two do not fit.
func (w *Weights) Attach(a *Adapter) *Weights {
	w.needWhole("Attach")
	if !w.Config.sameTrunk(a.Config) || a.Config.Head == LanguageModel && w.Config != a.Config {
		panic(fmt.Sprintf("model: an adapter for %+v on %+v", a.Config, w.Config))
	}
	v := a.over(w.layers)
	v.below, v.tokens, v.positions, v.final = w, w.tokens, w.positions, w.final
	if a.Config.Head == LanguageModel {
		v.language = w.language
	}
	return v
}

// over is a network of the adapter on layers, and nothing else.
func (a *Adapter) over(layers []layerWeights) *Weights {
	v := &Weights{Config: a.Config, Data: a.Data, tensors: a.tensors, adapter: a, score: a.score, scoreBias: a.scoreBias}
	v.layers = slices.Clone(layers)
	for i, adapters := range a.layers {
		at := 0
		for _, m := range a.Config.modules() {
			if a.LoRA.has(m) {
				linear := m.linear(&v.layers[i])
				linear.adapters = append(linear.adapters, adapters[at])
				at++
			}
		}
	}
	return v
}

// Adapter returns what w has beside frozen numbers, nil where all are trained.
func (w *Weights) Adapter() *Adapter { return w.adapter }

// NewGradient allocates zeros for the gradient of what training changes: of
// everything, or of the adapter.
func (w *Weights) NewGradient() *Weights {
	if w.adapter == nil {
		return NewWeights(w.Config)
	}
	return NewAdapter(w.Config, w.adapter.LoRA).over(make([]layerWeights, w.Config.Layers))
}

// Merge returns one network that computes what w and its adapter do together, to
// rounding: W + s·B·A. It shares nothing with w, and what lies below stays as it
// is. Of weights without an adapter it is a copy.
func (w *Weights) Merge() *Weights {
	if w.adapter == nil {
		return w.Clone()
	}
	m := NewWeights(w.Config)
	trunk := len(m.Data) - m.Config.headParameters() // heads come last
	copy(m.Data[:trunk], w.below.Data)
	kernel.Parallel(len(m.layers), func(i int) {
		for _, module := range m.Config.modules() {
			if linear := module.linear(&w.layers[i]); module.column == 0 { // once a matrix
				linear.mergeInto(module.linear(&m.layers[i]).matrix)
			}
		}
	})
	switch {
	case m.score != nil:
		copy(m.score, w.score)
		if m.scoreBias == nil {
			m.ShiftScalars(float64(w.scoreBias[0]))
		} else {
			copy(m.scoreBias, w.scoreBias)
		}
	case m.Config.SeparateHead:
		copy(m.language, w.language)
	}
	return m
}

// mergeInto writes the matrix with its adapters to dst.
func (l *linearWeights) mergeInto(dst []float32) {
	copy(dst, l.matrix)
	for i := range l.adapters {
		mergeAdapter(dst, l.outFirst, l.stride(), &l.adapters[i])
	}
}

// lora is the zero LoRA where everything is trained.
func (w *Weights) lora() LoRA {
	if w.adapter == nil {
		return LoRA{}
	}
	return w.adapter.LoRA
}

// needWhole panics for weights of which most are frozen.
func (w *Weights) needWhole(what string) {
	if w.adapter != nil {
		panic("model: " + what + " of weights with an adapter; merge them first")
	}
}
