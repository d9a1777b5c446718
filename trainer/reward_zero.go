package trainer

import (
	"context"
	"math"

	"rankloop/model"
	"rankloop/ranking"
)

// zeroPoint is the scale of a trained reward model. A reward model is free up to a constant; InstructGPT (section 3.5)
// shifts it so that demonstrations score 0 on average. The head stays raw: model.Meta carries the mean, and Meta.Reward
// subtracts it, once.
type zeroPoint struct {
	Mean   float64 `json:"mean"`   // μ_ref: mean raw score of the replies that define zero
	Spread float64 `json:"spread"` // σ_ref: their standard deviation; 0 before the run is done

	replies [][]int32 // that define zero
}

// drawZeroPoint chooses the replies that define zero: demonstrations, else what the base model, which is the reference
// policy, answers to training prompts. It changes nothing else, so it may be interrupted.
func (r *rewardRun) drawZeroPoint(ctx context.Context) error {
	if r.zero.replies = r.demonstrations(); len(r.zero.replies) > 1 {
		return nil
	}
	order := shuffler{seed: r.spec.Seed, purpose: "zero point prompts", n: len(r.train)}
	prompts := make([][]int32, r.config.ZeroSamples)
	seeds := make([]uint64, len(prompts))
	longest := 0 // tokens
	for i := range prompts {
		prompts[i] = r.train[order.at(i)].promptIDs
		longest = max(longest, len(prompts[i]))
		seeds[i] = streamKey(r.spec.Seed, "zero point", uint64(i))[0]
	}
	sampler := model.NewSampler(r.base.Weights.Config, min(len(prompts), zeroBatch), model.Within(longest+r.config.MaxNew))
	sampler.SetWeights(r.base.Weights)
	replies, err := sampler.Generate(ctx, prompts, seeds, replyOptions(r.config.MaxNew, r.sequences.chat.End), nil)
	if err != nil {
		return err
	}
	r.zero.replies = make([][]int32, len(replies))
	for i, reply := range replies {
		r.zero.replies[i], _ = r.sequences.completeOrCut(prompts[i], r.sequences.tokenizer.Decode(reply.Tokens))
	}
	return nil
}

// zeroBatch is how many replies are sampled at once for the zero point.
const zeroBatch = 64

// replyOptions draw a reply from the policy itself: temperature 1, nothing truncated.
func replyOptions(maxNew int, end int32) model.SampleOptions {
	return model.SampleOptions{MaxNew: maxNew, Temperature: 1, Stop: []int32{end}}
}

// measureZeroPoint takes μ_ref and σ_ref from the trained model's scores.
func (r *rewardRun) measureZeroPoint(metrics map[string]float64) {
	rewards := make([]float32, len(r.zero.replies))
	r.engine.rewards(r.net.weights, r.zero.replies, rewards)
	mean, variance := moments([][]float32{rewards})
	r.zero.Mean, r.zero.Spread = mean, math.Sqrt(variance)
	metrics[metricReferenceMean], metrics[metricReferenceStd] = r.zero.Mean, r.zero.Spread
}

// demonstrations are at most ZeroSamples of the training examples that fit.
func (r *rewardRun) demonstrations() [][]int32 {
	var sequences [][]int32
	for _, i := range newStream(r.spec.Seed, "demonstrations").Perm(len(r.examples)) {
		example := r.examples[i]
		if example.Split == ranking.SplitValidation || len(example.Messages) == 0 || len(sequences) == r.config.ZeroSamples {
			continue
		}
		prompt, _ := r.sequences.prompt(example.Messages)
		if ids, fits := r.sequences.complete(prompt, example.Reply); fits {
			sequences = append(sequences, ids)
		}
	}
	return sequences
}
