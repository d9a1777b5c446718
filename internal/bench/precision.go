package bench

import (
	"math"

	"rankloop/model"
	"rankloop/model/kernel"
)

// relativeError compares two results: the root of the summed squares of their
// differences over that of the exact one. It is 0 where packed products have the
// bits of others, about 2e-3 where they are rounded to bfloat16.
func relativeError(got, exact []float32) float64 {
	off, all := 0.0, 0.0
	for i, v := range exact {
		d := float64(got[i]) - float64(v)
		off += d * d
		all += float64(v) * float64(v)
	}
	if off == 0 {
		return 0
	}
	return math.Sqrt(off / all)
}

// logProbError is the mean difference between the log-probabilities that a reply's
// tokens were drawn with and those that the forward pass of training gives them in
// float32, in nats.
func logProbError(w *model.Weights, prompt []int32, s model.Sample) float64 {
	tokens := append(append([]int32(nil), prompt...), s.Tokens...)
	pass := model.NewPass(w.Config, len(tokens), 1, len(tokens))
	pass.Forward(w, model.Batch{Tokens: tokens, Lengths: []int{len(tokens)}})
	targets, exact := make([]int32, len(tokens)), make([]float32, len(tokens))
	for i := range targets {
		targets[i] = -1
		if i >= len(prompt)-1 && i < len(tokens)-1 {
			targets[i] = tokens[i+1]
		}
	}
	pass.LogProbs(targets, exact, nil)
	sum := 0.0
	for i, drawn := range s.LogProbs {
		sum += math.Abs(float64(drawn) - float64(exact[len(prompt)-1+i]))
	}
	return sum / float64(len(s.LogProbs))
}

// packedBytes are the bytes of weights of which so many elements are read packed,
// as all matrices are, and others as they lie.
func packedBytes(packed, others int) int64 {
	return int64(kernel.PackedBytes())*int64(packed) + 4*int64(others)
}
