package cli

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"rankloop/model"
)

// Best-of-n keeps, of the replies that `generate` draws from the same seeds, the finished one with the highest score, and its
// lines are examples that `train sft` learns from.
func TestModelBest(t *testing.T) {
	p := newProgram(t)
	p.json(nil, "model", "import", tinyLlama, "--name", "writer")
	tiny, err := model.LoadCheckpoint(os.DirFS(tinyLlama))
	if err != nil {
		t.Fatal(err)
	}
	folder := filepath.Join(p.data, "scorer")
	scorer := tiny.Derive(tiny.Weights.WithScalarHead(1), model.Meta{Kind: model.RewardKind, RewardMean: 0.5, RewardStd: 1})
	if err := scorer.SaveFolder(folder, model.F32); err != nil {
		t.Fatal(err)
	}
	p.json(nil, "model", "import", folder, "--name", "scorer")

	const n = 200 // of a random model: few of its replies end by themselves
	in := p.file("prompts.jsonl", `{"id":"a","prompt":"the theme"}`+"\n"+`{"id":"b","prompt":"the hen","responses":["ignored"]}`+"\n")
	var best struct {
		Skipped int
		Prompts []bestPrompt
	}
	p.json(&best, "model", "best", "writer", "--reward", "scorer", "--in", in, "--n", fmt.Sprint(n), "--max-new", "10", "--seed", "7")
	if len(best.Prompts) == 0 || len(best.Prompts)+best.Skipped != 2 {
		t.Fatalf("%+v", best)
	}
	for _, line := range best.Prompts {
		seed := map[string]int{"a": 7, "b": 7 + n}[line.ID]
		var drawn struct {
			Responses []struct {
				Text  string
				Ended bool
			}
		}
		prompt := line.Messages[0].Content
		p.json(&drawn, "model", "generate", "writer", "--prompt", prompt, "--n", fmt.Sprint(n), "--max-new", "10", "--seed", fmt.Sprint(seed))
		var lines strings.Builder
		finished := 0
		for i, response := range drawn.Responses {
			if response.Ended && strings.TrimSpace(response.Text) != "" && !strings.Contains(response.Text, "\x00") {
				finished++
				line, err := json.Marshal(map[string]any{"id": fmt.Sprint(i), "prompt": prompt, "responses": []string{response.Text}})
				if err != nil {
					t.Fatal(err)
				}
				lines.Write(append(line, '\n'))
			}
		}
		var scored struct{ Prompts []scoredPrompt }
		p.json(&scored, "model", "score", "scorer", "--in", p.file("drawn.jsonl", lines.String()))
		highest, sum := scored.Prompts[0].Scores[0], 0.0
		for _, s := range scored.Prompts {
			highest = max(highest, s.Scores[0])
			sum += s.Scores[0]
		}
		if line.Metadata.Score != highest || line.Metadata.Finished != finished || line.Metadata.MeanScore != sum/float64(finished) {
			t.Errorf("%s: chose %v of %d replies, the highest of %d is %v", line.ID, line.Metadata, n, finished, highest)
		}
		if line.Responses[0].Model != "writer" || line.Group != line.ID {
			t.Errorf("%+v", line)
		}
	}

	status, stdout, stderr := p.try("model", "best", "writer", "--reward", "scorer", "--in", in, "--n", fmt.Sprint(n), "--max-new", "10", "--seed", "7")
	if status != exitDone || strings.Count(stdout, "\n") != len(best.Prompts) {
		t.Fatalf("%d %q %s", status, stdout, stderr)
	}
	var run struct{ State string }
	p.json(&run, "train", "sft", "--base", "writer", "--name", "rejection", "--data", p.file("best.jsonl", stdout), "--set", "epochs=1",
		"--set", "max_new=16", "--set", "pretrain_share=0", "--set", "select=last")
	if run.State != "succeeded" {
		t.Errorf("%+v", run)
	}
	p.fail(exitUsage, "model", "best", "writer", "--reward", "scorer", "--in", in, "--n", "0")
	if failed := p.fail(exitFailed, "model", "best", "writer", "--reward", "writer", "--in", in, "--n", "200", "--max-new", "10", "--seed", "7"); !strings.Contains(failed.Error.Message, "gives no scores") {
		t.Errorf("%+v", failed)
	}
}
