package store_test

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sync/errgroup"

	"rankloop/internal/store"
	"rankloop/ranking"
)

func newRun(name, spec string) store.NewRun {
	return store.NewRun{
		Name: name, Kind: "reward", Spec: json.RawMessage(`{"spec": "` + spec + `"}`), SpecSHA256: spec,
		Base: "base", Snapshot: "first", Seed: 1,
	}
}

func (b *bundle) run(name string) store.Run {
	b.t.Helper()
	run, created, err := b.CreateRun(b.ctx(), newRun(name, "one"))
	b.must(err)
	if !created {
		b.t.Fatal("the run was there already")
	}
	return run
}

func (b *bundle) claim(owner string) store.Run {
	b.t.Helper()
	run, claimed, err := b.ClaimRun(b.ctx(), owner, "avx2", 0)
	b.must(err)
	if !claimed {
		b.t.Fatalf("%s found nothing to claim", owner)
	}
	return run
}

// silence lets the owner of a run have been silent for a time.
func (b *bundle) silence(run store.Run, d time.Duration) {
	b.t.Helper()
	b.exec("UPDATE runs SET heartbeat_at = now() - make_interval(secs => $2) WHERE id = $1", run.ID, d.Seconds())
}

func TestCreateRun(t *testing.T) {
	b := setup(t)
	made := b.run("reward-1")
	if made.State != store.RunQueued || made.Fence != 0 || made.StateSHA256 != "" || string(made.Spec) != `{"spec": "one"}` {
		t.Errorf("made %+v", made)
	}
	same, created, err := b.CreateRun(b.ctx(), newRun("reward-1", "one"))
	b.must(err)
	if created || same.ID != made.ID {
		t.Errorf("the same run was made again: %+v", same)
	}
	_, _, err = b.CreateRun(b.ctx(), newRun("reward-1", "two"))
	b.wantCode(err, ranking.CodeConflict)
	_, _, err = b.CreateRun(b.ctx(), newRun("no name", "one"))
	b.wantCode(err, ranking.CodeInvalid)
	b.must(b.StopRun(b.ctx(), "reward-1"))
	again, created, err := b.CreateRun(b.ctx(), newRun("reward-1", "one"))
	b.must(err)
	if created || again.State != store.RunQueued {
		t.Errorf("a stopped run came back as %+v", again)
	}
	_, err = b.RunByName(b.ctx(), "reward-2")
	b.wantCode(err, ranking.CodeNotFound)
	_, err = b.RunByID(b.ctx(), 4711)
	b.wantCode(err, ranking.CodeNotFound)
	all, err := b.ListRuns(b.ctx())
	b.must(err)
	if len(all) != 1 {
		t.Errorf("%d runs", len(all))
	}
}

func TestClaimAndFence(t *testing.T) {
	b := setup(t)
	made := b.run("one")
	_, claimed, err := b.ClaimRun(b.ctx(), "a", "avx2", made.ID+1)
	b.must(err)
	if claimed {
		t.Error("another run than the asked one was claimed")
	}
	first := b.claim("a")
	if first.ID != made.ID || first.Fence != 1 || first.State != store.RunRunning || first.Owner != "a" || first.Kernels != "avx2" || first.StartedAt == nil {
		t.Errorf("claimed %+v", first)
	}
	b.silence(first, store.ClaimSilence-2*time.Second)
	if _, claimed, err = b.ClaimRun(b.ctx(), "b", "avx2", 0); err != nil || claimed {
		t.Errorf("a run was taken from an owner who was silent for 13 s: %t %v", claimed, err)
	}
	_, err = b.Heartbeat(b.ctx(), first.ID, first.Fence)
	b.must(err)
	b.silence(first, store.ClaimSilence+time.Second)
	if _, claimed, err = b.ClaimRun(b.ctx(), "b", "avx512", 0); err != nil || claimed {
		t.Errorf("a run moved to another kernel set: %t %v", claimed, err)
	}
	second := b.claim("b")
	if second.ID != made.ID || second.Fence != 2 || second.Owner != "b" {
		t.Errorf("taken over %+v", second)
	}

	// The first owner wakes: nothing of it counts any more.
	_, err = b.Heartbeat(b.ctx(), first.ID, first.Fence)
	b.wantCode(err, ranking.CodeConflict)
	stale := commit(first, 10, "aa")
	b.wantCode(b.CommitRun(b.ctx(), stale), ranking.CodeConflict)
	if n := b.number("SELECT (SELECT count(*) FROM run_metrics) + (SELECT count(*) FROM checkpoints) + (SELECT count(*) FROM artifacts)"); n != 0 {
		t.Errorf("%d rows of a fenced commit are stored", n)
	}
	b.must(b.CommitRun(b.ctx(), commit(second, 5, "bb")))
	now, err := b.RunByName(b.ctx(), "one")
	b.must(err)
	if now.Step != 5 || now.StateSHA256 != strings.Repeat("bb", 32) {
		t.Errorf("the run is at %+v", now)
	}
}

