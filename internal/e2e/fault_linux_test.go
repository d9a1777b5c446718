package e2e

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// processes lists those of the data folder: its Postgres, whose folder it works in, and the program's, which were told.
func (p *program) processes(t *testing.T) (lines []string) {
	t.Helper()
	entries, err := os.ReadDir("/proc")
	if err != nil {
		t.Fatal(err)
	}
	cluster := filepath.Join(p.data, "postgres", "data")
	for _, entry := range entries {
		if _, err := strconv.Atoi(entry.Name()); err != nil {
			continue
		}
		// A process that ends meanwhile has none of these.
		folder := filepath.Join("/proc", entry.Name())
		at, _ := os.Readlink(filepath.Join(folder, "cwd"))
		line, _ := os.ReadFile(filepath.Join(folder, "cmdline"))
		told, _ := os.ReadFile(filepath.Join(folder, "environ"))
		ours := bytes.Contains(told, []byte("RANKLOOP_DATA="+p.data+"\x00")) || bytes.Contains(line, []byte("\x00"+p.data+"\x00"))
		if len(line) > 0 && (at == cluster || ours) {
			lines = append(lines, entry.Name()+" "+strings.ReplaceAll(string(line), "\x00", " "))
		}
	}
	return lines
}

// checkAllGone waits until no process of the data folder is left, and returns how long that took.
func (p *program) checkAllGone(t *testing.T) time.Duration {
	t.Helper()
	began := time.Now()
	deadline := began.Add(longWait)
	for {
		left := p.processes(t)
		if len(left) == 0 {
			return time.Since(began)
		}
		if time.Now().After(deadline) {
			t.Fatalf("%v later there are still\n%s", longWait, strings.Join(left, "\n"))
		}
		time.Sleep(pollEvery)
	}
}

// runStatus is what `run show` says.
type runStatus struct {
	State      string
	Step       int
	StepsTotal int `json:"steps_total"`
	Error      string
}

func (p *program) runStatus(t *testing.T, name string) (status runStatus) {
	t.Helper()
	p.json(t, &status, "run", "show", name)
	return status
}

// learnable makes a campaign that simulated annotators have ranked and a snapshot of it, both of this name.
func (p *program) learnable(t *testing.T, name string, size int) {
	t.Helper()
	set := prompts(size)
	p.campaign(t, name, set, "--k", "4")
	p.run(t, "simulate", "--campaign", name, "--annotators", "2", "--ranks", p.write(t, name+"-ranks.jsonl", ranksInOrder(set)))
	p.run(t, "snapshot", "create", "--campaign", name, "--name", name)
}

// endless is a run that no test waits for the end of, with a checkpoint every half second.
func endless(name, snapshot string) []string {
	return []string{"train", "reward", "--name", name, "--snapshot", snapshot, "--set", "epochs=10000", "--checkpoint-every", "500ms"}
}

var claimPattern = regexp.MustCompile(`time=(\S+) level=INFO msg="working a run" run=endless fence=(\d+)`)

// claims are the moments at which workers of this server took up the run, by fence.
func (s *server) claims(t *testing.T) map[int]time.Time {
	t.Helper()
	found := map[int]time.Time{}
	for _, match := range claimPattern.FindAllStringSubmatch(contentOf(s.errors), -1) {
		at, err := time.Parse(time.RFC3339Nano, match[1])
		if err != nil {
			t.Fatal(err)
		}
		fence, _ := strconv.Atoi(match[2]) // digits, by the pattern
		found[fence] = at
	}
	return found
}

// kill -9 of the server while a run trains and annotators work: nothing that was acknowledged is lost or doubled, no
// process is left behind, and after the restart the run goes on within 15 s.
func TestKilledServer(t *testing.T) {
	t.Parallel()
	p := newProgram(t)
	first := p.serve(t)
	p.learnable(t, "learn", 16)
	p.campaign(t, "work", prompts(1500), "--k", "4", "--overlap", "3")
	p.run(t, append(endless("endless", "learn"), "--enqueue")...)

	team := p.newTeam(t, first, "work", 3)
	team.work()
	eventually(t, "a checkpoint of the run", func() bool { return p.runStatus(t, "endless").Step > 0 })
	eventually(t, "judgments", func() bool { return team.acknowledgedCount() > 20 })
	stepBefore := p.runStatus(t, "endless").Step

	first.kill(t)
	t.Logf("the last process ended %.1f s after kill -9", p.checkAllGone(t).Seconds())
	atKill := team.acknowledgedCount()

	second := p.serve(t, "--addr", strings.TrimPrefix(first.url, "http://"))
	t.Logf("the server was ready %.1f s after its restart", time.Since(second.started).Seconds())
	var claimed time.Time
	eventually(t, "the run to go on", func() bool {
		for _, at := range second.claims(t) {
			claimed = at
		}
		return !claimed.IsZero()
	})
	took := claimed.Sub(second.started)
	t.Logf("the run went on %.1f s after the restart", took.Seconds())
	if took > quiet(15*time.Second) {
		t.Errorf("the run went on only %.1f s after the restart", took.Seconds())
	}
	eventually(t, "steps after the restart", func() bool { return p.runStatus(t, "endless").Step > stepBefore })
	eventually(t, "judgments after the restart", func() bool { return team.acknowledgedCount() > atKill+20 })
	acknowledged := team.stop()

	times := map[int64]int{}
	for _, record := range p.records(t, "work") {
		times[record.JudgmentID]++
	}
	for id := range acknowledged {
		if times[id] != 1 {
			t.Errorf("judgment %d was acknowledged and is there %d times", id, times[id])
		}
	}
	// Every submission was sent until it was acknowledged, so nothing else may be there.
	if len(times) != len(acknowledged) {
		t.Errorf("%d judgments are stored, %d were acknowledged", len(times), len(acknowledged))
	}
	t.Logf("%d judgments were acknowledged, %d of them before the kill", len(acknowledged), atKill)

	p.run(t, "run", "stop", "endless")
	if status := p.runStatus(t, "endless"); status.State != "stopped" || status.Error != "" {
		t.Errorf("the stopped run is %+v", status)
	}
	if err := second.stop(); err != nil {
		t.Error(err)
	}
	p.checkAllGone(t)
}

