package jobs

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"rankloop/internal/store"
	"rankloop/ranking"
	"rankloop/trainer"
)

// interrupted works a run of a kind to a step, checkpointing after each, and leaves it there.
func (b *bundle) interrupted(request Request, step int) store.Run {
	b.t.Helper()
	request.CheckpointEvery = time.Nanosecond
	run := b.launch(request)
	ctx, leave := context.WithCancel(b.t.Context())
	owner := b.owner()
	owner.OnStep = func(_ store.Run, _ int, report trainer.Report) {
		if report.Step == step {
			leave()
		}
	}
	_, err := owner.WorkRun(ctx, run.ID)
	must(b.t, err)
	leave()
	if run = b.run(run.ID); run.State != store.RunQueued || run.Step != step {
		b.t.Fatalf("the run was left %s at step %d", run.State, run.Step)
	}
	return run
}

func (b *bundle) path(sha string) string { return filepath.Join(b.folder, sha[:2], sha[2:]) }

// stateFile is where a part of a state lies.
func (b *bundle) stateFile(manifest, part string) string {
	b.t.Helper()
	files, err := b.artifacts.Files(b.t.Context(), manifest)
	must(b.t, err)
	file, ok := files[part]
	if !ok {
		b.t.Fatalf("a state has no %s, only %v", part, files)
	}
	return b.path(file.SHA256)
}

func rewrite(t *testing.T, path string, change func([]byte) []byte) {
	t.Helper()
	content, err := os.ReadFile(path)
	must(t, err)
	must(t, os.Chmod(path, 0o600))
	must(t, os.WriteFile(path, change(content), 0o600))
}

var damages = map[string]func(t *testing.T, b *bundle, manifest string){
	"torn": func(t *testing.T, b *bundle, manifest string) {
		rewrite(t, b.stateFile(manifest, "model.adam_m"), func(c []byte) []byte { return c[:len(c)-100] })
	},
	"flipped": func(t *testing.T, b *bundle, manifest string) {
		rewrite(t, b.stateFile(manifest, "model.weights"), func(c []byte) []byte { c[len(c)/2] ^= 1; return c })
	},
	"empty": func(t *testing.T, b *bundle, manifest string) {
		rewrite(t, b.stateFile(manifest, "run.json"), func([]byte) []byte { return nil })
	},
	"missing": func(t *testing.T, b *bundle, manifest string) {
		must(t, os.Remove(b.stateFile(manifest, "model.adam_v")))
	},
	"manifest": func(t *testing.T, b *bundle, manifest string) {
		rewrite(t, b.path(manifest), func(c []byte) []byte { return c[:len(c)/2] })
	},
}

// TestDamagedState: of a damaged state nothing is used; the run goes on from the one before and ends in the same bytes.
func TestDamagedState(t *testing.T) {
	t.Parallel()
	b := setup(t)
	want := b.undisturbed("reward")
	for name, damage := range damages {
		t.Run(name, func(t *testing.T) {
			run := b.interrupted(rewardRun("damaged-"+name), 6)
			damage(t, b, run.StateSHA256)
			_, err := b.owner().WorkRun(t.Context(), run.ID)
			must(t, err)
			run = b.run(run.ID)
			b.equalRuns(run, want)
			if !strings.Contains(string(run.Warnings), "state_damaged") {
				t.Errorf("warnings %s", run.Warnings)
			}
		})
	}
}

// TestNoUsableState: a run without an undamaged state says so, stays where it is, and trains nothing.
func TestNoUsableState(t *testing.T) {
	t.Parallel()
	b := setup(t)
	run := b.interrupted(rewardRun("lost"), 6)
	earlier, err := earlierStates(run)
	must(t, err)
	if len(earlier) != statesKept-1 {
		t.Fatalf("%d earlier states are kept", len(earlier))
	}
	damages["flipped"](t, b, run.StateSHA256)
	damages["torn"](t, b, earlier[0].SHA256)
	if _, err := b.owner().WorkRun(t.Context(), run.ID); ranking.ErrorCode(err) != ranking.CodeInvalid {
		t.Errorf("working the damaged run gave %v", err)
	}
	run = b.run(run.ID)
	if run.State != store.RunFailed || !strings.Contains(run.Error, "damaged") || run.Step != 6 {
		t.Errorf("the run is %s at step %d: %s", run.State, run.Step, run.Error)
	}
}

// TestRetention: a run keeps its newest state and the one before, and none once it has succeeded. A sweep leaves them.
func TestRetention(t *testing.T) {
	t.Parallel()
	b := setup(t)
	parts := func() (n int) {
		for _, path := range b.artifactFiles() {
			content, err := os.ReadFile(path)
			if err == nil && bytes.HasPrefix(content, []byte("rankloop-state ")) {
				n++
			}
		}
		return n
	}
	run := b.interrupted(rewardRun("kept"), 6)
	files, err := b.artifacts.Files(t.Context(), run.StateSHA256)
	must(t, err)
	if got := parts(); got != statesKept*len(files) {
		t.Errorf("%d files of states after six checkpoints, want %d of each of %d", got, len(files), statesKept)
	}
	old := time.Now().Add(-48 * time.Hour)
	for _, path := range b.artifactFiles() {
		must(t, os.Chtimes(path, old, old))
	}
	_, _, err = sweep(t.Context(), b.store, b.artifacts)
	must(t, err)
	if got := parts(); got != statesKept*len(files) {
		t.Errorf("a sweep left %d files of states of %d", got, statesKept*len(files))
	}
	_, err = b.owner().WorkRun(t.Context(), run.ID)
	must(t, err)
	if run = b.run(run.ID); run.State != store.RunSucceeded || parts() != 0 {
		t.Errorf("the run is %s and keeps %d files of states", run.State, parts())
	}
}
