package trainer

import "math"

// learningRate is the rate of 0-based step out of total: it rises linearly from warmupFrom·peak over the warm-up steps,
// then follows the schedule down to final·peak at the last step.
//
//	constant  stays at peak (InstructGPT's PPO, appendix C.4)
//	linear    falls in a line (lm-human-preferences, TRL)
//	cosine    falls along half a cosine (InstructGPT's SFT and reward model, appendix C.1 and C.2: final 0.1)
func learningRate(schedule string, peak, warmupFrom, final float64, step, warmup, total int) float64 {
	if step < warmup {
		return peak * (warmupFrom + (1-warmupFrom)*float64(step+1)/float64(warmup))
	}
	done := 0.0
	if total > warmup+1 {
		done = min(1, float64(step-warmup)/float64(total-warmup-1))
	}
	switch schedule {
	case "linear":
		return peak * (1 - (1-final)*done)
	case "cosine":
		return peak * (final + (1-final)*(1+math.Cos(math.Pi*done))/2)
	default:
		return peak
	}
}

// emaDecay is the decay of the moving average at 0-based optimizer step t: constant (InstructGPT: 0.992), or, where a
// run is short, min(decay, (1+t)/(10+t)) so that the average forgets its start.
func emaDecay(decay float64, warmup bool, t int) float64 {
	if !warmup {
		return decay
	}
	return min(decay, float64(1+t)/float64(10+t))
}

// due says whether something that happens every so many steps of a run, and at its last, happens after done steps; every 0
// is only at the last.
func due(done, every, total int) bool {
	return done == total || every > 0 && done%every == 0
}
