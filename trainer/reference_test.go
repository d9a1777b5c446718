package trainer

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"rankloop/model"
	"rankloop/ranking"
)

// These tests compare with PyTorch: interop/reference.py draws weights, rollouts and rankings, and writes what autograd and
// torch.optim.AdamW make of them in float64. The committed vectors are of seed 1; `make interop` makes others.
const (
	closeTo    = 1e-4 // relative: losses, advantages, returns, KL
	gradientTo = 1e-4 // of a tensor's gradient, plus 1e-7 of the whole
	stepsTo    = 1e-3 // of the way that ten optimizer steps went
)

func referenceFolder() string {
	if folder := os.Getenv("RANKLOOP_REFERENCE"); folder != "" {
		return folder
	}
	return "testdata/reference"
}

type referenceTask struct {
	Prompt    int
	Sequences [][]int32
	Rankings  []struct {
		Tiers          [][]int
		Weight, Margin float64
	}
}

// referenceCase is one rule for ties or one DPO loss.
type referenceCase struct {
	Name, Ties, Loss string
	PairNorm         string `json:"pair_norm"`
	Eta, Beta        float64
	TieLearningRate  float64 `json:"tie_learning_rate"`
	LabelSmoothing   float64 `json:"label_smoothing"`
	AverageLogProb   bool    `json:"average_log_prob"`
}

type reference struct {
	Model model.Config
	PPO   struct {
		Config   PPOConfig
		Episodes []struct {
			Tokens []int32
			From   int
			Score  float64
		}
		Minibatches [][]int
		Text        [][]int32
	}
	Rankings struct {
		Optimization struct {
			Optimization
			WarmupSteps int `json:"warmup_steps"`
		}
		Tasks       []referenceTask
		Batches     [][]int
		Reward, DPO []referenceCase
	}

	weights, expected map[string][]float32 // "group/tensor"
	figures           referenceFigures
}

type referenceFigures struct {
	PPO struct {
		Episodes []struct {
			LogProbs          []float64 `json:"log_probs"`
			ReferenceLogProbs []float64 `json:"reference_log_probs"`
			Values, Returns   []float64
			Advantages        []float64
			Whitened          []float64
			KL                float64
		}
		PolicyLoss float64 `json:"policy_loss"`
		ValueLoss  float64 `json:"value_loss"`
		PtxLoss    float64 `json:"ptx_loss"`
		ClipFrac   float64
		ApproxKL   float64
		Entropy    float64
		Steps      []struct {
			PolicyLoss float64 `json:"policy_loss"`
			ValueLoss  float64 `json:"value_loss"`
			PolicyNorm float64 `json:"policy_norm"`
			ValueNorm  float64 `json:"value_norm"`
		}
	}
	Reward, DPO map[string]struct {
		Loss     float64
		DEta     float64 `json:"d_eta"`
		Rewards  [][]float64
		Losses   []float64
		EtaAfter float64 `json:"eta_after"`
	}
}

func openReference(t *testing.T) *reference {
	t.Helper()
	r := &reference{}
	var shape struct {
		Model struct {
			Vocab, Context, Layers, Heads, Dim, Hidden int
			LayerNormEps                               float32 `json:"layer_norm_eps"`
		}
	}
	readReference(t, "case.json", &shape, r)
	m := shape.Model
	r.Model = model.Config{Vocab: m.Vocab, Context: m.Context, Layers: m.Layers, Heads: m.Heads, Dim: m.Dim, Hidden: m.Hidden, LayerNormEps: m.LayerNormEps, Head: model.LanguageModel}
	readReference(t, "expected.json", &r.figures)
	r.weights, r.expected = referenceTensors(t, "weights.safetensors"), referenceTensors(t, "expected.safetensors")
	return r
}

func readReference(t *testing.T, name string, into ...any) {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(referenceFolder(), name))
	if err != nil {
		t.Fatal(err)
	}
	for _, value := range into {
		if err := json.Unmarshal(data, value); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
	}
}

func referenceTensors(t *testing.T, name string) map[string][]float32 {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(referenceFolder(), name))
	if err != nil {
		t.Fatal(err)
	}
	tensors, _, err := model.ReadSafetensors(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	all := make(map[string][]float32)
	for _, tensor := range tensors {
		all[tensor.Name] = tensor.Data
	}
	return all
}

