package trainer

import (
	"context"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"rankloop/model"
	"rankloop/model/kernel"
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

// TestBeforeTheFirstUpdate: the policy is the reference, so its KL is 0 and every ratio is 1, not nearly but exactly.
func TestBeforeTheFirstUpdate(t *testing.T) {
	r := rolled(t)
	for i, e := range r.buffer.Episodes {
		if !sameBits(e.LogProbs, e.ReferenceLogProbs) {
			t.Errorf("episode %d: %v and %v", i, e.LogProbs, e.ReferenceLogProbs)
		}
	}
	report := advance(t, openLoop(t, loopInputs()))
	for name, want := range map[string]float64{
		metricKL: 0, metricKLPerToken: 0, metricNonScoreReward: 0, metricRatio: 1, metricRatioVar: 0,
		metricApproxKL: 0, metricClipFrac: 0, metricValueClipFrac: 0,
	} {
		if got, ok := report.Metrics[name]; !ok || got != want {
			t.Errorf("%s is %v, want exactly %v", name, got, want)
		}
	}
	if report.Metrics[metricRLHFReward] != report.Metrics[metricScores] {
		t.Error("without a KL the reward is the score")
	}
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

// TestSamplerAgreesWithTrainingPath after some steps, on ragged prompts.
func TestSamplerAgreesWithTrainingPath(t *testing.T) {
	r := openLoop(t, loopInputs())
	for range r.total {
		report := advance(t, r)
		if gap := report.Metrics[metricSamplerGap]; !(gap < 1e-4) {
			t.Errorf("step %d: the sampler's log-probabilities are %v away", report.Step, gap)
		}
	}
	if kl := r.buffer; kl != nil {
		t.Error("a rollout is kept after its last step")
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

// TestPolicyGradientByFiniteDifferences nudges the policy along random directions, with ratios off 1.
func TestPolicyGradientByFiniteDifferences(t *testing.T) {
	r := rolled(t)
	random := rand.New(rand.NewPCG(1, 9))
	for i := range r.buffer.Episodes { // as if the policy had moved since
		for j := range r.buffer.Episodes[i].LogProbs {
			r.buffer.Episodes[i].LogProbs[j] += float32(random.NormFloat64() * 0.1)
		}
	}
	loss := func() float64 {
		batch, items, sums := r.allEpisodes()
		r.policyGradient(batch, items, sums)
		return sums.policyLoss / sums.tokens
	}
	checkSlopes(t, r.policy, loss)
}

func TestValueGradientByFiniteDifferences(t *testing.T) {
	r := rolled(t)
	loss := func() float64 {
		batch, items, sums := r.allEpisodes()
		r.valueGradient(batch, items, sums)
		return sums.valueLoss / sums.tokens
	}
	checkSlopes(t, r.value, loss)
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

// TestMicroBatchesDoNotMatter: denominators are those of the whole minibatch.
func TestMicroBatchesDoNotMatter(t *testing.T) {
	var policy, value []float32
	for _, size := range []string{"1", "100", "150", "5000"} {
		r := rolled(t, "micro_batch_tokens="+size)
		batch, items, sums := r.allEpisodes()
		r.policyGradient(batch, items, sums)
		r.valueGradient(batch, items, sums)
		if policy == nil {
			policy, value = r.policy.grad.Data, r.value.grad.Data
			continue
		}
		near(t, "policy gradient, micro-batch "+size, distance(r.policy.grad.Data, policy), 0, 1e-6*max(1, norm(policy)))
		near(t, "value gradient, micro-batch "+size, distance(r.value.grad.Data, value), 0, 1e-6*max(1, norm(value)))
	}
	in := Inputs{Base: tinyBase(1), Records: randomRecords(6, 4, ranking.SplitTrain, 1)}
	var reward []float32
	for _, size := range []string{"1", "300", "5000"} {
		r := open(t, KindReward, 1, in, "max_new=12", "micro_batch_tokens="+size).(*rewardRun)
		r.gradient(r.train)
		if reward == nil {
			reward = r.net.grad.Data
		}
		near(t, "reward gradient, micro-batch "+size, distance(r.net.grad.Data, reward), 0, 1e-6*max(1, norm(reward)))
	}
}

// TestThreadsDoNotMatter, to the bit.
func TestThreadsDoNotMatter(t *testing.T) {
	threads := kernel.Threads()
	defer kernel.SetThreads(threads)
	var want parts
	for _, n := range []int{1, 3} {
		kernel.SetThreads(n)
		r := openLoop(t, loopInputs(), "iterations=1")
		finish(t, r)
		if want == nil {
			want = save(t, r)
		} else {
			equalParts(t, save(t, r), want)
		}
	}
}

// TestMixIsAddedToTheGradient: one step along g_ppo + γ·g_ptx; without γ it is plain PPO.
func TestMixIsAddedToTheGradient(t *testing.T) {
	gradient := func(in Inputs, sets ...string) (*ppoRun, []float32) {
		r := openLoop(t, in, append(sets, "learning_rate=1e-12", "value_learning_rate=1e-12")...)
		advance(t, r)
		return r, slices.Clone(r.policy.grad.Data)
	}
	without := loopInputs()
	without.Text = nil
	_, plain := gradient(without)
	_, off := gradient(loopInputs(), "gamma_ptx=0")
	if !sameBits(plain, off) {
		t.Error("gamma_ptx=0 is not plain PPO")
	}
	r, mixed := gradient(loopInputs(), "gamma_ptx=2.5", "rho=2")

	text, err := newTextStream(loopInputs(), 3, "ptx text", 16, false)
	if err != nil {
		t.Fatal(err)
	}
	items, err := text.items(8) // ρ 2 × 4 episodes
	if err != nil {
		t.Fatal(err)
	}
	ptx := model.NewWeights(r.reference.Config)
	loss := r.language.crossEntropy(r.reference, ptx, items, 1)
	want := slices.Clone(plain)
	for i := range want {
		want[i] += 2.5 * ptx.Data[i]
	}
	near(t, "distance to g_ppo + γ·g_ptx", distance(mixed, want), 0, 1e-5*norm(want))
	if distance(mixed, plain) < 0.1*norm(want) {
		t.Error("the mix adds next to nothing, so this test says nothing")
	}
	report := advance(t, openLoop(t, loopInputs(), "gamma_ptx=2.5", "rho=2"))
	near(t, "ptx/loss", report.Metrics[metricPtxLoss], loss, 1e-6)
	near(t, "ptx/grad_norm_ratio", report.Metrics[metricPtxGradRatio], 2.5*norm(ptx.Data)/norm(plain), 1e-3*report.Metrics[metricPtxGradRatio])
}

func TestMixWithoutTextIsOffWithAWarning(t *testing.T) {
	in := loopInputs()
	in.Text = nil
	report := advance(t, openLoop(t, in))
	if _, ok := report.Metrics[metricPtxLoss]; ok || len(report.Warnings) != 1 || report.Warnings[0].Code != "ptx_off" {
		t.Errorf("warnings %v", report.Warnings)
	}
	report = advance(t, openLoop(t, loopInputs(), "gamma_ptx=1000"))
	if len(report.Warnings) != 1 || report.Warnings[0].Code != "ptx_dominates" {
		t.Errorf("warnings %v at ratio %v", report.Warnings, report.Metrics[metricPtxGradRatio])
	}
}

func TestFractionalRhoAddsUp(t *testing.T) {
	r := openLoop(t, loopInputs(), "rho=0.3")
	total := 0
	for step := range r.total {
		items, err := r.mixItems(step)
		if err != nil {
			t.Fatal(err)
		}
		total += len(items)
	}
	if want := int(0.3 * 4 * float64(r.total)); total != want {
		t.Errorf("%d examples in %d steps of 4 episodes, want %d", total, r.total, want)
	}
}

func TestFrozenModelsStayFrozen(t *testing.T) {
	in := loopInputs()
	reference, reward := newDigest().weights(in.Base.Weights).sum(), newDigest().weights(in.Reward.Weights).sum()
	r := openLoop(t, in)
	finish(t, r)
	if newDigest().weights(in.Base.Weights).sum() != reference || newDigest().weights(in.Reward.Weights).sum() != reward {
		t.Error("training changed the reference or the reward model")
	}
	if r.reference != in.Base.Weights || sameBits(r.policy.weights.Data, r.reference.Data) || sameBits(r.ema.Data, r.policy.weights.Data) {
		t.Error("policy, average and reference are not three networks")
	}
}

// TestNonFiniteStepIsSkipped for policy, value model and average alike; the run goes on.
func TestNonFiniteStepIsSkipped(t *testing.T) {
	for name, poison := range map[string]func(e *episode){
		"advantage":       func(e *episode) { e.Advantages[0] = float32(math.NaN()) },
		"return":          func(e *episode) { e.Returns[0] = float32(math.Inf(1)) },
		"log-probability": func(e *episode) { e.LogProbs[0] = float32(math.NaN()) },
	} {
		r := openLoop(t, loopInputs())
		first := advance(t, r)
		for i := range r.buffer.Episodes {
			poison(&r.buffer.Episodes[i])
		}
		before := save(t, r)
		report := advance(t, r)
		if report.Metrics[metricSkippedSteps] != 1 || len(report.Warnings) != 1 || report.Warnings[0].Code != "non_finite_step" {
			t.Errorf("%s: skipped %v, warnings %v", name, report.Metrics[metricSkippedSteps], report.Warnings)
		}
		for key, value := range report.Metrics {
			if math.IsNaN(value) || math.IsInf(value, 0) {
				t.Errorf("%s: metric %s is %v", name, key, value)
			}
		}
		after := save(t, r)
		for _, part := range []string{"policy.weights", "policy.adam_m", "policy.adam_v", "policy.adam", "value.weights", "value.adam_v", "value.adam", "ema.weights"} {
			if string(before[part]) != string(after[part]) {
				t.Errorf("%s: %s changed in a skipped step", name, part)
			}
		}
		reports := finish(t, r)
		last := reports[len(reports)-1]
		if last.Metrics[metricSkippedSteps] < 1 || !finite(last.Metrics[metricPolicyLoss]) || r.Summary().SkippedSteps < 1 {
			t.Errorf("%s: the run did not recover: %v", name, last.Metrics)
		}
		if first.Metrics[metricSkippedSteps] != 0 {
			t.Errorf("%s: the first step counts as skipped", name)
		}
	}
}

func TestAbsurdRatioIsSurvived(t *testing.T) {
	r := openLoop(t, loopInputs())
	advance(t, r)
	for i := range r.buffer.Episodes {
		r.buffer.Episodes[i].LogProbs[0] = -1e9
	}
	if report := advance(t, r); !finite(report.Metrics[metricPolicyLoss], report.Metrics[metricPolicyGradNorm]) {
		t.Errorf("%v", report.Metrics)
	}
}

// TestScoresAreShiftedOnce: a score is the raw scalar less μ_ref, also after the checkpoint went through its files, and the
// value model starts on that scale.
func TestScoresAreShiftedOnce(t *testing.T) {
	in := loopInputs()
	in.Reward = throughFiles(t, in.Reward)
	r := openLoop(t, in)
	replies := []scoredReply{{prompt: &r.prompts[1], tokens: r.sequences.chat.Reply("yes"), ended: true}}
	r.scoreReplies(replies)
	sequence, _ := r.rewardSequences.complete(r.prompts[1].rewardIDs, "yes")
	raw := make([]float32, 1)
	r.scalar.rewards(in.Reward.Weights, [][]int32{sequence}, raw)
	near(t, "score", replies[0].score, float64(raw[0])-0.25, 1e-7)

	value := make([]float32, 1)
	r.scalar.rewards(r.value.weights, [][]int32{sequence}, value)
	near(t, "the value model's start", float64(value[0]), replies[0].score, 1e-5)
}

// TestScoredBytesAreTheTrainedBytes: PPO scores exactly the sequence that reward training reads for the same reply.
func TestScoredBytesAreTheTrainedBytes(t *testing.T) {
	long := strings.Repeat("older words ", 30) + "say it"
	in := loopInputs()
	in.Prompts = []Prompt{{ID: "1", Messages: say("say it")}, {ID: "2", Messages: say(long)}}
	r := openLoop(t, in, "max_new=8")
	for i, prompt := range []string{"say it", long} {
		trained, err := newSequencer(testTokenizer, tinyConfig().Context, in.Reward.Meta.RewardMaxNew)
		if err != nil {
			t.Fatal(err)
		}
		tasks, _, err := buildTasks([]ranking.Record{record(prompt, []string{"yes indeed", "no"}, []int{0}, []int{1})}, trained, pairOptions{norm: "used", ties: "drop"})
		if err != nil {
			t.Fatal(err)
		}
		scored, fits := r.rewardSequences.complete(r.prompts[i].rewardIDs, "yes indeed")
		if !fits || !slices.Equal(scored, tasks[0].sequences[0]) {
			t.Errorf("scored %v, trained on %v", scored, tasks[0].sequences[0])
		}
	}
	// However the policy spells a text, and whatever specials it mixes in, the score is the text's.
	spelled := []int32{}
	for _, b := range []byte("yes") {
		spelled = append(spelled, testTokenizer.Encode(string(b))...)
	}
	spelled = append(spelled, r.sequences.chat.Pad, r.sequences.chat.End)
	replies := []scoredReply{
		{prompt: &r.prompts[0], tokens: spelled, ended: true},
		{prompt: &r.prompts[0], tokens: r.sequences.chat.Reply("yes"), ended: true},
	}
	r.scoreReplies(replies)
	if replies[0].score != replies[1].score {
		t.Errorf("spelled out %v, as one word %v", replies[0].score, replies[1].score)
	}
}

func TestUnfinishedReplyScoresBelowFinished(t *testing.T) {
	for _, rule := range []string{"subtract", "replace"} {
		r := openLoop(t, loopInputs(), "missing_end_rule="+rule, "missing_end_penalty=0.5")
		whole := r.sequences.chat.Reply("yes")
		replies := []scoredReply{
			{prompt: &r.prompts[0], tokens: whole, ended: true},
			{prompt: &r.prompts[0], tokens: whole[:len(whole)-1]},
		}
		r.scoreReplies(replies)
		if replies[1].score > replies[0].score {
			t.Errorf("%s: unfinished %v, finished %v", rule, replies[1].score, replies[0].score)
		}
		if rule == "subtract" {
			near(t, "the difference", replies[0].score-replies[1].score, 0.5*0.5, 1e-9)
		}
	}
}

// TestValuesAreOfTheStateBeforeTheToken: the value of token t must not know token t.
func TestValuesAreOfTheStateBeforeTheToken(t *testing.T) {
	r := openLoop(t, loopInputs())
	prompt := r.prompts[0].ids
	tail := []int32{5, 6, 7}
	values := func(tail []int32) []float32 {
		out := [][]float32{make([]float32, len(tail))}
		r.scalar.values(r.value.weights, []item{{tokens: append(slices.Clone(prompt), tail...), from: len(prompt)}}, out)
		return out[0]
	}
	first := values(tail)
	changed := values([]int32{5, 9, 7})
	if first[0] != changed[0] || first[1] != changed[1] || first[2] == changed[2] {
		t.Errorf("%v and %v after a change of the middle token", first, changed)
	}
	at := make([]float32, 1)
	r.scalar.rewards(r.value.weights, [][]int32{prompt}, at)
	if at[0] != first[0] {
		t.Errorf("the first value is %v, the prompt's is %v", first[0], at[0])
	}
}

// TestBatchingDoesNotMatter: log-probabilities, values and rewards of a sequence are bit-equal alone and in any company.
func TestBatchingDoesNotMatter(t *testing.T) {
	r := rolled(t)
	_, items, _ := r.allEpisodes()
	for i := range items {
		e := &r.buffer.Episodes[i]
		logProbs, values := [][]float32{make([]float32, e.length())}, [][]float32{make([]float32, e.length())}
		r.language.score(r.policy.weights, items[i:i+1], logProbs)
		r.scalar.values(r.value.weights, items[i:i+1], values)
		if !sameBits(logProbs[0], e.LogProbs) || !sameBits(values[0], e.Values) {
			t.Errorf("episode %d differs when it is alone", i)
		}
	}
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

func TestCancelledAdvanceChangesNothing(t *testing.T) {
	for _, c := range resumeCases() {
		run := open(t, c.kind, 1, c.inputs(), c.sets...)
		before := save(t, run)
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		if _, err := run.Advance(ctx); err == nil || run.Step() != 0 {
			t.Errorf("%s: %v at step %d", c.name, err, run.Step())
		}
		equalParts(t, save(t, run), before)
	}
}
