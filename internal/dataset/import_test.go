package dataset_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"rankloop/internal/dataset"
	"rankloop/internal/postgres/postgrestest"
	"rankloop/internal/store"
	"rankloop/ranking"
)

// bundle is an importer on a database of its own, and what it asked to be generated.
type bundle struct {
	dataset.Importer
	t        *testing.T
	enqueued []int64
	enqueue  error
}

func setup(t *testing.T) *bundle {
	t.Helper()
	t.Parallel()
	b := &bundle{t: t}
	b.Store = store.New(postgrestest.New(t))
	b.Enqueue = func(_ context.Context, _ store.Tx, _ int64, promptIDs []int64) error {
		b.enqueued = append(b.enqueued, promptIDs...)
		return b.enqueue
	}
	sum := strings.Repeat("0", 64)
	if err := b.Store.PutArtifact(t.Context(), sum, 1); err != nil {
		t.Fatal(err)
	}
	if _, err := b.Store.AddCheckpoint(t.Context(), store.NewCheckpoint{Name: "base", Kind: "policy", Base: "base", SHA256: sum}); err != nil {
		t.Fatal(err)
	}
	return b
}

func (b *bundle) campaign(n store.NewCampaign) ranking.Campaign {
	b.t.Helper()
	n.Name, n.Overlap = "c", max(n.Overlap, 1)
	if n.K == 0 {
		n.K = 4
	}
	campaign, err := b.Store.CreateCampaign(b.t.Context(), n)
	if err != nil {
		b.t.Fatal(err)
	}
	return campaign
}

func (b *bundle) load(campaign ranking.Campaign, contents ...string) []ranking.PromptSetFile {
	b.t.Helper()
	ids := make(ranking.PromptIDs)
	var files []ranking.PromptSetFile
	for i, content := range contents {
		file, err := b.Load(b.t.Context(), campaign, fmt.Sprintf("f%d.jsonl", i), strings.NewReader(content), ids)
		if err != nil {
			b.t.Fatal(err)
		}
		files = append(files, file)
	}
	return files
}

func (b *bundle) prompts(campaign ranking.Campaign) int {
	b.t.Helper()
	counts, err := b.Store.CampaignCounts(b.t.Context(), campaign.ID)
	if err != nil {
		b.t.Fatal(err)
	}
	return counts.Prompts
}

func line(id, prompt string, responses ...string) string {
	return fmt.Sprintf(`{"id":%q,"prompt":%q,"responses":["%s"]}`, id, prompt, strings.Join(responses, `","`)) + "\n"
}

func TestImport(t *testing.T) {
	b := setup(t)
	campaign := b.campaign(store.NewCampaign{K: 3})
	content := line("a", "A?", "1", "2", "3", "4") + line("b", "B?", "1", "1") + `{"id":"c","prompt":"C?"}` + "\n" + line("a", "A?", "1", "2", "3", "4")
	report, err := b.Import(t.Context(), campaign, b.load(campaign, content), false)
	if err != nil {
		t.Fatal(err)
	}
	if report.PromptsAdded != 3 || report.PromptsDuplicate != 1 || report.ResponsesAdded != 5 || report.TasksAdded != 3 || report.BadLines != 0 {
		t.Errorf("%+v", report)
	}
	// b has one distinct response and c none: 2 and 3 are to be generated.
	if report.ResponsesToGenerate != 5 || len(b.enqueued) != 2 {
		t.Errorf("%d responses to generate, %d prompts enqueued", report.ResponsesToGenerate, len(b.enqueued))
	}
	if f := report.Files[0]; f.Path != "f0.jsonl" || f.Lines != 4 || len(f.SHA256) != 64 {
		t.Errorf("%+v", f)
	}
	again, err := b.Import(t.Context(), campaign, b.load(campaign, content), false)
	if err != nil {
		t.Fatal(err)
	}
	if again.PromptsAdded != 0 || again.PromptsDuplicate != 4 || again.ResponsesAdded != 0 || again.TasksAdded != 0 || len(b.enqueued) != 2 {
		t.Errorf("the same file again: %+v, enqueued %d", again, len(b.enqueued))
	}
}

