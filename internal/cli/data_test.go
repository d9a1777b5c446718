package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"rankloop/internal/postgres/postgrestest"
	"rankloop/ranking"
)

// program runs commands against a data folder and a database of its own.
type program struct {
	t    *testing.T
	data string
	url  string
}

func newProgram(t *testing.T) *program {
	t.Helper()
	return &program{t: t, data: t.TempDir(), url: postgrestest.URL(t)}
}

// try runs a command and returns its exit status and its output.
func (p *program) try(args ...string) (status int, stdout, stderr string) {
	p.t.Helper()
	var out, errs bytes.Buffer
	args = append(args, "--data", p.data, "--database-url", p.url)
	status = run(p.t.Context(), args, strings.NewReader(""), &out, &errs)
	return status, out.String(), errs.String()
}

// json runs a command with --json, which must succeed, and decodes its output into v.
func (p *program) json(v any, args ...string) {
	p.t.Helper()
	status, stdout, stderr := p.try(append(args, "--json")...)
	if status != exitDone {
		p.t.Fatalf("%v: status %d\n%s%s", args, status, stdout, stderr)
	}
	if v != nil {
		if err := json.Unmarshal([]byte(stdout), v); err != nil {
			p.t.Fatalf("%v: %v in %s", args, err, stdout)
		}
	}
}

// fail runs a command with --json, which must fail with the status, and returns the error it prints.
func (p *program) fail(status int, args ...string) jsonError {
	p.t.Helper()
	got, stdout, stderr := p.try(append(args, "--json")...)
	var form jsonError
	if err := json.Unmarshal([]byte(stdout), &form); got != status || err != nil || form.Error.Message == "" {
		p.t.Fatalf("%v: status %d (want %d), %v\n%s%s", args, got, status, err, stdout, stderr)
	}
	return form
}

func (p *program) file(name, content string) string {
	p.t.Helper()
	path := filepath.Join(p.data, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		p.t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		p.t.Fatal(err)
	}
	return path
}

// pairRow is what of an export's row says which pair it is.
type pairRow struct {
	PromptID string `json:"prompt_id"`
	Chosen   int    `json:"chosen_index"`
	Rejected int    `json:"rejected_index"`
}

func readPairs(t *testing.T, path string) map[pairRow]int {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	pairs := make(map[pairRow]int)
	for line := range strings.Lines(string(content)) {
		var row struct {
			pairRow
			Simulated bool `json:"simulated"`
		}
		if err := json.Unmarshal([]byte(line), &row); err != nil {
			t.Fatal(err)
		}
		if !row.Simulated {
			t.Fatalf("a simulated judgment is not marked: %s", line)
		}
		pairs[row.pairRow]++
	}
	return pairs
}

