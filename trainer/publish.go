package trainer

import (
	"rankloop/model"
	"rankloop/model/kernel"
	"rankloop/ranking"
)

// publish makes a language model's checkpoint of a copy of weights. Adapters are merged into it, and stay beside it.
func publish(base *model.Checkpoint, weights *model.Weights) *model.Checkpoint {
	c := base.Derive(weights.Merge(), model.Meta{Kind: model.PolicyKind, Base: base.Meta.Name, KernelSet: kernel.Name()})
	if a := weights.Adapter(); a != nil {
		c.Adapter = a.Clone()
	}
	return c
}

// publishReward makes a reward model's checkpoint; maxNew tells how its prompts were fitted.
func publishReward(base *model.Checkpoint, weights *model.Weights, zero zeroPoint, maxNew int) *model.Checkpoint {
	if bias := weights.ScalarBias(); weights.Adapter() != nil && bias != 0 {
		// Adapters of other programs have no bias of the score; the scale can say the same.
		weights = weights.Clone()
		weights.ShiftScalars(-bias)
		zero.Mean -= bias
	}
	c := publish(base, weights)
	c.Meta.Kind = model.RewardKind
	c.Meta.RewardMean, c.Meta.RewardStd, c.Meta.RewardMaxNew = zero.Mean, zero.Spread, maxNew
	return c
}

// checkReward refuses a reward model whose scores have no scale.
func checkReward(c *model.Checkpoint) error {
	if !(c.Meta.RewardStd > 0) || !finite(c.Meta.RewardMean, c.Meta.RewardStd) {
		return ranking.Errorf(ranking.CodeInvalid, "the reward model has no scale (σ_ref): its run was not finished")
	}
	return nil
}

// valueStart is where the value model starts: the reward model, on the scale of its scores after the shift, since those
// are what it will predict. With adapters, the reward model itself lies below them.
func valueStart(reward *model.Checkpoint, l model.LoRA, seed uint64) *model.Weights {
	w := tuned(reward.Weights, l, seed)
	w.ShiftScalars(-reward.Meta.RewardMean)
	return w
}
