package trainer

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"rankloop/model"
	"rankloop/ranking"
)

// warned runs PPO to its end and returns the codes of its warnings, each of which may come once.
func warned(t *testing.T, in Inputs, sets ...string) (codes []string, reports []Report) {
	t.Helper()
	reports = finish(t, openLoop(t, in, append([]string{"iterations=12", "kl_controller=fixed"}, sets...)...))
	for _, report := range reports {
		for _, w := range report.Warnings {
			if slices.Contains(codes, w.Code) {
				t.Errorf("%s is told twice", w.Code)
			}
			codes = append(codes, w.Code)
		}
	}
	return codes, reports
}

func wantWarnings(t *testing.T, got []string, want ...string) {
	t.Helper()
	for _, code := range want {
		if !slices.Contains(got, code) {
			t.Errorf("no warning %s among %v", code, got)
		}
	}
}

// wild settings: no price on the KL, large steps, no clip.
var wild = []string{"kl_coef=0", "ppo_epochs=4", "clip_norm=0", "learning_rate=0.03", "gamma_ptx=0"}

func watchInputs(base *model.Checkpoint) Inputs {
	return Inputs{Base: base, Reward: tinyReward(base), Prompts: prompts(20), Text: lines}
}

// TestWatchIsSilent: a run that goes well gives no warning.
func TestWatchIsSilent(t *testing.T) {
	base := taughtBase(t)
	codes, _ := warned(t, watchInputs(base), "kl_coef=0.1", "learning_rate=0.0001", "value_learning_rate=0.01", "gamma_ptx=0", "ppo_epochs=1")
	for _, code := range codes {
		if code != "value_explains_nothing" { // of an untrained reward model
			t.Errorf("warned of %s", code)
		}
	}
}

func TestWatchClipping(t *testing.T) {
	codes, reports := warned(t, watchInputs(tinyBase(1)), append(wild, "ppo_epochs=8", "learning_rate=0.01", "iterations=8")...)
	wantWarnings(t, codes, "steps_clipped")
	if t.Failed() {
		for _, r := range reports {
			t.Logf("step %d: clipped %v", r.Step, r.Metrics[metricClipFrac])
		}
	}
}

// TestWatchCollapse: half of the base's replies are varied, half go in circles, and the reward model likes the latter.
func TestWatchCollapse(t *testing.T) {
	const circles = "abababababab"
	random := rand.New(rand.NewPCG(1, 1))
	varied := func() string {
		letters := make([]byte, 12)
		for i := range letters {
			letters[i] = 'a' + byte(random.IntN(26))
		}
		return string(letters)
	}
	base := tinyBase(1)
	var examples []Example
	var records []ranking.Record
	for i, p := range prompts(60) {
		examples = append(examples, Example{Messages: p.Messages, Reply: varied()}, Example{Messages: p.Messages, Reply: circles})
		r := record(p.Messages[0].Content, []string{varied(), circles, varied()}, []int{1}, []int{0, 2})
		r.JudgmentID, r.TaskID = int64(i), int64(i)
		records = append(records, r)
	}
	tuning := open(t, KindSFT, 1, Inputs{Base: base, Examples: examples}, "epochs=8", "batch_examples=12", "learning_rate=0.01", "warmup_steps=5", "max_new=24", "pretrain_share=0")
	finish(t, tuning)
	base = published(t, tuning)
	reward := open(t, KindReward, 1, Inputs{Base: base, Records: records}, "batch_tasks=4", "epochs=2", "learning_rate=0.003", "max_new=24", "zero_samples=32")
	finish(t, reward)
	codes, reports := warned(t, Inputs{Base: base, Reward: published(t, reward), Prompts: prompts(30)},
		"episodes=32", "max_new=20", "learning_rate=0.001", "value_learning_rate=0.003", "kl_coef=0.01", "iterations=14")
	wantWarnings(t, codes, "entropy_collapse", "repetition")
	if t.Failed() {
		for i := 0; i < len(reports); i += 4 {
			m := reports[i].Metrics
			t.Logf("entropy %v, length %v, repeated %v, score %v", m[metricEntropy]/m[metricMeanLength], m[metricMeanLength], m[metricRepeated4], m[metricScores])
		}
	}
}

