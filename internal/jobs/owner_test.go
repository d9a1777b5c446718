package jobs

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"rankloop/internal/store"
	"rankloop/model/kernel"
	"rankloop/trainer"
)

func isTiming(name string) bool { return trainer.IsTiming(name) }

func kernelName() string { return kernel.Name() }

// TestLoop trains a reward model and tunes the policy with it, and reads everything that a run leaves behind.
func TestLoop(t *testing.T) {
	t.Parallel()
	b := setup(t)
	reward := b.work(rewardRun("judge"))
	if reward.State != store.RunSucceeded || reward.Step != 24 || reward.Step != reward.StepsTotal || reward.Snapshot != "first" {
		t.Fatalf("the reward run ended as %s at step %d of %d on %q: %s", reward.State, reward.Step, reward.StepsTotal, reward.Snapshot, reward.Error)
	}
	checkpoint, err := b.store.CheckpointByName(t.Context(), "judge")
	must(t, err)
	atStep, err := b.store.CheckpointByName(t.Context(), "judge@24")
	must(t, err)
	if checkpoint.Kind != "reward" || checkpoint.Base != DefaultBase || atStep.SHA256 != checkpoint.SHA256 {
		t.Errorf("the run published %+v and %+v", checkpoint, atStep)
	}
	loaded, err := LoadCheckpoint(t.Context(), b.artifacts, checkpoint.SHA256)
	must(t, err)
	if loaded.Meta.RewardStd <= 0 || loaded.Meta.Name != "judge" {
		t.Errorf("the reward checkpoint's meta is %+v", loaded.Meta)
	}

	ppo := b.work(ppoRun(""))
	if ppo.Name != "ppo-1" || ppo.State != store.RunSucceeded || ppo.Reward != "judge" || ppo.Step != 16 {
		t.Fatalf("the PPO run %s ended as %s at step %d with reward %q: %s", ppo.Name, ppo.State, ppo.Step, ppo.Reward, ppo.Error)
	}
	spec, err := ReadSpec(ppo.Spec)
	must(t, err)
	if p := spec.Prompts; p.Unjudged != 3 || p.Train != 24 || p.Overlap != 24 || p.HeldOut != 6 || spec.Ptx.Source != DefaultBase {
		t.Errorf("its prompts are %+v and its text %+v", *spec.Prompts, spec.Ptx)
	}
	steps := slices.Sorted(maps.Keys(b.metrics(ppo.ID)))
	if len(steps) != 16 || steps[0] != 1 || steps[15] != 16 {
		t.Errorf("metrics are stored of the steps %v", steps)
	}
	samples, err := b.store.RunSamples(t.Context(), ppo.ID)
	must(t, err)
	if len(samples) == 0 || !strings.HasPrefix(samples[0].Prompt, "say it validation") {
		t.Errorf("the sample table is %+v", samples)
	}
	var summary Summary
	must(t, json.Unmarshal(ppo.Summary, &summary))
	if summary.Parameters == 0 || summary.TokensSeen == 0 || summary.Metrics["objective/kl_coef"] == 0 {
		t.Errorf("the summary is %+v", summary)
	}
	if ppo.TrainedMS <= 0 || ppo.Kernels == "" || ppo.StartedAt == nil || ppo.FinishedAt == nil {
		t.Errorf("the run is %+v", ppo)
	}
}

