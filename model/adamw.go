package model

import (
	"fmt"
	"math"

	"rankloop/model/kernel"
)

// Hyper are the constants of AdamW.
type Hyper struct {
	Beta1, Beta2 float64
	Eps          float64
	WeightDecay  float64 // applied to matrices, not to biases and gains
}

// DefaultHyper is InstructGPT's β (Ouyang et al. 2022, appendix C) and ε 1e-5.
func DefaultHyper() Hyper { return Hyper{Beta1: 0.9, Beta2: 0.95, Eps: 1e-5} }

// AdamW is the optimizer's state (Loshchilov and Hutter 2019), in PyTorch's
// form: ε is added to √(v/biasCorrection2).
type AdamW struct {
	M, V []float32 // first and second moments, in the order of Weights.Data
	Step int       // updates done

	sums []float64 // partial sums of the gradient norm
	norm func(i int)
	grad []float32
}

// normChunk is how many squares are summed into one partial sum.
const normChunk = 1 << 15

// NewAdamW returns the state before the first step on n numbers.
func NewAdamW(n int) *AdamW {
	o := &AdamW{M: kernel.Alloc(n), V: kernel.Alloc(n), sums: make([]float64, (n+normChunk-1)/normChunk)}
	o.norm = func(i int) {
		o.sums[i] = kernel.SumSquares(o.grad[i*normChunk : min(len(o.grad), (i+1)*normChunk)])
	}
	return o
}

// Update makes one step on w along grad, scaled down to a global norm of at most
// clipNorm (0: no clipping), and returns the norm before clipping. If that is not
// finite, nothing changes and skipped is true.
func (o *AdamW) Update(w, grad *Weights, lr, clipNorm float64, hyper Hyper) (gradNorm float64, skipped bool) {
	if w.Config != grad.Config || w.lora() != grad.lora() || len(o.M) != len(w.Data) {
		panic(fmt.Sprintf("model: update of %+v with a gradient of %+v and %d moments", w.Config, grad.Config, len(o.M)))
	}
	gradNorm = o.GradNorm(grad)
	if math.IsNaN(gradNorm) || math.IsInf(gradNorm, 0) {
		return gradNorm, true
	}
	scale := 1.0
	if clipNorm > 0 {
		scale = min(1, clipNorm/(gradNorm+1e-6))
	}
	o.Step++
	correction1 := 1 - math.Pow(hyper.Beta1, float64(o.Step))
	correction2 := 1 - math.Pow(hyper.Beta2, float64(o.Step))
	at := 0
	for _, t := range w.tensors {
		decay := 0.0
		if len(t.Shape) > 1 {
			decay = hyper.WeightDecay
		}
		end := at + len(t.Data)
		kernel.AdamW(t.Data, grad.Data[at:end], o.M[at:end], o.V[at:end], float32(lr),
			float32(hyper.Beta1), float32(hyper.Beta2), float32(hyper.Eps), float32(decay),
			float32(correction1), float32(correction2), float32(scale))
		at = end
	}
	return gradNorm, false
}

// GradNorm is the Euclidean norm of a gradient, summed in one order.
func (o *AdamW) GradNorm(grad *Weights) float64 {
	o.grad = grad.Data
	kernel.Parallel(len(o.sums), o.norm)
	o.grad = nil
	total := 0.0
	for _, s := range o.sums {
		total += s
	}
	return math.Sqrt(total)
}
