package ranking_test

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"rankloop/ranking"
)

func TestCheckKind(t *testing.T) {
	preferred, tied := ranking.Tiers{{1}, {2}}, ranking.Tiers{{1, 2}}
	for _, c := range []struct {
		name string
		kind ranking.CampaignKind
		in   ranking.Submission
		good bool
	}{
		{"a preference", ranking.KindComparison, ranking.Submission{Tiers: preferred}, true},
		{"its strength", ranking.KindComparison, ranking.Submission{Tiers: preferred, Answers: ranking.Answers{Strength: 4}}, true},
		{"a tie", ranking.KindComparison, ranking.Submission{Tiers: tied}, true},
		{"both bad", ranking.KindComparison, ranking.Submission{Tiers: tied, Answers: ranking.Answers{BothBad: true}}, true},
		{"both bad, one better", ranking.KindComparison, ranking.Submission{Tiers: preferred, Answers: ranking.Answers{BothBad: true}}, false},
		{"the strength of a tie", ranking.KindComparison, ranking.Submission{Tiers: tied, Answers: ranking.Answers{Strength: 1}}, false},
		{"a ranking", ranking.KindRanking, ranking.Submission{Tiers: preferred}, true},
		{"a ranking with a strength", ranking.KindRanking, ranking.Submission{Tiers: preferred, Answers: ranking.Answers{Strength: 1}}, false},
		{"a ranking with an edit", ranking.KindRanking, ranking.Submission{Tiers: preferred, Edits: map[int64]string{1: "better"}}, false},
	} {
		if err := c.in.CheckKind(c.kind); (err == nil) != c.good {
			t.Errorf("%s: %v", c.name, err)
		}
	}
	for _, strength := range []int{-1, 5} {
		if (ranking.Answers{Strength: strength}).Check(ranking.Schema{}, nil) == nil {
			t.Errorf("a strength of %d is accepted", strength)
		}
	}
	if err := ranking.KindComparison.CheckSchema(ranking.DefaultSchema()); err == nil {
		t.Error("a comparison scores responses alone")
	}
}

func TestEdited(t *testing.T) {
	texts := map[int64]string{1: "one\r\ntwo ", 2: "three"}
	preferred, tied := ranking.Tiers{{1}, {2}}, ranking.Tiers{{1, 2}}
	for _, c := range []struct {
		name  string
		tiers ranking.Tiers
		edits map[int64]string
		want  string
		good  bool
	}{
		{"none", preferred, nil, "", true},
		{"as they were", preferred, map[int64]string{1: "one\ntwo", 2: " three"}, "", true},
		{"as they were, tied", tied, map[int64]string{1: "one\ntwo", 2: "three"}, "", true},
		{"emptied", preferred, map[int64]string{1: " "}, "", true},
		{"the better one", preferred, map[int64]string{1: "ONE\r\n", 2: "three"}, "ONE", true},
		{"the longest", preferred, map[int64]string{1: strings.Repeat("字", ranking.WrittenMax)}, strings.Repeat("字", ranking.WrittenMax), true},
		{"too long", preferred, map[int64]string{1: strings.Repeat("字", ranking.WrittenMax+1)}, "", false},
		{"NUL", preferred, map[int64]string{1: "a\x00b"}, "", false},
		{"the other one", preferred, map[int64]string{2: "THREE"}, "", false},
		{"of a tie", tied, map[int64]string{1: "ONE"}, "", false},
		{"into the other one", preferred, map[int64]string{1: "three"}, "", false},
		{"a stranger", preferred, map[int64]string{3: "four"}, "", false},
	} {
		got, err := ranking.Submission{Tiers: c.tiers, Edits: c.edits}.Edited(texts)
		if got != c.want || (err == nil) != c.good {
			t.Errorf("%s: %q, %v", c.name, got, err)
		}
	}
}

// edited is a comparison whose better response, the second, was edited.
func edited() ranking.Record {
	return ranking.Record{
		JudgmentID: 1, Kind: ranking.KindComparison, Campaign: "c", PromptID: "p", TaskID: 1, Annotator: "a-1",
		Messages: []ranking.Message{{Role: "user", Content: "Why?"}},
		Responses: []ranking.RecordResponse{
			{FileIndex: 0, Text: "Worse, and a good deal longer.", Model: "m0"}, {FileIndex: 3, Text: "Good.", Model: "m1"},
			{FileIndex: 4, Text: "Better.", Model: ranking.ModelAnnotator, Written: true},
		},
		Tiers: [][]int{{2}, {1}, {0}}, OrderShown: []int{1, 0}, Strength: 3,
	}
}

