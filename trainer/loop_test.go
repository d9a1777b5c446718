package trainer

import (
	"context"
	"fmt"
	"math"
	"strings"
	"testing"

	"rankloop/model"
	"rankloop/ranking"
)

// The planted preference: a base model taught to answer "yes indeed" or "no never" about equally often, annotators who
// prefer "yes", a reward model that learns it from rankings, and PPO, which must raise the share of "yes".
const (
	liked    = "yes indeed"
	disliked = "no never"
)

// taughtBase is a tiny model after supervised tuning, which is thereby tested end to end.
func taughtBase(t testing.TB) *model.Checkpoint {
	t.Helper()
	return taught(t, tinyBase(1))
}

func taught(t testing.TB, start *model.Checkpoint) *model.Checkpoint {
	t.Helper()
	var examples []Example
	for i, p := range prompts(32) {
		split := ranking.SplitTrain
		if i >= 28 {
			split = ranking.SplitValidation
		}
		for _, reply := range []string{liked, disliked} {
			examples = append(examples, Example{Messages: p.Messages, Reply: reply, Split: split})
		}
	}
	run := open(t, KindSFT, 1, Inputs{Base: start, Examples: examples},
		"epochs=20", "batch_examples=14", "learning_rate=0.01", "warmup_steps=5", "max_new=24", "pretrain_share=0")
	reports := finish(t, run)
	first, last := reports[0].Metrics[metricLoss], reports[len(reports)-1].Metrics[metricLoss]
	if !(last < first/5) {
		t.Fatalf("supervised tuning: loss %v to %v", first, last)
	}
	c := published(t, run)
	c.Meta.Name = "taught"
	return c
}

