package trainer

import (
	"errors"
	"math"

	"rankloop/model"
)

// Cost is what a run would take, counted before it starts. Where replies are sampled, each counts as max_new tokens long:
// then it is a bound from above.
type Cost struct {
	Steps         int        `json:"steps"`          // optimizer steps
	TokensTrained int64      `json:"tokens_trained"` // a finished run's tokens_seen
	MixTokens     int64      `json:"mix_tokens"`     // of these, the pretraining mix
	FLOP          float64    `json:"flop"`
	AtMost        bool       `json:"at_most"` // replies may end sooner
	Parts         []CostPart `json:"parts"`
}

// CostPart is one kind of work of a run.
type CostPart struct {
	Name     string  `json:"name"`     // one of the Cost… constants
	Tokens   int64   `json:"tokens"`   // read by a network, all passes over them counted
	FLOP     float64 `json:"flop"`     // 6N + 12·L·A·T a token trained on, a third of it for one that is only read
	Sampling bool    `json:"sampling"` // token by token, which is slower
}

// The parts that a cost may have.
const (
	CostTraining   = "training"   // of the network that is published
	CostValue      = "value"      // ppo: training of the value model
	CostMix        = "mix"        // sft, ppo: training on pretraining text
	CostRollout    = "rollout"    // ppo: sampled replies
	CostScoring    = "scoring"    // ppo: log-probabilities, values and rewards of a rollout
	CostReference  = "reference"  // dpo: log-probabilities under the reference
	CostEvaluation = "evaluation" // validation, sample tables, held-out rankings
	CostZeroPoint  = "zero_point" // reward: replies that set its scale
)

// What a run reaches of the peak that kernel.Calibrate measures on all threads (docs/performance.md): passes over whole
// sequences are large products, sampling is products of few rows.
const (
	passShare     = 0.5
	samplingShare = 0.3
)

// Seconds is how long the work takes on a machine with such a peak of multiply-adds, in GFLOP/s on all threads.
func (c Cost) Seconds(peakGflops float64) float64 {
	var seconds float64
	for _, part := range c.Parts {
		share := passShare
		if part.Sampling {
			share = samplingShare
		}
		seconds += part.FLOP / (share * peakGflops * 1e9)
	}
	return seconds
}

// MixShare is the share of the pretraining mix among the tokens that the published network is trained on, 0 to 1.
func (c Cost) MixShare() float64 {
	return float64(c.MixTokens) / math.Max(1, float64(c.TokensTrained))
}

// EstimateCost counts a run's work. It reads nothing but its arguments.
func EstimateCost(spec Spec, w Workload) (Cost, error) {
	target, err := newConfig(spec.Kind)
	if err != nil {
		return Cost{}, err
	}
	if err := parseConfig(target, spec.Config); err != nil {
		return Cost{}, err
	}
	if err := w.Base.Validate(); err != nil {
		return Cost{}, err
	}
	var c Cost
	switch config := target.(type) {
	case *PretrainConfig:
		c.pretrain(config, w)
	case *SFTConfig:
		err = c.sft(config, w)
	case *RewardConfig:
		err = c.reward(config, w)
	case *DPOConfig:
		err = c.dpo(config, w)
	case *PPOConfig:
		if err := w.Reward.Validate(); err != nil {
			return Cost{}, err
		}
		err = c.ppo(config, w)
	}
	c.total()
	return c, err
}

// Work per token in units of 6N + 12·L·A·T: the backward pass costs two forward passes.
const (
	trained   = 1.0
	readAlone = 1.0 / 3
)

// add counts reads by a network of a shape.
func (c *Cost) add(name string, shape model.Config, r Reads, work float64) {
	perToken := shape.FLOPsPerToken(0)
	perSquare := shape.FLOPsPerToken(1) - perToken
	c.part(name, r.Tokens, work*(r.Tokens*perToken+r.Squares*perSquare), false)
}

// train counts training of what l leaves to train of a network. Below adapters there is no gradient of the weights: of the
// three products of a matrix, two are left (attention is worked through whole), and those of the adapters come to them.
func (c *Cost) train(name string, shape model.Config, l LowRank, r Reads) error {
	lora, err := l.adapters(shape)
	if err != nil || lora.Rank == 0 {
		c.add(name, shape, r, trained)
		return err
	}
	perToken := shape.FLOPsPerToken(0)
	perSquare := shape.FLOPsPerToken(1) - perToken
	perToken = perToken*2/3 + 6*float64(lora.Parameters(shape))
	c.part(name, r.Tokens, r.Tokens*perToken+r.Squares*perSquare, false)
	return nil
}

// sample counts replies drawn token by token: the work of reading what they become.
func (c *Cost) sample(name string, shape model.Config, r Reads) {
	perToken := shape.FLOPsPerToken(0)
	perSquare := shape.FLOPsPerToken(1) - perToken
	c.part(name, r.Tokens, readAlone*(r.Tokens*perToken+r.Squares*perSquare), true)
	c.AtMost = c.AtMost || r.Tokens > 0
}