// The data commands in the order in which people use them, on a set with a tie, an overlap and identical replies.
func TestDataCommands(t *testing.T) {
	p := newProgram(t)
	var set, truth strings.Builder
	for i := range 20 {
		fmt.Fprintf(&set, `{"id":"p%d","prompt":"Question number %d about subject %d?","responses":[{"text":"best %d","model":"a"},{"text":"tied %d","model":"b"},{"text":"also tied %d","model":"c"},{"text":"best %d","model":"d"},{"text":"worst %d","model":"e"}]}`+"\n", i, i, i*i, i, i, i, i, i)
		fmt.Fprintf(&truth, `{"id":"p%d","ranks":[1,2,2,1,7]}`+"\n", i)
	}
	prompts, ranks := p.file("set.jsonl", set.String()), p.file("ranks.jsonl", truth.String())

	p.json(nil, "campaign", "create", "--name", "c", "--k", "4", "--overlap", "2")
	var imported struct {
		PromptsAdded   int `json:"prompts_added"`
		ResponsesAdded int `json:"responses_added"`
	}
	p.json(&imported, "import", "--campaign", "c", prompts)
	if imported.PromptsAdded != 20 || imported.ResponsesAdded != 80 {
		t.Fatalf("%+v", imported)
	}
	var simulated struct {
		Submitted int `json:"judgments_submitted"`
		Total     int `json:"tasks_total"`
		Complete  int `json:"tasks_complete"`
		Pairs     int `json:"comparisons"`
		Ties      int `json:"ties"`
		Flipped   int `json:"comparisons_flipped"`
	}
	simulate := []string{"simulate", "--campaign", "c", "--ranks", ranks, "--annotators", "3"}
	p.json(&simulated, simulate...)
	// 4 distinct responses: 6 pairs, 1 of them tied, twice 20 times.
	if simulated.Submitted != 40 || simulated.Total != 20 || simulated.Complete != 20 || simulated.Pairs != 240 || simulated.Ties != 40 || simulated.Flipped != 0 {
		t.Fatalf("%+v", simulated)
	}
	p.json(&simulated, simulate...)
	if simulated.Submitted != 0 || simulated.Complete != 20 {
		t.Fatalf("a second run: %+v", simulated)
	}

	var snapshot struct {
		Snapshot, SHA256 string
		Judgments        int
		Simulated        int `json:"simulated_judgments"`
		Prompts          struct{ Total, Train, Validation int }
		Comparisons      struct{ Total, Train, Validation int }
		Ties             int
	}
	p.json(&snapshot, "snapshot", "create", "--campaign", "c", "--validation", "0.2")
	if snapshot.Snapshot != "snapshot-1" || snapshot.Judgments != 40 || snapshot.Simulated != 40 || snapshot.Prompts.Total != 20 || snapshot.Prompts.Validation != 4 ||
		snapshot.Comparisons.Total != 240 || snapshot.Comparisons.Validation != 48 || snapshot.Ties != 40 {
		t.Fatalf("%+v", snapshot)
	}
	first := snapshot.SHA256
	p.json(&snapshot, "snapshot", "create", "--campaign", "c", "--validation", "0.2")
	if snapshot.Snapshot != "snapshot-2" || snapshot.SHA256 != first {
		t.Errorf("the same snapshot again is %s with %s, was %s", snapshot.Snapshot, snapshot.SHA256, first)
	}

	out := filepath.Join(p.data, "out.jsonl")
	var exported struct {
		Rows, Prompts, Judgments, Comparisons int
		TiesOmitted                           int `json:"ties_omitted"`
		Splits                                map[string]int
	}
	p.json(&exported, "export", "--snapshot", "snapshot-1", "--format", "trl", "--out", out)
	if exported.Rows != 200 || exported.Comparisons != 240 || exported.TiesOmitted != 40 || exported.Splits["train"] != 160 || exported.Splits["validation"] != 40 {
		t.Errorf("%+v", exported)
	}
	for pair, n := range readPairs(t, out) {
		if n != 2 || pair.Chosen == 3 || pair.Rejected == 3 || pair.Chosen == 4 || pair.Chosen != 0 && pair.Rejected != 4 {
			t.Errorf("%d rows of %+v", n, pair)
		}
	}
	if e := p.fail(exitFailed, "export", "--snapshot", "snapshot-1", "--format", "trl", "--out", out); !strings.Contains(e.Error.Message, "--force") {
		t.Errorf("%+v", e)
	}
	p.json(nil, "export", "--campaign", "c", "--format", "native", "--out", out, "--force")
	p.json(nil, "campaign", "create", "--name", "again")
	p.json(&imported, "import", "--campaign", "again", out)
	if imported.PromptsAdded != 20 {
		t.Errorf("the native export brings %d prompts back", imported.PromptsAdded)
	}

	var stats struct {
		Tasks     struct{ Total, Complete int }
		Agreement struct {
			Value    float64
			Interval [2]float64
			Pairs    int
		}
		Models []struct {
			Model string
			Wins  int
		}
	}
	p.json(&stats, "stats", "--campaign", "c")
	if stats.Tasks.Total != 20 || stats.Tasks.Complete != 20 || stats.Agreement.Value != 1 || stats.Agreement.Pairs != 100 || stats.Models[0].Model != "a" || stats.Models[0].Wins != 120 {
		t.Errorf("%+v", stats)
	}
	for _, args := range [][]string{
		{"campaign", "list"}, {"campaign", "show", "c"}, {"snapshot", "list"}, {"snapshot", "show", "snapshot-1"}, {"stats", "--snapshot", "snapshot-1"},
	} {
		p.json(nil, args...)
		if status, stdout, stderr := p.try(args...); status != exitDone || stdout == "" {
			t.Errorf("%v: status %d, %q\n%s", args, status, stdout, stderr)
		}
	}
}

