package ranking_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"rankloop/ranking"
)

func export(t interface{ Fatal(...any) }, format string, records ...ranking.Record) (string, ranking.ExportCounts) {
	var b bytes.Buffer
	e, err := ranking.NewExporter(format, &b)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range records {
		if err := e.Add(r); err != nil {
			t.Fatal(err)
		}
	}
	counts, err := e.Close()
	if err != nil {
		t.Fatal(err)
	}
	return b.String(), counts
}

// exampleRecords are what the golden files are made of: one turn with a tie, texts that need care, file indexes with a
// gap; three turns in a snapshot's split.
func exampleRecords() []ranking.Record {
	at := time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)
	return []ranking.Record{
		{
			JudgmentID: 11, Revision: 2, Campaign: "demo", TaskID: 3, PromptID: "a1", Group: "g1",
			Messages: []ranking.Message{{Role: "user", Content: "Say <hi> & \"bye\"."}},
			Metadata: map[string]any{"lang": "en"},
			Responses: []ranking.RecordResponse{
				{FileIndex: 0, Text: "=hi, bye", Model: "m1"}, {FileIndex: 2, Text: "嗨\n再见", Model: "m2"}, {FileIndex: 3, Text: "no", Model: "m1"},
			},
			Tiers: [][]int{{2, 0}, {1}}, OrderShown: []int{1, 2, 0}, ActiveMS: 4200, StartedAt: at, SubmittedAt: at.Add(5 * time.Second),
			GuidelineVersion: 1, Annotator: "a-7f3k", Simulated: true, Split: ranking.SplitTrain,
		},
		{
			JudgmentID: 12, Revision: 1, Campaign: "demo", TaskID: 4, PromptID: "a2", Group: "a2",
			Messages: []ranking.Message{
				{Role: "system", Content: "Be kind."}, {Role: "user", Content: "Hi"}, {Role: "assistant", Content: "Hello!"}, {Role: "user", Content: "And now?"},
			},
			Responses: []ranking.RecordResponse{{FileIndex: 0, Text: "Now this.", Model: "m1"}, {FileIndex: 1, Text: "Then that.", Model: "m2"}},
			Tiers:     [][]int{{1}, {0}}, OrderShown: []int{0, 1}, Comment: "close", ActiveMS: 900, StartedAt: at, SubmittedAt: at.Add(time.Second),
			SchemaVersion: 3, PromptFlags: []string{"ambiguous", "asks_advice"}, Scores: []int{3, 6}, Flags: [][]string{{"opinion", "hallucination"}, {}},
			Comments: []string{"not now", ""}, OrderScored: []int{1, 0},
			GuidelineVersion: 2, Annotator: "a-2222", Split: ranking.SplitValidation,
		},
	}
}

// The files people parse stay as they are, byte by byte.
func TestExportGolden(t *testing.T) {
	for _, format := range ranking.ExportFormats() {
		got, counts := export(t, format, exampleRecords()...)
		path := filepath.Join("testdata", "export."+format)
		want, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(want), got); diff != "" {
			t.Errorf("%s: %s", path, diff)
		}
		sum := sha256.Sum256([]byte(got))
		if counts.Bytes != int64(len(got)) || counts.SHA256 != hex.EncodeToString(sum[:]) {
			t.Errorf("%s: bytes %d, sha256 %s", format, counts.Bytes, counts.SHA256)
		}
		if counts.Prompts != 2 || counts.Judgments != 2 || counts.Comparisons != 4 {
			t.Errorf("%s: %+v", format, counts)
		}
		if (format == "trl" || format == "csv") && (counts.Rows != 3 || counts.TiesOmitted != 1 || counts.Splits["train"] != 2 || counts.Splits["validation"] != 1) {
			t.Errorf("%s: %+v", format, counts)
		}
	}
}

func TestUnknownExportFormat(t *testing.T) {
	_, err := ranking.NewExporter("tlr", &bytes.Buffer{})
	if want := `the export format "tlr" is not known; did you mean trl? (known are csv, native, rules, sft, trl)`; ranking.ErrorCode(err) != ranking.CodeInvalid || err.Error() != want {
		t.Errorf("err = %v, want %s", err, want)
	}
}

