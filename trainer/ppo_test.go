package trainer

import (
	"context"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"rankloop/ranking"
)

func loopInputs() Inputs {
	base := tinyBase(1)
	var ragged []Prompt
	for i, words := range []int{1, 5, 2, 3, 8} {
		ragged = append(ragged, Prompt{ID: string(rune('a' + i)), Messages: say(strings.Repeat("it ", words))})
	}
	return Inputs{Base: base, Reward: tinyReward(base), Prompts: ragged, HeldOutPrompts: prompts(3), Text: lines}
}

var loopSets = []string{"iterations=3", "episodes=8", "minibatches=2", "ppo_epochs=2", "max_new=12", "rollout_batch=3",
	"sample_every=1", "ptx_context=16", "learning_rate=0.003", "value_learning_rate=0.003", "warmup_iterations=0"}

func openLoop(t testing.TB, in Inputs, sets ...string) *ppoRun {
	t.Helper()
	return open(t, KindPPO, 3, in, append(slices.Clone(loopSets), sets...)...).(*ppoRun)
}

// rolled is a run with a rollout, before its first optimizer step.
func rolled(t testing.TB, sets ...string) *ppoRun {
	t.Helper()
	r := openLoop(t, loopInputs(), sets...)
	var err error
	if r.buffer, err = r.rollOut(context.Background(), 0, map[string]float64{}); err != nil {
		t.Fatal(err)
	}
	return r
}

func (r *ppoRun) allEpisodes() ([]*episode, []item, *minibatchSums) {
	sums := &minibatchSums{}
	var batch []*episode
	var items []item
	for i := range r.buffer.Episodes {
		e := &r.buffer.Episodes[i]
		batch, items = append(batch, e), append(items, e.item())
		sums.tokens += float64(e.length())
	}
	return batch, items, sums
}

func TestAllMetricsAreReported(t *testing.T) {
	report := advance(t, openLoop(t, loopInputs()))
	for _, name := range []string{
		"objective/kl", "objective/entropy", "objective/non_score_reward", "objective/rlhf_reward", "objective/scores",
		"objective/kl_coef", "policy/approxkl_avg", "policy/clipfrac_avg", "policy/entropy_avg", "loss/policy_avg", "loss/value_avg",
		"val/clipfrac_avg", "val/ratio", "val/ratio_var", "val/num_eos_tokens", "ppo/val/var_explained", "ptx/loss",
		"ptx/grad_norm_ratio", "lr", "eps", "episode", "time/rollout_s", "time/score_s", "time/update_s", "skipped_steps",
	} {
		if _, ok := report.Metrics[name]; !ok {
			t.Errorf("%s is missing", name)
		}
	}
}

func TestKLMovesAndPolicyMoves(t *testing.T) {
	reports := finish(t, openLoop(t, loopInputs()))
	last := reports[len(reports)-1].Metrics
	if last[metricKL] == 0 || last[metricRatio] == 1 || last[metricEpisode] != 24 {
		t.Errorf("after 3 iterations: KL %v, ratio %v, episode %v", last[metricKL], last[metricRatio], last[metricEpisode])
	}
	if reports[0].Metrics[metricKLCoef] == reports[4].Metrics[metricKLCoef] {
		t.Error("the adaptive β did not move")
	}
	if samples := reports[3].Samples; len(samples) != 3 || samples[0].Prompt != "say it 0" {
		t.Errorf("samples %+v", samples)
	}
}

func checkSlopes(t *testing.T, net *trainee, loss func() float64) {
	t.Helper()
	net.grad.Zero()
	loss()
	grad := slices.Clone(net.grad.Data)
	start := slices.Clone(net.weights.Data)
	random := rand.New(rand.NewPCG(2, 8))
	for range 3 {
		var slope float64
		direction := make([]float32, len(start))
		for i := range direction {
			direction[i] = float32(random.NormFloat64())
			slope += float64(direction[i]) * float64(grad[i])
		}
		at := func(h float64) float64 {
			for i := range start {
				net.weights.Data[i] = start[i] + float32(h)*direction[i]
			}
			return loss()
		}
		const h = 1e-4
		near(t, "slope", (at(h)-at(-h))/(2*h), slope, 5e-3*math.Abs(slope)+5e-4)
	}
	copy(net.weights.Data, start)
}

func TestOpenPPORefuses(t *testing.T) {
	good := loopInputs()
	for want, spoil := range map[string]func(in *Inputs){
		"needs a reward model":   func(in *Inputs) { in.Reward = nil },
		"needs a base model":     func(in *Inputs) { in.Base = nil },
		"needs prompts":          func(in *Inputs) { in.Prompts = nil },
		"must be a reward model": func(in *Inputs) { in.Reward = in.Base },
		"starts from a language": func(in *Inputs) { in.Base = in.Reward },
		"has no scale":           func(in *Inputs) { c := *in.Reward; c.Meta.RewardStd = 0; in.Reward = &c },
	} {
		in := good
		spoil(&in)
		_, err := Open(Spec{Kind: KindPPO, Config: resolve(t, KindPPO, loopSets...)}, in)
		if err == nil || !strings.Contains(err.Error(), want) || ranking.ErrorCode(err) != ranking.CodeInvalid {
			t.Errorf("want %q, got %v", want, err)
		}
	}
	_, err := Open(Spec{Kind: KindPPO, Config: resolve(t, KindPPO, "max_new=64")}, good)
	if err == nil || !strings.Contains(err.Error(), "write a smaller max_new") {
		t.Errorf("%v", err)
	}
}
