package trainer

// watch looks over a run's own figures for the faults that a researcher would want to hear of before the run is over. It
// compares with the first rollout and warns once for each fault, after it has stood for patience iterations.
type watch struct {
	First      map[string]float64 `json:"first"`       // of the first rollout
	Standing   map[string]int     `json:"standing"`    // iterations in a row, by warning
	Sums       map[string]float64 `json:"sums"`        // of the iteration's optimizer steps
	Steps      int                `json:"steps"`       // of the iteration so far
	Agreement  float64            `json:"agreement"`   // the highest so far
	ScoreThere float64            `json:"score_there"` // the mean score then
}

const (
	patience = 3 // iterations, or evaluations, that a fault stands before it is told

	entropyShare   = 0.25 // of the first rollout's entropy a token: below, nearly one answer to everything
	lengthFactor   = 2.0  // times or part of the first rollout's mean length
	repeatedMore   = 0.1  // more repeated 4-grams than in the first rollout
	clipFracLimit  = 0.3  // share of clipped tokens beyond which steps are too large
	valueGrace     = 5    // iterations in which the value model may still be worse than a constant
	ptxLossMore    = 0.1  // nats a token above the first iteration's
	agreementFalls = 0.05 // below its highest while the score rises
)

// warnAfter warns once where something has held n times in a row.
func (r *ppoRun) warnAfter(code string, n int, holds bool, format string, args ...any) {
	w := &r.state.Watch
	if w.Standing == nil {
		w.Standing = make(map[string]int)
	}
	if !holds {
		delete(w.Standing, code)
		return
	}
	if w.Standing[code]++; w.Standing[code] == n {
		r.warnOnce(code, format, args...)
	}
}

// watchRollout looks at a new rollout.
func (r *ppoRun) watchRollout() {
	w, m := &r.state.Watch, r.buffer.Metrics
	entropy := m[metricEntropy] / max(m[metricMeanLength], 1)
	length, repeated := m[metricMeanLength], m[metricRepeated4]
	if !finite(entropy) { // its steps are skipped; nothing can be said
		return
	}
	if w.First == nil {
		w.First = map[string]float64{metricEntropy: entropy, metricMeanLength: length, metricRepeated4: repeated}
		w.Agreement, w.ScoreThere = 0.5, m[metricScores] // the policy is the reference and prefers nothing
	}
	// A KL is never negative, so an estimate that stays below its noise says that the sampled distribution is not the one
	// that is scored.
	r.warnAfter("kl_negative", 5, r.buffer.KLMean < -3*r.buffer.KLError,
		"the KL to the reference was clearly negative five iterations in a row: samples do not come from the distribution that is scored")
	r.warnAfter("entropy_collapse", patience, entropy < entropyShare*w.First[metricEntropy],
		"replies have lost their variety: %.3g nats a token after %.3g at the start (objective/entropy); raise kl_coef or lower the rate", entropy, w.First[metricEntropy])
	r.warnAfter("length_drift", patience, length > lengthFactor*w.First[metricMeanLength] || length*lengthFactor < w.First[metricMeanLength],
		"replies are %.3g tokens long after %.3g at the start: the reward model may pay for length (objective/score_length_correlation)", length, w.First[metricMeanLength])
	r.warnAfter("repetition", patience, repeated > w.First[metricRepeated4]+repeatedMore,
		"replies go in circles: a share of %.2g of their 4-grams is repeated after %.2g at the start (completions/repeated_4)", repeated, w.First[metricRepeated4])
	explained, known := m[metricValueVarExplained]
	r.warnAfter("value_explains_nothing", valueGrace, known && explained < 0 && r.progress.Step >= valueGrace*r.stepsPerIteration(),
		"the value model has been worse than a constant for five iterations (ppo/val/var_explained): try another value_learning_rate")
}

// watchStep adds up an optimizer step's figures; at the end of an iteration their means are looked at.
func (r *ppoRun) watchStep(metrics map[string]float64, last bool) {
	w := &r.state.Watch
	if w.Sums == nil {
		w.Sums = make(map[string]float64)
	}
	w.Steps++
	for _, name := range []string{metricClipFrac, metricPtxLoss} {
		if x, ok := metrics[name]; ok && finite(x) {
			w.Sums[name] += x
		}
	}
	if !last {
		return
	}
	clipped, ptx := w.Sums[metricClipFrac]/float64(w.Steps), w.Sums[metricPtxLoss]/float64(w.Steps)
	w.Sums, w.Steps = nil, 0
	r.warnAfter("steps_clipped", patience, clipped > clipFracLimit,
		"a share of %.2g of the tokens has its ratio clipped (policy/clipfrac_avg): lower learning_rate or ppo_epochs", clipped)
	if r.text == nil {
		return
	}
	first, seen := w.First[metricPtxLoss]
	if !seen {
		w.First[metricPtxLoss], first = ptx, ptx
	}
	r.warnAfter("pretraining_loss_rises", patience, ptx > first+ptxLossMore,
		"the loss on pretraining text has risen from %.3g to %.3g nats a token (ptx/loss): the policy forgets; raise gamma_ptx", first, ptx)
}

// watchAgreement looks at the proxy beside what people said: a score that rises while the policy agrees less and less with
// held-out rankings is over-optimised (Gao et al. 2023).
func (r *ppoRun) watchAgreement(agreement float64) {
	w, score := &r.state.Watch, r.buffer.Metrics[metricScores]
	if !finite(score) {
		return
	}
	if agreement > w.Agreement {
		w.Agreement, w.ScoreThere = agreement, score
	}
	r.warnAfter("proxy_without_agreement", 2, agreement < w.Agreement-agreementFalls && score > w.ScoreThere,
		"the reward rises (objective/scores %.3g after %.3g) while agreement with held-out rankings falls (eval/agreement %.3g after %.3g): the reward model is being exploited", score, w.ScoreThere, agreement, w.Agreement)
}