// shares samples replies and counts the liked ones and those that end by themselves.
func shares(t testing.TB, c *model.Checkpoint, n int) (yes, ended float64) {
	t.Helper()
	s, err := newSequencer(c.Tokenizer, c.Weights.Config.Context, 16)
	if err != nil {
		t.Fatal(err)
	}
	ids, seeds := make([][]int32, n), make([]uint64, n)
	for i, p := range prompts(n) {
		ids[i], _ = s.prompt(p.Messages)
		seeds[i] = uint64(i)
	}
	sampler := model.NewSampler(c.Weights.Config, 32)
	sampler.SetWeights(c.Weights)
	samples, err := sampler.Generate(context.Background(), ids, seeds, replyOptions(16, s.chat.End), nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, sample := range samples {
		if strings.HasPrefix(c.Tokenizer.Decode(sample.Tokens), "yes") {
			yes += 1 / float64(n)
		}
		ended += boolean(sample.Ended) / float64(n)
	}
	return yes, ended
}

func TestLoopLearnsAPlantedPreference(t *testing.T) {
	for name, shape := range map[string]model.Config{"gpt2": tinyConfig(), "llama": tinyLlama()} {
		t.Run(name, func(t *testing.T) { learnsAPlantedPreference(t, untrained(shape, 1)) })
	}
}

func learnsAPlantedPreference(t *testing.T, start *model.Checkpoint) {
	base := taught(t, start)
	before, _ := shares(t, base, 200)
	if before < 0.25 || before > 0.75 {
		t.Fatalf("the start already answers yes in %v of replies", before)
	}

	// Rankings of four replies; every fifth annotator's answer is turned around.
	var records []ranking.Record
	for i := range 60 {
		texts := []string{liked, disliked, "yes", "no"}
		tiers := [][]int{{0, 2}, {1, 3}}
		if i%5 == 0 {
			tiers[0], tiers[1] = tiers[1], tiers[0]
		}
		r := record(fmt.Sprintf("say it %d", i), texts, tiers...)
		r.JudgmentID, r.TaskID = int64(i), int64(i)
		if i >= 40 {
			r.Split = ranking.SplitValidation
		}
		records = append(records, r)
	}
	rewardRun := open(t, KindReward, 1, Inputs{Base: base, Records: records},
		"batch_tasks=4", "epochs=3", "learning_rate=0.003", "max_new=16", "zero_samples=64")
	reports := finish(t, rewardRun)
	last := reports[len(reports)-1].Metrics
	// 16 of the 20 validation tasks are not turned around: 0.8 is all there is to reach.
	near(t, "held-out accuracy", last[metricEvalAccuracy], 0.8, 0.01)
	if !(last[metricEvalAccuracyLow] < 0.7 && last[metricEvalAccuracyHigh] > 0.9 && last[metricEvalPairs] == 80 && last[metricEvalPrompts] == 20) {
		t.Errorf("interval %v to %v of %v pairs", last[metricEvalAccuracyLow], last[metricEvalAccuracyHigh], last[metricEvalPairs])
	}
	reward := throughFiles(t, published(t, rewardRun))
	if !(reward.Meta.RewardStd > 0) || reward.Meta.RewardMaxNew != 16 {
		t.Fatalf("meta %+v", reward.Meta)
	}

	run := open(t, KindPPO, 1, Inputs{Base: base, Reward: reward, Prompts: prompts(30), HeldOutPrompts: prompts(4)},
		"iterations=16", "episodes=32", "minibatches=2", "ppo_epochs=2", "max_new=16", "learning_rate=0.001",
		"value_learning_rate=0.003", "kl_coef=0.1", "kl_controller=fixed", "warmup_iterations=0")
	reports = finish(t, run)
	first, final := reports[0].Metrics, reports[len(reports)-1].Metrics
	if !(final[metricScores] > first[metricScores]) || !(final[metricKL] > 0 && final[metricKL] < 15) {
		t.Errorf("scores %v to %v at a KL of %v", first[metricScores], final[metricScores], final[metricKL])
	}
	after, ended := shares(t, published(t, run), 200)
	if after < 0.8 || ended < 0.95 {
		t.Errorf("yes in %v of replies after %v before; %v end", after, before, ended)
	}
	samples := reports[len(reports)-1].Samples
	if len(samples) != 4 || samples[0].Policy == "" || samples[0].Reference == "" {
		t.Errorf("samples %+v", samples)
	}
	if s := run.Summary(); s.Trainable <= s.Parameters || s.TokensSeen == 0 || s.TokensPerSecond <= 0 {
		t.Errorf("summary %+v", s)
	}
}

func containsSequence(all [][]int32, one []int32) bool {
	for _, s := range all {
		if fmt.Sprint(s) == fmt.Sprint(one) {
			return true
		}
	}
	return false
}

func TestDavidsonLearnsTheTieRate(t *testing.T) {
	var records []ranking.Record
	for i := range 40 {
		r := record(fmt.Sprintf("say it %d", i), []string{"a", "b"}, []int{0, 1})
		if i%4 == 0 {
			r.Tiers = [][]int{{i / 4 % 2}, {1 - i/4%2}}
		}
		r.TaskID = int64(i)
		records = append(records, r)
	}
	run := open(t, KindReward, 1, Inputs{Base: tinyBase(1), Records: records}, "ties=davidson", "max_new=12", "zero_samples=4",
		"batch_tasks=40", "epochs=60", "tie_learning_rate=0.1").(*rewardRun)
	near(t, "η at the start", run.tie.Eta, math.Log(2*0.75/0.25), 1e-9)
	run.tie.Eta = 0 // and back from a wrong start
	finish(t, run)
	near(t, "ν/(2+ν)", math.Exp(run.tie.Eta)/(2+math.Exp(run.tie.Eta)), 0.75, 0.05)
}

func TestPretrainingLearns(t *testing.T) {
	for _, packing := range []string{"windows", "documents"} {
		run := open(t, KindPretrain, 1, Inputs{Base: tinyBase(1), Text: lines},
			"steps=60", "batch_windows=8", "context=24", "learning_rate=0.01", "warmup_steps=5", "packing="+packing)
		reports := finish(t, run)
		first, last := reports[0].Metrics[metricLoss], reports[59].Metrics[metricLoss]
		if !(first > 4 && last < first/2) {
			t.Errorf("%s: loss %v to %v", packing, first, last)
		}
	}
}

// TestSFTLearnsRepliesOnly: prompts get no gradient of their own, so the loss is that of the reply tokens.
func TestSFTLossIsOnReplies(t *testing.T) {
	base := tinyBase(1)
	in := Inputs{Base: base, Examples: []Example{{Messages: say("say it"), Reply: "yes"}, {Messages: say("say it again"), Reply: "no never"}}}
	run := open(t, KindSFT, 1, in, "epochs=1", "batch_examples=2", "max_new=24", "pretrain_share=0").(*sftRun)
	var sum float64
	tokens := 0
	for _, e := range in.Examples {
		s := testSequencer(t)
		prompt, _ := s.prompt(e.Messages)
		ids, _ := s.complete(prompt, e.Reply)
		out := [][]float32{make([]float32, len(ids)-1)}
		run.engine.score(base.Weights, []item{{tokens: ids, from: 1}}, out)
		for _, logProb := range out[0][len(prompt)-1:] {
			sum -= float64(logProb)
			tokens++
		}
	}
	if want := len(testTokenizer.Encode("yes")) + len(testTokenizer.Encode("no never")) + 2; tokens != want {
		t.Fatalf("%d tokens counted, want %d: each reply and its end", tokens, want)
	}
	near(t, "loss", advance(t, run).Metrics[metricLoss], sum/float64(tokens), 1e-6)
}

func TestSFTCutRepliesTeachNoEnd(t *testing.T) {
	in := Inputs{Base: tinyBase(1), Examples: []Example{{Messages: say("say it"), Reply: strings.Repeat("0123456789", 12)}}}
	run := open(t, KindSFT, 1, in, "epochs=1", "batch_examples=2", "max_new=24", "pretrain_share=0", "select=last").(*sftRun)
	tokens := run.train[0].tokens
	if len(tokens) > tinyConfig().Context || tokens[len(tokens)-1] == testSequencer(t).chat.End {
		t.Errorf("%d tokens, the last is %d", len(tokens), tokens[len(tokens)-1])
	}
	if report := advance(t, run); len(report.Warnings) != 1 || report.Warnings[0].Code != "replies_cut" {
		t.Errorf("warnings %v", report.Warnings)
	}
}

func TestSFTWithoutValidationSaysSo(t *testing.T) {
	in := Inputs{Base: tinyBase(1), Examples: []Example{{Messages: say("say it"), Reply: "yes"}}}
	for choice, want := range map[string]int{"best": 1, "last": 0} {
		report := advance(t, open(t, KindSFT, 1, in, "epochs=1", "max_new=24", "pretrain_share=0", "select="+choice))
		if len(report.Warnings) != want || want == 1 && report.Warnings[0].Code != "no_validation" {
			t.Errorf("select=%s: warnings %v", choice, report.Warnings)
		}
	}
}