// TestWatchLength: a reward model that pays for length alone, and a policy that learns it.
func TestWatchLength(t *testing.T) {
	base := taughtBase(t)
	in := watchInputs(base)
	w := in.Reward.Weights
	w.Zero()
	for _, tensor := range w.Tensors() {
		dim := w.Config.Dim
		switch {
		case tensor.Name == "transformer.wpe.weight": // a position is a direction that turns
			for p := range w.Config.Context {
				angle := math.Pi / 2 * float64(p) / float64(w.Config.Context)
				tensor.Data[p*dim], tensor.Data[p*dim+1] = float32(math.Cos(angle)), float32(-math.Cos(angle))
				tensor.Data[p*dim+2], tensor.Data[p*dim+3] = float32(math.Sin(angle)), float32(-math.Sin(angle))
			}
		case tensor.Name == "score.weight":
			tensor.Data[2] = 1
		case strings.HasSuffix(tensor.Name, "ln_f.weight"):
			for i := range tensor.Data {
				tensor.Data[i] = 1
			}
		}
	}
	codes, reports := warned(t, in, "max_new=40", "kl_coef=0", "learning_rate=0.003", "gamma_ptx=0", "ppo_epochs=4", "missing_end_penalty=0.01", "iterations=20")
	wantWarnings(t, codes, "length_drift")
	if first, last := reports[0].Metrics[metricMeanLength], reports[len(reports)-1].Metrics[metricMeanLength]; last < 1.5*first {
		t.Errorf("replies of %v tokens became %v", first, last)
	}
}

func TestWatchValueModel(t *testing.T) {
	codes, _ := warned(t, watchInputs(taughtBase(t)), "learning_rate=1e-12", "value_learning_rate=1e-12", "gamma_ptx=0")
	wantWarnings(t, codes, "value_explains_nothing")
}

func TestWatchPretrainingLoss(t *testing.T) {
	run := open(t, KindPretrain, 1, Inputs{Base: tinyBase(1), Text: lines}, "steps=60", "batch_windows=8", "context=24", "learning_rate=0.01", "warmup_steps=5")
	finish(t, run)
	base := published(t, run)
	base.Meta.Name = "pretrained"
	codes, _ := warned(t, watchInputs(base), append(wild, "gamma_ptx=1e-9")...)
	wantWarnings(t, codes, "pretraining_loss_rises")
}

// TestWatchAgreement: a reward model that has learned the opposite of what people say. Its score rises, agreement falls.
func TestWatchAgreement(t *testing.T) {
	base := taughtBase(t)
	var flipped, heldOut []ranking.Record
	for i := range 40 {
		r := record(fmt.Sprintf("say it %d", i), []string{liked, disliked, "yes", "no"}, []int{1, 3}, []int{0, 2})
		r.JudgmentID, r.TaskID = int64(i), int64(i)
		flipped = append(flipped, r)
	}
	for i := range 40 {
		r := record(fmt.Sprintf("say it %d", 50+i), []string{liked, disliked}, []int{0}, []int{1})
		r.JudgmentID, r.TaskID, r.Split = int64(50+i), int64(50+i), ranking.SplitValidation
		heldOut = append(heldOut, r)
	}
	reward := open(t, KindReward, 1, Inputs{Base: base, Records: flipped}, "batch_tasks=4", "epochs=3", "learning_rate=0.003", "max_new=16", "zero_samples=32")
	finish(t, reward)
	in := Inputs{Base: base, Reward: published(t, reward), Prompts: prompts(30), Records: append(heldOut, flipped...)}
	codes, reports := warned(t, in, "episodes=32", "max_new=16", "learning_rate=0.001", "value_learning_rate=0.003", "kl_coef=0.02", "sample_every=1")
	wantWarnings(t, codes, "proxy_without_agreement")
	agreement := func(report Report) float64 { return report.Metrics[metricAgreement] }
	first, last := reports[3], reports[len(reports)-1]
	if !(agreement(first) < 0.6 && agreement(last) < 0.2 && last.Metrics[metricScores] > first.Metrics[metricScores]) {
		t.Errorf("agreement %v to %v, score %v to %v", agreement(first), agreement(last), first.Metrics[metricScores], last.Metrics[metricScores])
	}
	if _, early := reports[0].Metrics[metricAgreement]; early {
		t.Error("agreement is reported before its iteration has ended")
	}
}

// TestAgreementStartsAtOneHalf: the policy is the reference, so it prefers nothing.
func TestAgreementStartsAtOneHalf(t *testing.T) {
	in := watchInputs(tinyBase(1))
	in.Records = randomRecords(50, 3, ranking.SplitValidation, 1)
	r := openLoop(t, in)
	if got := r.agreement(); got != 0.5 || len(r.heldRankings) != agreementTasks {
		t.Errorf("agreement %v on %d tasks", got, len(r.heldRankings))
	}
}
