package trainer

import (
	"maps"
	"reflect"
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
	loop := func() Inputs {
		base := tinyBase(1)
		return Inputs{Base: base, Reward: tinyReward(base), Prompts: prompts(7), HeldOutPrompts: prompts(3), Text: lines}
	}
	return []resumeCase{
		{"pretrain windows", KindPretrain, func() Inputs { return Inputs{Base: tinyBase(1), Text: lines} },
			[]string{"steps=8", "batch_windows=3", "context=16", "packing=windows"}, []int{1, 4}},
		{"pretrain documents", KindPretrain, func() Inputs { return Inputs{Base: tinyBase(1), Text: lines} },
			[]string{"steps=8", "batch_windows=3", "context=12", "packing=documents"}, []int{3}},
		{"sft", KindSFT, examples, []string{"epochs=3", "batch_examples=4", "max_new=24", "pretrain_share=0.3"}, []int{2, 5, 6}},
		{"reward", KindReward, rankings, []string{"batch_tasks=4", "epochs=2", "max_new=12", "zero_samples=5", "eval_every=3", "ties=davidson"}, []int{2, 5}},
		// 2 epochs of 2 minibatches: 4 steps an iteration. 2 and 5 are in the middle of a rollout buffer, 4 is between two.
		{"ppo", KindPPO, loop, []string{"iterations=3", "episodes=6", "minibatches=2", "ppo_epochs=2", "max_new=8", "rollout_batch=4",
			"sample_every=1", "sample_prompts=2", "ptx_context=12", "rho=0.7", "learning_rate=0.002"}, []int{2, 4, 5}},
		{"ppo fixed", KindPPO, func() Inputs { in := loop(); in.Text = nil; return in },
			[]string{"iterations=2", "episodes=4", "minibatches=1", "ppo_epochs=2", "max_new=6", "kl_controller=fixed", "missing_end_rule=replace"}, []int{1, 2}},
	}
}

// TestResumeIsExact: 2N steps equal N steps, a save, a fresh run, a restore and the rest: weights, moments and published
// weights to the bit, metrics and samples to the last digit.
func TestResumeIsExact(t *testing.T) {
	for _, c := range resumeCases() {
		t.Run(c.name, func(t *testing.T) {
			whole := open(t, c.kind, 11, c.inputs(), c.sets...)
			reports := finish(t, whole)
			final := save(t, whole)
			for _, cut := range c.cuts {
				first := open(t, c.kind, 11, c.inputs(), c.sets...)
				for range cut {
					advance(t, first)
				}
				saved := save(t, first)
				second := open(t, c.kind, 11, c.inputs(), c.sets...)
				if err := second.Restore(saved.open); err != nil {
					t.Fatal(err)
				}
				if second.Step() != cut || second.StepsTotal() != len(reports) {
					t.Fatalf("restored at step %d of %d", second.Step(), second.StepsTotal())
				}
				for i, report := range finish(t, second) {
					want := reports[cut+i]
					if !maps.Equal(untimed(report.Metrics), untimed(want.Metrics)) {
						t.Errorf("cut %d, step %d:\n%v\n%v", cut, report.Step, untimed(report.Metrics), untimed(want.Metrics))
					}
					if report.Step != want.Step || !reflect.DeepEqual(report.Samples, want.Samples) || !reflect.DeepEqual(report.Warnings, want.Warnings) {
						t.Errorf("cut %d, step %d: other samples or warnings: %v, %v", cut, report.Step, report.Warnings, want.Warnings)
					}
				}
				equalParts(t, save(t, second), final)
				a, b := published(t, whole), published(t, second)
				if !sameBits(a.Weights.Data, b.Weights.Data) || a.Meta != b.Meta {
					t.Errorf("cut %d: other published weights", cut)
				}
			}
		})
	}
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

// TestStepsMatterForResume guards the test above: two steps of a run are not alike, so equality says something.
func TestStepsMatterForResume(t *testing.T) {
	for _, c := range resumeCases() {
		run := open(t, c.kind, 11, c.inputs(), c.sets...)
		advance(t, run)
		one := save(t, run)
		advance(t, run)
		two := save(t, run)
		for name := range one {
			if strings.HasSuffix(name, ".weights") && !strings.HasPrefix(name, "best") && string(one[name]) == string(two[name]) {
				t.Errorf("%s: %s did not move", c.name, name)
			}
		}
	}
}

func TestRestoreRefusesAnotherRun(t *testing.T) {
	c := resumeCases()[3]
	run := open(t, c.kind, 11, c.inputs(), c.sets...)
	advance(t, run)
	saved := save(t, run)
	otherData := c.inputs()
	otherData.Records = otherData.Records[1:]
	otherBase := c.inputs()
	otherBase.Base = tinyBase(2)
	for name, other := range map[string]Run{
		"seed":   open(t, c.kind, 12, c.inputs(), c.sets...),
		"config": open(t, c.kind, 11, c.inputs(), append(c.sets, "learning_rate=0.5")...),
		"data":   open(t, c.kind, 11, otherData, c.sets...),
		"base":   open(t, c.kind, 11, otherBase, c.sets...),
	} {
		if err := other.Restore(saved.open); ranking.ErrorCode(err) != ranking.CodeConflict {
			t.Errorf("another %s: %v", name, err)
		}
	}
	for name := range saved {
		damaged := maps.Clone(saved)
		damaged[name] = saved[name][:len(saved[name])-1]
		if err := open(t, c.kind, 11, c.inputs(), c.sets...).Restore(damaged.open); err == nil {
			t.Errorf("a cut %s is restored", name)
		}
		delete(damaged, name)
		if err := open(t, c.kind, 11, c.inputs(), c.sets...).Restore(damaged.open); err == nil {
			t.Errorf("a missing %s is restored", name)
		}
	}
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
