package store_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"
	"golang.org/x/sync/errgroup"

	"rankloop/internal/store"
	"rankloop/ranking"
)

func TestImport(t *testing.T) {
	b := setup(t)
	c := b.campaign(4, 2)
	in := []store.PromptInput{input("many", 1, 9), input("few", 2, 2), input("one", 3, 1), input("none", 4, 0), input("few", 5, 2)}
	in[0].Prompt.Group = "talk-1"
	in[0].Prompt.Metadata = map[string]any{"lang": "zh", "n": 1.5, "deep": []any{map[string]any{"x": nil}}}
	in[0].Prompt.Messages = []ranking.Message{
		{Role: "system", Content: "  spaces \t\n kept  "}, {Role: "user", Content: "<b>\u2028 \u00e9 e\u0301 🙂 \\u0000"},
	}
	result := b.imported(c.ID, in)
	ids := result.GeneratePromptIDs
	result.GeneratePromptIDs = nil
	want := store.ImportResult{PromptsAdded: 4, PromptsDuplicate: 1, ResponsesAdded: 12, TasksAdded: 4, ResponsesToGenerate: 7}
	if diff := cmp.Diff(want, result); diff != "" || len(ids) != 2 {
		t.Errorf("result (-want +got) %s, to generate %v", diff, ids)
	}
	page, err := b.PromptPage(b.ctx(), c.ID, 0, 10)
	b.must(err)
	var summary []string
	for _, row := range page {
		summary = append(summary, fmt.Sprintf("%s/%s %d %s", row.ExternalID, row.Group, row.Responses, row.State))
	}
	if want := []string{"many/talk-1 9 open", "few/few 2 open", "one/one 1 waiting", "none/none 0 waiting"}; !slices.Equal(summary, want) {
		t.Errorf("page %q, want %q", summary, want)
	}
	if diff := cmp.Diff(in[0].Prompt.Messages, page[0].Messages); diff != "" {
		t.Errorf("messages changed: %s", diff)
	}
	task, err := b.GenerationTask(b.ctx(), page[0].ID)
	b.must(err)
	if diff := cmp.Diff(in[0].Prompt.Metadata, task.Prompt.Metadata); diff != "" {
		t.Errorf("metadata changed: %s", diff)
	}
	rest, err := b.PromptPage(b.ctx(), c.ID, page[1].ID, 1)
	b.must(err)
	if len(rest) != 1 || rest[0].ExternalID != "one" {
		t.Errorf("second page %+v", rest)
	}

	again := b.imported(c.ID, in)
	if again.PromptsDuplicate != 5 || again.PromptsAdded != 0 || again.ResponsesAdded != 0 || again.TasksAdded != 0 {
		t.Errorf("the second import gave %+v", again)
	}
}

// Of more than K responses, K are drawn by the campaign's seed and the prompt's id, in file order.
func TestImportDrawsResponses(t *testing.T) {
	b := setup(t)
	draws := make(map[string][][]int)
	for _, name := range []string{"first", "second"} {
		c, err := b.CreateCampaign(b.ctx(), store.NewCampaign{Name: name, K: 4, Overlap: 1, Seed: 3})
		b.must(err)
		b.imported(c.ID, inputs(40, 9))
		user := b.user(name, ranking.RoleAnnotator)
		b.must(b.AddMember(b.ctx(), c.ID, user.ID))
		for range 40 {
			lease, task, err := b.LeaseTask(b.ctx(), c.ID, user.ID)
			b.must(err)
			var indexes []int
			for _, r := range task.Responses {
				indexes = append(indexes, r.FileIndexes[0])
			}
			if len(indexes) != 4 || !slices.IsSorted(indexes) || len(slices.Compact(slices.Clone(indexes))) != 4 {
				t.Fatalf("drew %v", indexes)
			}
			draws[name] = append(draws[name], indexes)
			_, _, err = b.Submit(b.ctx(), submission(lease))
			b.must(err)
		}
	}
	if diff := cmp.Diff(draws["first"], draws["second"]); diff != "" {
		t.Errorf("the same seed and file draw otherwise: %s", diff)
	}
	used := make([]int, 9)
	for _, indexes := range draws["first"] {
		for _, i := range indexes {
			used[i]++
		}
	}
	for i, n := range used {
		if n < 5 { // the mean is 17.8
			t.Errorf("response %d was drawn %d times of 40", i, n)
		}
	}
}

func TestImportConflicts(t *testing.T) {
	b := setup(t)
	c := b.campaign(4, 1)
	b.imported(c.ID, inputs(2, 4))
	in := []store.PromptInput{input("p00000", 1, 4), input("p00001", 2, 3), input("new", 3, 4), input("new", 4, 2)}
	result, err := b.ImportPrompts(b.ctx(), c.ID, in, store.ImportOptions{})
	b.wantCode(err, ranking.CodeConflict)
	want := []store.Conflict{{Line: 2, ID: "p00001"}, {Line: 4, ID: "new"}}
	if !slices.Equal(result.Conflicts, want) {
		t.Errorf("conflicts %v", result.Conflicts)
	}
	var e *ranking.Error
	if !errors.As(err, &e) || len(e.Details) != 2 || e.Details[1].Line != 4 {
		t.Errorf("details %+v", e.Details)
	}
	if n := b.number("SELECT count(*) FROM prompts"); n != 2 {
		t.Errorf("%d prompts after a refused import", n)
	}
	result, err = b.ImportPrompts(b.ctx(), c.ID, in, store.ImportOptions{SkipConflicts: true})
	b.must(err)
	if result.PromptsAdded != 1 || result.PromptsDuplicate != 1 || !slices.Equal(result.Conflicts, want) {
		t.Errorf("result %+v", result)
	}
}

