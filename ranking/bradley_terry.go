package ranking

import (
	"math"

	"gonum.org/v1/gonum/mat"
)

// Outcome is how often A won against B, B against A, and neither.
type Outcome struct {
	A, B               int
	WinsA, WinsB, Ties float64
}

// BradleyTerry fits P(i ≻ j) = πᵢ/(πᵢ+πⱼ) by maximum likelihood, a tie counting half a win for each side (R. A. Bradley
// and M. E. Terry, Biometrika 39, 1952). It returns the n strengths π with geometric mean 1. The error says that the
// maximum does not exist: some contestants cannot be compared, or one never won or never lost.
func BradleyTerry(n int, outcomes []Outcome) ([]float64, error) {
	halved := make([]Outcome, len(outcomes))
	for i, o := range outcomes {
		halved[i] = Outcome{A: o.A, B: o.B, WinsA: o.WinsA + o.Ties/2, WinsB: o.WinsB + o.Ties/2}
	}
	strengths, _, err := fitPaired(n, halved, false)
	return strengths, err
}

// Davidson fits Bradley-Terry with ties (R. R. Davidson, JASA 65, 1970):
//
//	P(i ≻ j) = πᵢ/D,  P(tie) = ν√(πᵢπⱼ)/D,  D = πᵢ + πⱼ + ν√(πᵢπⱼ)
//
// It returns the strengths with geometric mean 1 and ν. Without a single tie ν would be 0: that is an error, as is
// what BradleyTerry refuses.
func Davidson(n int, outcomes []Outcome) (strengths []float64, nu float64, err error) {
	ties, wins := 0.0, 0.0
	for _, o := range outcomes {
		ties += o.Ties
		wins += o.WinsA + o.WinsB
	}
	if ties == 0 || wins == 0 {
		return nil, 0, Errorf(CodeInvalid, "Davidson's model needs both ties and strict outcomes")
	}
	return fitPaired(n, outcomes, true)
}

// fitPaired maximises the likelihood of either model by Newton's method with step halving. Both are multinomial logits
// with utilities λᵢ, λⱼ and (for the tie) η + (λᵢ+λⱼ)/2, where λ = log π, η = log ν; so the log-likelihood is concave.
// λ₀ = 0 fixes the scale.
func fitPaired(n int, outcomes []Outcome, withTies bool) (strengths []float64, nu float64, err error) {
	if n < 2 || !stronglyConnected(n, outcomes) {
		return nil, 0, Errorf(CodeInvalid, "strengths cannot be fitted: some never met, or one never won or never lost")
	}
	const (
		maxSteps  = 200
		tolerance = 1e-11
	)
	dim := n // λ₁ … λₙ₋₁ and η
	fit := pairedFit{n: n, outcomes: outcomes, withTies: withTies}
	x := make([]float64, dim)
	value := fit.logLikelihood(x)
	for range maxSteps {
		gradient, hessian := fit.derivatives(x)
		var step mat.VecDense
		if err := step.SolveVec(hessian, mat.NewVecDense(dim, gradient)); err != nil {
			return nil, 0, Errorf(CodeInvalid, "strengths cannot be fitted: the outcomes do not determine them").WithCause(err)
		}
		scale, largest := 1.0, 0.0
		next := make([]float64, dim)
		for {
			largest = 0
			for i := range x {
				d := scale * step.AtVec(i)
				next[i] = x[i] + d
				largest = max(largest, math.Abs(d))
			}
			nextValue := fit.logLikelihood(next)
			if nextValue >= value-1e-12*math.Abs(value) || largest < tolerance {
				value = nextValue
				break
			}
			scale /= 2
		}
		copy(x, next)
		if largest < tolerance {
			break
		}
	}
	mean := 0.0
	for i := 1; i < n; i++ {
		mean += x[i-1] / float64(n)
	}
	strengths = make([]float64, n)
	for i := range strengths {
		strengths[i] = math.Exp(fit.lambda(x, i) - mean)
	}
	return strengths, math.Exp(x[n-1]), nil
}

// pairedFit is the likelihood as a function of x = (λ₁, …, λₙ₋₁, η).
type pairedFit struct {
	n        int
	outcomes []Outcome
	withTies bool
}

