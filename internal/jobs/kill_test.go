package jobs

import (
	"bufio"
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"reflect"
	"testing"
	"time"

	"rankloop/internal/store"
	"rankloop/trainer"
)

// In a process of its own, TestWorkerProcess is a worker that a test kills.
const (
	workerDatabase  = "RANKLOOP_TEST_WORKER_DATABASE"
	workerArtifacts = "RANKLOOP_TEST_WORKER_ARTIFACTS"
)

func TestWorkerProcess(t *testing.T) {
	if os.Getenv(workerDatabase) == "" {
		t.Skip("runs in the process that TestKilledWorker starts")
	}
	b := openBundle(t, os.Getenv(workerDatabase), os.Getenv(workerArtifacts))
	owner := b.owner()
	owner.OnStep = func(_ store.Run, _ int, report trainer.Report) {
		fmt.Printf("step %d\n", report.Step)
		time.Sleep(20 * time.Millisecond) // time to be killed in
	}
	must(t, owner.Work(t.Context()))
}

// TestKilledWorker kills workers with SIGKILL, one after the other, and finishes their run: it ends with the same bytes
// as an undisturbed one.
func TestKilledWorker(t *testing.T) {
	t.Parallel()
	b := setup(t)
	b.work(rewardRun("plain"))
	plain := b.work(ppoRun("plain-ppo"))
	b.store.ClaimSilence = 300 * time.Millisecond

	request := ppoRun("killed")
	request.Reward = "plain"
	request.CheckpointEvery = 30 * time.Millisecond
	run := b.launch(request)
	reached := 0
	for _, kill := range []int{2, 3} { // steps after which each worker dies
		cmd := exec.Command(os.Args[0], "-test.run=^TestWorkerProcess$", "-test.count=1")
		cmd.Env = append(os.Environ(), workerDatabase+"="+b.url, workerArtifacts+"="+b.folder)
		cmd.Stderr = os.Stderr
		output, err := cmd.StdoutPipe()
		must(t, err)
		must(t, cmd.Start())
		lines := bufio.NewScanner(output)
		for seen := 0; lines.Scan(); {
			if _, err := fmt.Sscanf(lines.Text(), "step %d", &reached); err == nil {
				seen++
			}
			if seen == kill+1 {
				break
			}
		}
		must(t, cmd.Process.Kill())
		cmd.Wait() //nolint:errcheck // it was killed
		time.Sleep(350 * time.Millisecond)
		// The next worker's own store waits for the full silence; this makes it claim now.
		_, err = b.pool.Exec(t.Context(), "UPDATE runs SET heartbeat_at = heartbeat_at - interval '1 minute' WHERE id = $1", run.ID)
		must(t, err)
	}
	before := b.run(run.ID)
	if before.State != store.RunRunning || before.Step == 0 || before.Step >= before.StepsTotal {
		t.Fatalf("after the kills, with step %d seen, the run is %s at step %d of %d", reached, before.State, before.Step, before.StepsTotal)
	}
	_, err := b.owner().WorkRun(t.Context(), run.ID)
	must(t, err)
	if run = b.run(run.ID); run.State != store.RunSucceeded || run.Fence != 3 {
		t.Fatalf("the run is %s under fence %d: %s", run.State, run.Fence, run.Error)
	}
	if !bytes.Equal(b.weights("killed"), b.weights("plain-ppo")) {
		t.Error("the weights differ from the undisturbed run's")
	}
	if got, want := b.metrics(run.ID), b.metrics(plain.ID); !reflect.DeepEqual(got, want) {
		t.Errorf("the metrics differ from the undisturbed run's:\n%v\n%v", got, want)
	}
}