// network loads one of the case's networks.
func (r *reference) network(t *testing.T, group string) *model.Weights {
	t.Helper()
	config := r.Model
	if _, scalar := r.weights[group+"/score.weight"]; scalar {
		config.Head = model.Scalar
	}
	w := model.NewWeights(config)
	for _, tensor := range w.Tensors() {
		if copy(tensor.Data, r.weights[group+"/"+tensor.Name]) != len(tensor.Data) {
			t.Fatalf("%s lacks %s", group, tensor.Name)
		}
	}
	return w
}

// equalGradient wants ‖Δ‖ ≤ 1e-4·‖g‖ + 1e-7·‖g_all‖ for every tensor.
func (r *reference) equalGradient(t *testing.T, group string, got *model.Weights) {
	t.Helper()
	all := norm(r.group(t, group, got))
	for _, tensor := range got.Tensors() {
		want := r.expected[group+"/"+tensor.Name]
		if d := distance(tensor.Data, want); !(d <= gradientTo*norm(want)+1e-7*all) {
			t.Errorf("%s: the gradient of %s, of norm %v, is %v away", group, tensor.Name, norm(want), d)
		}
	}
}

// equalAfter wants weights that went where PyTorch's went.
func (r *reference) equalAfter(t *testing.T, group string, got, start *model.Weights) {
	t.Helper()
	want := r.group(t, group, got)
	if d, way := distance(got.Data, want), distance(start.Data, want); !(d <= stepsTo*way) {
		t.Errorf("%s: %v away after a way of %v", group, d, way)
	}
}

// group is an expected network as one slab.
func (r *reference) group(t *testing.T, group string, like *model.Weights) []float32 {
	t.Helper()
	var all []float32
	for _, tensor := range like.Tensors() {
		data, ok := r.expected[group+"/"+tensor.Name]
		if !ok || len(data) != len(tensor.Data) {
			t.Fatalf("there is no expected %s/%s of %d numbers", group, tensor.Name, len(tensor.Data))
		}
		all = append(all, data...)
	}
	return all
}

func equalFigures(t *testing.T, what string, got []float32, want []float64) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%s: %d figures, want %d", what, len(got), len(want))
	}
	var d, all float64
	for i := range want {
		d += (float64(got[i]) - want[i]) * (float64(got[i]) - want[i])
		all += want[i] * want[i]
	}
	if !(math.Sqrt(d) <= closeTo*math.Sqrt(all)) {
		t.Errorf("%s: %v, want %v", what, got, want)
	}
}

func equalFigure(t *testing.T, what string, got, want float64) {
	t.Helper()
	near(t, what, got, want, closeTo*math.Abs(want)+1e-9)
}

// referencePPO is a run with the case's rollout, made by the run itself from the case's weights.
func referencePPO(t *testing.T, r *reference) *ppoRun {
	t.Helper()
	run := &ppoRun{config: r.PPO.Config, reference: r.network(t, "reference"), buffer: &rollout{}}
	run.config.PPOEpochs, run.config.Minibatches = len(r.PPO.Minibatches)/2, 2
	run.total = len(r.PPO.Minibatches)
	run.state.Beta = run.config.KLCoef
	run.policy, run.value = newTrainee(r.network(t, "policy")), newTrainee(r.network(t, "value"))
	run.ema = run.policy.weights.Clone()
	run.language = newEngine(r.Model, 64, r.Model.Context)
	run.scalar = run.language
	b := run.buffer
	for _, e := range r.PPO.Episodes {
		n := len(e.Tokens) - e.From
		b.Episodes = append(b.Episodes, episode{
			Tokens: e.Tokens, From: e.From, Score: e.Score, Ended: true, LogProbs: make([]float32, n), ReferenceLogProbs: make([]float32, n),
			Values: make([]float32, n), Advantages: make([]float32, n), Returns: make([]float32, n),
		})
	}
	for i := range b.Episodes {
		e := &b.Episodes[i]
		items := []item{e.item()}
		run.language.score(run.policy.weights, items, [][]float32{e.LogProbs})
		run.language.score(run.reference, items, [][]float32{e.ReferenceLogProbs})
		run.scalar.values(run.value.weights, items, [][]float32{e.Values})
	}
	return run
}