func (c *Cost) part(name string, tokens, flop float64, sampling bool) {
	if tokens == 0 {
		return
	}
	for i := range c.Parts {
		if p := &c.Parts[i]; p.Name == name && p.Sampling == sampling {
			p.Tokens += int64(math.Round(tokens))
			p.FLOP += flop
			return
		}
	}
	c.Parts = append(c.Parts, CostPart{name, int64(math.Round(tokens)), flop, sampling})
}

func (c *Cost) total() {
	for _, part := range c.Parts {
		c.FLOP += part.FLOP
		switch part.Name {
		case CostMix:
			c.MixTokens += part.Tokens
			c.TokensTrained += part.Tokens
		case CostTraining:
			c.TokensTrained += part.Tokens
		}
	}
}

func (c *Cost) pretrain(config *PretrainConfig, w Workload) {
	c.Steps = config.Steps
	c.add(CostTraining, w.Base, w.Text.mean(config.Steps*config.BatchWindows), trained)
	c.add(CostEvaluation, w.Base, w.Validation.times(evaluations(config.Steps, config.EvalEvery)), readAlone)
}

func (c *Cost) sft(config *SFTConfig, w Workload) error {
	c.Steps = config.Epochs * batches(w.Units, config.BatchExamples)
	err := errors.Join(
		c.train(CostTraining, w.Base, config.LowRank, w.Train.times(config.Epochs)),
		c.train(CostMix, w.Base, config.LowRank, w.Text.mean(c.Steps*config.mixedWindows())))
	c.add(CostEvaluation, w.Base, w.Validation.times(config.Epochs), readAlone)
	return err
}

func (c *Cost) reward(config *RewardConfig, w Workload) error {
	scalar := w.Base
	scalar.Head = model.Scalar
	c.Steps = config.Epochs * batches(w.Units, config.BatchTasks)
	err := c.train(CostTraining, scalar, config.LowRank, w.Train.times(config.Epochs))
	c.add(CostEvaluation, scalar, w.Validation.times(evaluations(c.Steps, config.EvalEvery)), readAlone)
	prompts := w.Prompts.mean(config.ZeroSamples)
	c.sample(CostZeroPoint, w.Base, prompts.longer(config.MaxNew-1))
	c.add(CostZeroPoint, scalar, prompts.longer(config.MaxNew), readAlone)
	return err
}

func (c *Cost) dpo(config *DPOConfig, w Workload) error {
	c.Steps = config.Epochs * batches(w.Units, config.BatchTasks)
	err := c.train(CostTraining, w.Base, config.LowRank, w.Train.times(config.Epochs))
	c.add(CostReference, w.Base, w.Train, readAlone) // once: they are kept
	c.add(CostReference, w.Base, w.Validation, readAlone)
	c.add(CostEvaluation, w.Base, w.Validation.times(evaluations(c.Steps, config.EvalEvery)), readAlone)
	return err
}

func (c *Cost) ppo(config *PPOConfig, w Workload) error {
	perIteration := config.PPOEpochs * config.Minibatches
	c.Steps = config.Iterations * perIteration
	episodes := config.Iterations * config.Episodes
	// The last token of a reply is a target alone; the reward model reads it too.
	replies := w.Prompts.mean(episodes).longer(config.MaxNew - 1)
	scored := w.RewardPrompts.mean(episodes).longer(config.MaxNew)

	c.sample(CostRollout, w.Base, replies)
	c.add(CostScoring, w.Base, replies.times(2), readAlone) // policy and reference
	c.add(CostScoring, w.Reward, replies, readAlone)        // values
	c.add(CostScoring, w.Reward, scored, readAlone)
	perStep := config.Rho * float64(config.Episodes/config.Minibatches)
	err := errors.Join(
		c.train(CostTraining, w.Base, config.LowRank, replies.times(config.PPOEpochs)),
		c.train(CostValue, w.Reward, config.LowRank, replies.times(config.PPOEpochs)),
		c.train(CostMix, w.Base, config.LowRank, w.Text.mean(int(perStep*float64(c.Steps)))))

	tables := evaluations(config.Iterations, config.SampleEvery)
	samples := w.HeldOut.longer(config.MaxNew - 1)
	c.sample(CostEvaluation, w.Base, samples.times(tables+1)) // the reference answers once
	c.add(CostEvaluation, w.Reward, w.HeldOut.longer(config.MaxNew).times(tables+1), readAlone)
	c.add(CostEvaluation, w.Base, samples.times(2*tables), readAlone)
	if w.Agreement.Tokens > 0 {
		c.add(CostEvaluation, w.Base, w.Agreement.times(tables+1), readAlone)
	}
	return err
}

// batches is how many of a size an epoch has.
func batches(units, size int) int { return (units + size - 1) / size }

// evaluations is how often something due every so many of n, and at the last one, happens; 0 is only at the last.
func evaluations(n, every int) int {
	if every <= 0 {
		return min(n, 1)
	}
	return (n + every - 1) / every
}
