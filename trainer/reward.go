package trainer

import (
	"context"
	"io"
	"time"

	"rankloop/model"
	"rankloop/ranking"
)

// rewardRun trains a reward model: the base's trunk with a scalar head on the end token, on the comparisons that
// rankings imply. One batch element is one task with all rankings of it, so each response is read once a step and a
// prompt with many responses weighs no more than one with few (InstructGPT section 3.5).
type rewardRun struct {
	common
	config RewardConfig
	base   *model.Checkpoint

	net       *trainee
	engine    *engine
	sequences sequencer

	train, validation []*rewardTask
	order             shuffler
	perEpoch          int // steps an epoch
	lengthSign        float64

	tie      tieParameter
	examples []Example
	zero     zeroPoint
}

func openReward(spec Spec, in Inputs) (Run, error) {
	r := &rewardRun{common: common{spec: spec}, base: in.Base, examples: in.Examples}
	if err := r.configure(&r.config); err != nil {
		return nil, err
	}
	if in.Base.Weights.Config.Head != model.LanguageModel {
		return nil, ranking.Errorf(ranking.CodeInvalid, "a reward run starts from a language model, not from a reward model")
	}
	var err error
	if r.sequences, err = newSequencer(in.Base.Tokenizer, in.Base.Weights.Config.Context, r.config.MaxNew); err != nil {
		return nil, err
	}
	options := pairOptions{norm: r.config.PairNorm, ties: r.config.Ties, weight: in.Weight, margin: in.Margin}
	if r.config.IgnoreStrength {
		options.margin = nil
	}
	var counts pairCounts
	if r.train, r.validation, counts, err = r.openRankings(in.Records, r.sequences, options); err != nil {
		return nil, err
	}
	r.tie = newTieParameter(counts)
	r.perEpoch = (len(r.train) + r.config.BatchTasks - 1) / r.config.BatchTasks
	r.total = r.perEpoch * r.config.Epochs
	r.order = shuffler{seed: spec.Seed, purpose: "reward order", n: len(r.train)}
	r.lengthSign = lengthRule(r.train)
	r.data = rankingsDigest(in.Base.Weights, r.train, r.validation)

	lora, err := r.config.adapters(in.Base.Weights.Config)
	if err != nil {
		return nil, err
	}
	r.net = newTrainee(scored(in.Base.Weights, lora, streamKey(spec.Seed, "reward head")[0]))
	// A task is never divided: its loss needs all of its rewards at once.
	largest := largestTask(r.train, r.validation)
	r.engine = newEngine(r.net.weights.Config, max(r.config.MicroBatchTokens, largest), r.sequences.context, r.config.room())
	return r, nil
}

func (r *rewardRun) Advance(ctx context.Context) (Report, error) {
	step := r.progress.Step
	if step >= r.total {
		return Report{}, ErrDone
	}
	if err := ctx.Err(); err != nil {
		return Report{}, err
	}
	start, last := time.Now(), step+1 == r.total
	if last {
		if err := r.drawZeroPoint(ctx); err != nil {
			return Report{}, err
		}
	}

	batch := epochSlice(r.train, &r.order, step, r.perEpoch)
	r.net.grad.Zero()
	b := r.gradient(batch)

	lr := r.config.rate(step, r.config.WarmupSteps, r.total)
	norm, stepped := r.net.update(b.loss, lr, r.config.Optimization)
	if !stepped {
		r.skipped()
	} else if r.config.Ties == "davidson" {
		r.tie.update(b.dEta, lr/r.config.LearningRate*r.config.TieLearningRate, r.config.Optimization)
	}

	metrics := b.metrics()
	metrics[metricGradNorm], metrics[metricLearningRate] = norm, lr
	metrics[metricEpoch] = float64(step+1) / float64(r.perEpoch)
	if r.config.Ties == "davidson" {
		metrics[metricTieEta] = r.tie.Eta
	}
	if last {
		r.measureZeroPoint(metrics)
	}
	var histograms Histograms
	if due(step+1, r.config.EvalEvery, r.total) {
		histograms = r.evaluate(metrics)
	}
	report := r.report(metrics, start, b.tokens)
	report.Histograms = histograms
	return report, nil
}

// gradient adds the gradient of the batch's loss, the mean over its tasks, to the net's.
func (r *rewardRun) gradient(batch []*rewardTask) *rewardBatch {
	b := &rewardBatch{}
	scale := 1 / float64(len(batch))
	r.engine.microBatches(len(batch), func(i int) int { return batch[i].tokens() }, func(from, to int) {
		var sequences [][]int32
		for _, task := range batch[from:to] {
			sequences = append(sequences, task.sequences...)
		}
		rewards := make([]float32, len(sequences))
		dRewards := make([]float32, len(sequences))
		r.engine.forwardRewards(r.net.weights, sequences, rewards)
		at := 0
		for _, task := range batch[from:to] {
			end := at + len(task.sequences)
			loss, dEta := taskLoss(task, r.config.Ties, rewards[at:end], r.tie.Eta, scale, dRewards[at:end])
			b.add(task, rewards[at:end], scale*loss, scale*dEta)
			at = end
		}
		r.engine.backwardRewards(dRewards, r.net.grad)
	})
	return b
}

// evaluate measures accuracy on the validation split, beside that of looking at length alone.
func (r *rewardRun) evaluate(metrics map[string]float64) Histograms {
	if len(r.validation) == 0 {
		return nil
	}
	rewards := make([][]float32, len(r.validation))
	var margin float64
	for i, task := range r.validation {
		rewards[i] = make([]float32, len(task.sequences))
		r.engine.rewards(r.net.weights, task.sequences, rewards[i])
	}
	tallies := tallyTasks(r.validation, func(task, winner, loser int) float64 {
		d := float64(rewards[task][winner]) - float64(rewards[task][loser])
		margin += d
		return d
	})
	if _, pairs := accuracy(tallies); pairs > 0 {
		metrics[metricEvalMargin] = margin / float64(pairs)
		evaluateOrder(metrics, tallies, r.validation, r.lengthSign, r.spec.Seed)
	}
	return orderHistograms(r.validation, rewards)
}

// rewardState is what a reward run saves beside its network.
type rewardState struct {
	Tie  tieParameter `json:"tie"`
	Zero zeroPoint    `json:"zero"`
}

func (r *rewardRun) Save(put func(name string, write func(io.Writer) error) error) error {
	if err := putJSON(put, "run.json", r.header()); err != nil {
		return err
	}
	if err := putJSON(put, "reward.json", rewardState{r.tie, r.zero}); err != nil {
		return err
	}
	return r.net.save(put, "model")
}

func (r *rewardRun) Restore(open func(name string) (io.ReadCloser, error)) error {
	var saved header
	if err := fetchJSON(open, "run.json", &saved); err != nil {
		return err
	}
	if err := r.restoreHeader(saved); err != nil {
		return err
	}
	var state rewardState
	if err := fetchJSON(open, "reward.json", &state); err != nil {
		return err
	}
	r.tie, r.zero = state.Tie, state.Zero
	return r.net.restore(open, "model")
}

// Checkpoint is a reward model with its scale once the run is done; before, σ_ref is 0 and PPO refuses it.
func (r *rewardRun) Checkpoint() (*model.Checkpoint, error) {
	return publishReward(r.base, r.net.weights, r.zero, r.config.MaxNew), nil
}

func (r *rewardRun) Summary() Summary { return r.summary(r.net) }
