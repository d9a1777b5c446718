package jobs

import (
	"fmt"
	"slices"
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

// TestExamplesOfSnapshot: sft learns the demonstrations and the replies of dialogues in a snapshot, none of its
// validation split, and nothing else that it holds; a snapshot of rankings alone is refused. The same name goes on with it.
func TestExamplesOfSnapshot(t *testing.T) {
	t.Parallel()
	b := setup(t)
	demonstrations := records(6, ranking.SplitTrain, 1)
	for i := range demonstrations {
		demonstrations[i].Kind = ranking.KindDemonstration
		demonstrations[i].Responses = []ranking.RecordResponse{{Text: fmt.Sprintf("yes %d", i), Model: ranking.ModelAnnotator, Written: true}}
		demonstrations[i].Tiers, demonstrations[i].OrderShown = [][]int{{0}}, nil
	}
	demonstrations[5].Split = ranking.SplitValidation
	talks := records(2, ranking.SplitTrain, 2)
	for i := range talks {
		talks[i].Kind = ranking.KindDialogue
		talks[i].Dialogue = &ranking.RecordDialogue{Turn: 1, Turns: 1, Reply: 2, K: 3}
	}
	b.addSnapshot("written", demonstrations, talks, records(8, ranking.SplitTrain, 3))
	b.addSnapshot("ranked", records(8, ranking.SplitTrain, 4))

	request := Request{Kind: "sft", Name: "learned", Snapshot: "written", Sets: []string{"epochs=1", "max_new=24", "micro_batch_tokens=256"}}
	spec, err := b.launcher().specify(t.Context(), request)
	must(t, err)
	inputs, err := b.inputs.Load(t.Context(), spec)
	must(t, err)
	var trained, held []string
	for _, example := range inputs.Examples {
		if example.Split == ranking.SplitValidation {
			held = append(held, example.Reply)
		} else {
			trained = append(trained, example.Reply)
		}
	}
	want := []string{"yes 0", "yes 1", "yes 2", "yes 3", "yes 4", talks[0].Responses[2].Text, talks[1].Responses[2].Text}
	if !slices.Equal(trained, want) || !slices.Equal(held, []string{"yes 5"}) {
		t.Errorf("trained on %q, held out %q; want %q", trained, held, want)
	}
	run := b.work(request)
	if run.State != "succeeded" || run.Snapshot != "written" {
		t.Errorf("the run is %s on the snapshot %q", run.State, run.Snapshot)
	}
	again := b.launch(Request{Kind: "sft", Name: "learned"})
	if again.ID != run.ID {
		t.Error("the same name without the snapshot is another run")
	}
	_, _, err = b.launcher().Launch(t.Context(), Request{Kind: "sft", Snapshot: "ranked"})
	if ranking.ErrorCode(err) != ranking.CodeInvalid || !strings.Contains(err.Error(), `snapshot "ranked" holds no reply to learn`) {
		t.Errorf("a snapshot of rankings alone: %v", err)
	}
}
