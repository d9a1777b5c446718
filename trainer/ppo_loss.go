package trainer

import "math"

// maxLogRatio bounds log π − log π_old before exp, so that one absurd token cannot overflow a step.
const maxLogRatio = 20

// policyLoss is PPO's clipped surrogate of one token (Schulman et al. 2017, eq. 7, as a loss) and its derivative by
// log π:
//
//	max(−A·ratio, −A·clip(ratio, 1−ε, 1+ε)),  ratio = exp(clamp(log π − log π_old, ±20))
//
// clipped says that the clipped side is active, where the derivative is 0.
func policyLoss(logProb, oldLogProb, advantage float32, epsilon float64) (loss, dLogProb, ratio float64, clipped bool) {
	logRatio := float64(logProb) - float64(oldLogProb)
	bounded := min(max(logRatio, -maxLogRatio), maxLogRatio)
	ratio = math.Exp(bounded)
	a := float64(advantage)
	free := -a * ratio
	held := -a * min(max(ratio, 1-epsilon), 1+epsilon)
	if held > free {
		return held, 0, ratio, true
	}
	if bounded != logRatio {
		return free, 0, ratio, false
	}
	return free, free, ratio, false
}

// valueLoss is the clipped value loss of one token and its derivative by the value; old is the value stored at rollout,
// never refreshed between epochs (lm-human-preferences, train_policy.py):
//
//	½·max((V−R)², (V_old + clip(V−V_old, ±ε_V) − R)²)
func valueLoss(value, old, target float32, epsilon float64) (loss, dValue float64, clipped bool) {
	move := float64(value) - float64(old)
	free := float64(value) - float64(target)
	held := float64(old) + min(max(move, -epsilon), epsilon) - float64(target)
	// Inside of the range both sides are the same but for rounding, which must not stop the gradient.
	if math.Abs(move) > epsilon && held*held > free*free {
		return held * held / 2, 0, true
	}
	return free * free / 2, free, false
}
