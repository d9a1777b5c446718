package model

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// Ten steps against torch.optim.AdamW's formulas in float64, with clipping and
// decay on matrices only.
func TestAdamWMatchesReference(t *testing.T) {
	c := tiny(Scalar)
	w, grad, o := lively(c, 60), NewWeights(c), NewAdamW(c.Parameters())
	hyper := Hyper{Beta1: 0.9, Beta2: 0.95, Eps: 1e-5, WeightDecay: 0.1}
	const clip = 1.0
	want := widen(w.Data)
	m, v := make([]float64, len(want)), make([]float64, len(want))
	random := rand.New(rand.NewPCG(61, 1))
	for step := 1; step <= 10; step++ {
		lr := 0.01 * float64(step)
		norm := 0.0
		for i := range grad.Data {
			// Some steps are clipped, some are not.
			grad.Data[i] = float32(random.NormFloat64() * 0.02 * float64(step%3))
			norm += float64(grad.Data[i]) * float64(grad.Data[i])
		}
		norm = math.Sqrt(norm)
		gotNorm, skipped := o.Update(w, grad, lr, clip, hyper)
		if skipped || o.Step != step {
			t.Fatalf("step %d: skipped %v, Step %d", step, skipped, o.Step)
		}
		near(t, "norm", gotNorm, norm, 1e-6)
		i := 0
		for _, tensor := range w.Tensors() {
			for range tensor.Data {
				g := float64(grad.Data[i]) * math.Min(1, clip/(norm+1e-6))
				if len(tensor.Shape) > 1 {
					want[i] *= 1 - lr*hyper.WeightDecay
				}
				m[i] = hyper.Beta1*m[i] + (1-hyper.Beta1)*g
				v[i] = hyper.Beta2*v[i] + (1-hyper.Beta2)*g*g
				mHat := m[i] / (1 - math.Pow(hyper.Beta1, float64(step)))
				vHat := v[i] / (1 - math.Pow(hyper.Beta2, float64(step)))
				want[i] -= lr * mHat / (math.Sqrt(vHat) + hyper.Eps)
				near(t, fmt.Sprintf("step %d %s", step, tensor.Name), float64(w.Data[i]), want[i], 1e-5)
				i++
			}
		}
	}
}

func TestAdamWSkipsWhatIsNotFinite(t *testing.T) {
	c := tiny(LanguageModel)
	for _, bad := range []float32{float32(math.NaN()), float32(math.Inf(1)), float32(math.Inf(-1))} {
		w, grad, o := lively(c, 62), NewWeights(c), NewAdamW(c.Parameters())
		before := w.Clone()
		grad.Data[17], grad.Data[18] = bad, 1
		norm, skipped := o.Update(w, grad, 0.1, 1, DefaultHyper())
		if !skipped || !math.IsNaN(norm) && !math.IsInf(norm, 0) {
			t.Errorf("%g: norm %g, skipped %v", bad, norm, skipped)
		}
		if !slices.Equal(w.Data, before.Data) || o.Step != 0 || slices.Max(o.M) != 0 || slices.Max(o.V) != 0 {
			t.Errorf("%g: the step was not skipped whole", bad)
		}
	}
}
