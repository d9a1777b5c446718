package trainer

import (
	"context"
	"io"
	"time"

	"rankloop/model"
	"rankloop/ranking"
)

// dpoRun tunes a policy on rankings directly, without a reward model (Rafailov et al. 2023): the policy is its own reward
// model, with r(x, y) = β·(log π(y|x) − log π_ref(y|x)), and π_ref is where the run starts. Batch elements are those of the
// reward model: one task with all of its rankings, each reply read once.
type dpoRun struct {
	common
	config DPOConfig
	base   *model.Checkpoint

	policy    *trainee
	reference *model.Weights // frozen: never written to
	engine    *engine
	loss      preference

	train, validation []*rewardTask
	order             shuffler
	perEpoch          int // steps an epoch
	lengthSign        float64

	known map[*rewardTask][]float64 // log π_ref of a task's replies; they follow from the task, so they are not saved
}

func openDPO(spec Spec, in Inputs) (Run, error) {
	r := &dpoRun{common: common{spec: spec}, base: in.Base, known: make(map[*rewardTask][]float64)}
	if err := r.configure(&r.config); err != nil {
		return nil, err
	}
	if in.Base.Weights.Config.Head != model.LanguageModel {
		return nil, ranking.Errorf(ranking.CodeInvalid, "a dpo run starts from a language model, not from a reward model")
	}
	sequences, err := newSequencer(in.Base.Tokenizer, in.Base.Weights.Config.Context, r.config.MaxNew)
	if err != nil {
		return nil, err
	}
	options := pairOptions{norm: r.config.PairNorm, ties: r.config.Ties, weight: in.Weight}
	if r.config.UseStrength {
		options.margin = in.Margin
	}
	if r.train, r.validation, _, err = r.openRankings(in.Records, sequences, options); err != nil {
		return nil, err
	}
	r.loss = preference{r.config.Loss, r.config.Beta, r.config.LabelSmoothing}
	r.perEpoch = (len(r.train) + r.config.BatchTasks - 1) / r.config.BatchTasks
	r.total = r.perEpoch * r.config.Epochs
	r.order = shuffler{seed: spec.Seed, purpose: "dpo order", n: len(r.train)}
	r.lengthSign = lengthRule(r.train)
	r.data = rankingsDigest(in.Base.Weights, r.train, r.validation)

	r.reference = in.Base.Weights
	lora, err := r.config.adapters(r.reference.Config)
	if err != nil {
		return nil, err
	}
	r.policy = newTrainee(tuned(r.reference, lora, streamKey(spec.Seed, "adapters")[0]))
	// A task is never divided: its loss needs all of its replies at once.
	largest := largestTask(r.train, r.validation)
	r.engine = newEngine(r.reference.Config, max(r.config.MicroBatchTokens, largest), sequences.context, r.config.room())
	return r, nil
}

func (r *dpoRun) Advance(ctx context.Context) (Report, error) {
	step := r.progress.Step
	if step >= r.total {
		return Report{}, ErrDone
	}
	if err := ctx.Err(); err != nil {
		return Report{}, err
	}
	start := time.Now()

	r.policy.grad.Zero()
	b := r.gradient(epochSlice(r.train, &r.order, step, r.perEpoch))
	lr := r.config.rate(step, r.config.WarmupSteps, r.total)
	norm, stepped := r.policy.update(b.loss, lr, r.config.Optimization)
	if !stepped {
		r.skipped()
	}

	metrics := b.metrics()
	metrics[metricGradNorm], metrics[metricLearningRate] = norm, lr
	metrics[metricEpoch] = float64(step+1) / float64(r.perEpoch)
	var histograms Histograms
	if due(step+1, r.config.EvalEvery, r.total) {
		histograms = r.evaluate(metrics)
	}
	report := r.report(metrics, start, b.tokens)
	report.Histograms = histograms
	return report, nil
}

