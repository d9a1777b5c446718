package trainer

import "math"

// rolloutMetrics describe a rollout by means over its episodes.
func (r *ppoRun) rolloutMetrics(b *rollout) map[string]float64 {
	n := float64(len(b.Episodes))
	var kl, klSquare, entropy, ends, tokens float64
	var scores, lengths []float64
	var returns, errors [][]float32
	for i := range b.Episodes {
		e := &b.Episodes[i]
		k := sequenceKL(e.LogProbs, e.ReferenceLogProbs)
		kl += k
		klSquare += k * k
		for _, x := range e.LogProbs {
			entropy -= float64(x)
		}
		if e.Ended {
			ends++
		}
		tokens += float64(e.length())
		scores, lengths = append(scores, e.Score), append(lengths, float64(e.length()))
		missed := make([]float32, e.length())
		for t := range missed {
			missed[t] = e.Returns[t] - e.Values[t]
		}
		returns, errors = append(returns, e.Returns), append(errors, missed)
	}
	b.KLMean = kl / n
	b.KLError = math.Sqrt(max(0, klSquare/n-b.KLMean*b.KLMean) / n)
	score, scoreSpread, correlation := correlate(scores, lengths)
	returnMean, returnVariance := moments(returns)
	_, errorVariance := moments(errors)
	metrics := map[string]float64{
		metricKL: b.KLMean, metricKLPerToken: kl / tokens, metricKLCoef: r.state.Beta,
		metricEntropy: entropy / n, metricScores: score, metricScoresStd: scoreSpread,
		metricNonScoreReward: -r.state.Beta * b.KLMean, metricRLHFReward: score - r.state.Beta*b.KLMean,
		metricScoreLengthCorr: correlation,
		metricEndTokens:       ends, metricClippedRatio: 1 - ends/n, metricMeanLength: tokens / n,
		metricDistinct2:   distinctBigrams(b.Episodes),
		metricRepeated4:   repeatedFourGrams(b.Episodes),
		metricReturnsMean: returnMean, metricReturnsVar: returnVariance,
	}
	if returnVariance > 0 {
		metrics[metricValueVarExplained] = 1 - errorVariance/returnVariance
	}
	return metrics
}

// correlate returns mean and standard deviation of x and its correlation with y, 0 where one is constant.
func correlate(x, y []float64) (mean, deviation, correlation float64) {
	n := float64(len(x))
	var meanY float64
	for i := range x {
		mean += x[i] / n
		meanY += y[i] / n
	}
	var xx, yy, xy float64
	for i := range x {
		dx, dy := x[i]-mean, y[i]-meanY
		xx += dx * dx / n
		yy += dy * dy / n
		xy += dx * dy / n
	}
	if xx > 0 && yy > 0 {
		correlation = xy / math.Sqrt(xx*yy)
	}
	return mean, math.Sqrt(xx), correlation
}

// distinctBigrams is the number of different bigrams of all replies over the number of bigrams (Li et al. 2016).
func distinctBigrams(episodes []episode) float64 {
	seen := make(map[[2]int32]bool)
	total := 0
	for i := range episodes {
		reply := episodes[i].Tokens[episodes[i].From:]
		for t := 1; t < len(reply); t++ {
			seen[[2]int32{reply[t-1], reply[t]}] = true
			total++
		}
	}
	return float64(len(seen)) / float64(max(1, total))
}

// repeatedFourGrams is the share of 4-grams that their own reply has had before: a reply that goes in circles, which the
// figure above cannot tell from replies that resemble one another (Welleck et al. 2020, seq-rep-4).
func repeatedFourGrams(episodes []episode) float64 {
	repeated, total := 0, 0
	for i := range episodes {
		reply := episodes[i].Tokens[episodes[i].From:]
		seen := make(map[[4]int32]bool)
		for t := 3; t < len(reply); t++ {
			gram := [4]int32(reply[t-3 : t+1])
			if seen[gram] {
				repeated++
			}
			seen[gram] = true
			total++
		}
	}
	return float64(repeated) / float64(max(1, total))
}

// minibatchSums gathers the per-token figures of one optimizer step.
type minibatchSums struct {
	tokens                      float64
	policyLoss, valueLoss       float64
	policyClipped, valueClipped float64
	ratio, ratioSquare          float64
	approxKL, entropy           float64
}

func (s *minibatchSums) metrics() map[string]float64 {
	n := s.tokens
	mean := s.ratio / n
	return map[string]float64{
		metricPolicyLoss: s.policyLoss / n, metricValueLoss: s.valueLoss / n,
		metricClipFrac: s.policyClipped / n, metricValueClipFrac: s.valueClipped / n,
		metricRatio: mean, metricRatioVar: max(0, s.ratioSquare/n-mean*mean),
		metricApproxKL: s.approxKL / n / 2, metricEntropyAvg: s.entropy / n,
	}
}
