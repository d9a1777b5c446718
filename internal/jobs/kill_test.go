package jobs

import (
	"bufio"
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"os/signal"
	"reflect"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"rankloop/internal/store"
	"rankloop/trainer"
)

// In a process of its own, TestWorkerProcess is a worker that a test kills.
const (
	workerDatabase  = "RANKLOOP_TEST_WORKER_DATABASE"
	workerArtifacts = "RANKLOOP_TEST_WORKER_ARTIFACTS"
	workerFullAt    = "RANKLOOP_TEST_WORKER_FULL_AT" // the step from which its disk is full
)

func TestWorkerProcess(t *testing.T) {
	if os.Getenv(workerDatabase) == "" {
		t.Skip("runs in the process that TestKilledWorker starts")
	}
	fullAt, _ := strconv.Atoi(os.Getenv(workerFullAt))
	b := openBundle(t, os.Getenv(workerDatabase), os.Getenv(workerArtifacts))
	owner := b.owner()
	owner.OnStep = func(_ store.Run, _ int, report trainer.Report) {
		if report.Step == fullAt {
			fillDisk()
		}
		time.Sleep(20 * time.Millisecond) // time to be killed in
	}
	fmt.Println("ready")
	must(t, owner.Work(t.Context()))
}

// fillDisk makes every further write of this process fail as on a full disk or quota: files may no longer grow.
func fillDisk() {
	signal.Ignore(syscall.SIGXFSZ)
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &syscall.Rlimit{Cur: 64, Max: 64}); err != nil {
		panic(err)
	}
}

// startWorker starts a worker process on the bundle and returns once it is there.
func (b *bundle) startWorker(environment ...string) *exec.Cmd {
	b.t.Helper()
	cmd := exec.Command(os.Args[0], "-test.run=^TestWorkerProcess$", "-test.count=1")
	cmd.Env = append(append(os.Environ(), workerDatabase+"="+b.url, workerArtifacts+"="+b.folder), environment...)
	cmd.Stderr = os.Stderr
	output, err := cmd.StdoutPipe()
	must(b.t, err)
	must(b.t, cmd.Start())
	lines := bufio.NewScanner(output)
	for lines.Scan() && lines.Text() != "ready" {
	}
	return cmd
}

// kill kills a worker process with SIGKILL and makes its run claimable at once: others would wait for its silence.
func (b *bundle) kill(cmd *exec.Cmd) {
	b.t.Helper()
	must(b.t, cmd.Process.Kill())
	cmd.Wait() //nolint:errcheck // it was killed
	_, err := b.pool.Exec(b.t.Context(), "UPDATE runs SET heartbeat_at = heartbeat_at - interval '1 minute' WHERE state = 'running'")
	must(b.t, err)
}

// stages are runs of every kind, of a dozen steps and more.
var stages = map[string]func(name string) Request{
	"pretrain": func(name string) Request {
		return Request{Kind: "pretrain", Name: name, Sets: []string{"steps=20", "batch_windows=3", "context=16", "denoise_share=0.4", "micro_batch_tokens=256"}}
	},
	"sft": func(name string) Request {
		var lines strings.Builder
		for i := range 24 {
			fmt.Fprintf(&lines, `{"prompt":"say it %d","responses":["yes %d"]}`+"\n", i, i)
		}
		return Request{Kind: "sft", Name: name, Data: &File{Name: "replies.jsonl", Content: strings.NewReader(lines.String())},
			Sets: []string{"epochs=3", "batch_examples=4", "max_new=24", "pretrain_share=0.2", "micro_batch_tokens=256"}}
	},
	"reward": rewardRun,
	"dpo": func(name string) Request {
		return Request{Kind: "dpo", Name: name, Sets: []string{"batch_tasks=4", "epochs=3", "max_new=24", "eval_every=5", "micro_batch_tokens=256"}}
	},
	"ppo": func(name string) Request {
		request := ppoRun(name)
		request.Reward = "judge"
		return request
	},
}

// undisturbed works a run of a kind from start to end, and what it needs before.
func (b *bundle) undisturbed(kind string) store.Run {
	b.t.Helper()
	if kind == "ppo" {
		b.work(rewardRun("judge"))
	}
	run := b.work(stages[kind]("undisturbed"))
	if run.State != store.RunSucceeded || run.Step < 12 {
		b.t.Fatalf("the undisturbed run is %s at step %d: %s", run.State, run.Step, run.Error)
	}
	return run
}

// equalRuns wants two finished runs to have left the same behind, to the last bit.
func (b *bundle) equalRuns(run, want store.Run) {
	b.t.Helper()
	if run.State != store.RunSucceeded || run.Step != want.Step {
		b.t.Fatalf("%s is %s at step %d of %d: %s", run.Name, run.State, run.Step, want.Step, run.Error)
	}
	if !bytes.Equal(b.weights(run.Name), b.weights(want.Name)) {
		b.t.Errorf("the weights of %s differ from the undisturbed run's", run.Name)
	}
	if got, metrics := b.metrics(run.ID), b.metrics(want.ID); !reflect.DeepEqual(got, metrics) {
		b.t.Errorf("the metrics of %s differ from the undisturbed run's:\n%v\n%v", run.Name, got, metrics)
	}
	got, err := b.store.RunSamples(b.t.Context(), run.ID)
	must(b.t, err)
	samples, err := b.store.RunSamples(b.t.Context(), want.ID)
	must(b.t, err)
	if !reflect.DeepEqual(got, samples) {
		b.t.Errorf("the samples of %s differ from the undisturbed run's", run.Name)
	}
}