// An edited comparison is three pairs, of which the strength belongs to those that it was given for.
func TestEditedComparison(t *testing.T) {
	r := edited()
	if err := r.Validate(); err != nil {
		t.Fatal(err)
	}
	strengths := map[string]int{}
	for _, c := range r.Comparisons() {
		strengths[c.String()] = r.StrengthOf(c)
	}
	if diff := cmp.Diff(map[string]int{"2 > 1": 0, "2 > 0": 3, "1 > 0": 3}, strengths); diff != "" {
		t.Errorf("strengths of the pairs (-want +got):\n%s", diff)
	}

	if got := []float64{r.Margin(2, 1), r.Margin(2, 0), r.Margin(1, 0)}; !slices.Equal(got, []float64{0, 2. / 3, 2. / 3}) {
		t.Errorf("margins %v", got)
	}

	shown := edited()
	shown.OrderShown = []int{1, 0, 2}
	if shown.Validate() == nil {
		t.Error("what the annotator wrote was shown to them")
	}
	missing := edited()
	missing.OrderShown = []int{1}
	if missing.Validate() == nil {
		t.Error("a response that was not written was not shown")
	}

	line, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}
	for _, part := range []string{`"kind":"comparison"`, `"strength":3`, `"written":true`} {
		if !bytes.Contains(line, []byte(part)) {
			t.Errorf("the record lacks %s: %s", part, line)
		}
	}
}

// What an annotator wrote is no model's work and was chosen by nobody: it counts as comparisons and nowhere else.
func TestStatisticsOfEdits(t *testing.T) {
	collector := ranking.NewStatisticsCollector()
	collector.Add(edited())
	other := edited()
	other.JudgmentID, other.Annotator = 2, "a-2"
	other.Responses = other.Responses[:2]
	other.Tiers = [][]int{{1}, {0}}
	collector.Add(other)
	got := collector.Result(1)
	if got.Comparisons != (ranking.ComparisonCounts{Total: 4, Strict: 4}) {
		t.Errorf("comparisons %+v", got.Comparisons)
	}
	if got.Agreement == nil || got.Agreement.Pairs != 1 || got.Agreement.Value != 1 {
		t.Errorf("agreement %+v", got.Agreement)
	}
	if got.LongerWins.Pairs != 2 || got.LongerWins.Value != 0 {
		t.Errorf("longer wins %+v", got.LongerWins)
	}
	if len(got.Models) != 2 || got.Models[0].Model != "m1" || got.Models[0].Wins != 2 || got.Models[0].Responses != 1 {
		t.Errorf("models %+v", got.Models)
	}
}

func TestExportsOfEdits(t *testing.T) {
	for format, parts := range map[string][]string{
		"trl": {`"chosen":"Better.","rejected":"Worse, and a good deal longer."`, `"chosen_index":4,"rejected_index":3`, `"strength":3`},
		"csv": {"schema_version,strength\n", ",3\n"},
	} {
		var out bytes.Buffer
		exporter, err := ranking.NewExporter(format, &out)
		if err != nil {
			t.Fatal(err)
		}
		if err := exporter.Add(edited()); err != nil {
			t.Fatal(err)
		}
		counts, err := exporter.Close()
		if err != nil || counts.Rows != 3 || counts.Comparisons != 3 {
			t.Errorf("%s: %+v, %v", format, counts, err)
		}
		for _, part := range parts {
			if !strings.Contains(out.String(), part) {
				t.Errorf("%s lacks %s:\n%s", format, part, out.String())
			}
		}
	}
}

// A demonstration comes back from its export as a prompt with the reply to learn; other judgments have no row.
func TestExportOfDemonstrations(t *testing.T) {
	demonstration := ranking.Record{
		JudgmentID: 1, Kind: ranking.KindDemonstration, Campaign: "c", PromptID: "p", Group: "g", TaskID: 1, Annotator: "a-1",
		Messages:  []ranking.Message{{Role: "user", Content: "Why?"}},
		Responses: []ranking.RecordResponse{{FileIndex: 2, Text: "Because <it> is.", Model: ranking.ModelAnnotator, Written: true}},
		Tiers:     [][]int{{0}}, OrderShown: []int{},
	}
	if err := demonstration.Validate(); err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	exporter, err := ranking.NewExporter("sft", &out)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range []ranking.Record{edited(), demonstration} {
		if err := exporter.Add(r); err != nil {
			t.Fatal(err)
		}
	}
	if counts, err := exporter.Close(); err != nil || counts.Rows != 1 {
		t.Errorf("%+v, %v", counts, err)
	}
	for line, err := range ranking.ReadPromptSet("out.jsonl", &out, ranking.DefaultPromptSetLimits()) {
		if err != nil || line.Prompt.ExternalID != "p" || line.Prompt.Group != "g" || len(line.Responses) != 1 || line.Responses[0].Text != "Because <it> is." {
			t.Errorf("read back %+v, %v", line, err)
		}
	}
}