// A bad line anywhere stores nothing, of any file; with skipBad the good lines go in and the bad ones are listed.
func TestBadLineStoresNothing(t *testing.T) {
	b := setup(t)
	campaign := b.campaign(store.NewCampaign{})
	good, bad := line("a", "A?", "1", "2"), line("b", "B?", "1", "2")+"nonsense\n"
	_, err := b.Import(t.Context(), campaign, b.load(campaign, good, bad), false)
	var e *ranking.Error
	if !errors.As(err, &e) || e.Code != ranking.CodeInvalid || len(e.Details) != 1 || e.Details[0].File != "f1.jsonl" || e.Details[0].Line != 2 {
		t.Fatalf("err = %v, %+v", err, e)
	}
	if n := b.prompts(campaign); n != 0 {
		t.Fatalf("%d prompts are stored", n)
	}
	report, err := b.Import(t.Context(), campaign, b.load(campaign, good, bad), true)
	if err != nil {
		t.Fatal(err)
	}
	if report.PromptsAdded != 2 || report.BadLines != 1 || len(report.Files[1].Bad) != 1 || report.Files[1].Bad[0].Line != 2 || b.prompts(campaign) != 2 {
		t.Errorf("%+v", report)
	}
}

// An id of the database with other content is a bad line like any other.
func TestIDReusedInTheDatabase(t *testing.T) {
	b := setup(t)
	campaign := b.campaign(store.NewCampaign{})
	if _, err := b.Import(t.Context(), campaign, b.load(campaign, line("a", "A?", "1", "2")), false); err != nil {
		t.Fatal(err)
	}
	content := line("b", "B?", "1", "2") + line("a", "other", "1", "2")
	_, err := b.Import(t.Context(), campaign, b.load(campaign, content), false)
	var e *ranking.Error
	if !errors.As(err, &e) || e.Code != ranking.CodeConflict || len(e.Details) != 1 || e.Details[0].File != "f0.jsonl" || e.Details[0].Line != 2 {
		t.Fatalf("err = %v, %+v", err, e)
	}
	if n := b.prompts(campaign); n != 1 {
		t.Fatalf("%d prompts are stored, want 1", n)
	}
	report, err := b.Import(t.Context(), campaign, b.load(campaign, content), true)
	if err != nil {
		t.Fatal(err)
	}
	if report.PromptsAdded != 1 || report.BadLines != 1 || report.Files[0].Bad[0].Line != 2 {
		t.Errorf("%+v", report)
	}
}

// Where nothing can be generated, a prompt must bring two responses.
func TestNoGeneration(t *testing.T) {
	for _, from := range []string{"none", "absent"} {
		t.Run(from, func(t *testing.T) {
			b := setup(t)
			campaign := b.campaign(store.NewCampaign{GenerateFrom: from})
			files := b.load(campaign, line("a", "A?", "1", "2")+line("b", "B?", "1"))
			_, err := b.Import(t.Context(), campaign, files, false)
			var e *ranking.Error
			if !errors.As(err, &e) || len(e.Details) != 1 || e.Details[0].Line != 2 || !strings.Contains(e.Details[0].Reason, "at least 2 are needed") {
				t.Fatalf("err = %v, %+v", err, e)
			}
			if n := b.prompts(campaign); n != 0 {
				t.Fatalf("%d prompts are stored", n)
			}
		})
	}
}

// Prompts without the jobs that complete them would wait for ever: both are stored or neither.
func TestFailedEnqueueStoresNothing(t *testing.T) {
	b := setup(t)
	b.enqueue = errors.New("the queue is gone")
	campaign := b.campaign(store.NewCampaign{})
	if _, err := b.Import(t.Context(), campaign, b.load(campaign, `{"prompt":"x"}`), false); err == nil {
		t.Fatal("no error")
	}
	if n := b.prompts(campaign); n != 0 {
		t.Fatalf("%d prompts are stored", n)
	}
}
