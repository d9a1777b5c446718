//go:build walk

package e2e

import (
	"bufio"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"rankloop/ranking"
)

// sharedData finds real rankings that are no part of the project: ../shared/data beside the repository.
func sharedData(t *testing.T, name string) string {
	t.Helper()
	folder := os.Getenv("RANKLOOP_SHARED")
	if folder == "" {
		folder = filepath.Join("..", "..", "..", "shared")
	}
	path, err := filepath.Abs(filepath.Join(folder, "data", name))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(path); err != nil {
		t.Skipf("needs the real rankings of %s, which are no part of the project (RANKLOOP_SHARED names their folder)", path)
	}
	return path
}

// human is a prompt of a data file with what people, or a stand-in, thought of its responses: higher is better.
type human struct {
	texts  []string
	scores []float64
}

// readHumans reads a prompt set and its truth file, independently of how the program reads them.
func readHumans(t *testing.T, prompts, truth string) map[string]human {
	t.Helper()
	humans := map[string]human{}
	eachLine(t, prompts, func(line []byte) {
		var p struct {
			ID        string
			Responses []struct{ Text string }
		}
		decode(t, line, &p)
		var h human
		for _, r := range p.Responses {
			h.texts = append(h.texts, r.Text)
		}
		humans[p.ID] = h
	})
	eachLine(t, truth, func(line []byte) {
		var v struct {
			ID            string
			Ranks, Scores []float64
		}
		decode(t, line, &v)
		h := humans[v.ID]
		for _, rank := range v.Ranks {
			v.Scores = append(v.Scores, -rank)
		}
		h.scores = v.Scores
		if len(h.scores) != len(h.texts) {
			t.Fatalf("%s has %d responses and %d scores", v.ID, len(h.texts), len(h.scores))
		}
		humans[v.ID] = h
	})
	return humans
}

func eachLine(t *testing.T, path string, f func(line []byte)) {
	t.Helper()
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	lines := bufio.NewScanner(file)
	lines.Buffer(nil, 64<<20)
	for lines.Scan() {
		f(lines.Bytes())
	}
	if err := lines.Err(); err != nil {
		t.Fatal(err)
	}
}

func decode(t *testing.T, line []byte, v any) {
	t.Helper()
	if err := json.Unmarshal(line, v); err != nil {
		t.Fatalf("%v in %s", err, line)
	}
}

// pair is a comparison by prompt and texts.
type pair struct{ Prompt, Chosen, Rejected string }

func (p pair) compare(q pair) int {
	return slices.Compare([]string{p.Prompt, p.Chosen, p.Rejected}, []string{q.Prompt, q.Chosen, q.Rejected})
}

// exported reads the pairs of a trl export. In conversations of several turns completions are led by a space.
func exported(t *testing.T, path string) (pairs []pair) {
	t.Helper()
	eachLine(t, path, func(line []byte) {
		var row struct {
			Prompt, Chosen, Rejected string
			PromptID                 string `json:"prompt_id"`
			Simulated                bool
		}
		decode(t, line, &row)
		if strings.HasSuffix(row.Prompt, "\n\nAssistant:") {
			row.Chosen, row.Rejected = strings.TrimPrefix(row.Chosen, " "), strings.TrimPrefix(row.Rejected, " ")
		}
		if !row.Simulated {
			t.Fatalf("a simulated judgment is not marked: %s", line)
		}
		pairs = append(pairs, pair{row.PromptID, row.Chosen, row.Rejected})
	})
	slices.SortFunc(pairs, pair.compare)
	return pairs
}

// implied computes the pairs of the responses that were shown, from the files. Responses of equal text are one, which
// stands where the first of them stood.
func implied(t *testing.T, humans map[string]human, records []ranking.Record) (pairs []pair, ties int) {
	t.Helper()
	for _, r := range records {
		h := humans[r.PromptID]
		for i, a := range r.Responses {
			if h.texts[a.FileIndex] != a.Text {
				t.Fatalf("%s: response %d is not that of the file", r.PromptID, a.FileIndex)
			}
			for _, b := range r.Responses[i+1:] {
				switch first, second := h.scores[a.FileIndex], h.scores[b.FileIndex]; {
				case first > second:
					pairs = append(pairs, pair{r.PromptID, a.Text, b.Text})
				case first < second:
					pairs = append(pairs, pair{r.PromptID, b.Text, a.Text})
				default:
					ties++
				}
			}
		}
	}
	slices.SortFunc(pairs, pair.compare)
	return pairs, ties
}