func TestReferenceOfPPO(t *testing.T) {
	r := openReference(t)
	run, figures := referencePPO(t, r), r.figures.PPO

	// Advantages before whitening, then as the run has them.
	for i := range run.buffer.Episodes {
		e := &run.buffer.Episodes[i]
		rewards := make([]float32, e.length())
		tokenRewards(rewards, e.LogProbs, e.ReferenceLogProbs, run.state.Beta, e.Score)
		generalizedAdvantages(rewards, e.Values, run.config.Gamma, run.config.Lambda, e.Advantages, e.Returns)
		equalFigures(t, "advantages", e.Advantages, figures.Episodes[i].Advantages)
	}
	run.estimateAdvantages(run.buffer)
	for i, e := range run.buffer.Episodes {
		want := figures.Episodes[i]
		equalFigures(t, "log π_old", e.LogProbs, want.LogProbs)
		equalFigures(t, "log π_ref", e.ReferenceLogProbs, want.ReferenceLogProbs)
		equalFigures(t, "values", e.Values, want.Values)
		equalFigures(t, "returns", e.Returns, want.Returns)
		equalFigures(t, "whitened advantages", e.Advantages, want.Whitened)
		// A sum of differences of numbers near −3: their rounding to float32 stands beside the tolerance.
		near(t, "KL", sequenceKL(e.LogProbs, e.ReferenceLogProbs), want.KL, closeTo*math.Abs(want.KL)+2e-7*float64(e.length()))
	}

	// Losses and gradients off the rollout's weights.
	moved := *run
	moved.policy, moved.value = newTrainee(r.network(t, "policy_moved")), newTrainee(r.network(t, "value_moved"))
	batch, items, sums := moved.allEpisodes()
	moved.policyGradient(batch, items, sums)
	moved.valueGradient(batch, items, sums)
	m := sums.metrics()
	for name, want := range map[string]float64{
		metricPolicyLoss: figures.PolicyLoss, metricValueLoss: figures.ValueLoss, metricClipFrac: figures.ClipFrac,
		metricApproxKL: figures.ApproxKL, metricEntropyAvg: figures.Entropy,
	} {
		equalFigure(t, name, m[name], want)
	}
	r.equalGradient(t, "ppo_policy_gradient", moved.policy.grad)
	r.equalGradient(t, "ppo_value_gradient", moved.value.grad)
	var text []item
	for _, tokens := range r.PPO.Text {
		text = append(text, item{tokens: tokens, from: 1})
	}
	equalFigure(t, metricPtxLoss, moved.language.crossEntropy(moved.policy.weights, moved.policy.grad, text, run.config.GammaPtx), figures.PtxLoss)
	r.equalGradient(t, "ppo_mixed_gradient", moved.policy.grad)

	// Ten optimizer steps.
	for i, chosen := range r.PPO.Minibatches {
		var minibatch []*episode
		for _, at := range chosen {
			minibatch = append(minibatch, &run.buffer.Episodes[at])
		}
		metrics, _, err := run.optimize(minibatch, map[string]float64{})
		if err != nil {
			t.Fatal(err)
		}
		run.progress.Step++
		want := figures.Steps[i]
		for name, want := range map[string]float64{
			metricPolicyLoss: want.PolicyLoss, metricValueLoss: want.ValueLoss, metricPolicyGradNorm: want.PolicyNorm, metricValueGradNorm: want.ValueNorm,
		} {
			near(t, fmt.Sprintf("step %d: %s", i+1, name), metrics[name], want, stepsTo*math.Abs(want)+1e-5)
		}
	}
	r.equalAfter(t, "ppo_policy_after", run.policy.weights, r.network(t, "policy"))
	r.equalAfter(t, "ppo_value_after", run.value.weights, r.network(t, "value"))
	r.equalAfter(t, "ppo_average_after", run.ema, r.network(t, "policy"))
}

// tasks builds the case's batch elements as a run does.
func (r *reference) tasks(t *testing.T, c referenceCase) []*rewardTask {
	t.Helper()
	var tasks []*rewardTask
	for _, given := range r.Rankings.Tasks {
		b := &taskBuilder{
			task: &rewardTask{promptIDs: given.Sequences[0][:given.Prompt]}, place: make(map[string]int), used: make([]bool, len(given.Sequences)),
		}
		record := ranking.Record{}
		for i, s := range given.Sequences {
			text := strings.Repeat("x", i+1)
			b.place[text] = i
			b.task.sequences, b.task.lengths = append(b.task.sequences, s), append(b.task.lengths, len(s))
			record.Responses = append(record.Responses, ranking.RecordResponse{FileIndex: i, Text: text})
		}
		for _, ranked := range given.Rankings {
			record.Tiers = ranked.Tiers
			b.add(&record, pairOptions{
				norm: c.PairNorm, ties: c.Ties, weight: func(string) float64 { return ranked.Weight },
				margin: func(ranking.Record, int, int) float64 { return ranked.Margin },
			}, &pairCounts{})
		}
		tasks = append(tasks, b.finish())
	}
	return tasks
}

