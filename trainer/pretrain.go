package trainer

import (
	"context"
	"io"
	"time"

	"rankloop/model"
	"rankloop/ranking"
)

// pretrainRun teaches next-token prediction on text, and denoising where the mixture has some of it: the mean over all
// predicted tokens of a batch of −log p.
type pretrainRun struct {
	common
	config PretrainConfig
	base   *model.Checkpoint

	net    *trainee
	engine *engine
	text   *textStream
	noise  *denoiser    // nil without denoising
	held   *heldOutText // nil where no text is kept from training
}

func openPretrain(spec Spec, in Inputs) (Run, error) {
	r := &pretrainRun{common: common{spec: spec}, base: in.Base}
	if err := r.configure(&r.config); err != nil {
		return nil, err
	}
	if err := r.openText(in); err != nil {
		return nil, err
	}
	r.total = r.config.Steps
	data := newDigest().weights(in.Base.Weights)
	if r.held != nil {
		data = data.items(r.held.items)
	}
	r.data = data.sum()
	r.net = newTrainee(in.Base.Weights.Clone())
	r.engine = newEngine(r.net.weights.Config, r.config.MicroBatchTokens, r.text.context)
	return r, nil
}

// openText begins the text, and lays the held-out part out, in windows of the configured length.
func (r *pretrainRun) openText(in Inputs) (err error) {
	if in.Text == nil {
		return ranking.Errorf(ranking.CodeInvalid, "a pretrain run needs text")
	}
	window := in.Base.Weights.Config.Context
	if r.config.Context > window {
		return ranking.Errorf(ranking.CodeInvalid, "context is %d tokens, but the model's is %d", r.config.Context, window)
	}
	if r.config.Context > 0 {
		window = r.config.Context
	}
	if r.config.Share > 0 {
		if err := r.config.fits(window); err != nil {
			return err
		}
		if r.noise, err = newDenoiser(in.Base.Tokenizer, r.config.DenoiseConfig); err != nil {
			return err
		}
	}
	r.text, err = newTextStream(in, r.spec.Seed, "pretraining text", window, r.config.Packing == "windows")
	if err == nil && len(in.HeldOutText) > 0 {
		r.held, err = newHeldOutText(in.Base.Tokenizer, in.HeldOutText, window)
	}
	return err
}

func (r *pretrainRun) Advance(ctx context.Context) (Report, error) {
	if r.progress.Step >= r.total {
		return Report{}, ErrDone
	}
	if err := ctx.Err(); err != nil {
		return Report{}, err
	}
	start, step := time.Now(), r.progress.Step

	batch, parts, err := r.windows(step*r.config.BatchWindows, r.config.BatchWindows)
	if err != nil {
		return Report{}, err
	}
	r.net.grad.Zero()
	nats := make([]float64, len(batch))
	loss := r.engine.crossEntropies(r.net.weights, r.net.grad, batch, 1, nats)

	lr := r.config.rate(step, r.config.WarmupSteps, r.total)
	norm, stepped := r.net.update(loss, lr, r.config.Optimization)
	if !stepped {
		r.skipped()
	}
	for _, it := range batch {
		read := len(it.tokens) - 1
		r.progress.FLOP += float64(read) * r.net.weights.Config.FLOPsPerToken(read)
	}
	metrics := map[string]float64{
		metricLoss: loss, metricGradNorm: norm, metricLearningRate: lr,
		metricEpoch: float64(r.text.cursor.Epoch), metricFLOP: r.progress.FLOP,
	}
	if r.noise != nil {
		byPart(metrics, batch, parts, nats)
	}
	if r.held != nil && due(step+1, r.config.EvalEvery, r.total) {
		held, err := r.held.measure(context.WithoutCancel(ctx), r.engine, r.net.weights, nil)
		if err != nil {
			return Report{}, err
		}
		metrics[metricEvalLoss], metrics[metricEvalPerByte] = held.PerToken(), held.PerByte()
	}
	return r.report(metrics, start, countTokens(batch)), nil
}

// windows are n windows of text, the first of the run being number 0, and the part of the mixture that each belongs to.
func (r *pretrainRun) windows(first, n int) (items []item, parts []int, err error) {
	if r.noise == nil {
		items, err = r.text.items(n)
		return items, nil, err
	}
	items, parts = make([]item, n), make([]int, n)
	for i := range items {
		random := newStream(r.spec.Seed, "denoising", uint64(first+i))
		if parts[i] = r.noise.draw(random); parts[i] == partNext {
			items[i], err = r.text.item()
		} else if text, pieceErr := r.text.piece(original(r.text.context)); pieceErr == nil {
			items[i], parts[i] = r.noise.item(parts[i], text, random)
		} else {
			err = pieceErr
		}
		if err != nil {
			return nil, nil, err
		}
	}
	return items, parts, nil
}

// byPart adds the loss of each part of the mixture that the batch holds, nats a predicted token.
func byPart(metrics map[string]float64, batch []item, parts []int, nats []float64) {
	names := [partCount]string{metricNextLoss, metricMasksLoss, metricSentencesLoss, metricSpansLoss}
	var sums, predicted [partCount]float64
	for i, part := range parts {
		sums[part] += nats[i]
		predicted[part] += float64(batch[i].predicted())
	}
	for part, name := range names {
		if predicted[part] > 0 {
			metrics[name] = sums[part] / predicted[part]
		}
	}
}

func (r *pretrainRun) Save(put func(name string, write func(io.Writer) error) error) error {
	if err := putJSON(put, "run.json", r.header()); err != nil {
		return err
	}
	if err := putJSON(put, "text.json", r.text.cursor); err != nil {
		return err
	}
	return r.net.save(put, "model")
}

func (r *pretrainRun) Restore(open func(name string) (io.ReadCloser, error)) error {
	var saved header
	if err := fetchJSON(open, "run.json", &saved); err != nil {
		return err
	}
	if err := r.restoreHeader(saved); err != nil {
		return err
	}
	var cursor textCursor
	if err := fetchJSON(open, "text.json", &cursor); err != nil {
		return err
	}
	r.text.restore(cursor)
	return r.net.restore(open, "model")
}

func (r *pretrainRun) Checkpoint() (*model.Checkpoint, error) {
	return publish(r.base, r.net.weights), nil
}

func (r *pretrainRun) Summary() Summary { return r.summary(r.net) }
