package jobs

import (
	"fmt"
	"strings"
	"testing"

	"rankloop/ranking"
)

// TestExamplesAreDividedForTheBestEpoch: a tenth of the groups is for validation where the best epoch is chosen, whole
// groups at a time, and everything is for training where the last one is published.
func TestExamplesAreDividedForTheBestEpoch(t *testing.T) {
	t.Parallel()
	b := setup(t)
	const groups, perGroup = 20, 3
	var lines strings.Builder
	for i := range groups * perGroup {
		fmt.Fprintf(&lines, `{"id":"p%d","group":"g%d","prompt":"say it %d","responses":["yes %d","no %d"]}`+"\n", i, i/perGroup, i, i, i)
	}
	held := func(choice string) map[string]int {
		spec, err := b.launcher().specify(t.Context(), Request{Kind: "sft", Data: file("r.jsonl", lines.String()), Sets: []string{"select=" + choice, "max_new=24"}})
		must(t, err)
		inputs, err := b.inputs.Load(t.Context(), spec)
		must(t, err)
		if len(inputs.Examples) != 2*groups*perGroup {
			t.Fatalf("%d examples", len(inputs.Examples))
		}
		validation := map[string]int{}
		for i, example := range inputs.Examples {
			if example.Split == ranking.SplitValidation {
				validation[fmt.Sprintf("g%d", i/2/perGroup)]++
			}
		}
		return validation
	}
	if best := held("best"); len(best) != groups/10 {
		t.Errorf("examples for validation by group: %v, want %d groups", best, groups/10)
	} else {
		for group, n := range best {
			if n != 2*perGroup {
				t.Errorf("group %s is on both sides: %d of %d examples for validation", group, n, 2*perGroup)
			}
		}
	}
	if last := held("last"); len(last) != 0 {
		t.Errorf("examples for validation though the last epoch is published: %v", last)
	}
}
