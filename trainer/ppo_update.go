package trainer

import (
	"time"

	"rankloop/model"
	"rankloop/model/kernel"
)

// optimize makes one optimizer step on a minibatch: the policy on its clipped loss and the pretraining mix, the value
// model on its clipped loss, then the moving average. If anything is not finite, none of the three changes.
func (r *ppoRun) optimize(batch []*episode, timing map[string]float64) (metrics map[string]float64, tokens int, err error) {
	start, step := time.Now(), r.progress.Step
	items := make([]item, len(batch))
	for i, e := range batch {
		items[i] = e.item()
	}
	tokens = countTokens(items)
	mix, err := r.mixItems(step)
	if err != nil {
		return nil, 0, err
	}

	sums := &minibatchSums{}
	for _, e := range batch {
		sums.tokens += float64(e.length())
	}
	r.policy.grad.Zero()
	r.value.grad.Zero()
	r.policyGradient(batch, items, sums)
	r.valueGradient(batch, items, sums)
	metrics = sums.metrics()
	losses := []float64{metrics[metricPolicyLoss], metrics[metricValueLoss], metrics[metricRatio]}

	if len(mix) > 0 {
		ppoNorm := r.policy.optimizer.GradNorm(r.policy.grad)
		begin := time.Now()
		r.ptxGrad.Zero()
		loss := r.language.crossEntropy(r.policy.weights, r.ptxGrad, mix, r.config.GammaPtx)
		ratio := r.policy.optimizer.GradNorm(r.ptxGrad) / max(ppoNorm, 1e-12)
		kernel.Axpy(r.policy.grad.Data, 1, r.ptxGrad.Data)
		tokens += countTokens(mix)
		losses = append(losses, loss)
		metrics[metricPtxLoss], metrics[metricPtxGradRatio] = loss, ratio
		timing[metricPtxTime] = time.Since(begin).Seconds()
		if ratio > 10 {
			r.warnOnce("ptx_dominates", "the gradient of the pretraining mix is more than ten times PPO's (ptx/grad_norm_ratio): gamma_ptx=%v may be too large here", r.config.GammaPtx)
		}
	}

	lr := r.config.rate(step, r.config.WarmupIterations*r.stepsPerIteration(), r.total)
	valueLR := lr / r.config.LearningRate * r.config.ValueLearningRate
	policyNorm := r.policy.optimizer.GradNorm(r.policy.grad)
	valueNorm := r.value.optimizer.GradNorm(r.value.grad)
	metrics[metricLearningRate], metrics[metricValueLR] = lr, valueLR
	metrics[metricPolicyGradNorm], metrics[metricValueGradNorm] = policyNorm, valueNorm
	if finite(append(losses, policyNorm, valueNorm)...) {
		hyper := r.config.hyper()
		r.policy.optimizer.Update(r.policy.weights, r.policy.grad, lr, r.config.ClipNorm, hyper)
		r.value.optimizer.Update(r.value.weights, r.value.grad, valueLR, r.config.ValueClipNorm, hyper)
		average(r.ema, r.policy.weights, emaDecay(r.config.EMADecay, r.config.EMAWarmup, step))
	} else {
		r.skipped()
	}
	timing[metricUpdateTime] = time.Since(start).Seconds()
	return metrics, tokens, nil
}

// policyGradient adds the gradient of the clipped policy loss, the mean over all tokens of the minibatch.
func (r *ppoRun) policyGradient(batch []*episode, items []item, sums *minibatchSums) {
	e := r.language
	e.itemBatches(items, func(part []item, first int) {
		e.forwardLogProbs(r.policy.weights, part, true)
		n := len(e.tokens)
		clear(e.gradients[:n])
		e.rows(part, func(i, from, to int) {
			episode := batch[first+i]
			for t, at := 0, from; at < to; t, at = t+1, at+1 {
				loss, d, ratio, clipped := policyLoss(e.logProbs[at], episode.LogProbs[t], episode.Advantages[t], r.config.ClipRange)
				e.gradients[at] = float32(d / sums.tokens)
				sums.policyLoss += loss
				sums.ratio += ratio
				sums.ratioSquare += ratio * ratio
				if clipped {
					sums.policyClipped++
				}
				move := float64(e.logProbs[at]) - float64(episode.LogProbs[t])
				sums.approxKL += move * move
				sums.entropy += float64(e.entropies[at])
			}
		})
		e.pass.BackwardLogProbs(e.gradients[:n], r.policy.grad)
	})
}

// valueGradient adds the gradient of the clipped value loss, the mean over all tokens of the minibatch.
func (r *ppoRun) valueGradient(batch []*episode, items []item, sums *minibatchSums) {
	e := r.scalar
	e.itemBatches(items, func(part []item, first int) {
		e.forward(r.value.weights, part)
		n := len(e.tokens)
		e.pass.Scalars(e.scalars[:n])
		clear(e.gradients[:n])
		e.rows(part, func(i, from, to int) {
			episode := batch[first+i]
			for t, at := 0, from; at < to; t, at = t+1, at+1 {
				loss, d, clipped := valueLoss(e.scalars[at], episode.Values[t], episode.Returns[t], r.config.ValueClipRange)
				e.gradients[at] = float32(d / sums.tokens)
				sums.valueLoss += loss
				if clipped {
					sums.valueClipped++
				}
			}
		})
		e.pass.BackwardScalars(e.gradients[:n], r.value.grad)
	})
}

// mixItems takes the step's pretraining examples from the text: ρ per episode, a fraction carried over to later steps.
func (r *ppoRun) mixItems(step int) ([]item, error) {
	if r.text == nil {
		return nil, nil
	}
	perStep := r.config.Rho * float64(r.config.Episodes/r.config.Minibatches)
	return r.text.items(int(perStep*float64(step+1)) - int(perStep*float64(step)))
}

// average moves the moving average: ema ← decay·ema + (1−decay)·w.
func average(ema, w *model.Weights, decay float64) {
	kernel.Lerp(ema.Data, w.Data, float32(decay))
}
