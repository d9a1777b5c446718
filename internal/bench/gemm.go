package bench

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"

	"rankloop/model/kernel"
)

// Form is how a product reads its operands: N as stored, T transposed, A first.
type Form string

// Forms are those that the decoder uses: forward, backward to the input, and
// backward to the weights. Packed is NN with the weights in panels, as decoding
// reads them.
const (
	NN     Form = "NN"
	NT     Form = "NT"
	TN     Form = "TN"
	Packed Form = "packed"
)

// Shape is C[M,N] = op(A)[M,K]·op(B)[K,N].
type Shape struct{ M, N, K int }

// GemmLine is the rate of one product: 2·M·N·K operations over its time.
type GemmLine struct {
	Form         Form    `json:"form"`
	M            int     `json:"m"`
	N            int     `json:"n"`
	K            int     `json:"k"`
	Threads      int     `json:"threads"`
	GflopsMedian float64 `json:"gflops_median"`
	GflopsBest   float64 `json:"gflops_best"`
	PeakGflops   float64 `json:"peak_gflops"` // median of the trials beside the repeats
	RatioToPeak  float64 `json:"ratio_to_peak"`
	// Of packed products, against the others in float32; see relativeError.
	RelativeError float64 `json:"relative_error"`
	Repeats       int     `json:"repeats"`
}

// GemmOptions choose the products.
type GemmOptions struct {
	Options
	Shapes []Shape // empty: DefaultShapes
	Forms  []Form  // empty: all
}

// MaxGemmElements bounds each operand of a product, to 1 GiB.
const MaxGemmElements = 1 << 28

// Check reports a shape that cannot be measured.
func (s Shape) Check() error {
	for _, side := range []int{s.M, s.N, s.K} {
		if side < 1 || side > MaxGemmElements {
			return fmt.Errorf("%d×%d×%d: each side is at least 1", s.M, s.N, s.K)
		}
	}
	if s.M*s.K > MaxGemmElements || s.K*s.N > MaxGemmElements || s.M*s.N > MaxGemmElements {
		return fmt.Errorf("%d×%d×%d: a matrix is over %d elements", s.M, s.N, s.K, MaxGemmElements)
	}
	return nil
}

// DefaultShapes are a large square, the MLP of a small decoder in training, and
// batched decoding.
func DefaultShapes() []Shape {
	return []Shape{{1024, 1024, 1024}, {2048, 1536, 384}, {512, 576, 1536}, {16, 1536, 576}, {8, 1536, 576}, {1, 1536, 576}}
}

// Gemm measures matrix products.
func Gemm(ctx context.Context, o GemmOptions) (Report, error) {
	shapes, forms := o.Shapes, o.Forms
	if len(shapes) == 0 {
		shapes = DefaultShapes()
	}
	if len(forms) == 0 {
		forms = []Form{NN, NT, TN, Packed}
	}
	m := newMeter(ctx, o.Options)
	lines := []GemmLine{}
	for _, shape := range shapes {
		if err := shape.Check(); err != nil {
			return Report{}, err
		}
		for _, form := range forms {
			for _, threads := range o.threads() {
				o.tell(fmt.Sprintf("%s %d×%d×%d on %d", form, shape.M, shape.N, shape.K, threads))
				line, err := m.gemm(form, shape, threads)
				if err != nil {
					return Report{}, err
				}
				lines = append(lines, line)
			}
		}
	}
	return m.report("gemm", lines), nil
}

func (m *meter) gemm(form Form, s Shape, threads int) (GemmLine, error) {
	r := rand.New(rand.NewPCG(1, 1))
	a, b, c := randomFloats(r, s.M*s.K), randomFloats(r, s.K*s.N), kernel.Alloc(s.M*s.N)
	var unit func()
	switch form {
	case NN:
		unit = func() { kernel.Gemm(false, false, s.M, s.N, s.K, a, s.K, b, s.N, false, c, s.N) }
	case NT:
		unit = func() { kernel.Gemm(false, true, s.M, s.N, s.K, a, s.K, b, s.K, false, c, s.N) }
	case TN:
		unit = func() { kernel.Gemm(true, false, s.M, s.N, s.K, a, s.M, b, s.N, false, c, s.N) }
	case Packed:
		packed := kernel.Pack(false, s.K, s.N, b, s.N)
		unit = func() { kernel.GemmPacked(s.M, a, s.K, packed, false, c, s.N) }
	default:
		return GemmLine{}, fmt.Errorf("unknown form %q", form)
	}
	got, err := m.sample(threads, unit)
	if err != nil {
		return GemmLine{}, err
	}
	gflop := 2 * float64(s.M) * float64(s.N) * float64(s.K) / 1e9
	line := GemmLine{
		Form: form, M: s.M, N: s.N, K: s.K, Threads: threads,
		GflopsMedian: gflop / median(got.seconds), GflopsBest: gflop / slices.Min(got.seconds),
		PeakGflops: median(got.peaks), Repeats: len(got.seconds),
	}
	line.RatioToPeak = line.GflopsMedian / line.PeakGflops
	if form == Packed {
		exact := kernel.Alloc(s.M * s.N)
		kernel.Gemm(false, false, s.M, s.N, s.K, a, s.K, b, s.N, false, exact, s.N)
		line.RelativeError = relativeError(c, exact)
	}
	return line, nil
}

func randomFloats(r *rand.Rand, n int) []float32 {
	x := kernel.Alloc(n)
	for i := range x {
		x[i] = r.Float32() - 0.5
	}
	return x
}