// What people write wrong ends with a status that tells whose fault it is, and nothing half-stored.
func TestDataCommandsRefuse(t *testing.T) {
	p := newProgram(t)
	p.json(nil, "campaign", "create", "--name", "c")
	good := p.file("good.jsonl", `{"id":"a","prompt":"x","responses":["1","2"]}`+"\n")
	bad := p.file("bad.jsonl", `{"id":"b","prompt":"x","responses":["1","2"]}`+"\n"+`{"id":"c","promt":"x"}`+"\n")
	for _, c := range []struct {
		status  int
		message string
		args    []string
	}{
		{exitUsage, "good.jsonl", []string{"import", "--campaign", "c", filepath.Join(p.data, "god.jsonl")}},
		{exitUsage, "--campaign", []string{"import", "--campagn", "c", good}},
		{exitUsage, "--skip-bad", []string{"import", "--campaign", "c", "--skipbad", good}},
		{exitUsage, "named twice", []string{"import", "--campaign", "c", "-", "-"}},
		{exitFailed, "no campaign d", []string{"import", "--campaign", "d", good}},
		{exitFailed, "bad lines: 1", []string{"import", "--campaign", "c", good, bad}},
		{exitUsage, "did you mean trl?", []string{"export", "--campaign", "c", "--format", "tlr", "--out", "x"}},
		{exitUsage, "--campaign N or --snapshot S", []string{"export", "--format", "trl", "--out", "x"}},
		{exitUsage, "standard output", []string{"export", "--campaign", "c", "--format", "trl", "--out", "-"}},
		{exitFailed, "no snapshot s", []string{"stats", "--snapshot", "s"}},
		{exitUsage, "--scores FILE or --ranks FILE", []string{"simulate", "--campaign", "c"}},
		{exitUsage, "does not exist", []string{"simulate", "--campaign", "c", "--scores", filepath.Join(p.data, "nothing")}},
		{exitFailed, "cannot be read as a file of scores", []string{"simulate", "--campaign", "c", "--scores", good}},
		{exitFailed, "no judgments", []string{"snapshot", "create", "--campaign", "c"}},
		{exitFailed, "2 to 16", []string{"campaign", "create", "--name", "d", "--k", "40"}},
		{exitFailed, "already", []string{"campaign", "create", "--name", "c"}},
	} {
		if e := p.fail(c.status, c.args...); !strings.Contains(e.Error.Message, c.message) {
			t.Errorf("%v: %q, want %q in it", c.args, e.Error.Message, c.message)
		}
	}
	e := p.fail(exitFailed, "import", "--campaign", "c", bad)
	want := ranking.Detail{File: bad, Line: 2, Reason: `has the unknown key "promt"; did you mean "prompt"?`}
	if len(e.Error.Details) != 1 || e.Error.Details[0] != want {
		t.Errorf("details %+v", e.Error.Details)
	}
	var campaign struct{ Prompts int }
	if p.json(&campaign, "campaign", "show", "c"); campaign.Prompts != 0 {
		t.Errorf("%d prompts are stored", campaign.Prompts)
	}
}

// shared opens the folder of trial data beside the repository, which is not part of it.
func shared(t *testing.T, names ...string) []string {
	t.Helper()
	root := os.Getenv("RANKLOOP_SHARED")
	if root == "" {
		root = filepath.Join("..", "..", "..", "shared")
	}
	var paths []string
	for _, name := range names {
		path := filepath.Join(root, "data", name)
		if _, err := os.Stat(path); err != nil {
			t.Skipf("the trial data is not here (set RANKLOOP_SHARED to its folder): %v", err)
		}
		paths = append(paths, path)
	}
	return paths
}

// truthOf reads a truth file on its own: by prompt, higher is better.
func truthOf(t *testing.T, path string) map[string][]float64 {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	truth := make(map[string][]float64)
	for line := range strings.Lines(string(content)) {
		var row struct {
			ID            string
			Ranks, Scores []float64
		}
		if err := json.Unmarshal([]byte(line), &row); err != nil {
			t.Fatal(err)
		}
		for _, rank := range row.Ranks {
			row.Scores = append(row.Scores, -rank)
		}
		truth[row.ID] = row.Scores
	}
	return truth
}

