package trainer

import (
	"slices"
	"strings"

	"rankloop/ranking"
)

// checker collects the first thing that is wrong with a configuration.
type checker struct{ err error }

func (c *checker) fail(format string, args ...any) {
	if c.err == nil {
		c.err = ranking.Errorf(ranking.CodeInvalid, format, args...)
	}
}

// within wants low <= value <= high; NaN is never within.
func (c *checker) within(key string, value, low, high float64) {
	if !(value >= low && value <= high) {
		c.fail("%s must be between %v and %v, not %v", key, low, high, value)
	}
}

func (c *checker) above(key string, value, low, high float64) {
	if !(value > low && value <= high) {
		c.fail("%s must be above %v and at most %v, not %v", key, low, high, value)
	}
}

func (c *checker) count(key string, value, low, high int) {
	if value < low || value > high {
		c.fail("%s must be between %d and %d, not %d", key, low, high, value)
	}
}

func (c *checker) oneOf(key, value string, allowed ...string) {
	if !slices.Contains(allowed, value) {
		c.fail("%s must be one of %s, not %q", key, strings.Join(allowed, ", "), value)
	}
}

// Limits against slips of the finger rather than against ambition.
const (
	maxSteps     = 100_000_000
	maxBatch     = 1 << 20
	maxContext   = 1 << 20
	maxMagnitude = 1e6
)

func (o Optimization) check(c *checker) {
	c.above("learning_rate", o.LearningRate, 0, 1)
	c.oneOf("lr_schedule", o.LRSchedule, "constant", "linear", "cosine")
	c.within("lr_final", o.LRFinal, 0, 1)
	c.within("warmup_from", o.WarmupFrom, 0, 1)
	c.within("adam_beta1", o.Beta1, 0, 0.999999)
	c.within("adam_beta2", o.Beta2, 0, 0.9999999)
	c.above("adam_epsilon", o.Epsilon, 0, 1)
	c.within("weight_decay", o.WeightDecay, 0, 10)
	c.within("clip_norm", o.ClipNorm, 0, maxMagnitude)
	c.count("micro_batch_tokens", o.MicroBatchTokens, 1, 1<<24)
}

func (p PretrainConfig) check() error {
	c := &checker{}
	p.Optimization.check(c)
	c.count("steps", p.Steps, 1, maxSteps)
	c.count("warmup_steps", p.WarmupSteps, 0, maxSteps)
	c.count("batch_windows", p.BatchWindows, 1, maxBatch)
	c.count("context", p.Context, 0, maxContext)
	c.oneOf("packing", p.Packing, "windows", "documents")
	p.DenoiseConfig.check(c)
	c.within("held_out", p.HeldOut, 0, 0.9)
	c.count("eval_every", p.EvalEvery, 0, maxSteps)
	return c.err
}

func (d DenoiseConfig) check(c *checker) {
	c.within("denoise_share", d.Share, 0, 1)
	if d.Share == 0 {
		return
	}
	c.within("denoise_masks", d.Masks, 0, maxMagnitude)
	c.within("denoise_sentences", d.Sentences, 0, maxMagnitude)
	c.within("denoise_spans", d.Spans, 0, maxMagnitude)
	if d.Masks+d.Sentences+d.Spans == 0 {
		c.fail("denoise_share needs something to denoise: set denoise_masks, denoise_sentences or denoise_spans above 0")
	}
	c.above("corrupt_share", d.CorruptShare, 0, 0.9)
	c.within("span_tokens", d.SpanTokens, 1, maxContext)
}

func (s SFTConfig) check() error {
	c := &checker{}
	s.Optimization.check(c)
	s.LowRank.check(c)
	c.count("epochs", s.Epochs, 1, 10_000)
	c.count("warmup_steps", s.WarmupSteps, 0, maxSteps)
	c.count("batch_examples", s.BatchExamples, 1, maxBatch)
	c.count("max_new", s.MaxNew, 1, maxContext)
	c.within("pretrain_share", s.PretrainShare, 0, 0.9)
	c.oneOf("select", s.Select, "last", "best")
	return c.err
}

