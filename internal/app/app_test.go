package app_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"rankloop/internal/cli"
	"rankloop/internal/postgres/postgrestest"
)

// asProgram makes this test binary behave as the program: servers start their workers from it too.
const asProgram = "RANKLOOP_TEST_AS_PROGRAM"

func TestMain(m *testing.M) {
	if os.Getenv(asProgram) != "" {
		os.Exit(cli.Main(os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
	}
	os.Exit(m.Run())
}

// place is where a test's processes keep their data.
type place struct {
	t      *testing.T
	folder string
	url    string // of a database; "" for the folder's private one
}

// privatePlace is a data folder with a private database. The database's user must be able to enter it.
func privatePlace(t *testing.T) place {
	t.Helper()
	folder, err := os.MkdirTemp("", "rankloop-app-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(folder) })
	if err := os.Chmod(folder, 0o755); err != nil {
		t.Fatal(err)
	}
	return place{t: t, folder: filepath.Join(folder, "data")}
}

func sharedPlace(t *testing.T) place {
	t.Helper()
	return place{t: t, folder: t.TempDir(), url: postgrestest.URL(t)}
}

func (p place) command(args ...string) *exec.Cmd {
	cmd := exec.Command(os.Args[0], args...)
	cmd.Env = append(os.Environ(), asProgram+"=1", "RANKLOOP_DATA="+p.folder, "DATABASE_URL="+p.url, "JOURNAL_STREAM=")
	return cmd
}

// run runs a command to its end and reads its JSON.
func (p place) run(into any, args ...string) {
	p.t.Helper()
	cmd := p.command(append(args, "--json")...)
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Run(); err != nil {
		p.t.Fatalf("%s: %v\n%s%s", strings.Join(args, " "), err, stdout.String(), stderr.String())
	}
	if err := json.Unmarshal(stdout.Bytes(), into); err != nil {
		p.t.Fatalf("%s: %v in %s", strings.Join(args, " "), err, stdout.String())
	}
}

// served is a running server.
type served struct {
	*exec.Cmd
	t      *testing.T
	url    string
	stdout *bufio.Scanner
	took   time.Duration // until it was ready
}

func (p place) serve(args ...string) *served {
	p.t.Helper()
	s := &served{Cmd: p.command(append([]string{"serve", "--addr", "127.0.0.1:0"}, args...)...), t: p.t}
	stdout, err := s.StdoutPipe()
	if err != nil {
		p.t.Fatal(err)
	}
	s.Stderr = p.t.Output()
	started := time.Now()
	if err := s.Start(); err != nil {
		p.t.Fatal(err)
	}
	p.t.Cleanup(func() {
		s.Process.Signal(syscall.SIGTERM) //nolint:errcheck // it may have ended
		s.Wait()                          //nolint:errcheck // how is the tests' business
	})
	s.stdout = bufio.NewScanner(stdout)
	ready := s.line(`http://127\.0\.0\.1:\d+`)
	s.url, s.took = ready, time.Since(started)
	return s
}

// line reads standard output up to a match.
func (s *served) line(pattern string) string {
	s.t.Helper()
	expression := regexp.MustCompile(pattern)
	for s.stdout.Scan() {
		if match := expression.FindString(s.stdout.Text()); match != "" {
			return match
		}
	}
	s.t.Fatalf("the server never printed %s", pattern)
	return ""
}

// worker is the pid of the server's worker process, 0 while there is none.
func (s *served) worker() int {
	content, err := os.ReadFile(fmt.Sprintf("/proc/%d/task/%[1]d/children", s.Process.Pid))
	if err != nil {
		s.t.Fatal(err)
	}
	for _, thread := range threads(s.t, s.Process.Pid) {
		more, err := os.ReadFile(fmt.Sprintf("/proc/%d/task/%s/children", s.Process.Pid, thread))
		if err == nil {
			content = append(content, more...)
		}
	}
	for _, field := range strings.Fields(string(content)) {
		line, err := os.ReadFile("/proc/" + field + "/cmdline")
		if err == nil && bytes.Contains(line, []byte("\x00worker\x00")) {
			pid, err := strconv.Atoi(field)
			if err != nil {
				s.t.Fatal(err)
			}
			return pid
		}
	}
	return 0
}

func threads(t *testing.T, pid int) []string {
	t.Helper()
	entries, err := os.ReadDir(fmt.Sprintf("/proc/%d/task", pid))
	if err != nil {
		t.Fatal(err)
	}
	names := make([]string, len(entries))
	for i, entry := range entries {
		names[i] = entry.Name()
	}
	return names
}

// alive says whether a process runs; a zombie does not.
func alive(pid int) bool {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return false
	}
	_, after, _ := strings.Cut(string(stat), ") ")
	return !strings.HasPrefix(after, "Z") && !strings.HasPrefix(after, "X")
}

func until(t *testing.T, what string, is func() bool) {
	t.Helper()
	for deadline := time.Now().Add(90 * time.Second); !is(); time.Sleep(50 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("never: %s", what)
		}
	}
}

func get(t *testing.T, url string) (int, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return 0, err
	}
	response.Body.Close()
	return response.StatusCode, nil
}

