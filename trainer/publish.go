package trainer

import (
	"rankloop/model"
	"rankloop/model/kernel"
	"rankloop/ranking"
)

// publish makes a language model's checkpoint of weights that nobody else holds.
func publish(base *model.Checkpoint, weights *model.Weights) *model.Checkpoint {
	return base.Derive(weights, model.Meta{Kind: model.PolicyKind, Base: base.Meta.Name, KernelSet: kernel.Name()})
}

// publishReward makes a reward model's checkpoint; maxNew tells how its prompts were fitted.
func publishReward(base *model.Checkpoint, weights *model.Weights, zero zeroPoint, maxNew int) *model.Checkpoint {
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
// are what it will predict.
func valueStart(reward *model.Checkpoint) *model.Weights {
	w := reward.Weights.Clone()
	w.ShiftScalars(-reward.Meta.RewardMean)
	return w
}