func TestOneWorkerClaimsARun(t *testing.T) {
	b := setup(t)
	for i := range 5 {
		b.run(fmt.Sprintf("run-%d", i))
	}
	claimed := make(chan int64, 20)
	var group errgroup.Group
	for worker := range 20 {
		group.Go(func() error {
			run, ok, err := b.ClaimRun(b.ctx(), fmt.Sprintf("worker-%d", worker), "avx2", 0)
			if ok {
				claimed <- run.ID
			}
			return err
		})
	}
	b.must(group.Wait())
	close(claimed)
	seen := make(map[int64]bool)
	for id := range claimed {
		if seen[id] {
			t.Errorf("run %d was claimed twice", id)
		}
		seen[id] = true
	}
	for {
		run, ok, err := b.ClaimRun(b.ctx(), "last", "avx2", 0) // those that were locked for a moment
		b.must(err)
		if !ok {
			break
		}
		if seen[run.ID] {
			t.Errorf("run %d was claimed twice", run.ID)
		}
		seen[run.ID] = true
	}
	if len(seen) != 5 {
		t.Errorf("%d of 5 runs were claimed", len(seen))
	}
}

// commit is one with something of everything.
func commit(run store.Run, step int, digits string) store.Commit {
	at := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	return store.Commit{
		RunID: run.ID, Fence: run.Fence, Step: step, StepsTotal: 20, StateSHA256: strings.Repeat(digits, 32), TrainedMS: int64(100 * step),
		Artifacts: []store.Artifact{{SHA256: strings.Repeat(digits, 32), Bytes: 10}, {SHA256: strings.Repeat("0"+digits[:1], 32), Bytes: 1}},
		Metrics: []store.MetricRow{
			{Step: step - 1, At: at, Metrics: json.RawMessage(`{"loss": 1}`)}, {Step: step, At: at, Metrics: json.RawMessage(`{"loss": 0.5}`)},
		},
		Samples: []store.SampleRow{{Step: step, Prompt: "q", Policy: "bad \xff\x00", Reference: "r", Metrics: json.RawMessage(`{"kl": 0.1}`)}},
		Summary: json.RawMessage(`{"parameters": 7}`), Warnings: json.RawMessage(`[]`),
		Checkpoints: []store.NewCheckpoint{{
			Name: fmt.Sprintf("%s@%d", run.Name, step), Kind: "reward", Base: "base", Step: step, Parameters: 7,
			SHA256: strings.Repeat("c"+digits[:1], 32), Bytes: 3,
		}},
	}
}