func (r RewardConfig) check() error {
	c := &checker{}
	r.Optimization.check(c)
	r.LowRank.check(c)
	c.count("epochs", r.Epochs, 1, 10_000)
	c.count("warmup_steps", r.WarmupSteps, 0, maxSteps)
	c.count("batch_tasks", r.BatchTasks, 1, maxBatch)
	c.oneOf("pair_norm", r.PairNorm, "used", "all")
	c.oneOf("ties", r.Ties, "drop", "half", "davidson")
	c.within("tie_learning_rate", r.TieLearningRate, 0, 1)
	c.count("max_new", r.MaxNew, 1, maxContext)
	c.count("eval_every", r.EvalEvery, 0, maxSteps)
	c.count("zero_samples", r.ZeroSamples, 2, 100_000)
	return c.err
}

func (d DPOConfig) check() error {
	c := &checker{}
	d.Optimization.check(c)
	d.LowRank.check(c)
	c.count("epochs", d.Epochs, 1, 10_000)
	c.count("warmup_steps", d.WarmupSteps, 0, maxSteps)
	c.count("batch_tasks", d.BatchTasks, 1, maxBatch)
	c.oneOf("loss", d.Loss, "sigmoid", "ipo")
	c.above("beta", d.Beta, 0, 1000)
	c.within("label_smoothing", d.LabelSmoothing, 0, 0.5)
	c.oneOf("pair_norm", d.PairNorm, "used", "all")
	c.oneOf("ties", d.Ties, "drop", "half")
	c.count("max_new", d.MaxNew, 1, maxContext)
	c.count("eval_every", d.EvalEvery, 0, maxSteps)
	return c.err
}

func (p PPOConfig) check() error {
	c := &checker{}
	p.Optimization.check(c)
	p.LowRank.check(c)
	c.count("iterations", p.Iterations, 1, 1_000_000)
	c.count("episodes", p.Episodes, 1, maxBatch)
	c.count("minibatches", p.Minibatches, 1, maxBatch)
	if p.Minibatches > 0 && p.Episodes%p.Minibatches != 0 {
		c.fail("episodes (%d) must be a multiple of minibatches (%d)", p.Episodes, p.Minibatches)
	}
	c.count("ppo_epochs", p.PPOEpochs, 1, 1000)
	c.count("warmup_iterations", p.WarmupIterations, 0, 1_000_000)
	c.count("max_new", p.MaxNew, 1, maxContext)
	c.count("rollout_batch", p.RolloutBatch, 1, 4096)
	c.above("value_learning_rate", p.ValueLearningRate, 0, 1)
	c.within("value_clip_norm", p.ValueClipNorm, 0, maxMagnitude)
	c.above("clip_range", p.ClipRange, 0, 10)
	c.above("value_clip_range", p.ValueClipRange, 0, maxMagnitude)
	c.within("gamma", p.Gamma, 0, 1)
	c.within("lambda", p.Lambda, 0, 1)
	c.within("kl_coef", p.KLCoef, 0, maxMagnitude)
	c.oneOf("kl_controller", p.KLController, "fixed", "adaptive")
	c.above("kl_target", p.KLTarget, 0, maxMagnitude)
	c.above("kl_horizon", p.KLHorizon, 0, 1e12)
	c.oneOf("missing_end_rule", p.MissingEndRule, "subtract", "replace")
	c.above("missing_end_penalty", p.MissingEndPenalty, 0, 1000)
	c.within("gamma_ptx", p.GammaPtx, 0, 10_000)
	c.within("rho", p.Rho, 0, 1000)
	c.count("ptx_context", p.PtxContext, 0, maxContext)
	c.within("ema_decay", p.EMADecay, 0, 0.9999999)
	c.count("sample_every", p.SampleEvery, 0, 1_000_000)
	c.count("sample_prompts", p.SamplePrompts, 0, 1000)
	c.count("publish_every", p.PublishEvery, 0, 1_000_000)
	c.count("stop_at_peak", p.StopAtPeak, 0, 1_000_000)
	if p.StopAtPeak > 0 && p.SampleEvery == 0 {
		c.fail("stop_at_peak looks at every evaluation: set sample_every above 0 too")
	}
	return c.err
}