// A native export is a prompt set again: the same prompts with the same responses at the same places.
func TestNativeIsReimportable(t *testing.T) {
	records := exampleRecords()
	again := records[1]
	again.JudgmentID, again.Annotator, again.Tiers = 13, "a-3333", [][]int{{0, 1}}
	text, _ := export(t, "native", append(records, again)...)
	file := mustLoad(t, "records.jsonl", text)
	if len(file.Prompts) != 2 || file.Duplicates != 1 || len(file.Bad) != 0 {
		t.Fatalf("%d prompts, %d duplicates, bad %v", len(file.Prompts), file.Duplicates, file.Bad)
	}
	for i, line := range file.Prompts {
		want := records[i]
		if line.Prompt.ExternalID != want.PromptID || line.Prompt.Group != want.Group || !cmp.Equal(line.Prompt.Messages, want.Messages) {
			t.Errorf("prompt %+v, want %+v", line.Prompt, want)
		}
		for k, r := range line.Responses {
			if w := want.Responses[k]; r.Text != w.Text || r.Model != w.Model || r.FileIndexes[0] != w.FileIndex {
				t.Errorf("response %+v, want %+v", r, w)
			}
		}
	}
	for name, line := range map[string]string{
		"tier":  strings.Replace(text, `"tiers":[[2,0],[1]]`, `"tiers":[[2,0],[2]]`, 1),
		"key":   strings.Replace(text, `"task_id"`, `"taks_id"`, 1),
		"shown": strings.Replace(text, `"order_shown":[1,2,0]`, `"order_shown":[1,2]`, 1),
	} {
		if file := mustLoad(t, "records.jsonl", line); len(file.Bad) != 1 || file.Bad[0].Line != 1 {
			t.Errorf("%s: bad %v", name, file.Bad)
		}
	}
}

// Tiers, pairs and rows say the same: rows = C(K,2) − ties, each row's chosen stands in a better tier, none is missing.
func TestExportProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		k := rapid.IntRange(2, 9).Draw(t, "k")
		ranks := rapid.SliceOfN(rapid.IntRange(1, k), k, k).Draw(t, "ranks")
		r := record(1, "p", "x", make([]string, k), tiersOf(ranks)...)
		for i := range r.Responses {
			r.Responses[i].Text = fmt.Sprint("text ", i)
		}
		if err := r.Validate(); err != nil {
			t.Fatal(err)
		}
		strict := map[[2]int]bool{}
		for i := range k {
			for j := range k {
				if ranks[i] < ranks[j] {
					strict[[2]int{i, j}] = true
				}
			}
		}
		text, counts := export(t, "trl", r)
		if counts.Rows != len(strict) || counts.Comparisons != k*(k-1)/2 || counts.TiesOmitted != counts.Comparisons-counts.Rows {
			t.Fatalf("%+v for %d strict pairs", counts, len(strict))
		}
		last := [2]int{-1, -1}
		for line := range strings.Lines(text) {
			var row struct {
				Chosen, Rejected string
				ChosenIndex      int `json:"chosen_index"`
				RejectedIndex    int `json:"rejected_index"`
			}
			if err := json.Unmarshal([]byte(line), &row); err != nil {
				t.Fatal(err)
			}
			pair := [2]int{row.ChosenIndex, row.RejectedIndex}
			if !strict[pair] || row.Chosen != fmt.Sprint("text ", pair[0]) || row.Rejected != fmt.Sprint("text ", pair[1]) {
				t.Fatalf("row %+v is not implied by ranks %v", row, ranks)
			}
			delete(strict, pair)
			if pair[0] < last[0] || pair[0] == last[0] && pair[1] <= last[1] {
				t.Fatalf("%v comes after %v", pair, last)
			}
			last = pair
		}
		if len(strict) != 0 {
			t.Fatalf("pairs without a row: %v", strict)
		}
	})
}

func TestCSVExportReadsBack(t *testing.T) {
	text, counts := export(t, "csv", exampleRecords()...)
	rows, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	if err != nil || len(rows) != counts.Rows+1 {
		t.Fatalf("%d rows, %v", len(rows), err)
	}
	if rows[1][1] != "=hi, bye" || rows[1][2] != "嗨\n再见" {
		t.Errorf("row %q", rows[1])
	}
	if text, counts := export(t, "csv"); counts.Rows != 0 || !strings.HasPrefix(text, "prompt,chosen,rejected,") {
		t.Errorf("an empty export is %q", text)
	}
}
