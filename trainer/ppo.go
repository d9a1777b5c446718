package trainer

import (
	"bytes"
	"context"
	"maps"
	"time"

	"rankloop/model"
	"rankloop/model/tokenizer"
	"rankloop/ranking"
)

// ppoRun tunes a policy against a reward model with PPO and a pretraining mix (InstructGPT section 3.5 and appendix C.4).
// One iteration rolls out a batch of episodes and then makes ppo_epochs × minibatches optimizer steps on it:
//
//	rollout    y ~ π at temperature 1; log π_old, log π_ref and V_old on the training path; score; rewards; GAE; whitening
//	step       clipped policy loss + γ_ptx·cross-entropy of text → policy; clipped value loss → value model; EMA
//	iteration  β follows the KL; now and then, a table of samples
type ppoRun struct {
	common
	config PPOConfig
	base   *model.Checkpoint

	policy, value     *trainee
	reference, reward *model.Weights // frozen: never written to
	ema               *model.Weights // of the policy; what is published
	peakWeights       *model.Weights // the average where agreement was highest; nil where nobody asks for it
	ptxGrad           *model.Weights // nil without the mix

	language, scalar *engine // of policy and reference, of value and reward model; one where they share a shape
	sampler          *model.Sampler

	sequences       sequencer  // the policy's
	rewardSequences sequencer  // the reward model's: as in its training
	rewardMeta      model.Meta // shifts scores
	prompts, held   []ppoPrompt
	order           shuffler
	text            *textStream // nil without the mix

	state  ppoState
	buffer *rollout // of the iteration under way

	referenceSamples []scoredReply // of the held-out prompts; they follow from the seed
	heldRankings     []*rewardTask // that agreement is measured on
	heldReference    [][]float64   // log π_ref of their replies; they follow from the tasks
}

// ppoPrompt is a prompt as the policy and as the reward model read it.
type ppoPrompt struct {
	id, text       string
	ids, rewardIDs []int32
}

// ppoState is what changes from iteration to iteration beside weights.
type ppoState struct {
	Beta  float64 `json:"beta"`
	Watch watch   `json:"watch"`
	Peak  *peak   `json:"peak,omitempty"` // with stop_at_peak, after the first evaluation
}

func openPPO(spec Spec, in Inputs) (Run, error) {
	r := &ppoRun{common: common{spec: spec}, base: in.Base}
	if err := r.configure(&r.config); err != nil {
		return nil, err
	}
	if err := r.checkModels(in); err != nil {
		return nil, err
	}
	if err := r.openPrompts(in); err != nil {
		return nil, err
	}
	if err := r.openText(in); err != nil {
		return nil, err
	}
	if err := r.openAgreement(in.Records); err != nil {
		return nil, err
	}
	r.total = r.config.Iterations * r.stepsPerIteration()
	r.order = shuffler{seed: spec.Seed, purpose: "prompts", n: len(r.prompts)}
	r.state.Beta = r.config.KLCoef
	r.reference, r.reward = in.Base.Weights, in.Reward.Weights
	r.data = r.fingerprint()

	shape := r.reference.Config
	lora, err := r.config.adapters(shape)
	if err != nil {
		return nil, err
	}
	valueLora, err := r.config.adapters(r.reward.Config)
	if err != nil {
		return nil, err
	}
	r.policy = newTrainee(tuned(r.reference, lora, streamKey(spec.Seed, "adapters")[0]))
	r.value = newTrainee(valueStart(in.Reward, valueLora, streamKey(spec.Seed, "value adapters")[0]))
	r.ema = r.policy.weights.Clone()
	if r.text != nil {
		r.ptxGrad = r.policy.weights.NewGradient()
	}
	r.language = newEngine(shape, r.config.MicroBatchTokens, shape.Context, r.config.room())
	r.scalar = r.language
	if !sameTrunk(shape, r.reward.Config) {
		r.scalar = newEngine(r.reward.Config, r.config.MicroBatchTokens, r.reward.Config.Context, r.config.room())
	}
	r.sampler = model.NewSampler(shape, min(r.config.RolloutBatch, r.config.Episodes), model.Within(r.longestPrompt()+r.config.MaxNew))
	return r, nil
}

