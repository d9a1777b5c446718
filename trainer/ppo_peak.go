package trainer

import (
	"rankloop/model"
	"rankloop/ranking"
)

// peak is where the policy agreed most with held-out rankings. A reward model is an imperfect measure of what people want,
// and pushed far enough against it the policy gets worse while its score still rises; stopping there is the cheapest remedy
// (Gao et al. 2023, section 3.6: a KL penalty does not do better than early stopping). The start does not count: a run
// that publishes what it began with has done nothing.
type peak struct {
	Agreement float64 `json:"agreement"`
	Step      int     `json:"step"`
	Since     int     `json:"since"` // evaluations since then
	Ended     bool    `json:"ended"` // so many that the run has ended
}

// checkPeak refuses a run that is to stop at a peak which nothing shows.
func (r *ppoRun) checkPeak() error {
	if r.config.StopAtPeak > 0 && len(r.heldRankings) == 0 {
		return ranking.Errorf(ranking.CodeInvalid, "stop_at_peak needs held-out rankings to measure agreement on: name a snapshot with a validation split, or set it to 0")
	}
	return nil
}

// watchPeak keeps the policy that is about to be reported where it agrees more than any before, and ends the run after
// stop_at_peak evaluations that did not.
func (r *ppoRun) watchPeak(agreement float64) {
	if r.config.StopAtPeak == 0 {
		return
	}
	p, step := r.state.Peak, r.progress.Step+1
	if p == nil || agreement > p.Agreement {
		r.state.Peak = &peak{Agreement: agreement, Step: step}
		if r.peakWeights == nil {
			r.peakWeights = r.ema.Clone()
		} else {
			copy(r.peakWeights.Data, r.ema.Data)
		}
		return
	}
	if p.Since++; p.Since == r.config.StopAtPeak && step < r.total {
		p.Ended, r.total = true, step
		r.warn("stopped_at_peak", "stopped at step %d: agreement with held-out rankings (eval/agreement) was highest at step %d, %.3g; that policy is published", step, p.Step, p.Agreement)
	}
}

// best is what the run publishes.
func (r *ppoRun) best() *model.Weights {
	if r.state.Peak != nil {
		return r.peakWeights
	}
	return r.ema
}

// PublishedStep is the step at which the published policy was the current one.
func (r *ppoRun) PublishedStep() int {
	if r.state.Peak != nil {
		return r.state.Peak.Step
	}
	return r.progress.Step
}

// restorePeak reads the policy of the peak, where the state has one.
func (r *ppoRun) restorePeak(fetch Fetch) error {
	r.total = r.config.Iterations * r.stepsPerIteration()
	if r.state.Peak == nil {
		return nil
	}
	if r.state.Peak.Ended {
		r.total = r.progress.Step
	}
	r.peakWeights = r.ema.Clone()
	return fetchFloats(fetch, "peak.weights", r.peakWeights.Data)
}