// TestResumedRunsEqualUndisturbedOnes stops, leaves, reloads and restarts runs in every way there is: what comes out is
// the same to the bit.
func TestResumedRunsEqualUndisturbedOnes(t *testing.T) {
	t.Parallel()
	b := setup(t)
	undisturbed := map[string]store.Run{"reward": b.work(rewardRun("plain")), "ppo": b.work(ppoRun("plain-ppo"))}
	same := func(t *testing.T, run store.Run) {
		t.Helper()
		want := undisturbed[run.Kind]
		if run.State != store.RunSucceeded {
			t.Fatalf("the run is %s at step %d: %s", run.State, run.Step, run.Error)
		}
		if !bytes.Equal(b.weights(run.Name), b.weights(want.Name)) {
			t.Error("its weights differ from the undisturbed run's")
		}
		if got, want := b.metrics(run.ID), b.metrics(want.ID); !reflect.DeepEqual(got, want) {
			t.Errorf("its metrics differ from the undisturbed run's:\n%v\n%v", got, want)
		}
	}
	for kind, request := range map[string]func(string) Request{
		"reward": rewardRun,
		"ppo":    func(name string) Request { r := ppoRun(name); r.Reward = "plain"; return r },
	} {
		t.Run(kind+" stopped and resumed", func(t *testing.T) {
			run := b.launch(request(kind + "-stopped"))
			owner := b.owner()
			owner.OnStep = func(r store.Run, _ int, report trainer.Report) {
				if report.Step == 5 {
					must(t, b.store.StopRun(t.Context(), r.Name))
					time.Sleep(200 * time.Millisecond) // more than one heartbeat
				}
			}
			_, err := owner.WorkRun(t.Context(), run.ID)
			must(t, err)
			if run = b.run(run.ID); run.State != store.RunStopped || run.Step != 5 {
				t.Fatalf("after the stop at step 5 the run is %s at step %d", run.State, run.Step)
			}
			if claimed, err := b.owner().WorkRun(t.Context(), run.ID); claimed || err != nil {
				t.Fatalf("a stopped run was claimed: %v, %v", claimed, err)
			}
			must(t, b.store.ResumeRun(t.Context(), run.Name))
			_, err = b.owner().WorkRun(t.Context(), run.ID)
			must(t, err)
			same(t, b.run(run.ID))
		})
		t.Run(kind+" left by a process that ends", func(t *testing.T) {
			run := b.launch(request(kind + "-left"))
			for range 20 {
				ctx, leave := context.WithCancel(t.Context())
				owner := b.owner()
				owner.OnStep = func(_ store.Run, _ int, report trainer.Report) {
					if report.Step%4 == 3 {
						leave()
					}
				}
				_, err := owner.WorkRun(ctx, run.ID)
				must(t, err)
				leave()
				if run = b.run(run.ID); run.State != store.RunQueued {
					break
				}
			}
			same(t, run)
			if run.Fence < 4 {
				t.Errorf("the run had %d owners; it was to have many", run.Fence)
			}
		})
		t.Run(kind+" reloaded after each step", func(t *testing.T) {
			r := request(kind + "-cold")
			r.CheckpointEvery, r.Cold = time.Nanosecond, true
			same(t, b.work(r))
		})
		t.Run(kind+" crashed between artifacts and pointer", func(t *testing.T) {
			run := b.launch(request(kind + "-crashed"))
			claimed, _, err := b.store.ClaimRun(t.Context(), "doomed", kernelName(), run.ID)
			must(t, err)
			s := &session{owner: b.owner(), run: claimed, log: testLog(t)}
			must(t, s.open(t.Context()))
			s.beat = &heartbeat{}
			for range 3 {
				must(t, s.advance(t.Context()))
			}
			must(t, s.commit(t.Context(), goOn, nil))
			must(t, s.advance(t.Context()))
			_, err = s.saveState(t.Context())
			must(t, err)
			// Here it dies: the files of step 4 are there, the pointer is at step 3.
			if run = b.run(run.ID); run.Step != 3 {
				t.Fatalf("the pointer is at step %d", run.Step)
			}
			b.store.ClaimSilence = time.Millisecond
			defer func() { b.store.ClaimSilence = store.ClaimSilence }()
			time.Sleep(5 * time.Millisecond)
			_, err = b.owner().WorkRun(t.Context(), run.ID)
			must(t, err)
			same(t, b.run(run.ID))
		})
	}
}

