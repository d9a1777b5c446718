package trainer

import (
	"slices"
	"strings"
	"testing"

	"rankloop/model"
	"rankloop/ranking"
)

// resumeCase is a run to interrupt, and how its live state is compared.
type resumeCase struct {
	name   string
	kind   string
	inputs func() Inputs
	sets   []string
	cuts   []int // steps before the interruption
}

func resumeCases() []resumeCase {
	rankings := func() Inputs {
		return Inputs{
			Base:    tinyBase(1),
			Records: append(randomRecords(14, 4, ranking.SplitTrain, 1), randomRecords(6, 3, ranking.SplitValidation, 2)...),
		}
	}
	examples := func() Inputs {
		in := Inputs{Base: tinyBase(1), Text: lines}
		for i, p := range prompts(17) {
			example := Example{Messages: p.Messages, Reply: "yes indeed"}
			if i%4 == 3 {
				example.Split = ranking.SplitValidation
			}
			in.Examples = append(in.Examples, example)
		}
		return in
	}
	loopFrom := func(base *model.Checkpoint) Inputs {
		return Inputs{Base: base, Reward: tinyReward(base), Prompts: prompts(7), HeldOutPrompts: prompts(3), Text: lines}
	}
	loop := func() Inputs { return loopFrom(tinyBase(1)) }
	return []resumeCase{
		{"pretrain windows", KindPretrain, func() Inputs { return Inputs{Base: tinyBase(1), Text: lines} },
			[]string{"steps=8", "batch_windows=3", "context=16", "packing=windows"}, []int{1, 4}},
		{"pretrain documents", KindPretrain, func() Inputs { return Inputs{Base: tinyBase(1), Text: lines} },
			[]string{"steps=8", "batch_windows=3", "context=12", "packing=documents"}, []int{3}},
		{"pretrain held out", KindPretrain, func() Inputs { return Inputs{Base: tinyBase(1), Text: lines, HeldOutText: []string{"line 7 says 70"}} },
			[]string{"steps=8", "batch_windows=2", "context=16", "packing=documents", "eval_every=3"}, []int{2, 3}},
		{"pretrain denoising", KindPretrain, func() Inputs { return Inputs{Base: tinyBase(1), Text: lines} },
			[]string{"steps=6", "batch_windows=4", "context=20", "packing=windows", "denoise_share=0.6"}, []int{1, 4}},
		{"pretrain denoising documents", KindPretrain, func() Inputs { return Inputs{Base: tinyBase(1), Text: lines} },
			[]string{"steps=6", "batch_windows=4", "context=12", "packing=documents", "denoise_share=0.6"}, []int{3}},
		{"sft", KindSFT, examples, []string{"epochs=3", "batch_examples=4", "max_new=24", "pretrain_share=0.3"}, []int{2, 5, 6}},
		{"reward", KindReward, rankings, []string{"batch_tasks=4", "epochs=2", "max_new=12", "zero_samples=5", "eval_every=3", "ties=davidson"}, []int{2, 5}},
		{"dpo", KindDPO, rankings, []string{"batch_tasks=4", "epochs=2", "max_new=12", "eval_every=3", "ties=half"}, []int{2, 5}},
		// 2 epochs of 2 minibatches: 4 steps an iteration. 2 and 5 are in the middle of a rollout buffer, 4 is between two.
		{"ppo", KindPPO, loop, []string{"iterations=3", "episodes=6", "minibatches=2", "ppo_epochs=2", "max_new=8", "rollout_batch=4",
			"sample_every=1", "sample_prompts=2", "ptx_context=12", "rho=0.7", "learning_rate=0.002"}, []int{2, 4, 5}},
		{"ppo fixed", KindPPO, func() Inputs { in := loop(); in.Text = nil; return in },
			[]string{"iterations=2", "episodes=4", "minibatches=1", "ppo_epochs=2", "max_new=6", "kl_controller=fixed", "missing_end_rule=replace"}, []int{1, 2}},
		{"sft adapters", KindSFT, examples, append([]string{"epochs=3", "batch_examples=4", "max_new=24", "pretrain_share=0.3"}, adapting...), []int{2, 6}},
		{"reward adapters", KindReward, rankings, append([]string{"batch_tasks=4", "max_new=12", "zero_samples=5"}, adapting...), []int{2}},
		{"dpo adapters", KindDPO, rankings, append([]string{"batch_tasks=4", "max_new=12"}, adapting...), []int{2}},
		{"ppo adapters", KindPPO, func() Inputs { return loopFrom(untrained(tinyLlama(), 1)) },
			append([]string{"iterations=2", "episodes=4", "minibatches=2", "ppo_epochs=1", "max_new=6", "ptx_context=12", "sample_every=1"}, adapting...), []int{1, 2}},
		{"ppo llama", KindPPO, func() Inputs { return loopFrom(untrained(tinyLlama(), 1)) },
			[]string{"iterations=2", "episodes=4", "minibatches=2", "ppo_epochs=1", "max_new=6", "ptx_context=12"}, []int{1, 2}},
	}
}

func resumeCaseNamed(name string) resumeCase {
	cases := resumeCases()
	return cases[slices.IndexFunc(cases, func(c resumeCase) bool { return c.name == name })]
}

// equalParts compares states but for the time spent.
func equalParts(t *testing.T, got, want parts) {
	t.Helper()
	if len(got) != len(want) {
		t.Errorf("%d parts, want %d", len(got), len(want))
	}
	for name, data := range want {
		a, b := string(got[name]), string(data)
		if name == "run.json" {
			a, b = withoutElapsed(a), withoutElapsed(b)
		}
		if a != b {
			t.Errorf("part %s differs", name)
		}
	}
}

func withoutElapsed(header string) string {
	before, after, _ := strings.Cut(header, `"elapsed_ns":`)
	return before + strings.TrimLeft(after, "0123456789")
}

func TestCheckpointSharesNoMemory(t *testing.T) {
	for _, c := range resumeCases() {
		in := c.inputs()
		before := in.Base.Weights.Clone()
		run := open(t, c.kind, 1, in, c.sets...)
		first := published(t, run)
		kept := first.Weights.Clone()
		advance(t, run)
		if !sameBits(first.Weights.Data, kept.Data) {
			t.Errorf("%s: a published checkpoint changed", c.name)
		}
		if !sameBits(in.Base.Weights.Data, before.Data) {
			t.Errorf("%s: the base changed", c.name)
		}
		if first.Meta.Base != "tiny" || first.Meta.KernelSet == "" {
			t.Errorf("%s: meta %+v", c.name, first.Meta)
		}
		if _, err := first.Files(model.F32); err != nil {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}