// batches are the tasks of each step.
func (r *reference) batches(tasks []*rewardTask) (batches [][]*rewardTask) {
	for _, chosen := range r.Rankings.Batches {
		var batch []*rewardTask
		for _, i := range chosen {
			batch = append(batch, tasks[i])
		}
		batches = append(batches, batch)
	}
	return batches
}

func TestReferenceOfReward(t *testing.T) {
	r := openReference(t)
	o := r.Rankings.Optimization
	for _, c := range r.Rankings.Reward {
		t.Run(c.Name, func(t *testing.T) {
			want := r.figures.Reward[c.Name]
			run := &rewardRun{net: newTrainee(r.network(t, "reward"))}
			run.config.Ties, run.tie.Eta = c.Ties, c.Eta
			run.engine = newEngine(run.net.weights.Config, 100, r.Model.Context)
			tasks := r.tasks(t, c)
			b := run.gradient(tasks)
			equalFigure(t, "loss", b.loss, want.Loss)
			equalFigure(t, "∂loss/∂η", b.dEta, want.DEta)
			r.equalGradient(t, "reward_"+c.Name+"_gradient", run.net.grad)
			for i, given := range r.Rankings.Tasks {
				rewards := make([]float32, len(given.Sequences))
				run.engine.rewards(run.net.weights, given.Sequences, rewards)
				equalFigures(t, "rewards", rewards, want.Rewards[i])
			}
			for i, batch := range r.batches(tasks) {
				run.net.grad.Zero()
				b := run.gradient(batch)
				near(t, fmt.Sprintf("loss at step %d", i+1), b.loss, want.Losses[i], stepsTo*want.Losses[i])
				rate := o.rate(i, o.WarmupSteps, len(r.Rankings.Batches))
				if _, stepped := run.net.update(b.loss, rate, o.Optimization); !stepped {
					t.Fatalf("step %d was skipped", i+1)
				}
				if c.Ties == "davidson" {
					run.tie.update(b.dEta, rate/o.LearningRate*c.TieLearningRate, o.Optimization)
				}
			}
			near(t, "η", run.tie.Eta, want.EtaAfter, stepsTo*math.Abs(want.EtaAfter-c.Eta))
			r.equalAfter(t, "reward_"+c.Name+"_after", run.net.weights, r.network(t, "reward"))
		})
	}
}

func TestReferenceOfDPO(t *testing.T) {
	r := openReference(t)
	o := r.Rankings.Optimization
	for _, c := range r.Rankings.DPO {
		t.Run(c.Name, func(t *testing.T) {
			want := r.figures.DPO[c.Name]
			run := &dpoRun{reference: r.network(t, "dpo_start"), policy: newTrainee(r.network(t, "dpo_moved")), known: make(map[*rewardTask][]float64)}
			run.config.Beta, run.config.AverageLogProb = c.Beta, c.AverageLogProb
			run.loss = preference{c.Loss, c.Beta, c.LabelSmoothing}
			run.engine = newEngine(r.Model, 100, r.Model.Context)
			tasks := r.tasks(t, c)
			equalFigure(t, "loss", run.gradient(tasks).loss, want.Loss)
			r.equalGradient(t, "dpo_"+c.Name+"_gradient", run.policy.grad)

			run.policy = newTrainee(r.network(t, "dpo_start"))
			for i, batch := range r.batches(tasks) {
				run.policy.grad.Zero()
				b := run.gradient(batch)
				near(t, fmt.Sprintf("loss at step %d", i+1), b.loss, want.Losses[i], stepsTo*want.Losses[i])
				if _, stepped := run.policy.update(b.loss, o.rate(i, o.WarmupSteps, len(r.Rankings.Batches)), o.Optimization); !stepped {
					t.Fatalf("step %d was skipped", i+1)
				}
			}
			r.equalAfter(t, "dpo_"+c.Name+"_after", run.policy.weights, r.network(t, "dpo_start"))
		})
	}
}
