package trainer

import (
	"math"
	"testing"

	"rankloop/model"
	"rankloop/ranking"
)

// handConfig is small enough to count by hand: embeddings 10·4 + 8·4, a layer of 16 (norms) + 12·4+12 (QKV) + 4·4+4 (output)
// + 8·4+8 + 4·8+4 (MLP) = 172, a last norm of 8: N = 252, and 4 more with a scalar head. 12·L·A = 48.
func handConfig(head model.HeadKind) model.Config {
	return model.Config{Vocab: 10, Context: 8, Layers: 1, Heads: 1, Dim: 4, Hidden: 8, LayerNormEps: 1e-5, Head: head}
}

func reads(lengths ...int) (r Reads) {
	for _, n := range lengths {
		r.add(n)
	}
	return r
}

// TestCostByHand holds the counts to sums worked out on paper.
func TestCostByHand(t *testing.T) {
	base, reward := handConfig(model.LanguageModel), handConfig(model.Scalar)
	for _, test := range []struct {
		name     string
		kind     string
		sets     []string
		workload Workload
		want     Cost
	}{
		{
			// 6 windows of 8 tokens: 48·6·252 + 48·8·48.
			"pretrain", KindPretrain, []string{"steps=3", "batch_windows=2"},
			Workload{Base: base, Text: reads(8)},
			Cost{Steps: 3, TokensTrained: 48, FLOP: 91008, Parts: []CostPart{{CostTraining, 48, 91008, false}}},
		},
		{
			// 3 examples in batches of 2 are 2 steps an epoch. Share 1/3 of a batch of 2 is 1 window a step: 4 of 8 tokens.
			// Training 2·((3+4+5)·1512 + (9+16+25)·48) = 41088, mix 4·(8·1512 + 64·48) = 60672, validation 2·(2·1512 + 4·48)/3.
			"sft", KindSFT, []string{"epochs=2", "batch_examples=2", "pretrain_share=0.3333"},
			Workload{Base: base, Units: 3, Train: reads(3, 4, 5), Validation: reads(2), Text: reads(8)},
			Cost{Steps: 4, TokensTrained: 56, MixTokens: 32, FLOP: 103904, Parts: []CostPart{
				{CostTraining, 24, 41088, false}, {CostMix, 32, 60672, false}, {CostEvaluation, 4, 2144, false},
			}},
		},
		{
			// N = 256 with the scalar head. Training 4·(2·1536 + 4·48) = 13056: one step. The zero point: 2 replies of 3 tokens
			// to a prompt of 2, (4·1512 + 16·48)/3 each to sample and (5·1536 + 25·48)/3 to score.
			"reward", KindReward, []string{"epochs=1", "batch_tasks=2", "max_new=3", "zero_samples=2"},
			Workload{Base: base, Units: 2, Train: reads(2, 2, 2, 2), Validation: reads(3, 3), Prompts: reads(2, 2)},
			Cost{Steps: 1, TokensTrained: 8, FLOP: 26880, AtMost: true, Parts: []CostPart{
				{CostTraining, 8, 13056, false}, {CostEvaluation, 6, 3360, false},
				{CostZeroPoint, 8, 4544, true}, {CostZeroPoint, 10, 5920, false},
			}},
		},
		{
			// The reference reads everything once; validation is read at steps 2, 4 and 5.
			"dpo", KindDPO, []string{"epochs=5", "batch_tasks=2", "eval_every=2"},
			Workload{Base: base, Units: 2, Train: reads(3, 3), Validation: reads(2)},
			Cost{Steps: 5, TokensTrained: 30, FLOP: 57280, Parts: []CostPart{
				{CostTraining, 30, 49680, false}, {CostReference, 8, 4384, false}, {CostEvaluation, 6, 3216, false},
			}},
		},
		{
			// 8 episodes of 3 tokens to prompts of 2 and 4: 4 and 6 tokens read, 5 and 7 scored. A pass of the policy over them
			// is 40·1512 + 208·48 = 70464, of the value model 71424, of the reward model 87936. 12 steps bring 2 windows of 5.
			"ppo", KindPPO, []string{"iterations=2", "episodes=4", "minibatches=2", "ppo_epochs=3", "max_new=3", "rho=1", "sample_every=0"},
			Workload{Base: base, Reward: reward, Prompts: reads(2, 4), RewardPrompts: reads(2, 4), HeldOut: reads(2), Text: reads(5)},
			Cost{Steps: 12, TokensTrained: 240, MixTokens: 120, FLOP: 774496, AtMost: true, Parts: []CostPart{
				{CostRollout, 40, 23488, true}, {CostScoring, 168, 100096, false}, {CostTraining, 120, 211392, false},
				{CostValue, 120, 214272, false}, {CostMix, 120, 210240, false}, {CostEvaluation, 8, 4544, true}, {CostEvaluation, 18, 10464, false},
			}},
		},
	} {
		got, err := EstimateCost(Spec{Kind: test.kind, Config: resolve(t, test.kind, test.sets...)}, test.workload)
		if err != nil {
			t.Fatal(err)
		}
		if got.Steps != test.want.Steps || got.TokensTrained != test.want.TokensTrained || got.MixTokens != test.want.MixTokens || got.AtMost != test.want.AtMost {
			t.Errorf("%s: got %+v\nwant %+v", test.name, got, test.want)
		}
		if math.Abs(got.FLOP-test.want.FLOP) > 0.5 || len(got.Parts) != len(test.want.Parts) {
			t.Errorf("%s: %v FLOP in %+v\nwant %v in %+v", test.name, got.FLOP, got.Parts, test.want.FLOP, test.want.Parts)
			continue
		}
		for i, part := range got.Parts {
			want := test.want.Parts[i]
			if part.Name != want.Name || part.Tokens != want.Tokens || part.Sampling != want.Sampling || math.Abs(part.FLOP-want.FLOP) > 0.5 {
				t.Errorf("%s: part %+v, want %+v", test.name, part, want)
			}
		}
	}
}

