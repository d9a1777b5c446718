package trainer

import (
	"context"
	"io"
	"math"
	"time"

	"rankloop/model"
	"rankloop/ranking"
)

// sftRun tunes on demonstrations: the mean of −log p over the reply tokens of a batch, end token included, prompts not.
// With a pretraining share, windows of text join the batch (InstructGPT appendix C.3: 10 % for the start of PPO); their
// tokens enter the same mean.
type sftRun struct {
	common
	config SFTConfig
	base   *model.Checkpoint

	net    *trainee
	engine *engine

	train, validation []item
	order             shuffler
	text              *textStream // nil without a share
	mixed             int         // windows of text a batch
	perEpoch          int         // steps an epoch

	best sftBest
}

// sftBest is the epoch to publish where the best is selected.
type sftBest struct {
	Epoch   int     `json:"epoch"` // 1-based; 0 before the first evaluation
	Loss    float64 `json:"loss"`
	weights *model.Weights
}

func openSFT(spec Spec, in Inputs) (Run, error) {
	r := &sftRun{common: common{spec: spec}, base: in.Base}
	if err := r.configure(&r.config); err != nil {
		return nil, err
	}
	shape := in.Base.Weights.Config
	sequences, err := newSequencer(in.Base.Tokenizer, shape.Context, r.config.MaxNew)
	if err != nil {
		return nil, err
	}
	longest := r.buildItems(sequences, in.Examples)
	if len(r.train) == 0 {
		return nil, ranking.Errorf(ranking.CodeInvalid, "an sft run needs examples with a reply")
	}
	if r.config.Select == "best" && len(r.validation) == 0 {
		r.warn("no_validation", "there is no validation example to choose the best epoch by, so the last one is published")
	}
	if err := r.openMix(in, shape.Context); err != nil {
		return nil, err
	}
	if r.text != nil {
		longest = max(longest, shape.Context)
	}
	r.perEpoch = (len(r.train) + r.config.BatchExamples - 1) / r.config.BatchExamples
	r.total = r.perEpoch * r.config.Epochs
	r.order = shuffler{seed: spec.Seed, purpose: "sft order", n: len(r.train)}
	r.data = newDigest().weights(in.Base.Weights).items(r.train).items(r.validation).sum()
	lora, err := r.config.adapters(shape)
	if err != nil {
		return nil, err
	}
	r.net = newTrainee(tuned(in.Base.Weights, lora, streamKey(spec.Seed, "adapters")[0]))
	r.engine = newEngine(shape, r.config.MicroBatchTokens, longest, r.config.room())
	r.best.Loss = math.MaxFloat64
	return r, nil
}

// buildItems lays out the examples and returns the longest input in tokens.
func (r *sftRun) buildItems(sequences sequencer, examples []Example) (longest int) {
	trimmed, cut := 0, 0
	for _, example := range examples {
		if example.Reply == "" || len(example.Messages) == 0 {
			continue
		}
		prompt, shortened := sequences.prompt(example.Messages)
		ids, fits := sequences.complete(prompt, example.Reply)
		if !fits {
			// The reply keeps its first tokens. It has no end token then, since it does not end there.
			ids, _ = sequences.completeOrCut(prompt, example.Reply)
			ids = ids[:len(ids)-1]
			cut++
		}
		if shortened {
			trimmed++
		}
		longest = max(longest, len(ids)-1)
		it := item{tokens: ids, from: len(prompt)}
		if example.Split == ranking.SplitValidation {
			r.validation = append(r.validation, it)
		} else {
			r.train = append(r.train, it)
		}
	}
	if trimmed > 0 {
		r.warn("prompts_trimmed", "prompts longer than the context leaves room for: %d; their oldest turns, then their left were cut", trimmed)
	}
	if cut > 0 {
		r.warn("replies_cut", "replies that did not fit the context: %d; they keep their first tokens and teach no end", cut)
	}
	return longest
}

// openMix prepares the pretraining share: of a batch's sequences, share are windows of text. Without text there is none,
// and the run says so; the caller refuses a share that was asked for by name.
func (r *sftRun) openMix(in Inputs, window int) error {
	if r.config.PretrainShare == 0 {
		return nil
	}
	if in.Text == nil {
		r.warn("pretrain_share_off", "there is no pretraining text, so the share of it (pretrain_share) is off")
		return nil
	}
	r.mixed = r.config.mixedWindows()
	var err error
	r.text, err = newTextStream(in, r.spec.Seed, "sft text", window, false)
	return err
}

