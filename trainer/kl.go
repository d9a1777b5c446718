package trainer

// sequenceKL is the KL estimate of one sampled reply in nats: Σ_t (log π − log π_ref) over its tokens (Schulman's k1).
// It may be negative for one reply and is never clamped: clamping would bias the mean, which is what the penalty means.
func sequenceKL(logProbs, referenceLogProbs []float32) float64 {
	var sum float64
	for t := range logProbs {
		sum += float64(logProbs[t]) - float64(referenceLogProbs[t])
	}
	return sum
}

// tokenRewards fills rewards of one reply: −β(log π_old − log π_ref) at each token, plus the score at the last one
// (InstructGPT eq. 2, spread over tokens as in lm-human-preferences). An empty reply has no token to reward.
func tokenRewards(rewards, logProbs, referenceLogProbs []float32, beta, score float64) {
	for t := range rewards {
		rewards[t] = float32(-beta * (float64(logProbs[t]) - float64(referenceLogProbs[t])))
	}
	if last := len(rewards) - 1; last >= 0 {
		rewards[last] = float32(-beta*(float64(logProbs[last])-float64(referenceLogProbs[last])) + score)
	}
}

// nextKLCoefficient is the adaptive controller of Ziegler et al. 2019 (section 2.2):
//
//	β ← β·(1 + clip(KL/target − 1, ±0.2)·n/horizon)
//
// with kl the mean over n episodes of the KL summed per sequence.
func nextKLCoefficient(beta, kl, target, horizon float64, episodes int) float64 {
	miss := min(max(kl/target-1, -0.2), 0.2)
	return beta * (1 + miss*float64(episodes)/horizon)
}

// unfinishedScore is the score of a reply without an end token, given what the same reply scores with one. It is never
// above that, so that running on never pays. Scores are shifted, so that μ_ref is 0; spread is σ_ref and penalty p counts
// in spreads.
//
//	subtract  s − p·σ_ref
//	replace   min(s, μ_ref − 2σ_ref)
func unfinishedScore(rule string, finished, penalty, spread float64) float64 {
	if rule == "replace" {
		return min(finished, -2*spread)
	}
	return finished - penalty*spread
}
