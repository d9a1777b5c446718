package trainer

import "math"

// logSigmoid is log σ(x) without overflow; its derivative is σ(−x).
func logSigmoid(x float64) float64 {
	return min(x, 0) - math.Log1p(math.Exp(-math.Abs(x)))
}

func sigmoid(x float64) float64 { return 1 / (1 + math.Exp(-x)) }

// pairLoss is the loss of one comparison at Δ = r_winner − r_loser and its derivatives by Δ and by η.
//
//	strict           −log σ(Δ)                                       (InstructGPT eq. 1)
//	tied, half       −½[log σ(Δ) + log σ(−Δ)]
//	strict, davidson −(Δ/2 − log D),  D = e^{Δ/2} + e^{−Δ/2} + e^η    (Davidson 1970)
//	tied, davidson   −(η − log D)
func pairLoss(ties string, tied bool, delta, eta float64) (loss, dDelta, dEta float64) {
	if ties == "davidson" {
		return davidsonLoss(tied, delta, eta)
	}
	if tied {
		return -(logSigmoid(delta) + logSigmoid(-delta)) / 2, sigmoid(delta) - 0.5, 0
	}
	return -logSigmoid(delta), -sigmoid(-delta), 0
}

func davidsonLoss(tied bool, delta, eta float64) (loss, dDelta, dEta float64) {
	// log D as a log-sum-exp, and the three outcomes' probabilities.
	top := max(math.Abs(delta)/2, eta)
	win, lose, tie := math.Exp(delta/2-top), math.Exp(-delta/2-top), math.Exp(eta-top)
	sum := win + lose + tie
	logD := top + math.Log(sum)
	dDelta, dEta = (win-lose)/(2*sum), tie/sum
	if tied {
		return logD - eta, dDelta, dEta - 1
	}
	return logD - delta/2, dDelta - 0.5, dEta
}

// firstEta is where η starts: ν = e^η = 2t/(1−t) gives tie rate t between equals. The rate is kept off 0 and 1, where η
// would be infinite.
func firstEta(tied, strict int) float64 {
	rate := min(max(float64(tied)/max(1, float64(tied+strict)), 1e-3), 1-1e-3)
	return math.Log(2 * rate / (1 - rate))
}

// taskLoss is the loss of one task, the mean over its rankings of their weight times the sum over pairs divided by C. It
// adds scale times its derivative by each response's reward to dRewards and returns its derivative by η.
func taskLoss(t *rewardTask, ties string, rewards []float32, eta, scale float64, dRewards []float32) (loss, dEta float64) {
	return sumPairs(t, rewards, scale, dRewards, func(tied bool, delta float64) (loss, dDelta, dEta float64) {
		return pairLoss(ties, tied, delta, eta)
	})
}

// sumPairs is taskLoss for any loss of one pair at Δ = r_winner − r_loser − margin.
func sumPairs(t *rewardTask, rewards []float32, scale float64, dRewards []float32, pair func(tied bool, delta float64) (loss, dDelta, dEta float64)) (loss, dEta float64) {
	for _, ranked := range t.rankings {
		share := ranked.weight / ranked.norm / float64(len(t.rankings))
		for _, p := range ranked.pairs {
			delta := float64(rewards[p.winner]) - float64(rewards[p.loser]) - p.margin
			l, dDelta, dE := pair(p.tied, delta)
			loss += share * l
			dEta += share * dE
			dRewards[p.winner] += float32(scale * share * dDelta)
			dRewards[p.loser] -= float32(scale * share * dDelta)
		}
	}
	return loss, dEta
}