func TestCommit(t *testing.T) {
	b := setup(t)
	b.run("one")
	run := b.claim("a")
	b.must(b.CommitRun(b.ctx(), commit(run, 10, "aa")))
	repeated := commit(run, 11, "aa") // trains step 10 again
	b.must(b.CommitRun(b.ctx(), repeated))
	metrics, err := b.RunMetrics(b.ctx(), run.ID, -1, 100)
	b.must(err)
	if len(metrics) != 3 || metrics[1].Step != 10 || string(metrics[1].Metrics) != `{"loss": 1}` || !metrics[2].At.Equal(repeated.Metrics[0].At) {
		t.Errorf("metrics %+v", metrics)
	}
	page, err := b.RunMetrics(b.ctx(), run.ID, 9, 1)
	b.must(err)
	if len(page) != 1 || page[0].Step != 10 {
		t.Errorf("page %+v", page)
	}
	samples, err := b.RunSamples(b.ctx(), run.ID)
	b.must(err)
	if len(samples) != 2 || samples[0].Policy != "bad \uFFFD\uFFFD" || samples[1].Step != 11 {
		t.Errorf("samples %+v", samples)
	}
	published, err := b.RunCheckpoints(b.ctx(), run.ID)
	b.must(err)
	if len(published) != 2 || published[1].Name != "one@11" || *published[1].RunID != run.ID {
		t.Errorf("checkpoints %+v", published)
	}
	b.wantCode(b.CommitRun(b.ctx(), store.Commit{RunID: run.ID, Fence: run.Fence, State: "asleep"}), ranking.CodeInvalid)

	last := store.Commit{RunID: run.ID, Fence: run.Fence, Step: 20, StepsTotal: 20, TrainedMS: 2000, State: store.RunSucceeded}
	b.must(b.CommitRun(b.ctx(), last))
	done, err := b.RunByID(b.ctx(), run.ID)
	b.must(err)
	if done.State != store.RunSucceeded || done.FinishedAt == nil || done.Step != 20 || done.TrainedMS != 2000 ||
		string(done.Summary) != `{"parameters": 7}` || done.StateSHA256 != strings.Repeat("aa", 32) {
		t.Errorf("done %+v", done)
	}
	b.wantCode(b.CommitRun(b.ctx(), last), ranking.CodeConflict) // it has ended
	b.wantCode(b.ResumeRun(b.ctx(), "one"), ranking.CodeConflict)
	b.wantCode(b.StopRun(b.ctx(), "one"), ranking.CodeConflict)

	// Another run may not take a published name.
	b.run("two")
	other := b.claim("a")
	thief := commit(other, 10, "dd")
	thief.Checkpoints[0].Name = "one@10"
	b.wantCode(b.CommitRun(b.ctx(), thief), ranking.CodeConflict)
	if n := b.number("SELECT count(*) FROM run_metrics WHERE run_id = $1", other.ID); n != 0 {
		t.Error("half of a refused commit is stored")
	}
}

func TestStopAndResume(t *testing.T) {
	b := setup(t)
	b.run("one")
	run := b.claim("a")
	control, err := b.Heartbeat(b.ctx(), run.ID, run.Fence)
	b.must(err)
	if control.Stop {
		t.Error("told to stop without a reason")
	}
	b.must(b.StopRun(b.ctx(), "one"))
	b.must(b.StopRun(b.ctx(), "one"))
	control, err = b.Heartbeat(b.ctx(), run.ID, run.Fence)
	b.must(err)
	if !control.Stop {
		t.Error("not told to stop")
	}
	b.must(b.CommitRun(b.ctx(), commit(run, 5, "aa"))) // a checkpoint on the way does not undo it
	b.wantCode(b.ResumeRun(b.ctx(), "one"), ranking.CodeConflict)
	b.must(b.CommitRun(b.ctx(), store.Commit{RunID: run.ID, Fence: run.Fence, Step: 6, StepsTotal: 20, State: store.RunStopped}))
	b.must(b.ResumeRun(b.ctx(), "one"))
	b.must(b.ResumeRun(b.ctx(), "one"))
	resumed := b.claim("b")
	if resumed.Step != 6 || resumed.StateSHA256 != strings.Repeat("aa", 32) || resumed.Fence != 2 || resumed.FinishedAt != nil {
		t.Errorf("resumed %+v", resumed)
	}

	// Asked to stop, and then its owner dies: it has stopped.
	b.must(b.StopRun(b.ctx(), "one"))
	b.silence(resumed, store.ClaimSilence+time.Second)
	if _, claimed, err := b.ClaimRun(b.ctx(), "c", "avx2", 0); err != nil || claimed {
		t.Errorf("a run that was to stop was claimed: %v", err)
	}
	stopped, err := b.RunByName(b.ctx(), "one")
	b.must(err)
	if stopped.State != store.RunStopped {
		t.Errorf("it %s", stopped.State)
	}
	b.wantCode(b.CommitRun(b.ctx(), commit(resumed, 9, "ee")), ranking.CodeConflict)
	b.wantCode(b.StopRun(b.ctx(), "nothing"), ranking.CodeNotFound)
	b.wantCode(b.ResumeRun(b.ctx(), "nothing"), ranking.CodeNotFound)
}

