package demo

import (
	"context"
	"testing"

	"rankloop/internal/basemodel"
	"rankloop/internal/demo/judge"
	"rankloop/internal/inference"
	"rankloop/model"
)

// TestBaseModelGivesSomethingToRank holds the embedded model against what a loop needs of its start: replies that end,
// that are good often but not always, and that differ.
func TestBaseModelGivesSomethingToRank(t *testing.T) {
	engine := inference.NewEngine(func(context.Context, string) (*model.Checkpoint, error) { return basemodel.Checkpoint() })
	prompts := basemodel.Prompts(20260401, 200, true)
	var requests []inference.Request
	for i, prompt := range prompts {
		for j := range k {
			requests = append(requests, inference.Request{Messages: conversation(prompt), Seed: uint64(i*k + j)})
		}
	}
	options := inference.Sampled
	options.MaxNew = sizeOf(false).maxNew
	replies, err := engine.Generate(context.Background(), basemodel.Name, requests, options, nil)
	if err != nil {
		t.Fatal(err)
	}
	ends, accepts, differ := 0.0, 0.0, 0.0
	for i, prompt := range prompts {
		scores := map[float64]bool{}
		for _, reply := range replies[i*k : (i+1)*k] {
			verdict := judge.Judge(prompt, reply.Text, reply.Ended)
			scores[verdict.Score] = true
			ends += indicator(reply.Ended)
			accepts += indicator(verdict.Accepted)
		}
		differ += indicator(len(scores) > 1)
	}
	ends, accepts, differ = ends/float64(len(replies)), accepts/float64(len(replies)), differ/float64(len(prompts))
	t.Logf("%.3f end by themselves, the judge fully accepts %.3f, in %.3f of the prompts the scores differ", ends, accepts, differ)
	if ends < 0.95 {
		t.Errorf("only %.3f end by themselves", ends)
	}
	if accepts < 0.40 || accepts > 0.75 {
		t.Errorf("the judge fully accepts %.3f, outside of 0.40 to 0.75", accepts)
	}
	if differ < 0.80 {
		t.Errorf("in only %.3f of the prompts do the scores differ", differ)
	}
}