func (f *pairedFit) lambda(x []float64, i int) float64 {
	if i == 0 {
		return 0
	}
	return x[i-1]
}

// probabilities of A's win, B's win and a tie.
func (f *pairedFit) probabilities(x []float64, o Outcome) [3]float64 {
	a, b := f.lambda(x, o.A), f.lambda(x, o.B)
	tie := math.Inf(-1)
	if f.withTies {
		tie = x[f.n-1] + (a+b)/2
	}
	top := max(a, b, tie)
	p := [3]float64{math.Exp(a - top), math.Exp(b - top), math.Exp(tie - top)}
	sum := p[0] + p[1] + p[2]
	return [3]float64{p[0] / sum, p[1] / sum, p[2] / sum}
}

func (f *pairedFit) logLikelihood(x []float64) float64 {
	sum := 0.0
	for _, o := range f.outcomes {
		p := f.probabilities(x, o)
		for i, count := range [3]float64{o.WinsA, o.WinsB, o.Ties} {
			if count > 0 {
				sum += count * math.Log(p[i])
			}
		}
	}
	return sum
}

// derivatives returns the gradient and the negated Hessian, which is positive definite where the maximum exists.
func (f *pairedFit) derivatives(x []float64) ([]float64, *mat.SymDense) {
	gradient := make([]float64, f.n)
	hessian := mat.NewSymDense(f.n, nil)
	for _, o := range f.outcomes {
		p := f.probabilities(x, o)
		counts := [3]float64{o.WinsA, o.WinsB, o.Ties}
		total := counts[0] + counts[1] + counts[2]
		// Each alternative's utility as weights of the three parameters in play: λ_A, λ_B, η.
		features := [3][3]float64{{1, 0, 0}, {0, 1, 0}, {0.5, 0.5, 1}}
		places := [3]int{o.A - 1, o.B - 1, f.n - 1}
		var mean [3]float64
		for k := range 3 {
			for i := range 3 {
				mean[i] += p[k] * features[k][i]
			}
		}
		for i, at := range places {
			if at < 0 {
				continue // λ₀ is fixed
			}
			for k := range 3 {
				gradient[at] += (counts[k] - total*p[k]) * features[k][i]
			}
			for j, other := range places[:i+1] {
				if other < 0 {
					continue
				}
				covariance := -mean[i] * mean[j]
				for k := range 3 {
					covariance += p[k] * features[k][i] * features[k][j]
				}
				hessian.SetSym(at, other, hessian.At(at, other)+total*covariance)
			}
		}
	}
	if !f.withTies { // η plays no part
		gradient[f.n-1] = 0
		for i := range f.n {
			hessian.SetSym(f.n-1, i, 0)
		}
		hessian.SetSym(f.n-1, f.n-1, 1)
	}
	return gradient, hessian
}

// stronglyConnected says whether everybody beats (or ties) everybody else over some chain of outcomes: the condition
// under which the maximum exists (L. R. Ford, Amer. Math. Monthly 64, 1957).
func stronglyConnected(n int, outcomes []Outcome) bool {
	wins := make([][]int, n)
	losses := make([][]int, n)
	for _, o := range outcomes {
		if o.WinsA+o.Ties > 0 {
			wins[o.A] = append(wins[o.A], o.B)
			losses[o.B] = append(losses[o.B], o.A)
		}
		if o.WinsB+o.Ties > 0 {
			wins[o.B] = append(wins[o.B], o.A)
			losses[o.A] = append(losses[o.A], o.B)
		}
	}
	return reachesAll(wins) && reachesAll(losses)
}

// reachesAll says whether every node can be reached from node 0.
func reachesAll(edges [][]int) bool {
	seen := make([]bool, len(edges))
	seen[0] = true
	queue := []int{0}
	for len(queue) > 0 {
		at := queue[0]
		queue = queue[1:]
		for _, next := range edges[at] {
			if !seen[next] {
				seen[next] = true
				queue = append(queue, next)
			}
		}
	}
	for _, ok := range seen {
		if !ok {
			return false
		}
	}
	return true
}