// TestCostOfRuns compares the count with what runs say they have read.
func TestCostOfRuns(t *testing.T) {
	base := tinyBase(1)
	records := append(randomRecords(5, 3, ranking.SplitTrain, 1), randomRecords(3, 3, ranking.SplitValidation, 2)...)
	for _, test := range []struct {
		kind   string
		inputs Inputs
		sets   []string
		exact  bool
	}{
		{KindPretrain, Inputs{Base: base, Text: lines}, []string{"steps=8", "batch_windows=8"}, true}, // the windows that are looked at
		{KindSFT, Inputs{Base: base, Examples: []Example{{Messages: say("say it"), Reply: "yes"}, {Messages: say("again"), Reply: "maybe so"}}}, []string{"epochs=3", "max_new=16"}, true},
		{KindReward, Inputs{Base: base, Records: records}, []string{"epochs=2", "batch_tasks=2", "max_new=16", "zero_samples=4"}, true},
		{KindDPO, Inputs{Base: base, Records: records}, []string{"epochs=2", "batch_tasks=2", "max_new=16"}, true},
		{KindPPO, Inputs{Base: base, Reward: tinyReward(base), Prompts: prompts(4), Text: lines},
			[]string{"iterations=2", "episodes=16", "minibatches=2", "ppo_epochs=1", "rho=2", "max_new=8", "ptx_context=32"}, false},
	} {
		spec := Spec{Kind: test.kind, Seed: 3, Config: resolve(t, test.kind, test.sets...)}
		workload, err := MeasureWorkload(spec, test.inputs)
		if err != nil {
			t.Fatal(err)
		}
		cost, err := EstimateCost(spec, workload)
		if err != nil {
			t.Fatal(err)
		}
		run, err := Open(spec, test.inputs)
		if err != nil {
			t.Fatal(err)
		}
		finish(t, run)
		seen := run.Summary().TokensSeen
		if cost.Steps != run.StepsTotal() || seen > cost.TokensTrained || test.exact && seen != cost.TokensTrained || cost.TokensTrained > 2*seen {
			t.Errorf("%s: %d steps and %d tokens expected, %d and %d seen", test.kind, cost.Steps, cost.TokensTrained, run.StepsTotal(), seen)
		}
		if mix := test.kind == KindPPO; mix != (cost.MixShare() > 0 && cost.MixShare() < 1) {
			t.Errorf("%s: the mix's share is %v", test.kind, cost.MixShare())
		}
		if one, two := cost.Seconds(1), cost.Seconds(2); one <= 0 || math.Abs(one-2*two) > 1e-12*one {
			t.Errorf("%s: %v s at one speed, %v s at twice that", test.kind, one, two)
		}
	}
}

func TestCostRefusesNonsense(t *testing.T) {
	if _, err := EstimateCost(Spec{Kind: "none"}, Workload{}); err == nil {
		t.Error("an unknown kind has a cost")
	}
	if _, err := EstimateCost(Spec{Kind: KindPPO, Config: resolve(t, KindPPO)}, Workload{Base: tinyConfig()}); err == nil {
		t.Error("PPO without a reward model has a cost")
	}
	if _, err := MeasureWorkload(Spec{Kind: KindPretrain, Config: resolve(t, KindPretrain)}, Inputs{Base: tinyBase(1)}); ranking.ErrorCode(err) != ranking.CodeInvalid {
		t.Errorf("pretraining without text: %v", err)
	}
}