// mixedWindows is how many windows of text join a batch.
func (s SFTConfig) mixedWindows() int {
	if s.PretrainShare == 0 {
		return 0
	}
	return max(1, int(math.Round(float64(s.BatchExamples)*s.PretrainShare/(1-s.PretrainShare))))
}

func (r *sftRun) Advance(ctx context.Context) (Report, error) {
	if r.progress.Step >= r.total {
		return Report{}, ErrDone
	}
	if err := ctx.Err(); err != nil {
		return Report{}, err
	}
	start, step := time.Now(), r.progress.Step

	batch, err := r.batch(step)
	if err != nil {
		return Report{}, err
	}
	r.net.grad.Zero()
	loss := r.engine.crossEntropy(r.net.weights, r.net.grad, batch, 1)

	lr := r.config.rate(step, r.config.WarmupSteps, r.total)
	norm, stepped := r.net.update(loss, lr, r.config.Optimization)
	if !stepped {
		r.skipped()
	}
	metrics := map[string]float64{
		metricLoss: loss, metricGradNorm: norm, metricLearningRate: lr,
		metricEpoch: float64(step+1) / float64(r.perEpoch),
	}
	if (step+1)%r.perEpoch == 0 && len(r.validation) > 0 {
		metrics[metricEvalLoss] = r.evaluate((step + 1) / r.perEpoch)
	}
	return r.report(metrics, start, countTokens(batch)), nil
}

// batch is the step's slice of the epoch, evenly divided, and its windows of text.
func (r *sftRun) batch(step int) ([]item, error) {
	epoch, part, n := step/r.perEpoch, step%r.perEpoch, len(r.train)
	var batch []item
	for i := part * n / r.perEpoch; i < (part+1)*n/r.perEpoch; i++ {
		batch = append(batch, r.train[r.order.at(epoch*n+i)])
	}
	if r.text == nil {
		return batch, nil
	}
	mixed, err := r.text.items(r.mixed)
	return append(batch, mixed...), err
}

// evaluate returns the validation loss and keeps the weights of the best epoch.
func (r *sftRun) evaluate(epoch int) float64 {
	loss := r.engine.crossEntropy(r.net.weights, nil, r.validation, 1)
	if r.config.Select == "best" && loss < r.best.Loss {
		if r.best.weights == nil {
			r.best.weights = r.net.weights.Clone()
		}
		r.best.weights.CopyFrom(r.net.weights)
		r.best.Epoch, r.best.Loss = epoch, loss
	}
	return loss
}

func (r *sftRun) Save(put func(name string, write func(io.Writer) error) error) error {
	if err := putJSON(put, "run.json", r.header()); err != nil {
		return err
	}
	if err := putJSON(put, "best.json", r.best); err != nil {
		return err
	}
	if r.best.weights != nil {
		if err := putFloats(put, "best.weights", r.best.weights.Data); err != nil {
			return err
		}
	}
	if r.text != nil {
		if err := putJSON(put, "text.json", r.text.cursor); err != nil {
			return err
		}
	}
	return r.net.save(put, "model")
}

func (r *sftRun) Restore(open func(name string) (io.ReadCloser, error)) error {
	var saved header
	if err := fetchJSON(open, "run.json", &saved); err != nil {
		return err
	}
	if err := r.restoreHeader(saved); err != nil {
		return err
	}
	if err := fetchJSON(open, "best.json", &r.best); err != nil {
		return err
	}
	if r.best.Epoch > 0 {
		r.best.weights = r.net.weights.Clone()
		if err := fetchFloats(open, "best.weights", r.best.weights.Data); err != nil {
			return err
		}
	}
	if r.text != nil {
		var cursor textCursor
		if err := fetchJSON(open, "text.json", &cursor); err != nil {
			return err
		}
		r.text.restore(cursor)
	}
	return r.net.restore(open, "model")
}

// Checkpoint is the best epoch so far where the best is selected, else what the weights are now.
func (r *sftRun) Checkpoint() (*model.Checkpoint, error) {
	if r.best.weights != nil {
		return publish(r.base, r.best.weights), nil
	}
	return publish(r.base, r.net.weights), nil
}

func (r *sftRun) Summary() Summary { return r.summary(r.net) }