// longestPrompt is in tokens, over all that the policy answers; sequencer keeps it within context − max_new.
func (r *ppoRun) longestPrompt() int {
	longest := 0
	for _, prompts := range [][]ppoPrompt{r.prompts, r.held} {
		for _, p := range prompts {
			longest = max(longest, len(p.ids))
		}
	}
	return longest
}

func (r *ppoRun) checkModels(in Inputs) error {
	switch {
	case in.Reward == nil:
		return ranking.Errorf(ranking.CodeInvalid, "a ppo run needs a reward model")
	case in.Base.Weights.Config.Head != model.LanguageModel:
		return ranking.Errorf(ranking.CodeInvalid, "a ppo run starts from a language model, not from a reward model")
	case in.Reward.Weights.Config.Head != model.Scalar:
		return ranking.Errorf(ranking.CodeInvalid, "the reward of a ppo run must be a reward model, not a language model")
	case !sameTokens(in.Base.Tokenizer, in.Reward.Tokenizer):
		return ranking.Errorf(ranking.CodeInvalid, "the reward model and the base model have different tokenizers: train a reward model on this base")
	}
	if err := checkReward(in.Reward); err != nil {
		return err
	}
	r.rewardMeta = in.Reward.Meta
	var err error
	if r.sequences, err = newSequencer(in.Base.Tokenizer, in.Base.Weights.Config.Context, r.config.MaxNew); err != nil {
		return err
	}
	maxNew := r.rewardMeta.RewardMaxNew
	if maxNew == 0 { // a model from elsewhere
		maxNew = r.config.MaxNew
	}
	// Value states are the policy's tokens, so the value model must be able to read them all.
	if context := in.Reward.Weights.Config.Context; context < r.sequences.context {
		return ranking.Errorf(ranking.CodeInvalid, "the reward model's context (%d) is shorter than the policy's (%d)", context, r.sequences.context)
	}
	r.rewardSequences, err = newSequencer(in.Base.Tokenizer, in.Reward.Weights.Config.Context, maxNew)
	return err
}

func (r *ppoRun) openPrompts(in Inputs) error {
	trimmed := 0
	layOut := func(prompts []Prompt) []ppoPrompt {
		var out []ppoPrompt
		for _, p := range prompts {
			if len(p.Messages) == 0 {
				continue
			}
			ids, shortened := r.sequences.prompt(p.Messages)
			rewardIDs, _ := r.rewardSequences.prompt(p.Messages)
			if shortened {
				trimmed++
			}
			out = append(out, ppoPrompt{id: p.ID, text: lastUserTurn(p.Messages), ids: ids, rewardIDs: rewardIDs})
		}
		return out
	}
	r.prompts = layOut(in.Prompts)
	r.held = layOut(in.HeldOutPrompts)
	r.held = r.held[:min(len(r.held), r.config.SamplePrompts)]
	if len(r.prompts) == 0 {
		return ranking.Errorf(ranking.CodeInvalid, "a ppo run needs prompts")
	}
	if trimmed > 0 {
		r.warn("prompts_trimmed", "prompts longer than the context leaves room for: %d; their oldest turns, then their left were cut", trimmed)
	}
	return nil
}

// openText prepares the text of PPO-ptx. Without text it is off, and the run says so; the caller refuses a mix that was asked for by name.
func (r *ppoRun) openText(in Inputs) (err error) {
	if r.config.GammaPtx == 0 || r.config.Rho == 0 {
		return nil
	}
	if in.Text == nil {
		r.warn("ptx_off", "there is no pretraining text, so the mix (gamma_ptx, rho) is off")
		return nil
	}
	window := in.Base.Weights.Config.Context
	if r.config.PtxContext > window {
		return ranking.Errorf(ranking.CodeInvalid, "ptx_context is %d tokens, but the model's context is %d", r.config.PtxContext, window)
	}
	if r.config.PtxContext > 0 {
		window = r.config.PtxContext
	}
	r.text, err = newTextStream(in, r.spec.Seed, "ptx text", window, false)
	return err
}

