package trainer

import (
	"rankloop/model"
)

// Sizes is what the memory of a run depends on beside its configuration.
type Sizes struct {
	Base        model.Config
	Reward      model.Config // ppo
	LargestTask int          // reward, dpo: tokens of the task with the most, at most
	TextBytes   int64        // of records, prompts and examples
	Validation  bool         // sft: there are validation examples
}

// Sizes measures inputs without encoding them: a token is at least one byte of text, so LargestTask is a bound.
func (in Inputs) Sizes() Sizes {
	var s Sizes
	if in.Base != nil {
		s.Base = in.Base.Weights.Config
	}
	if in.Reward != nil {
		s.Reward = in.Reward.Weights.Config
	}
	for _, r := range in.Records {
		prompt := 16
		for _, m := range r.Messages {
			prompt += len(m.Content) + 16
		}
		tokens := 0
		for _, response := range r.Responses {
			tokens += min(s.Base.Context, prompt+len(response.Text)+1)
			s.TextBytes += int64(len(response.Text))
		}
		s.TextBytes += int64(prompt)
		s.LargestTask = max(s.LargestTask, tokens)
	}
	for _, prompts := range [][]Prompt{in.Prompts, in.HeldOutPrompts} {
		for _, p := range prompts {
			for _, m := range p.Messages {
				s.TextBytes += int64(len(m.Content))
			}
		}
	}
	for _, example := range in.Examples {
		s.Validation = s.Validation || example.Split == "validation"
		s.TextBytes += int64(len(example.Reply))
		for _, m := range example.Messages {
			s.TextBytes += int64(len(m.Content))
		}
	}
	return s
}

const (
	traineeCopies = 4        // weights, gradient, two moments
	runtimeBytes  = 64 << 20 // the program itself
	perTextByte   = 8        // a text, its tokens and the slices around them
	slack         = 1.1      // the collector's lag
)

// EstimateMemory is how many bytes a run will hold at its peak, the models of its inputs included.
func EstimateMemory(spec Spec, sizes Sizes) (int64, error) {
	target, err := newConfig(spec.Kind)
	if err != nil {
		return 0, err
	}
	if err := parseConfig(target, spec.Config); err != nil {
		return 0, err
	}
	if err := sizes.Base.Validate(); err != nil {
		return 0, err
	}
	base := 4 * int64(sizes.Base.Parameters())
	total := base * (1 + 1) // what training starts from, and the copy that is published
	switch c := target.(type) {
	case *PretrainConfig:
		total += base*traineeCopies + engineBytes(sizes.Base, c.MicroBatchTokens, sizes.Base.Context)
	case *SFTConfig:
		total += base*traineeCopies + engineBytes(sizes.Base, c.MicroBatchTokens, sizes.Base.Context)
		if c.Select == "best" && sizes.Validation {
			total += base
		}
	case *RewardConfig:
		scalar := sizes.Base
		scalar.Head = model.Scalar
		total += base*traineeCopies + engineBytes(scalar, max(c.MicroBatchTokens, sizes.LargestTask), scalar.Context)
		total += samplerBytes(sizes.Base, min(zeroBatch, c.ZeroSamples))
	case *DPOConfig:
		total += base*traineeCopies + engineBytes(sizes.Base, max(c.MicroBatchTokens, sizes.LargestTask), sizes.Base.Context)
	case *PPOConfig:
		bytes, err := c.memory(sizes)
		if err != nil {
			return 0, err
		}
		total += bytes
	}
	total += sizes.TextBytes * perTextByte
	return int64(float64(total)*slack) + runtimeBytes, nil
}

func (c *PPOConfig) memory(sizes Sizes) (int64, error) {
	if err := sizes.Reward.Validate(); err != nil {
		return 0, err
	}
	base, reward := 4*int64(sizes.Base.Parameters()), 4*int64(sizes.Reward.Parameters())
	total := base*(traineeCopies+1) + reward*(traineeCopies+1) // policy and average; value and reward model
	if c.GammaPtx > 0 && c.Rho > 0 {
		total += base // the mix's gradient
	}
	total += engineBytes(sizes.Base, c.MicroBatchTokens, sizes.Base.Context)
	if !sameTrunk(sizes.Base, sizes.Reward) {
		total += engineBytes(sizes.Reward, c.MicroBatchTokens, sizes.Reward.Context)
	}
	total += samplerBytes(sizes.Base, min(c.RolloutBatch, c.Episodes))
	perEpisode := 4 * int64(sizes.Base.Context+6*c.MaxNew)
	return total + int64(c.Episodes)*perEpisode, nil
}

// samplerBytes is what a sampler holds: packed matrices, keys and values, activations of one step, and per sequence its
// logits, probabilities and an order of the vocabulary.
func samplerBytes(c model.Config, batch int) int64 {
	keysAndValues := 2 * int64(batch) * int64(c.Layers) * int64(c.Dim) * int64(c.Context+32)
	rows := int64(batch + max(1024, c.Context))
	activations := rows * int64(6*c.Dim+2*c.Hidden)
	perSequence := int64(batch) * int64(3*c.Vocab+c.Dim)
	return 4 * (int64(c.Parameters()) + keysAndValues + activations + perSequence)
}