// Server, worker and trainer on one data folder hand the database on to each other. Whoever is killed in whatever order,
// it works, before and after.
func TestKilledInEveryOrder(t *testing.T) {
	t.Parallel()
	p := newProgram(t)
	p.learnable(t, "learn", 8)
	want := p.run(t, "stats", "--campaign", "learn", "--json")
	check := func(when string) {
		t.Helper()
		if got := p.run(t, "stats", "--campaign", "learn", "--json"); got != want {
			t.Fatalf("%s the figures are\n%s\nnot\n%s", when, got, want)
		}
	}
	// progress is the number of steps kept of all runs, none of which may have failed.
	progress := func() (steps int) {
		var list struct{ Runs []runStatus }
		p.json(t, &list, "run", "list")
		for _, run := range list.Runs {
			if run.Error != "" || run.State != "running" && run.State != "queued" {
				t.Fatalf("a run is %+v", run)
			}
			steps += run.Step
		}
		return steps
	}
	for _, order := range permutations("serve", "worker", "train") {
		t.Run(strings.Join(order, ", "), func(t *testing.T) {
			before := progress()
			parts := map[string]*part{}
			for _, name := range order { // whoever starts first owns the database, and is killed first
				switch name {
				case "serve":
					parts[name] = p.startPart(t, "Rankloop is ready", "serve", "--addr", "127.0.0.1:0", "--no-worker")
				case "worker":
					parts[name] = p.startPart(t, "msg=working pid=", "worker")
				case "train": // a new run: one whose owner was killed is taken up after 15 s only
					run := strings.Join(order, "-")
					parts[name] = p.startPart(t, "run "+run+": reward", endless(run, "learn")...)
				}
			}
			eventually(t, "a step", func() bool { return progress() > before })
			for i, name := range order {
				parts[name].kill(t)
				if i < len(order)-1 {
					check("after killing " + name)
				}
			}
			p.checkAllGone(t)
			check("after killing all")
			if now := progress(); now <= before {
				t.Errorf("%d steps were lost", before-now)
			}
		})
	}
	p.run(t, "train", "reward", "--name", "whole", "--snapshot", "learn", "--set", "epochs=1")
	if status := p.runStatus(t, "whole"); status.State != "succeeded" || status.Step != status.StepsTotal {
		t.Errorf("a new run is %+v", status)
	}
	p.checkAllGone(t)
}

func permutations(names ...string) (all [][]string) {
	if len(names) == 1 {
		return [][]string{names}
	}
	for i, first := range names {
		for _, rest := range permutations(slices.Delete(slices.Clone(names), i, i+1)...) {
			all = append(all, append([]string{first}, rest...))
		}
	}
	return all
}

// part is one process of a data folder that several work on.
type part struct {
	process *os.Process
	gone    chan struct{} // closed when it has ended
	once    sync.Once
}

// startPart starts a command and waits until it says so.
func (p *program) startPart(t *testing.T, ready string, args ...string) *part {
	t.Helper()
	output, err := os.CreateTemp(p.folder, args[0]+"-*.log")
	if err != nil {
		t.Fatal(err)
	}
	defer output.Close()
	cmd := p.command(args...)
	cmd.Stdout, cmd.Stderr = output, output
	ended, err := start(cmd)
	if err != nil {
		t.Fatal(err)
	}
	s := &part{process: cmd.Process, gone: make(chan struct{})}
	go func() {
		<-ended
		close(s.gone)
	}()
	t.Cleanup(func() {
		s.kill(t)
		if t.Failed() {
			t.Logf("%s:\n%s", args[0], contentOf(output))
		}
	})
	eventually(t, strings.Join(args, " "), func() bool {
		select {
		case <-s.gone:
			t.Fatalf("rankloop %s ended by itself", strings.Join(args, " "))
		default:
		}
		return strings.Contains(contentOf(output), ready)
	})
	return s
}

func (s *part) kill(t *testing.T) {
	t.Helper()
	s.once.Do(func() {
		if err := s.process.Kill(); err != nil && !errors.Is(err, os.ErrProcessDone) {
			t.Error(err)
		}
		<-s.gone
	})
}