func TestImportIsAllOrNothing(t *testing.T) {
	b := setup(t)
	c := b.campaign(4, 1)
	bad := inputs(3, 4)
	bad[1].Responses[2].Text = "half\x00way"
	bad[2].Prompt.Metadata = map[string]any{"deep": []any{"nul\x00"}}
	_, err := b.ImportPrompts(b.ctx(), c.ID, bad, store.ImportOptions{})
	b.wantCode(err, ranking.CodeInvalid)
	var e *ranking.Error
	if !errors.As(err, &e) || len(e.Details) != 2 || e.Details[0].Line != 2 || e.Details[0].Reason != "a response holds a NUL byte" {
		t.Errorf("details %+v", e.Details)
	}
	broken := errors.New("broken")
	_, err = b.ImportPrompts(b.ctx(), c.ID, inputs(3, 4), store.ImportOptions{
		InTx: func(ctx context.Context, tx pgx.Tx, r store.ImportResult) error {
			var n int
			if err := tx.QueryRow(ctx, "SELECT count(*) FROM tasks").Scan(&n); err != nil || n != 3 || r.TasksAdded != 3 {
				t.Errorf("inside there are %d tasks (%v), the result is %+v", n, err, r)
			}
			return broken
		},
	})
	if !errors.Is(err, broken) {
		t.Errorf("error %v", err)
	}
	if n := b.number("SELECT (SELECT count(*) FROM prompts) + (SELECT count(*) FROM responses) + (SELECT sum(prompts) FROM campaigns)::bigint"); n != 0 {
		t.Errorf("%d rows of failed imports are left", n)
	}
	_, err = b.ImportPrompts(b.ctx(), 4711, inputs(1, 4), store.ImportOptions{})
	b.wantCode(err, ranking.CodeNotFound)
}

func TestConcurrentImportsOfOneFile(t *testing.T) {
	b := setup(t)
	c := b.campaign(4, 1)
	added := make(chan int, 4)
	var group errgroup.Group
	for range 4 {
		group.Go(func() error {
			result, err := b.ImportPrompts(b.ctx(), c.ID, inputs(50, 4), store.ImportOptions{})
			added <- result.PromptsAdded
			return err
		})
	}
	b.must(group.Wait())
	if total := <-added + <-added + <-added + <-added; total != 50 {
		t.Errorf("%d prompts were added", total)
	}
}

func TestAddGenerated(t *testing.T) {
	b := setup(t)
	c := b.campaign(3, 1)
	people := b.annotators(c.ID, 1)
	result := b.imported(c.ID, []store.PromptInput{input("one", 1, 1)})
	id := result.GeneratePromptIDs[0]
	waiting, err := b.WaitingPrompts(b.ctx(), c.ID, 10)
	b.must(err)
	if !slices.Equal(waiting, []int64{id}) {
		t.Errorf("waiting %v", waiting)
	}
	_, _, err = b.LeaseTask(b.ctx(), c.ID, people[0].ID)
	b.wantCode(err, ranking.CodeNotFound)

	by := func(texts ...string) (all []store.GeneratedResponse) {
		for _, text := range texts {
			all = append(all, store.GeneratedResponse{Text: text, Model: "base"})
		}
		return all
	}
	b.must(b.AddGenerated(b.ctx(), id, by("Answer 0 to one."))) // as in the file
	task, err := b.GenerationTask(b.ctx(), id)
	b.must(err)
	if !task.Waiting || task.Have != 1 || task.K != 3 || task.GenerateFrom != "base" || task.Campaign != "main" {
		t.Errorf("task %+v", task)
	}
	b.must(b.AddGenerated(b.ctx(), id, by("a", "a", "b", "c", "d"))) // one too many, and one twice
	b.must(b.AddGenerated(b.ctx(), id, by("e")))                     // a job that runs twice
	all, err := b.PromptResponses(b.ctx(), id)
	b.must(err)
	var texts []string
	for i, r := range all {
		texts = append(texts, r.Text)
		if r.Generated != (i > 0) || r.FileIndexes[0] != i {
			t.Errorf("response %d: %+v", i, r)
		}
	}
	if want := []string{"Answer 0 to one.", "a", "b"}; !slices.Equal(texts, want) {
		t.Errorf("responses %q", texts)
	}
	_, leased, err := b.LeaseTask(b.ctx(), c.ID, people[0].ID)
	b.must(err)
	if len(leased.Responses) != 3 {
		t.Errorf("%d responses are shown", len(leased.Responses))
	}
	counts, err := b.CampaignCounts(b.ctx(), c.ID)
	b.must(err)
	if counts.Responses != 3 || counts.TasksWaiting != 0 {
		t.Errorf("counts %+v", counts)
	}
	b.wantCode(b.AddGenerated(b.ctx(), id, by("nul\x00")), ranking.CodeInvalid)
	b.wantCode(b.AddGenerated(b.ctx(), 4711, by("x")), ranking.CodeNotFound)
}
