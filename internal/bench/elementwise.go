package bench

import (
	"context"
	"math/rand/v2"
	"slices"

	"rankloop/model/kernel"
)

// ElementwiseLine is the time of one kernel for an element, with operands in the
// cache, on one thread.
type ElementwiseLine struct {
	Name               string  `json:"name"`
	Elements           int     `json:"elements"`
	Threads            int     `json:"threads"`
	NsPerElementMedian float64 `json:"ns_per_element_median"`
	NsPerElementBest   float64 `json:"ns_per_element_best"`
	PeakGflops         float64 `json:"peak_gflops"` // median of the trials beside the repeats
	Repeats            int     `json:"repeats"`
}

// Elementwise measures the kernels that are no products.
func Elementwise(ctx context.Context, o Options) (Report, error) {
	m := newMeter(ctx, o)
	lines := []ElementwiseLine{}
	for _, operation := range elementwiseOperations() {
		o.tell(operation.name)
		got, err := m.sample(1, operation.run)
		if err != nil {
			return Report{}, err
		}
		lines = append(lines, ElementwiseLine{
			Name: operation.name, Elements: elements, Threads: 1,
			NsPerElementMedian: 1e9 * median(got.seconds) / elements, NsPerElementBest: 1e9 * slices.Min(got.seconds) / elements,
			PeakGflops: median(got.peaks), Repeats: len(got.seconds),
		})
	}
	return m.report("elementwise", lines), nil
}

const (
	elements = 4096
	rowSize  = 256
)

type operation struct {
	name string
	run  func()
}

func elementwiseOperations() []operation {
	const rows = elements / rowSize
	r := rand.New(rand.NewPCG(1, 2))
	x, y, z, w := randomFloats(r, elements), randomFloats(r, elements), kernel.Alloc(elements), kernel.Alloc(elements)
	gain, bias := randomFloats(r, rowSize), randomFloats(r, rowSize)
	mean, rstd := make([]float32, rows), make([]float32, rows)
	dgain, dbias := make([]float32, rowSize), make([]float32, rowSize)
	positions := make([]int, rows)
	return []operation{
		{"exp", func() { kernel.Exp(z, x) }},
		{"softmax", func() {
			for i := 0; i < elements; i += rowSize {
				kernel.SoftmaxRow(z[i:i+rowSize], x[i:i+rowSize])
			}
		}},
		{"gelu", func() { kernel.Gelu(z, x) }},
		{"gelu_backward", func() { kernel.GeluBackward(z, x, y) }},
		{"silu", func() { kernel.Silu(z, x) }},
		{"swiglu", func() { kernel.Swiglu(z, x, y) }},
		{"swiglu_backward", func() { kernel.SwigluBackward(z, w, x, y, y) }},
		{"layernorm", func() { kernel.LayerNorm(z, mean, rstd, x, gain, bias, rows, rowSize, 1e-5) }},
		{"layernorm_backward", func() { kernel.LayerNormBackward(z, dgain, dbias, x, mean, rstd, gain, y, rows, rowSize) }},
		{"rmsnorm", func() { kernel.RMSNorm(z, rstd, x, gain, rows, rowSize, 1e-5) }},
		{"rmsnorm_backward", func() { kernel.RMSNormBackward(z, dgain, x, rstd, gain, y, rows, rowSize) }},
		{"rope", func() { kernel.RoPE(z, rowSize, positions, x[:32], y[:32], rowSize/64, 64) }},
		{"adamw", func() { kernel.AdamW(w, x, y, z, 1e-3, 0.9, 0.99, 1e-8, 0.1, 0.5, 0.5, 1) }},
		{"add", func() { kernel.Add(z, x) }},
		{"dot", func() { dbias[0] = kernel.Dot(x, y) }},
		{"sum_squares", func() { dbias[0] = float32(kernel.SumSquares(x)) }},
		{"column_sum", func() { kernel.ColumnSum(dbias, x, rows, rowSize) }},
	}
}
