package trainer

import (
	"context"
	"math"
	"time"
)

// episode is one sampled reply with everything that PPO holds about it until the next rollout. The slices after Tokens
// have one entry per reply token; a value is that of the state the token was drawn in.
type episode struct {
	Prompt int // index into the run's prompts
	Tokens []int32
	From   int // reply tokens start here
	Ended  bool
	Score  float64 // after the missing-end rule

	LogProbs          []float32 // log π_old, on the training path
	ReferenceLogProbs []float32
	Values            []float32 // V_old
	Advantages        []float32 // whitened
	Returns           []float32
}

func (e *episode) item() item { return item{tokens: e.Tokens, from: e.From} }

func (e *episode) length() int { return len(e.Tokens) - e.From }

// rollout is the batch that an iteration learns from.
type rollout struct {
	Episodes        []episode
	Metrics         map[string]float64
	KLMean, KLError float64 // nats a sequence; standard error of the mean
}

// rollOut samples a batch of episodes from the policy as it is and prepares them for the optimizer. It changes nothing
// in the run.
func (r *ppoRun) rollOut(ctx context.Context, iteration int, timing map[string]float64) (*rollout, error) {
	start := time.Now()
	n := r.config.Episodes
	prompts := make([]int, n)
	seeds := make([]uint64, n)
	for i := range n {
		at := iteration*n + i
		prompts[i] = r.order.at(at)
		seeds[i] = streamKey(r.spec.Seed, "rollout", uint64(at))[0]
	}
	r.sampler.SetWeights(r.policy.weights)
	ids := make([][]int32, n)
	for i, p := range prompts {
		ids[i] = r.prompts[p].ids
	}
	options := replyOptions(r.config.MaxNew, r.sequences.chat.End)
	if r.spec.FullLength {
		options.Stop = nil
	}
	samples, err := r.sampler.Generate(ctx, ids, seeds, options, nil)
	if err != nil {
		return nil, err
	}
	b := &rollout{Episodes: make([]episode, n)}
	for i, sample := range samples {
		e := &b.Episodes[i]
		e.Prompt, e.From, e.Ended = prompts[i], len(ids[i]), sample.Ended
		e.Tokens = append(append(make([]int32, 0, len(ids[i])+len(sample.Tokens)), ids[i]...), sample.Tokens...)
		length := len(sample.Tokens)
		for _, row := range []*[]float32{&e.LogProbs, &e.ReferenceLogProbs, &e.Values, &e.Advantages, &e.Returns} {
			*row = make([]float32, length)
		}
	}
	timing[metricRolloutTime] = time.Since(start).Seconds()

	start = time.Now()
	r.measure(b)
	gap := 0.0
	for i, sample := range samples {
		for t, x := range sample.LogProbs {
			gap = max(gap, math.Abs(float64(x)-float64(b.Episodes[i].LogProbs[t])))
		}
	}
	rawAdvantage := r.estimateAdvantages(b)
	timing[metricScoreTime] = time.Since(start).Seconds()

	b.Metrics = r.rolloutMetrics(b)
	b.Metrics[metricSamplerGap] = gap
	b.Metrics[metricAdvantagesMean] = rawAdvantage
	b.Metrics[metricEpisode] = float64((iteration + 1) * n)
	timing[metricEps] = float64(n) / max(timing[metricRolloutTime]+timing[metricScoreTime], 1e-9)
	return b, nil
}

// measure fills log-probabilities, values and scores. Log-probabilities come from the path that the optimizer uses, not
// from the sampler: so the ratio is exactly 1 at the first step, and the KL exactly 0 while policy and reference are one.
func (r *ppoRun) measure(b *rollout) {
	n := len(b.Episodes)
	items := make([]item, n)
	logProbs, reference, values := make([][]float32, n), make([][]float32, n), make([][]float32, n)
	replies := make([]scoredReply, n)
	for i := range b.Episodes {
		e := &b.Episodes[i]
		items[i] = e.item()
		logProbs[i], reference[i], values[i] = e.LogProbs, e.ReferenceLogProbs, e.Values
		replies[i] = scoredReply{prompt: &r.prompts[e.Prompt], tokens: e.Tokens[e.From:], ended: e.Ended}
	}
	r.language.score(r.policy.weights, items, logProbs)
	r.language.score(r.reference, items, reference)
	r.scalar.values(r.value.weights, items, values)
	r.scoreReplies(replies)
	for i := range replies {
		b.Episodes[i].Score = replies[i].score
	}
}

// scoredReply is a reply with the reward model's score of it.
type scoredReply struct {
	prompt *ppoPrompt
	tokens []int32 // end token included
	ended  bool
	text   string
	score  float64
}

// scoreReplies scores replies by their text, laid out as in the reward model's training: what people would read and rank
// is what is scored, however the policy spelled it in tokens. A reply without an end is completed for scoring and then
// falls under the missing-end rule, so it scores below the same reply finished.
func (r *ppoRun) scoreReplies(replies []scoredReply) {
	sequences := make([][]int32, len(replies))
	for i := range replies {
		reply := &replies[i]
		reply.text = r.sequences.tokenizer.Decode(reply.tokens)
		var fits bool
		sequences[i], fits = r.rewardSequences.completeOrCut(reply.prompt.rewardIDs, reply.text)
		reply.ended = reply.ended && fits
	}
	rewards := make([]float32, len(replies))
	r.scalar.rewards(r.reward, sequences, rewards)
	for i := range replies {
		replies[i].score = float64(r.rewardMeta.Reward(rewards[i]))
		if !replies[i].ended {
			replies[i].score = unfinishedScore(r.config.MissingEndRule, replies[i].score, r.config.MissingEndPenalty, r.rewardMeta.RewardStd)
		}
	}
}

// estimateAdvantages turns scores and KL into token rewards, advantages and returns, whitens the advantages over the
// whole rollout and returns their mean from before that.
func (r *ppoRun) estimateAdvantages(b *rollout) (rawMean float64) {
	advantages := make([][]float32, len(b.Episodes))
	for i := range b.Episodes {
		e := &b.Episodes[i]
		rewards := make([]float32, e.length())
		tokenRewards(rewards, e.LogProbs, e.ReferenceLogProbs, r.state.Beta, e.Score)
		generalizedAdvantages(rewards, e.Values, r.config.Gamma, r.config.Lambda, e.Advantages, e.Returns)
		advantages[i] = e.Advantages
	}
	rawMean, _ = moments(advantages)
	whiten(advantages)
	return rawMean
}
