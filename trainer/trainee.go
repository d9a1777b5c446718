package trainer

import (
	"errors"

	"rankloop/model"
)

// trainee is a network in training.
type trainee struct {
	weights, grad *model.Weights
	optimizer     *model.AdamW
}

// newTrainee takes weights over; the caller must not use them otherwise.
func newTrainee(weights *model.Weights) *trainee {
	return &trainee{weights: weights, grad: weights.NewGradient(), optimizer: model.NewAdamW(len(weights.Data))}
}

// update makes one step along grad, unless the loss or the gradient is not finite: then nothing changes.
func (t *trainee) update(loss, lr float64, o Optimization) (gradNorm float64, stepped bool) {
	if !finite(loss) {
		return t.optimizer.GradNorm(t.grad), false
	}
	gradNorm, skipped := t.optimizer.Update(t.weights, t.grad, lr, o.ClipNorm, o.hyper())
	return gradNorm, !skipped
}

func (o Optimization) hyper() model.Hyper {
	return model.Hyper{Beta1: o.Beta1, Beta2: o.Beta2, Eps: o.Epsilon, WeightDecay: o.WeightDecay}
}

// rate is the learning rate of a 0-based step.
func (o Optimization) rate(step, warmup, total int) float64 {
	return learningRate(o.LRSchedule, o.LearningRate, o.WarmupFrom, o.LRFinal, step, warmup, total)
}

func (t *trainee) save(put Put, name string) error {
	return errors.Join(
		putFloats(put, name+".weights", t.weights.Data),
		putFloats(put, name+".adam_m", t.optimizer.M),
		putFloats(put, name+".adam_v", t.optimizer.V),
		putJSON(put, name+".adam", map[string]int{"step": t.optimizer.Step}))
}

func (t *trainee) restore(fetch Fetch, name string) error {
	var adam struct {
		Step int `json:"step"`
	}
	if err := errors.Join(
		fetchFloats(fetch, name+".weights", t.weights.Data),
		fetchFloats(fetch, name+".adam_m", t.optimizer.M),
		fetchFloats(fetch, name+".adam_v", t.optimizer.V),
		fetchJSON(fetch, name+".adam", &adam)); err != nil {
		return err
	}
	t.optimizer.Step = adam.Step
	return nil
}