func (r *ppoRun) fingerprint() string {
	d := newDigest().weights(r.base.Weights).weights(r.reward)
	for _, prompts := range [][]ppoPrompt{r.prompts, r.held} {
		d.number(len(prompts))
		for _, p := range prompts {
			d.ids(p.ids).ids(p.rewardIDs)
		}
	}
	return d.sum()
}

func (r *ppoRun) stepsPerIteration() int { return r.config.PPOEpochs * r.config.Minibatches }

func (r *ppoRun) Advance(ctx context.Context) (Report, error) {
	step := r.progress.Step
	if step >= r.total {
		return Report{}, ErrDone
	}
	if err := ctx.Err(); err != nil {
		return Report{}, err
	}
	start := time.Now()
	iteration, position := step/r.stepsPerIteration(), step%r.stepsPerIteration()
	timing := make(map[string]float64)
	var histograms Histograms
	if position == 0 {
		buffer, err := r.rollOut(ctx, iteration, timing)
		if err != nil {
			return Report{}, err
		}
		r.buffer, histograms = buffer, rolloutHistograms(buffer)
		r.watchRollout()
	}

	metrics, tokens, err := r.optimize(r.minibatch(iteration, position), timing)
	if err != nil {
		return Report{}, err
	}
	maps.Copy(metrics, r.buffer.Metrics)
	last := position == r.stepsPerIteration()-1
	r.watchStep(metrics, last)

	var samples []Sample
	if last {
		if r.config.KLController == "adaptive" {
			r.state.Beta = nextKLCoefficient(r.state.Beta, r.buffer.Metrics[metricKL], r.config.KLTarget, r.config.KLHorizon, len(r.buffer.Episodes))
		}
		due := r.evaluationDue(iteration)
		if due && len(r.heldRankings) > 0 {
			metrics[metricAgreement] = r.agreement()
			r.watchAgreement(metrics[metricAgreement])
			r.watchPeak(metrics[metricAgreement])
		}
		if due && len(r.held) > 0 {
			if samples, err = r.sampleTable(context.WithoutCancel(ctx), timing); err != nil {
				return Report{}, err
			}
		}
		r.buffer = nil
	}
	maps.Copy(metrics, timing)
	report := r.report(metrics, start, tokens)
	report.Samples, report.Histograms = samples, histograms
	if every := r.config.PublishEvery; last && every > 0 && (iteration+1)%every == 0 && r.progress.Step < r.total {
		report.Checkpoint = publish(r.base, r.ema.Clone())
	}
	return report, nil
}

// minibatch is the step's share of the rollout: each epoch goes through all episodes in an order of its own.
func (r *ppoRun) minibatch(iteration, position int) []*episode {
	epoch, part := position/r.config.Minibatches, position%r.config.Minibatches
	order := newStream(r.spec.Seed, "minibatches", uint64(iteration), uint64(epoch)).Perm(len(r.buffer.Episodes))
	size := len(order) / r.config.Minibatches
	var batch []*episode
	for _, i := range order[part*size : (part+1)*size] {
		batch = append(batch, &r.buffer.Episodes[i])
	}
	return batch
}

// evaluationDue says whether an iteration ends with a sample table and a look at held-out rankings.
func (r *ppoRun) evaluationDue(iteration int) bool {
	last := iteration+1 == r.config.Iterations
	return last || r.config.SampleEvery > 0 && (iteration+1)%r.config.SampleEvery == 0
}

// Checkpoint is the moving average of the policy, as it is or as it was at its peak: live weights roll out, the average is
// evaluated and published.
func (r *ppoRun) Checkpoint() (*model.Checkpoint, error) {
	return publish(r.base, r.best().Clone()), nil
}

func (r *ppoRun) Summary() Summary { return r.summary(r.policy, r.value) }

func sameTrunk(a, b model.Config) bool {
	a.Head = b.Head
	return a == b
}

// sameTokens says whether two tokenizers give every text the same ids.
func sameTokens(a, b *tokenizer.Tokenizer) bool {
	if a == b {
		return true
	}
	first, err := a.JSON()
	if err != nil {
		return false
	}
	second, err := b.JSON()
	return err == nil && bytes.Equal(first, second)
}
