package trainer

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"rankloop/ranking"
)

func TestPreferenceLoss(t *testing.T) {
	logSigma := func(x float64) float64 { return math.Log(1 / (1 + math.Exp(-x))) }
	for _, epsilon := range []float64{0, 0.1, 0.5} {
		for _, beta := range []float64{0.05, 0.3, 2} {
			for _, h := range []float64{-3, -0.2, 0, 0.7, 4} { // the difference of log-ratios
				sigmoidLoss := func(d float64) float64 { return -(1-epsilon)*logSigma(d) - epsilon*logSigma(-d) }
				ipoLoss := func(d float64) float64 {
					miss := d/beta - (1-2*epsilon)/(2*beta)
					return miss * miss
				}
				for name, oracle := range map[string]func(float64) float64{"sigmoid": sigmoidLoss, "ipo": ipoLoss} {
					p := preference{name, beta, epsilon}
					loss, d, _ := p.pair(false, beta*h)
					const step = 1e-6
					near(t, name+" loss", loss, oracle(beta*h), 1e-9*(1+loss))
					near(t, name+" by Δ", d, (oracle(beta*h+step)-oracle(beta*h-step))/(2*step), 1e-5*(1+math.Abs(d)))
					// A tie is the same pair in both directions, for the gradient.
					_, either, _ := p.pair(true, beta*h)
					plain := preference{name, beta, 0}
					_, there, _ := plain.pair(false, beta*h)
					_, back, _ := plain.pair(false, -beta*h)
					near(t, name+" tie", either, (there-back)/2, 1e-9*(1+math.Abs(either)))
				}
			}
		}
	}
}

// TestDPOStartsAtTheReference: every implicit reward is exactly 0 before the first step.
func TestDPOStartsAtTheReference(t *testing.T) {
	run := open(t, KindDPO, 1, Inputs{Base: tinyBase(1), Records: randomRecords(6, 4, ranking.SplitTrain, 1)}, "max_new=12", "batch_tasks=6")
	m := advance(t, run).Metrics
	for name, want := range map[string]float64{metricDPOChosen: 0, metricDPORejected: 0, metricDPOMargins: 0, metricDPOAccuracies: 0.5, metricLoss: math.Ln2} {
		near(t, name, m[name], want, 1e-12)
	}
	if !(m[metricDPOChosenLogProb] < 0 && m[metricDPORejectedLogProb] < 0) {
		t.Errorf("log-probabilities %v and %v", m[metricDPOChosenLogProb], m[metricDPORejectedLogProb])
	}
}

func TestDPOGradientByFiniteDifferences(t *testing.T) {
	for _, sets := range [][]string{{"loss=sigmoid", "beta=0.5", "label_smoothing=0.1"}, {"loss=ipo", "beta=0.3", "average_log_prob=true"}} {
		in := Inputs{Base: tinyBase(2), Records: randomRecords(3, 4, ranking.SplitTrain, 3)}
		r := open(t, KindDPO, 1, in, append(sets, "ties=half", "max_new=24", "micro_batch_tokens=100")...).(*dpoRun)
		random := rand.New(rand.NewPCG(4, 4))
		for i := range r.policy.weights.Data { // as if the policy had moved
			r.policy.weights.Data[i] += float32(random.NormFloat64() * 0.01)
		}
		checkSlopes(t, r.policy, func() float64 { return r.gradient(r.train).loss })
	}
}

func TestDPOMicroBatchesDoNotMatter(t *testing.T) {
	var want []float32
	for _, size := range []string{"1", "300", "5000"} {
		in := Inputs{Base: tinyBase(1), Records: randomRecords(6, 4, ranking.SplitTrain, 1)}
		r := open(t, KindDPO, 1, in, "max_new=12", "micro_batch_tokens="+size).(*dpoRun)
		r.gradient(r.train)
		if want == nil {
			want = slices.Clone(r.policy.grad.Data)
		}
		near(t, "gradient, micro-batch "+size, distance(r.policy.grad.Data, want), 0, 1e-6*max(1, norm(want)))
	}
}

// TestDPOLearnsAPlantedPreference: liked replies become more frequent without a reward model. The rejected replies of a prompt
// share their opening, or the policy would learn to go on otherwise after "no" instead of beginning otherwise.
func TestDPOLearnsAPlantedPreference(t *testing.T) {
	base := taughtBase(t)
	before, _ := shares(t, base, 200)
	var records []ranking.Record
	for i := range 48 {
		r := record(fmt.Sprintf("say it %d", i), []string{liked, disliked, "no indeed", "no"}, []int{0}, []int{1, 2, 3})
		r.JudgmentID, r.TaskID = int64(i), int64(i)
		if i >= 32 {
			r.Split = ranking.SplitValidation
		}
		records = append(records, r)
	}
	for _, loss := range []string{"sigmoid", "ipo"} {
		run := open(t, KindDPO, 1, Inputs{Base: base, Records: records},
			"loss="+loss, "beta=0.5", "batch_tasks=8", "epochs=10", "learning_rate=0.0003", "max_new=16", "warmup_steps=0")
		reports := finish(t, run)
		first, last := reports[0].Metrics, reports[len(reports)-1].Metrics
		if !(last[metricEvalAccuracy] > 0.95 && last[metricEvalPairs] == 48 && last[metricEvalLoss] < first[metricLoss]/2) {
			t.Errorf("%s: held-out accuracy %v of %v pairs, loss %v", loss, last[metricEvalAccuracy], last[metricEvalPairs], last[metricEvalLoss])
		}
		if !(last[metricDPOChosen] > 0 && last[metricDPORejected] < -0.2) {
			t.Errorf("%s: chosen %v, rejected %v", loss, last[metricDPOChosen], last[metricDPORejected])
		}
		if after, _ := shares(t, published(t, run), 200); after < before+0.2 {
			t.Errorf("%s: yes in %v of replies after %v before", loss, after, before)
		}
	}
}

func TestDPORefuses(t *testing.T) {
	config := resolve(t, KindDPO, "max_new=12")
	base := tinyBase(1)
	for name, in := range map[string]Inputs{
		"a reward model": {Base: tinyReward(base), Records: randomRecords(2, 2, ranking.SplitTrain, 1)},
		"no rankings":    {Base: base},
		"ties alone":     {Base: base, Records: []ranking.Record{record("p", []string{"a", "b"}, []int{0, 1})}},
	} {
		if _, err := Open(Spec{Kind: KindDPO, Config: config}, in); ranking.ErrorCode(err) != ranking.CodeInvalid {
			t.Errorf("%s: %v", name, err)
		}
	}
}