// gradient adds the gradient of the batch's loss, the mean over its tasks, to the policy's.
func (r *dpoRun) gradient(batch []*rewardTask) *dpoBatch {
	b := &dpoBatch{}
	scale := 1 / float64(len(batch))
	r.engine.microBatches(len(batch), func(i int) int { return batch[i].tokens() }, func(from, to int) {
		part := batch[from:to]
		reference := make([][]float64, len(part))
		for i, task := range part {
			reference[i] = r.referenceLogProbs(task)
		}
		var items []item
		for _, task := range part {
			items = append(items, task.items()...)
		}
		e := r.engine
		e.forwardLogProbs(r.policy.weights, items, false)
		sums := make([]float64, len(items))
		e.rows(items, func(i, from, to int) { sums[i] = r.sequenceLogProb(e.logProbs[from:to]) })

		dRewards := make([]float32, len(items))
		at := 0
		for i, task := range part {
			end := at + len(task.sequences)
			rewards := r.implicitRewards(sums[at:end], reference[i])
			loss, _ := sumPairs(task, rewards, scale, dRewards[at:end], r.loss.pair)
			b.add(task, rewards, sums[at:end], scale*loss)
			at = end
		}
		n := len(e.tokens)
		clear(e.gradients[:n])
		e.rows(items, func(i, from, to int) {
			d := r.config.Beta * float64(dRewards[i])
			if r.config.AverageLogProb {
				d /= float64(to - from)
			}
			for t := from; t < to; t++ {
				e.gradients[t] = float32(d)
			}
		})
		e.pass.BackwardLogProbs(e.gradients[:n], r.policy.grad)
	})
	return b
}

// sequenceLogProb is log π(y|x), or its mean over tokens where the configuration wants that.
func (r *dpoRun) sequenceLogProb(tokens []float32) float64 {
	var sum float64
	for _, x := range tokens {
		sum += float64(x)
	}
	if r.config.AverageLogProb {
		return sum / float64(len(tokens))
	}
	return sum
}

func (r *dpoRun) implicitRewards(logProbs, reference []float64) []float32 {
	rewards := make([]float32, len(logProbs))
	for i := range rewards {
		rewards[i] = float32(r.config.Beta * (logProbs[i] - reference[i]))
	}
	return rewards
}

// referenceLogProbs scores a task's replies under the reference, once.
func (r *dpoRun) referenceLogProbs(task *rewardTask) []float64 {
	if found, ok := r.known[task]; ok {
		return found
	}
	r.known[task] = r.logProbs(r.reference, task)
	return r.known[task]
}

// logProbs scores a task's replies under w.
func (r *dpoRun) logProbs(w *model.Weights, task *rewardTask) []float64 {
	items := task.items()
	rows := make([][]float32, len(items))
	for i, it := range items {
		rows[i] = make([]float32, it.predicted())
	}
	r.engine.score(w, items, rows)
	sums := make([]float64, len(items))
	for i, row := range rows {
		sums[i] = r.sequenceLogProb(row)
	}
	return sums
}

// evaluate measures the loss and the order of the implicit rewards on the validation split.
func (r *dpoRun) evaluate(metrics map[string]float64) Histograms {
	if len(r.validation) == 0 {
		return nil
	}
	b := &dpoBatch{}
	rewards := make([][]float32, len(r.validation))
	for i, task := range r.validation {
		logProbs := r.logProbs(r.policy.weights, task)
		rewards[i] = r.implicitRewards(logProbs, r.referenceLogProbs(task))
		loss, _ := sumPairs(task, rewards[i], 0, make([]float32, len(rewards[i])), r.loss.pair)
		b.add(task, rewards[i], logProbs, loss/float64(len(r.validation)))
	}
	if b.strict == 0 {
		return nil
	}
	tallies := tallyTasks(r.validation, func(task, winner, loser int) float64 {
		return float64(rewards[task][winner]) - float64(rewards[task][loser])
	})
	metrics[metricEvalLoss] = b.loss
	metrics[metricEvalMargin] = b.margin / float64(b.strict)
	evaluateOrder(metrics, tallies, r.validation, r.lengthSign, r.spec.Seed)
	return orderHistograms(r.validation, rewards)
}

func (r *dpoRun) Save(put func(name string, write func(io.Writer) error) error) error {
	if err := putJSON(put, "run.json", r.header()); err != nil {
		return err
	}
	return r.policy.save(put, "policy")
}

func (r *dpoRun) Restore(open func(name string) (io.ReadCloser, error)) error {
	var saved header
	if err := fetchJSON(open, "run.json", &saved); err != nil {
		return err
	}
	if err := r.restoreHeader(saved); err != nil {
		return err
	}
	return r.policy.restore(open, "policy")
}

func (r *dpoRun) Checkpoint() (*model.Checkpoint, error) {
	return publish(r.base, r.policy.weights), nil
}

func (r *dpoRun) Summary() Summary { return r.summary(r.policy) }
