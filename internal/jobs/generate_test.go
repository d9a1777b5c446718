package jobs

import (
	"context"
	"os"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"

	"rankloop/internal/inference"
	"rankloop/model"
)

// age makes every artifact two days old.
func (b *bundle) age() {
	b.t.Helper()
	old := time.Now().Add(-48 * time.Hour)
	for _, path := range b.artifactFiles() {
		must(b.t, os.Chtimes(path, old, old))
	}
}

func (b *bundle) engine() *inference.Engine {
	return inference.NewEngine(func(ctx context.Context, name string) (*model.Checkpoint, error) {
		c, err := b.store.CheckpointByName(ctx, name)
		if err != nil {
			return nil, err
		}
		return LoadCheckpoint(ctx, b.artifacts, c.SHA256)
	})
}

// texts are the generated responses of a prompt.
func (b *bundle) texts(promptID int64) []string {
	b.t.Helper()
	rows, err := b.pool.Query(b.t.Context(), "SELECT text FROM responses WHERE prompt_id = $1 AND generated AND model = 'base' ORDER BY id", promptID)
	must(b.t, err)
	texts, err := pgx.CollectRows(rows, pgx.RowTo[string])
	must(b.t, err)
	return texts
}

// TestGeneration enqueues in a transaction, works the queue, and finds every task open with its K responses.
func TestGeneration(t *testing.T) {
	t.Parallel()
	b := setup(t)
	campaign, err := b.store.CampaignByName(t.Context(), "c")
	must(t, err)
	prompts, err := b.store.WaitingPrompts(t.Context(), campaign.ID, 10)
	must(t, err)
	if len(prompts) != 3 {
		t.Fatalf("%d prompts wait", len(prompts))
	}
	worker, err := NewWorker(b.pool, b.launcher(), b.engine(), testLog(t))
	must(t, err)
	enqueue := func(commit bool) {
		tx, err := b.pool.Begin(t.Context())
		must(t, err)
		must(t, worker.EnqueueGeneration(t.Context(), tx, campaign.ID, prompts))
		if commit {
			must(t, tx.Commit(t.Context()))
		} else {
			must(t, tx.Rollback(t.Context()))
		}
	}
	enqueue(false)
	jobs, err := worker.river.JobList(t.Context(), river.NewJobListParams())
	must(t, err)
	if len(jobs.Jobs) != 0 {
		t.Errorf("a transaction that was rolled back left %d jobs", len(jobs.Jobs))
	}
	enqueue(true)
	must(t, worker.Start(t.Context()))
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(50 * time.Millisecond) {
		waiting, err := b.store.WaitingPrompts(t.Context(), campaign.ID, 10)
		must(t, err)
		if len(waiting) == 0 {
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("%d prompts still wait", len(waiting))
		}
	}
	must(t, worker.Stop(t.Context()))

	before := map[int64][]string{}
	for _, id := range prompts {
		if before[id] = b.texts(id); len(before[id]) != 3 {
			t.Errorf("prompt %d has %d responses, want 3", id, len(before[id]))
		}
	}
	// A second run of the job finds nothing to do; on an empty task it writes the same.
	work := func() {
		w := &generateWorker{store: b.store, engine: b.engine(), log: testLog(t)}
		must(t, w.Work(t.Context(), &river.Job[generateArgs]{JobRow: &rivertype.JobRow{}, Args: generateArgs{CampaignID: campaign.ID, PromptIDs: prompts}}))
	}
	work()
	for _, id := range prompts {
		if n := len(b.texts(id)); n != len(before[id]) {
			t.Errorf("a second run changed the responses of prompt %d from %d to %d", id, len(before[id]), n)
		}
	}
	_, err = b.pool.Exec(t.Context(), "UPDATE tasks SET state = 'waiting', response_ids = '{}' WHERE campaign_id = $1", campaign.ID)
	must(t, err)
	_, err = b.pool.Exec(t.Context(), "DELETE FROM responses WHERE generated")
	must(t, err)
	work()
	for _, id := range prompts {
		if got := b.texts(id); len(got) != 3 || got[0] != before[id][0] || got[2] != before[id][2] {
			t.Errorf("the same seed wrote %q, before %q", got, before[id])
		}
	}
}

// TestPresence: a worker is seen from the moment it announces itself to the moment its connection ends.
func TestPresence(t *testing.T) {
	t.Parallel()
	b := setup(t)
	alive := func() bool {
		t.Helper()
		alive, err := WorkerAlive(t.Context(), b.pool)
		must(t, err)
		return alive
	}
	if alive() {
		t.Fatal("a worker is seen where none is")
	}
	ctx, leave := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() {
		Announce(ctx, b.pool, testLog(t))
		close(done)
	}()
	until(t, "the worker is seen", alive)
	leave()
	<-done
	until(t, "the worker is gone", func() bool { return !alive() })
}

func until(t *testing.T, what string, is func() bool) {
	t.Helper()
	for deadline := time.Now().Add(30 * time.Second); !is(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("never: %s", what)
		}
	}
}