// TestWokenOwnerCannotCommit freezes an owner, lets another finish its run, and wakes it.
func TestWokenOwnerCannotCommit(t *testing.T) {
	t.Parallel()
	b := setup(t)
	run := b.launch(rewardRun("contested"))
	frozen, wake := make(chan struct{}), make(chan struct{})
	old := b.owner()
	old.beatEvery = time.Hour
	old.OnStep = func(_ store.Run, _ int, report trainer.Report) {
		if report.Step == 7 {
			close(frozen)
			<-wake
		}
	}
	left := make(chan error, 1)
	go func() {
		_, err := old.WorkRun(t.Context(), run.ID)
		left <- err
	}()
	<-frozen
	b.store.ClaimSilence = time.Millisecond
	claimed, err := b.owner().WorkRun(t.Context(), run.ID)
	must(t, err)
	if run = b.run(run.ID); !claimed || run.State != store.RunSucceeded || run.Fence != 2 {
		t.Fatalf("the second owner left the run %s under fence %d: %s", run.State, run.Fence, run.Error)
	}
	weights, metrics := b.weights("contested"), b.metrics(run.ID)
	close(wake)
	must(t, <-left) // losing a run is no fault
	after := b.run(run.ID)
	if !reflect.DeepEqual(after, run) || !bytes.Equal(b.weights("contested"), weights) || !reflect.DeepEqual(b.metrics(run.ID), metrics) {
		t.Errorf("the woken owner changed the run from\n%+v to\n%+v", run, after)
	}
}

// TestBeatingOwnerLearnsOfItsLoss: an owner whose heartbeat is refused gives the run up at once.
func TestBeatingOwnerLearnsOfItsLoss(t *testing.T) {
	t.Parallel()
	b := setup(t)
	run := b.launch(rewardRun("taken"))
	owner := b.owner()
	owner.OnStep = func(r store.Run, _ int, report trainer.Report) {
		switch {
		case report.Step == 3:
			b.store.ClaimSilence = -time.Hour // everybody is silent for longer than that
			_, ok, err := b.store.ClaimRun(t.Context(), "thief", kernelName(), r.ID)
			if !ok || err != nil {
				t.Errorf("the claim failed: %v, %v", ok, err)
			}
			b.store.ClaimSilence = store.ClaimSilence
			time.Sleep(200 * time.Millisecond)
		case report.Step > 4:
			t.Errorf("it trained on to step %d", report.Step)
		}
	}
	_, err := owner.WorkRun(t.Context(), run.ID)
	must(t, err)
	if after := b.run(run.ID); after.Owner != "thief" || after.Step != 0 {
		t.Errorf("the run belongs to %s at step %d", after.Owner, after.Step)
	}
}

// TestPanicIsTheRunsError: a fault of the trainer fails its run and nothing else.
func TestPanicIsTheRunsError(t *testing.T) {
	t.Parallel()
	b := setup(t)
	run := b.launch(rewardRun("panics"))
	owner := b.owner()
	owner.OnStep = func(store.Run, int, trainer.Report) { panic("boom") }
	if _, err := owner.WorkRun(t.Context(), run.ID); err == nil || errors.Is(err, context.Canceled) {
		t.Errorf("the panic gave %v", err)
	}
	if run = b.run(run.ID); run.State != store.RunFailed || !strings.Contains(run.Error, "boom") {
		t.Errorf("the run is %s: %s", run.State, run.Error)
	}
	must(t, b.store.ResumeRun(t.Context(), run.Name))
	_, err := b.owner().WorkRun(t.Context(), run.ID)
	must(t, err)
	if run = b.run(run.ID); run.State != store.RunSucceeded || run.Error != "" {
		t.Errorf("after a resume the run is %s: %s", run.State, run.Error)
	}
}

// TestKernelsArePinned: a worker with other kernels leaves a run alone.
func TestKernelsArePinned(t *testing.T) {
	t.Parallel()
	b := setup(t)
	run := b.launch(rewardRun("pinned"))
	_, err := b.pool.Exec(t.Context(), "UPDATE runs SET kernels = 'other' WHERE id = $1", run.ID)
	must(t, err)
	if claimed, err := b.owner().WorkRun(t.Context(), run.ID); claimed || err != nil {
		t.Errorf("a run of other kernels was claimed: %v, %v", claimed, err)
	}
}
