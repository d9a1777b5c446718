package trainer

// preference is the loss of one pair of replies under DPO, at Δ = r_w − r_l of their implicit rewards r = β·(log π − log π_ref).
type preference struct {
	loss      string  // sigmoid or ipo
	beta      float64 // β; of ipo, τ
	smoothing float64 // ε: the share of pairs taken to be labelled the wrong way round
}

// pair is the loss and its derivative by Δ.
//
//	sigmoid  −(1−ε)·log σ(Δ) − ε·log σ(−Δ)     (Rafailov et al. 2023, eq. 7; with ε: Mitchell 2023)
//	ipo      (Δ/β − (1−2ε)/(2β))²              (Azar et al. 2024, eq. 17, whose τ is β)
//
// A tie is a pair that goes either way: ε = ½. Of ipo, the target with ε is the mean of those of both directions, which
// gives the same gradient as the mean of their losses.
func (p preference) pair(tied bool, delta float64) (loss, dDelta, _ float64) {
	epsilon := p.smoothing
	if tied {
		epsilon = 0.5
	}
	if p.loss == "ipo" {
		miss := delta/p.beta - (1-2*epsilon)/(2*p.beta)
		return miss * miss, 2 * miss / p.beta, 0
	}
	loss = -(1-epsilon)*logSigmoid(delta) - epsilon*logSigmoid(-delta)
	return loss, -(1-epsilon)*sigmoid(-delta) + epsilon*sigmoid(delta), 0
}