// walk takes real rankings from import to export, and returns how many pairs and ties came out.
func (p *program) walk(t *testing.T, name, k, prompts, truthFlag, truth string) (rows, ties int) {
	t.Helper()
	p.run(t, "campaign", "create", "--name", name, "--k", k)
	p.run(t, "import", "--campaign", name, prompts)
	p.run(t, "simulate", "--campaign", name, truthFlag, truth, "--annotators", "3")
	p.run(t, "snapshot", "create", "--campaign", name, "--name", name)
	out := filepath.Join(p.folder, name+".trl.jsonl")
	var report struct {
		Rows, Comparisons int
		TiesOmitted       int `json:"ties_omitted"`
	}
	p.json(t, &report, "export", "--snapshot", name, "--format", "trl", "--out", out)

	records := p.records(t, name)
	want, wantTies := implied(t, readHumans(t, prompts, truth), records)
	if diff := cmp.Diff(want, exported(t, out)); diff != "" {
		t.Errorf("%s (-implied by the files +exported):\n%s", name, diff)
	}
	if report.Rows != len(want) || report.TiesOmitted != wantTies || report.Comparisons != len(want)+wantTies {
		t.Errorf("%s: the export counts %+v; the files imply %d strict pairs and %d ties", name, report, len(want), wantTies)
	}
	t.Logf("%s with K %s: %d judgments, %d pairs, %d ties", name, k, len(records), report.Rows, report.TiesOmitted)
	return report.Rows, report.TiesOmitted
}

// train trains a reward model on the snapshot and tunes the base model against it, a few steps each.
func (p *program) train(t *testing.T, snapshot string) {
	t.Helper()
	for _, args := range [][]string{
		{"train", "reward", "--name", snapshot + "-reward", "--snapshot", snapshot, "--set", "max_new=64", "--set", "zero_samples=16"},
		{"train", "ppo", "--name", snapshot + "-ppo", "--reward", snapshot + "-reward", "--prompts", snapshot, "--set", "iterations=2",
			"--set", "episodes=16", "--set", "max_new=24", "--set", "sample_every=1", "--set", "sample_prompts=2"},
	} {
		var run struct {
			State           string
			Step            int
			StepsTotal      int     `json:"steps_total"`
			FinalCheckpoint string  `json:"final_checkpoint"`
			Duration        float64 `json:"duration_s"`
			Metrics         map[string]float64
		}
		p.json(t, &run, args...)
		if run.State != "succeeded" || run.Step != run.StepsTotal || run.Step == 0 || run.FinalCheckpoint == "" || len(run.Metrics) == 0 {
			t.Errorf("%v ended as %+v", args, run)
		}
		t.Logf("%s %s: %d steps in %.1f s", args[1], snapshot, run.Step, run.Duration)
	}
}

// Rankings that people made, and replies of the InstructGPT paper's own models, go the whole way.
func TestWalk(t *testing.T) {
	t.Run("oasst", func(t *testing.T) {
		prompts, ranks := sharedData(t, "oasst_prompts.jsonl"), sharedData(t, "oasst_human_ranks.jsonl")
		p := newProgram(t)
		if rows, ties := p.walk(t, "oasst", "9", prompts, "--ranks", ranks); rows != 754 || ties != 0 {
			t.Errorf("%d rows and %d ties, want all 754 and 0", rows, ties)
		}
		if rows, ties := p.walk(t, "oasst-4", "4", prompts, "--ranks", ranks); rows != 636 || ties != 0 {
			t.Errorf("%d rows and %d ties, want 636 and 0", rows, ties)
		}
		p.train(t, "oasst")
	})
	t.Run("tldr", func(t *testing.T) {
		prompts, scores := sharedData(t, "instructgpt_tldr_prompts.jsonl"), sharedData(t, "instructgpt_tldr_scores.jsonl")
		p := newProgram(t)
		if rows, ties := p.walk(t, "tldr", "6", prompts, "--scores", scores); ties == 0 || rows+ties > 1500 {
			t.Errorf("%d rows and %d ties of 100 tasks with 6 responses", rows, ties)
		}
		p.train(t, "tldr")
	})
}
