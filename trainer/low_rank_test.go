package trainer

import (
	"math"
	"runtime"
	"slices"
	"strings"
	"testing"

	"rankloop/model"
	"rankloop/ranking"
)

// adapting is what the tests set for adapters.
var adapting = []string{"lora_r=4", "lora_alpha=8"}

// families are the shapes that adapters are tested on.
var families = map[string]model.Config{"gpt2": tinyConfig(), "llama": tinyLlama()}

// TestAdaptersLearnThePlantedPreference runs the whole loop with adapters: a reward model learns what people planted and PPO
// follows it, on a base and a reward model that are never written to.
func TestAdaptersLearnThePlantedPreference(t *testing.T) {
	for name, shape := range families {
		t.Run(name, func(t *testing.T) {
			base := taught(t, untrained(shape, 1))
			before := slices.Clone(base.Weights.Data)
			run := open(t, KindReward, 1, Inputs{Base: base, Records: plantedRecords(40)},
				append(adapting, "batch_tasks=8", "epochs=4", "max_new=16", "zero_samples=16", "learning_rate=0.01")...)
			reports := finish(t, run)
			reward := published(t, run)
			if got := reports[len(reports)-1].Metrics[metricEvalAccuracy]; got < 0.95 {
				t.Errorf("the reward model's accuracy is %v", got)
			}
			if reward.Adapter == nil || reward.Weights.Adapter() != nil || reward.Meta.RewardStd <= 0 {
				t.Errorf("published %+v", reward.Meta)
			}
			frozen := slices.Clone(reward.Weights.Data)
			in := Inputs{Base: base, Reward: reward, Prompts: prompts(16)}
			ppo := open(t, KindPPO, 1, in, append(adapting, "iterations=16", "episodes=32", "minibatches=2", "ppo_epochs=2", "max_new=16",
				"learning_rate=0.005", "value_learning_rate=0.005", "kl_coef=0.2", "kl_controller=fixed", "gamma_ptx=0", "warmup_iterations=0")...)
			first := advance(t, ppo).Metrics
			if first[metricKL] != 0 || first[metricRatio] != 1 || first[metricSamplerGap] > 1e-4 {
				t.Errorf("the first step has KL %v, ratio %v, and a sampler %v off", first[metricKL], first[metricRatio], first[metricSamplerGap])
			}
			finish(t, ppo)
			yes, _ := shares(t, base, 64)
			after, _ := shares(t, published(t, ppo), 64)
			if after < yes+0.2 {
				t.Errorf("the liked reply went from %v to %v", yes, after)
			}
			if !sameBits(base.Weights.Data, before) || !sameBits(reward.Weights.Data, frozen) {
				t.Error("a frozen network changed")
			}
			if s := ppo.Summary(); s.Parameters != int64(len(base.Weights.Data)) || s.Trainable >= s.Parameters {
				t.Errorf("%+v", s)
			}
		})
	}
}

// plantedRecords are rankings of the two taught replies.
func plantedRecords(n int) []ranking.Record {
	var records []ranking.Record
	for i, p := range prompts(n) {
		r := record(p.Messages[0].Content, []string{disliked, liked}, []int{1}, []int{0})
		r.JudgmentID, r.TaskID = int64(i+1), int64(i+1)
		if i%4 == 3 {
			r.Split = ranking.SplitValidation
		}
		records = append(records, r)
	}
	return records
}

// TestPublishedAdapter: base and adapter, through their files, are the merged checkpoint; its adapter has no bias of the
// score, and the live network's scores are the published model's.
func TestPublishedAdapter(t *testing.T) {
	for name, shape := range families {
		for _, kind := range []string{KindSFT, KindReward} {
			t.Run(name+" "+kind, func(t *testing.T) {
				in := Inputs{Base: untrained(shape, 1), Records: randomRecords(8, 3, ranking.SplitTrain, 1)}
				in.Base.Meta.Name = "tiny"
				sets := []string{"batch_tasks=4", "epochs=2", "max_new=12", "zero_samples=6", "learning_rate=0.05"}
				if kind == KindSFT {
					in.Examples = []Example{{Messages: say("say it"), Reply: "yes indeed"}}
					sets = []string{"epochs=4", "max_new=12", "pretrain_share=0", "learning_rate=0.05"}
				}
				run := open(t, kind, 3, in, append(sets, adapting...)...)
				finish(t, run)
				c := published(t, run)
				loaded := throughFiles(t, c)
				if loaded.Adapter == nil || loaded.Adapter.LoRA != c.Adapter.LoRA || !sameBits(loaded.Adapter.Data, c.Adapter.Data) {
					t.Fatalf("the adapter through its files: %+v", loaded.Adapter)
				}
				if merged := in.Base.Weights.Attach(loaded.Adapter).Merge(); !sameBits(merged.Data, loaded.Weights.Data) {
					t.Error("base and adapter are not the checkpoint")
				}
				if !sameBits(in.Base.Weights.Data[:100], c.Weights.Data[:100]) || c.Meta.Base != "tiny" {
					t.Error("the embeddings changed, or the base has no name")
				}
				if kind != KindReward {
					return
				}
				live := run.(*rewardRun)
				live.net.weights.ShiftScalars(1.5) // a bias that training has drifted to
				live.zero.Mean += 1.5
				shifted := published(t, run)
				if a := shifted.Weights.WithAdapter(c.Adapter.LoRA, model.Scalar, 1); a.ScalarBias() != 0 || shifted.Adapter.Data[len(c.Adapter.Data)-1] != 0 {
					t.Error("the published adapter has a bias of the score")
				}
				sequences := live.train[0].sequences
				want, got := make([]float32, len(sequences)), make([]float32, len(sequences))
				live.engine.rewards(live.net.weights, sequences, want)
				live.engine.rewards(shifted.Weights, sequences, got)
				for i := range want {
					a, b := float64(want[i])-live.zero.Mean, float64(shifted.Meta.Reward(got[i]))
					if math.Abs(a-b) > 1e-4 {
						t.Errorf("reply %d scores %v live and %v published", i, a, b)
					}
				}
			})
		}
	}
}

