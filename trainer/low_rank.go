package trainer

import (
	"rankloop/model"
	"rankloop/ranking"
)

// LowRank is what the kinds that tune a network set to train low-rank adapters on it instead of all of its weights (LoRA,
// Hu et al. 2021). The network below stays as it is and is shared: of a policy, its reference is what lies below it.
type LowRank struct {
	LoraR       int     `json:"lora_r"`       // rank of the adapters; 0 trains all weights
	LoraAlpha   float64 `json:"lora_alpha"`   // adapters count alpha/r times
	LoraTargets string  `json:"lora_targets"` // all-linear, or names of matrices as PEFT has them, separated by commas
	UseRSLora   bool    `json:"use_rslora"`   // adapters count alpha/√r times (Kalajdzievski 2023)
}

func (l LowRank) check(c *checker) {
	c.count("lora_r", l.LoraR, 0, 1024)
	c.within("lora_alpha", l.LoraAlpha, 0, maxMagnitude)
	if l.LoraR > 0 && l.LoraAlpha == 0 {
		c.fail("lora_alpha must be above 0 where lora_r is, or the adapters would do nothing")
	}
	if len(l.LoraTargets) > 1000 {
		c.fail("lora_targets must be at most 1000 bytes, not %d", len(l.LoraTargets))
	}
}

// adapters lays the adapters on a network; none where all weights are trained.
func (l LowRank) adapters(c model.Config) (model.LoRA, error) {
	if l.LoraR == 0 {
		return model.LoRA{}, nil
	}
	lora, err := model.NewLoRA(c, l.LoraR, l.LoraAlpha, l.UseRSLora, l.LoraTargets)
	if err != nil {
		return lora, ranking.Errorf(ranking.CodeInvalid, "the adapters (lora_r, lora_targets) do not fit the model: %v", err)
	}
	return lora, nil
}

// tuned is what a run trains that starts from w: a copy, or w itself, shared, below adapters of its own.
func tuned(w *model.Weights, l model.LoRA, seed uint64) *model.Weights {
	if l.Rank == 0 {
		return w.Clone()
	}
	return w.WithAdapter(l, w.Config.Head, seed)
}

// scored is tuned for a reward model: with a fresh scalar head, drawn from seed.
func scored(w *model.Weights, l model.LoRA, seed uint64) *model.Weights {
	if l.Rank == 0 {
		return w.WithScalarHead(seed)
	}
	return w.WithAdapter(l, model.Scalar, seed)
}

// room is what an engine needs for the adapters.
func (l LowRank) room() model.PassOption { return model.Adapters(l.LoraR) }

// trainedBytes is what one number for each that training changes of a network takes.
func (l LowRank) trainedBytes(c model.Config) (int64, error) {
	lora, err := l.adapters(c)
	if err != nil || lora.Rank == 0 {
		return 4 * int64(c.Parameters()), err
	}
	return 4 * int64(lora.Parameters(c)), nil
}