// kills is how many workers of each kind of run TestKilledWorker kills; make test-resume kills twenty.
func kills(t *testing.T) int {
	text := os.Getenv("RANKLOOP_KILLS")
	if text == "" {
		return 1
	}
	n, err := strconv.Atoi(text)
	must(t, err)
	return n
}

// TestKilledWorker kills workers with SIGKILL at random moments, one after the other, and lets the last one finish: the
// run ends with the same bytes as an undisturbed one.
func TestKilledWorker(t *testing.T) {
	t.Parallel()
	for kind, request := range stages {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			b := setup(t)
			want := b.undisturbed(kind)
			killed, midway := 0, 0
			for n := 1; killed < kills(t); n++ {
				r := request(fmt.Sprintf("killed-%d", n))
				r.CheckpointEvery = 25 * time.Millisecond
				run := b.launch(r)
				for run.State != store.RunSucceeded && killed < kills(t) {
					worker := b.startWorker()
					time.Sleep(rand.N(500 * time.Millisecond))
					b.kill(worker)
					killed++
					if run = b.run(run.ID); run.Step > 0 && run.Step < want.Step {
						midway++
					}
				}
				if run.State != store.RunSucceeded {
					_, err := b.owner().WorkRun(t.Context(), run.ID)
					must(t, err)
				}
				b.equalRuns(b.run(run.ID), want)
			}
			t.Logf("%d workers killed, %d of them midway", killed, midway)
		})
	}
}

// TestFullDisk: a worker whose disk is full says so and leaves the last checkpoint usable.
func TestFullDisk(t *testing.T) {
	t.Parallel()
	b := setup(t)
	want := b.undisturbed("reward")
	r := rewardRun("cramped")
	r.CheckpointEvery = time.Nanosecond
	run := b.launch(r)
	files := len(b.artifactFiles())
	worker := b.startWorker(workerFullAt + "=5")
	for deadline := time.Now().Add(time.Minute); run.State != store.RunFailed; run = b.run(run.ID) {
		if time.Now().After(deadline) || run.State == store.RunSucceeded {
			t.Fatalf("the run is %s at step %d", run.State, run.Step)
		}
		time.Sleep(20 * time.Millisecond)
	}
	b.kill(worker)
	if !strings.Contains(run.Error, "the disk is full") || run.Step != 4 {
		t.Errorf("the run failed at step %d: %s", run.Step, run.Error)
	}
	if now := len(b.artifactFiles()); now <= files {
		t.Errorf("%d files before and %d after: there is no state", files, now)
	}
	must(t, b.store.ResumeRun(t.Context(), run.Name))
	_, err := b.owner().WorkRun(t.Context(), run.ID)
	must(t, err)
	b.equalRuns(b.run(run.ID), want)
}

// TestMovedData resumes a killed run after nothing but its database and its artifacts went elsewhere.
func TestMovedData(t *testing.T) {
	t.Parallel()
	b := setup(t)
	want := b.undisturbed("ppo")
	r := stages["ppo"]("moved")
	r.CheckpointEvery = time.Nanosecond
	run := b.launch(r)
	worker := b.startWorker()
	for run.Step < 3 {
		time.Sleep(5 * time.Millisecond)
		run = b.run(run.ID)
	}
	b.kill(worker)

	config, err := pgx.ParseConfig(b.url)
	must(t, err)
	b.pool.Close() // a database is copied while nobody uses it
	source := config.Database
	config.Database = "postgres"
	admin, err := pgx.ConnectConfig(t.Context(), config)
	must(t, err)
	t.Cleanup(func() { admin.Close(t.Context()) }) //nolint:errcheck // the test is over
	elsewhere := source + "_moved"
	_, err = admin.Exec(t.Context(), "CREATE DATABASE "+elsewhere+" TEMPLATE "+source)
	must(t, err)
	folder := t.TempDir()
	must(t, os.RemoveAll(folder))
	must(t, os.Rename(b.folder, folder))

	moved := openBundle(t, strings.ReplaceAll(b.url, source, elsewhere), folder)
	if run = moved.run(run.ID); run.State != store.RunRunning || run.Step < 3 || run.Step >= want.Step {
		t.Fatalf("after the move the run is %s at step %d", run.State, run.Step)
	}
	_, err = moved.owner().WorkRun(t.Context(), run.ID)
	must(t, err)
	moved.equalRuns(moved.run(run.ID), want)
	moved.pool.Close()
	_, err = admin.Exec(t.Context(), "DROP DATABASE "+elsewhere+" WITH (FORCE)")
	must(t, err)
}