func TestCheckpoints(t *testing.T) {
	b := setup(t)
	_, err := b.LatestReward(b.ctx(), "base")
	b.wantCode(err, ranking.CodeNotFound)
	n := store.NewCheckpoint{Name: "base", Kind: "policy", Base: "base", Parameters: 3, SHA256: strings.Repeat("ab", 32), Bytes: 9}
	made, err := b.AddCheckpoint(b.ctx(), n)
	b.must(err)
	same, err := b.AddCheckpoint(b.ctx(), n)
	b.must(err)
	if diff := cmp.Diff(made, same); diff != "" {
		t.Errorf("registering twice: %s", diff)
	}
	n.SHA256 = strings.Repeat("cd", 32)
	_, err = b.AddCheckpoint(b.ctx(), n)
	b.wantCode(err, ranking.CodeConflict)
	n.Name = "../base"
	_, err = b.AddCheckpoint(b.ctx(), n)
	b.wantCode(err, ranking.CodeInvalid)
	for i, name := range []string{"reward-1", "reward-2"} {
		_, err := b.AddCheckpoint(b.ctx(), store.NewCheckpoint{
			Name: name, Kind: "reward", Base: "base", SHA256: strings.Repeat(fmt.Sprint("a", i), 32), Meta: json.RawMessage(`{"x": 1}`),
		})
		b.must(err)
	}
	latest, err := b.LatestReward(b.ctx(), "base")
	b.must(err)
	if latest.Name != "reward-2" || string(latest.Meta) != `{"x": 1}` {
		t.Errorf("latest %+v", latest)
	}
	_, err = b.LatestReward(b.ctx(), "reward-1")
	b.wantCode(err, ranking.CodeNotFound)
	_, err = b.CheckpointByName(b.ctx(), "nothing")
	b.wantCode(err, ranking.CodeNotFound)
	all, err := b.ListCheckpoints(b.ctx())
	b.must(err)
	if len(all) != 3 || all[2].Name != "base" {
		t.Errorf("list %+v", all)
	}
}

func TestLiveMetrics(t *testing.T) {
	b := setup(t)
	one, two := b.run("one"), b.run("two")
	ctx, cancel := context.WithCancel(b.ctx())
	first, err := b.ListenMetrics(ctx, one.ID)
	b.must(err)
	second, err := b.ListenMetrics(b.ctx(), one.ID)
	b.must(err)
	row := store.MetricRow{Step: 3, At: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC), Metrics: json.RawMessage(`{"loss":0.25}`)}
	b.must(b.NotifyMetrics(b.ctx(), two.ID, store.MetricRow{Step: 9, Metrics: json.RawMessage(`{}`)}))
	b.must(b.NotifyMetrics(b.ctx(), one.ID, store.MetricRow{Step: 1, Metrics: json.RawMessage(`"` + strings.Repeat("x", 9000) + `"`)}))
	b.must(b.NotifyMetrics(b.ctx(), one.ID, row))
	for i, rows := range []<-chan store.MetricRow{first, second} {
		select {
		case got := <-rows:
			if diff := cmp.Diff(row, got); diff != "" {
				t.Errorf("listener %d: %s", i, diff)
			}
		case <-time.After(20 * time.Second):
			t.Fatalf("listener %d heard nothing", i)
		}
	}
	cancel()
	select {
	case _, open := <-first:
		if open {
			t.Error("a row after the end")
		}
	case <-time.After(20 * time.Second):
		t.Error("the channel stays open")
	}
	row.Step = 4
	b.must(b.NotifyMetrics(b.ctx(), one.ID, row))
	if got := <-second; got.Step != 4 {
		t.Errorf("the other listener got %+v", got)
	}
	// The connection is lost: listening goes on by itself.
	b.exec("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'LISTEN%'")
	deadline := time.Now().Add(20 * time.Second)
	for {
		b.must(b.NotifyMetrics(b.ctx(), one.ID, row))
		select {
		case <-second:
			return
		case <-time.After(100 * time.Millisecond):
		}
		if time.Now().After(deadline) {
			t.Fatal("nothing is heard after the connection was lost")
		}
	}
}

func TestUnavailableDatabase(t *testing.T) {
	b := setup(t)
	b.exec(`CREATE FUNCTION away() RETURNS trigger LANGUAGE plpgsql AS $$
		BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NEW; END $$`)
	b.exec("CREATE TRIGGER away BEFORE INSERT ON audit_log EXECUTE FUNCTION away()")
	b.wantCode(b.Audit(b.ctx(), nil, "act", "", nil), ranking.CodeUnavailable)
	b.exec("DROP TRIGGER away ON audit_log")
	b.must(b.Audit(b.ctx(), nil, "act", "", nil)) // the pool goes on
}