// TestAdapterMemory: the estimate is near what a run holds, and far below full training's.
func TestAdapterMemory(t *testing.T) {
	shape := model.Config{Vocab: testTokenizer.Size(), Context: 256, Layers: 4, Heads: 4, Dim: 160, Hidden: 640, LayerNormEps: 1e-5, Head: model.LanguageModel}
	base := untrained(shape, 1)
	in := Inputs{Base: base, Reward: tinyReward(base), Prompts: prompts(4), Text: lines}
	sets := []string{"iterations=2", "episodes=4", "minibatches=1", "max_new=8", "micro_batch_tokens=512"}
	estimate := func(sets ...string) int64 {
		bytes, err := EstimateMemory(Spec{Kind: KindPPO, Config: resolve(t, KindPPO, sets...)}, in.Sizes())
		if err != nil {
			t.Fatal(err)
		}
		return bytes - runtimeBytes
	}
	before := heap()
	run := open(t, KindPPO, 1, in, append(sets, adapting...)...)
	advance(t, run)
	checkpoint := published(t, run)
	held := heap() - before
	runtime.KeepAlive(run)
	runtime.KeepAlive(checkpoint)
	small, whole := estimate(append(sets, adapting...)...), estimate(sets...)
	if small < held || small > 2*held+(16<<20) {
		t.Errorf("estimated %d MiB, held %d MiB", small>>20, held>>20)
	}
	if saved, copies := whole-small, int64(9*4*len(base.Weights.Data)); saved < copies*9/10 {
		t.Errorf("%d bytes less than full training, want about nine copies of the weights, %d", saved, copies)
	}
}

// TestAdapterCost: 3 tokens of 3 sequences through handConfig, N = 252, with adapters of rank 2 on the MLP: 2·((4+8)+(8+4)) =
// 48 numbers. (3+4+5)·(4·252 + 6·48) + (9+16+25)·48 = 17952, and a language model that is only read costs as ever.
func TestAdapterCost(t *testing.T) {
	spec := Spec{Kind: KindSFT, Config: resolve(t, KindSFT, "epochs=1", "pretrain_share=0", "lora_r=2", "lora_targets=c_fc,mlp.c_proj")}
	workload := Workload{Base: handConfig(model.LanguageModel), Units: 3, Train: reads(3, 4, 5), Validation: reads(2)}
	cost, err := EstimateCost(spec, workload)
	if err != nil || len(cost.Parts) != 2 || cost.Parts[0].FLOP != 17952 || cost.Parts[1].FLOP != 1072 {
		t.Errorf("%+v %v", cost, err)
	}
	spec.Config = resolve(t, KindSFT, "lora_r=2", "lora_targets=q_proj")
	if _, err := EstimateCost(spec, workload); ranking.ErrorCode(err) != ranking.CodeInvalid {
		t.Errorf("a GPT-2 with q_proj has a cost: %v", err)
	}
}

func TestAdapterSettings(t *testing.T) {
	for _, c := range []struct{ set, want string }{
		{"lora_r=-1", "lora_r must be between 0 and 1024"}, {"lora_r=2000", "lora_r must be between 0 and 1024"},
		{"lora_alpha=-1", "lora_alpha must be between"}, {"lora_r=4 lora_alpha=0", "the adapters would do nothing"},
		{"lora_targets=" + strings.Repeat("q", 1001), "at most 1000 bytes"}, {"lora_rank=4", "did you mean lora_r?"},
	} {
		if _, err := ResolveConfig(KindPPO, "", strings.Fields(c.set), nil); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v", c.set, err)
		}
	}
	base := tinyBase(1)
	in := Inputs{Base: base, Reward: tinyReward(base), Prompts: prompts(2), Records: randomRecords(4, 3, ranking.SplitTrain, 1),
		Examples: []Example{{Messages: say("say it"), Reply: "yes"}}}
	for _, kind := range []string{KindSFT, KindReward, KindPPO, KindDPO} {
		_, err := Open(Spec{Kind: kind, Config: resolve(t, kind, "lora_r=4", "lora_targets=c_attn,q_proj", "max_new=8")}, in)
		if ranking.ErrorCode(err) != ranking.CodeInvalid || !strings.Contains(err.Error(), `no matrix "q_proj"`) {
			t.Errorf("%s: %v", kind, err)
		}
	}
}

// TestStateFromBeforeASetting: a state that was saved by a program that did not know a setting yet goes on where that
// setting's zero value is what the program did.
func TestStateFromBeforeASetting(t *testing.T) {
	c := resumeCaseNamed("sft")
	run := open(t, c.kind, 1, c.inputs(), append(c.sets, "lora_alpha=0", "lora_targets=")...)
	advance(t, run)
	saved := save(t, run)
	old := string(saved["run.json"])
	for _, setting := range []string{`"lora_r":0,`, `"lora_alpha":0,`, `"lora_targets":"",`, `"use_rslora":false,`} {
		if !strings.Contains(old, setting) {
			t.Fatalf("%s has no %s", old, setting)
		}
		old = strings.Replace(old, setting, "", 1)
	}
	saved["run.json"] = []byte(old)
	again := open(t, c.kind, 1, c.inputs(), append(c.sets, "lora_alpha=0", "lora_targets=")...)
	if err := again.Restore(saved.open); err != nil || again.Step() != 1 {
		t.Errorf("step %d: %v", again.Step(), err)
	}
}