// TestServe starts a server as a person would: it is ready, names the link for the first admin, announces itself in
// server.json, keeps one worker at low priority, and leaves nothing behind.
func TestServe(t *testing.T) {
	p := sharedPlace(t)
	s := p.serve()
	link := s.line(`http://127\.0\.0\.1:\d+/link/\S+`)
	until(t, "the server answers", func() bool {
		status, err := get(t, s.url+"/readyz")
		return err == nil && status == http.StatusOK
	})
	if status, err := get(t, link); status != http.StatusOK {
		t.Errorf("the admin's link gives %d, %v", status, err)
	}
	var announced struct {
		URL string `json:"url"`
		PID int    `json:"pid"`
	}
	content, err := os.ReadFile(filepath.Join(p.folder, "server.json"))
	if err == nil {
		err = json.Unmarshal(content, &announced)
	}
	if err != nil || announced.URL != s.url || announced.PID != s.Process.Pid {
		t.Errorf("server.json says %+v, %v", announced, err)
	}
	until(t, "a worker runs", func() bool { return s.worker() != 0 })
	first := s.worker()
	if nice, err := syscall.Getpriority(syscall.PRIO_PROCESS, first); err != nil || 20-nice != 10 {
		t.Errorf("the worker's nice value is %d, %v", 20-nice, err)
	}
	if err := syscall.Kill(first, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	until(t, "another worker runs", func() bool { pid := s.worker(); return pid != 0 && pid != first })
	second := s.worker()

	if err := s.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	if err := s.Wait(); err != nil {
		t.Errorf("after Ctrl-C the server ended with %v", err)
	}
	if alive(second) {
		t.Error("its worker is still there")
	}
	if _, err := os.Stat(filepath.Join(p.folder, "server.json")); !os.IsNotExist(err) {
		t.Errorf("server.json is still there: %v", err)
	}
}

// TestPortInUse: the message names the port and another one that is free; no database is touched.
func TestPortInUse(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	p := place{t: t, folder: filepath.Join(t.TempDir(), "data")}
	output, err := p.command("serve", "--addr", listener.Addr().String()).CombinedOutput()
	message := string(output)
	if err == nil || !strings.Contains(message, listener.Addr().String()+" is in use") || !strings.Contains(message, "--addr 127.0.0.1:") {
		t.Errorf("%v: %s", err, message)
	}
	if _, err := os.Stat(p.folder); !os.IsNotExist(err) {
		t.Errorf("the data folder was made: %v", err)
	}
	for addr, says := range map[string]string{"nonsense": "host:port", "192.0.2.1:8080": "no address of this machine"} {
		output, err := p.command("serve", "--addr", addr).CombinedOutput()
		if err == nil || !strings.Contains(string(output), says) {
			t.Errorf("--addr %s: %v: %s", addr, err, output)
		}
	}
}

// TestKilledServer kills a server with SIGKILL: its worker goes with it, no Postgres stays behind, and the next server
// starts on what was stored.
func TestKilledServer(t *testing.T) {
	p := privatePlace(t)
	s := p.serve()
	until(t, "a worker runs", func() bool { return s.worker() != 0 })
	worker := s.worker()
	var made struct {
		Campaign string `json:"campaign"`
	}
	p.run(&made, "campaign", "create", "--name", "kept")
	postmaster := postmasterPID(t, p.folder)
	if !alive(postmaster) {
		t.Fatal("the private database does not run")
	}
	if err := s.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	s.Wait() //nolint:errcheck // it was killed
	until(t, "the worker has gone", func() bool { return !alive(worker) })
	until(t, "no Postgres is left", func() bool { return !postgresRuns(t, p.folder) })

	again := p.serve()
	var list struct {
		Campaigns []struct {
			Name string `json:"campaign"`
		} `json:"campaigns"`
	}
	p.run(&list, "campaign", "list")
	if len(list.Campaigns) != 1 || list.Campaigns[0].Name != "kept" {
		t.Errorf("the campaigns are %+v", list.Campaigns)
	}
	t.Logf("first start took %s, the one after the kill %s", s.took, again.took)
}

// postmasterPID reads the first line of the private cluster's postmaster.pid.
func postmasterPID(t *testing.T, folder string) int {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(folder, "postgres", "data", "postmaster.pid"))
	if err != nil {
		t.Fatal(err)
	}
	line, _, _ := strings.Cut(string(content), "\n")
	pid, err := strconv.Atoi(strings.TrimSpace(line))
	if err != nil {
		t.Fatal(err)
	}
	return pid
}

// postgresRuns looks for a server process of the folder's cluster.
func postgresRuns(t *testing.T, folder string) bool {
	t.Helper()
	lines, err := filepath.Glob("/proc/[0-9]*/cmdline")
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range lines {
		content, err := os.ReadFile(path)
		if err == nil && bytes.Contains(content, []byte("postgres")) && bytes.Contains(content, []byte(folder)) {
			return true
		}
	}
	return false
}
