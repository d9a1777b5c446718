package trainer

import (
	"rankloop/model"
	"rankloop/ranking"
)

// Sizes is what the memory of a run depends on beside its configuration.
type Sizes struct {
	Base        model.Config
	Reward      model.Config // ppo
	LargestTask int          // reward, dpo: tokens of the task with the most, at most

	LongestPrompt int   // reward, ppo: tokens of the longest that is answered, at most
	TextBytes     int64 // of records, prompts, examples and held-out text
	Validation    bool  // sft: there are validation examples
}

// Sizes measures inputs without encoding them: a token is at least one byte of text, so LargestTask and LongestPrompt are
// bounds.
func (in Inputs) Sizes() Sizes {
	var s Sizes
	if in.Base != nil {
		s.Base = in.Base.Weights.Config
	}
	if in.Reward != nil {
		s.Reward = in.Reward.Weights.Config
	}
	for _, r := range in.Records {
		prompt := promptTokens(r.Messages)
		s.LongestPrompt = max(s.LongestPrompt, prompt)
		tokens := 0
		for _, response := range r.Responses {
			tokens += min(s.Base.Context, prompt+len(response.Text)+1)
			s.TextBytes += int64(len(response.Text))
		}
		s.TextBytes += int64(prompt)
		s.LargestTask = max(s.LargestTask, tokens)
	}
	for _, text := range in.HeldOutText {
		s.TextBytes += int64(len(text))
	}
	for _, prompts := range [][]Prompt{in.Prompts, in.HeldOutPrompts} {
		for _, p := range prompts {
			s.LongestPrompt = max(s.LongestPrompt, promptTokens(p.Messages))
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

// promptTokens is at least the length of a conversation in tokens: its bytes, and room for the marks around a turn.
func promptTokens(messages []ranking.Message) int {
	tokens := 16
	for _, m := range messages {
		tokens += len(m.Content) + 16
	}
	return tokens
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
		trained, err := c.trainedBytes(sizes.Base)
		if err != nil {
			return 0, err
		}
		total += trained*traineeCopies + engineBytes(sizes.Base, c.MicroBatchTokens, sizes.Base.Context, c.room())
		if c.Select == "best" && sizes.Validation {
			total += trained
		}
	case *RewardConfig:
		scalar := sizes.Base
		scalar.Head = model.Scalar
		trained, err := c.trainedBytes(scalar)
		if err != nil {
			return 0, err
		}
		total += trained*traineeCopies + engineBytes(scalar, max(c.MicroBatchTokens, sizes.LargestTask), scalar.Context, c.room())
		total += samplerBytes(sizes, min(zeroBatch, c.ZeroSamples), c.MaxNew)
	case *DPOConfig:
		trained, err := c.trainedBytes(sizes.Base)
		if err != nil {
			return 0, err
		}
		total += trained*traineeCopies + engineBytes(sizes.Base, max(c.MicroBatchTokens, sizes.LargestTask), sizes.Base.Context, c.room())
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
	policy, err := c.trainedBytes(sizes.Base)
	if err != nil {
		return 0, err
	}
	value, err := c.trainedBytes(sizes.Reward)
	if err != nil {
		return 0, err
	}
	total := policy*(traineeCopies+1) + value*traineeCopies // policy and average; value model
	total += 4 * int64(sizes.Reward.Parameters())
	if c.GammaPtx > 0 && c.Rho > 0 {
		total += policy // the mix's gradient
	}
	if c.StopAtPeak > 0 {
		total += policy // as it was at its peak
	}
	total += engineBytes(sizes.Base, c.MicroBatchTokens, sizes.Base.Context, c.room())
	if !sameTrunk(sizes.Base, sizes.Reward) {
		total += engineBytes(sizes.Reward, c.MicroBatchTokens, sizes.Reward.Context, c.room())
	}
	total += samplerBytes(sizes, min(c.RolloutBatch, c.Episodes), c.MaxNew)
	perEpisode := 4 * int64(sizes.Base.Context+6*c.MaxNew)
	return total + int64(c.Episodes)*perEpisode, nil
}

// samplerBytes is what a sampler of the base holds: what it plans for the longest prompt and reply, packed matrices, and
// per sequence an order of the vocabulary.
func samplerBytes(sizes Sizes, batch, maxNew int) int64 {
	c := sizes.Base
	length := min(sizes.LongestPrompt+maxNew, c.Context)
	packed, order := int64(c.Parameters()), int64(batch)*int64(c.Vocab)
	return model.SamplerBytes(c, batch, model.Within(length)) + 4*(packed+order)
}