// The exported pairs are exactly those that the truth implies about the responses shown: all of them where K shows all,
// else those among the K that were drawn.
func TestRealRankings(t *testing.T) {
	for _, c := range []struct {
		prompts, truth, flag string
		k, rows, tasks       int
	}{
		{"oasst_prompts.jsonl", "oasst_human_ranks.jsonl", "--ranks", 9, 754, 212},
		{"oasst_prompts.jsonl", "oasst_human_ranks.jsonl", "--ranks", 4, 636, 212},
		{"instructgpt_tldr_prompts.jsonl", "instructgpt_tldr_scores.jsonl", "--scores", 6, 0, 100},
	} {
		t.Run(fmt.Sprintf("%s k=%d", c.prompts, c.k), func(t *testing.T) {
			paths := shared(t, c.prompts, c.truth)
			truth := truthOf(t, paths[1])
			p := newProgram(t)
			p.json(nil, "campaign", "create", "--name", "real", "--k", fmt.Sprint(c.k))
			p.json(nil, "import", "--campaign", "real", paths[0])
			var simulated struct {
				Total    int `json:"tasks_total"`
				Complete int `json:"tasks_complete"`
				Pairs    int `json:"comparisons"`
				Ties     int `json:"ties"`
			}
			p.json(&simulated, "simulate", "--campaign", "real", c.flag, paths[1], "--annotators", "3")
			if simulated.Total != c.tasks || simulated.Complete != c.tasks {
				t.Fatalf("%+v", simulated)
			}
			native, trl := filepath.Join(p.data, "native"), filepath.Join(p.data, "trl")
			p.json(nil, "export", "--campaign", "real", "--format", "native", "--out", native)
			var exported struct {
				Rows        int
				TiesOmitted int `json:"ties_omitted"`
			}
			p.json(&exported, "export", "--campaign", "real", "--format", "trl", "--out", trl)
			if exported.Rows+exported.TiesOmitted != simulated.Pairs || exported.TiesOmitted != simulated.Ties || c.rows != 0 && exported.Rows != c.rows {
				t.Errorf("%+v of %+v", exported, simulated)
			}
			want := make(map[pairRow]int)
			for id, shown := range shownPlaces(t, native) {
				if n := len(truth[id]); len(shown) != min(c.k, n) && c.truth != "instructgpt_tldr_scores.jsonl" {
					t.Errorf("%s shows %d of %d responses", id, len(shown), n)
				}
				for _, i := range shown {
					for _, j := range shown {
						if truth[id][i] > truth[id][j] {
							want[pairRow{id, i, j}]++
						}
					}
				}
			}
			got := readPairs(t, trl)
			for pair := range want {
				if got[pair] != 1 {
					t.Errorf("%d rows of %+v", got[pair], pair)
				}
			}
			if len(got) != len(want) {
				t.Errorf("%d pairs, the truth implies %d", len(got), len(want))
			}
		})
	}
}

// shownPlaces reads which responses each prompt's task has.
func shownPlaces(t *testing.T, native string) map[string][]int {
	t.Helper()
	file, err := os.Open(native)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	set, err := ranking.LoadPromptSet("native.jsonl", file, ranking.DefaultPromptSetLimits(), make(ranking.PromptIDs))
	if err != nil || len(set.Bad) > 0 {
		t.Fatal(err, set.Bad)
	}
	shown := make(map[string][]int)
	for _, line := range set.Prompts {
		for _, response := range line.Responses {
			shown[line.Prompt.ExternalID] = append(shown[line.Prompt.ExternalID], response.FileIndexes...)
		}
		slices.Sort(shown[line.Prompt.ExternalID])
	}
	return shown
}

// A command that is stopped ends with a message, not with half a result.
func TestStoppedCommand(t *testing.T) {
	p := newProgram(t)
	p.json(nil, "campaign", "create", "--name", "c")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	var out, errs bytes.Buffer
	status := run(ctx, []string{"campaign", "list", "--json", "--data", p.data, "--database-url", p.url}, strings.NewReader(""), &out, &errs)
	if status != exitFailed {
		t.Errorf("status %d\n%s%s", status, out.String(), errs.String())
	}
}
