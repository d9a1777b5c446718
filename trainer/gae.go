package trainer

// generalizedAdvantages fills advantages and returns of one reply from its token rewards and the values stored at
// rollout (Schulman et al. 2015, eq. 16), all of one length:
//
//	δ_t = r_t + γ·V_{t+1} − V_t,  A_t = δ_t + γλ·A_{t+1},  R_t = A_t + V_t
//
// V_t is the value of the state before token t; the value after the last token is 0, for a reply that was cut off too.
// Returns are taken here, before advantages are whitened.
func generalizedAdvantages(rewards, values []float32, gamma, lambda float64, advantages, returns []float32) {
	var next, nextValue float64
	for t := len(rewards) - 1; t >= 0; t-- {
		value := float64(values[t])
		delta := float64(rewards[t]) + gamma*nextValue - value
		next = delta + gamma*lambda*next
		nextValue = value
		advantages[t] = float32(next)
		returns[t] = float32(next + value)
	}
}
