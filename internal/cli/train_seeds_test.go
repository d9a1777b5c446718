package cli

import (
	"bytes"
	"strings"
	"testing"
)

func TestSweepForPeople(t *testing.T) {
	var out bytes.Buffer
	ctx := &Context{Stdout: &out}
	runs := []runView{
		{Run: "many-s1", State: "succeeded", Step: 8, StepsTotal: 8, Metrics: map[string]float64{"eval/accuracy": 0.6, "loss": 0.5}},
		{Run: "many-s2", State: "succeeded", Step: 8, StepsTotal: 8, Metrics: map[string]float64{"eval/accuracy": 0.8}},
	}
	if err := (TrainCmd{}).printSweep(ctx, runs); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"many-s2", "step 8 of 8", "eval/accuracy", "0.7", "[-0.57062, 1.9706]"} { // 0.7 ± 12.706·0.1
		if !strings.Contains(out.String(), want) {
			t.Errorf("the table lacks %q:\n%s", want, out.String())
		}
	}
	if strings.Contains(out.String(), "loss") {
		t.Error("a metric that one run lacks has a mean")
	}
	for name, c := range map[string]TrainCmd{
		"one seed": {Kind: "reward", Name: "a", Seeds: 1}, "no name": {Kind: "reward", Seeds: 3},
		"a dry run": {Kind: "reward", Name: "a", Seeds: 3, DryRun: true}, "standard input": {Kind: "ppo", Name: "a", Seeds: 3, Prompts: "-"},
	} {
		if err := c.Run(ctx); err == nil {
			t.Errorf("%s is accepted", name)
		}
	}
}
