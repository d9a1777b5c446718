package trainer

import (
	"context"
	"time"

	"rankloop/model"
)

// sampleTable answers the held-out prompts with the policy that would be published now, its moving average, beside the
// reference, with the same seeds every time.
func (r *ppoRun) sampleTable(ctx context.Context, timing map[string]float64) ([]Sample, error) {
	start := time.Now()
	if r.referenceSamples == nil {
		replies, err := r.answer(ctx, r.reference)
		if err != nil {
			return nil, err
		}
		r.referenceSamples = replies
	}
	policy, err := r.answer(ctx, r.ema)
	if err != nil {
		return nil, err
	}
	divergence := r.divergence(policy)
	table := make([]Sample, len(policy))
	for i, reply := range policy {
		reference := r.referenceSamples[i]
		table[i] = Sample{
			PromptID: reply.prompt.id, Prompt: reply.prompt.text, Policy: reply.text, Reference: reference.text,
			Metrics: map[string]float64{
				"score": reply.score, "reference_score": reference.score, "kl": divergence[i],
				"length": float64(len(reply.tokens)), "reference_length": float64(len(reference.tokens)),
				"ended": boolean(reply.ended), "reference_ended": boolean(reference.ended),
			},
		}
	}
	timing[metricSampleTime] = time.Since(start).Seconds()
	return table, nil
}

// answer samples and scores one reply of w to every held-out prompt.
func (r *ppoRun) answer(ctx context.Context, w *model.Weights) ([]scoredReply, error) {
	ids := make([][]int32, len(r.held))
	seeds := make([]uint64, len(r.held))
	for i := range r.held {
		ids[i], seeds[i] = r.held[i].ids, streamKey(r.spec.Seed, "samples", uint64(i))[0]
	}
	r.sampler.SetWeights(w)
	samples, err := r.sampler.Generate(ctx, ids, seeds, replyOptions(r.config.MaxNew, r.sequences.chat.End), nil)
	if err != nil {
		return nil, err
	}
	replies := make([]scoredReply, len(samples))
	for i, sample := range samples {
		replies[i] = scoredReply{prompt: &r.held[i], tokens: sample.Tokens, ended: sample.Ended}
	}
	r.scoreReplies(replies)
	return replies, nil
}

// divergence is the KL estimate of each reply, in nats, of the moving average to the reference.
func (r *ppoRun) divergence(replies []scoredReply) []float64 {
	items := make([]item, len(replies))
	policy, reference := make([][]float32, len(replies)), make([][]float32, len(replies))
	for i, reply := range replies {
		prompt := reply.prompt.ids
		items[i] = item{tokens: append(append([]int32(nil), prompt...), reply.tokens...), from: len(prompt)}
		policy[i], reference[i] = make([]float32, len(reply.tokens)), make([]float32, len(reply.tokens))
	}
	r.language.score(r.ema, items, policy)
	r.language.score(r.reference, items, reference)
	kl := make([]float64, len(replies))
	for i := range replies {
		kl[i] = sequenceKL(policy[i], reference[i])
	}
	return kl
}

func boolean(b bool) float64 {
	if b {
		return 1
	}
	return 0
}
