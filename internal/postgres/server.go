package postgres

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"rankloop/ranking"
)

// How long a server gets to stop: a fast shutdown, then an immediate one, after which it recovers at the next start.
const (
	fastStopWait      = 20 * time.Second
	immediateStopWait = 10 * time.Second
)

// logBytesMax is the size at which the server's log is set aside at a start; one older log is kept.
const logBytesMax = 10 << 20

// server is a running Postgres that is a child of this process.
type server struct {
	process *os.Process
	exited  chan struct{} // closed when the process has ended and was waited for
}

// initCluster makes a new data folder. It works in a folder beside and renames it when done, so that a crash in the
// middle leaves nothing that looks like a database.
func initCluster(ctx context.Context, b binaries, a account, p paths, durable bool) error {
	stale, err := filepath.Glob(p.data + ".new-*")
	if err != nil {
		return err
	}
	for _, path := range stale {
		if err := os.RemoveAll(path); err != nil {
			return err
		}
	}
	fresh := fmt.Sprintf("%s.new-%d", p.data, os.Getpid())
	if err := a.ownedFolder(fresh); err != nil {
		return err
	}
	var output bytes.Buffer
	// Trust is safe: only the socket is open, and its folder belongs to the account alone.
	arguments := []string{"--pgdata=" + fresh, "--username=" + superuser, "--auth=trust", "--encoding=UTF8", "--locale=C",
		"--data-checksums", "--no-instructions"}
	if !durable {
		arguments = append(arguments, "--no-sync")
	}
	cmd := exec.CommandContext(ctx, b.path("initdb"), arguments...)
	cmd.Dir = fresh
	cmd.Env = serverEnvironment()
	if pid := lockHolder(p); pid != 0 {
		// Left by a crash, and the number may meanwhile name another program of the same user, which Postgres would take
		// for a server that runs. It takes the lock from its parent's parent, though, and goes on to its other checks
		// (shared memory still in use); this variable is how pg_ctl tells it who that is.
		cmd.Env = append(cmd.Env, "PG_GRANDPARENT_PID="+strconv.Itoa(pid))
	}
	cmd.SysProcAttr = childAttributes(a)
	cmd.Stdout, cmd.Stderr = &output, &output
	if err := runLocked(cmd); err != nil {
		return errors.Join(initError(err, strings.TrimSpace(output.String())), os.RemoveAll(fresh))
	}
	return os.Rename(fresh, p.data)
}

// runLocked runs a command on one thread: the kernel ties the parent-death signal to the thread that forked.
func runLocked(cmd *exec.Cmd) error {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	return cmd.Run()
}

func initError(err error, output string) error {
	lines := strings.Split(output, "\n")
	last := lines[len(lines)-1]
	switch {
	case strings.Contains(output, "could not look up effective user ID"):
		return ranking.Errorf(ranking.CodeUnavailable,
			"Postgres cannot run as user id %d, which has no name in /etc/passwd. Add one (in a container: run as a named user), or set DATABASE_URL.",
			os.Geteuid()).WithCause(err)
	case strings.Contains(output, "No space left on device"):
		return ranking.Errorf(ranking.CodeUnavailable,
			"the disk is full: a new database needs about 60 MB. Free some space, or choose another data folder with --data.").WithCause(err)
	}
	return ranking.Errorf(ranking.CodeUnavailable, "a new database could not be made: %s", last).WithCause(err)
}

// serverEnvironment is this process's, less what would redirect the server or its tools.
func serverEnvironment() []string {
	return slices.DeleteFunc(os.Environ(), func(variable string) bool {
		return strings.HasPrefix(variable, "PG") || strings.HasPrefix(variable, "LC_") ||
			strings.HasPrefix(variable, "LANG") || strings.HasPrefix(variable, "DATABASE_URL")
	})
}

// startServer runs Postgres on an existing data folder. It returns as soon as the process runs; it may still refuse to
// start (then exited closes).
func startServer(b binaries, a account, p paths, settings map[string]string) (*server, error) {
	if info, err := os.Stat(p.log); err == nil && info.Size() > logBytesMax {
		if err := os.Rename(p.log, p.log+".old"); err != nil {
			return nil, err
		}
	}
	// A file, since a pipe would die with us and take the server's last words along.
	log, err := os.OpenFile(p.log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, err
	}
	defer log.Close()

	all := map[string]string{
		"listen_addresses":        "",
		"unix_socket_directories": p.socket,
		"unix_socket_permissions": "0700",
		"logging_collector":       "off",
		"log_timezone":            "UTC",
		"log_error_verbosity":     "terse", // a DETAIL could hold what somebody wrote
		"log_min_error_statement": "panic",
		"cluster_name":            "rankloop",
		"max_connections":         "200",
		"random_page_cost":        "1.1", // solid-state storage
		"jit":                     "off",
	}
	maps.Copy(all, settings)
	arguments := []string{"-D", p.data}
	for _, name := range slices.Sorted(maps.Keys(all)) {
		arguments = append(arguments, "-c", name+"="+all[name])
	}
	cmd := exec.Command(b.path("postgres"), arguments...)
	cmd.Dir = p.data
	cmd.Env = serverEnvironment()
	if pid := lockHolder(p); pid != 0 {
		// Left by a crash, and the number may meanwhile name another program of the same user, which Postgres would take
		// for a server that runs. It takes the lock from its parent's parent, though, and goes on to its other checks
		// (shared memory still in use); this variable is how pg_ctl tells it who that is.
		cmd.Env = append(cmd.Env, "PG_GRANDPARENT_PID="+strconv.Itoa(pid))
	}
	cmd.SysProcAttr = childAttributes(a)
	cmd.Stdout, cmd.Stderr = log, log

	s := &server{exited: make(chan struct{})}
	started := make(chan error)
	go func() {
		// The thread that forks must live as long as the server, see runLocked.
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		err := cmd.Start()
		s.process = cmd.Process
		started <- err
		if err == nil {
			_ = cmd.Wait() // how it ended stands in its log
			close(s.exited)
		}
	}()
	if err := <-started; err != nil {
		return nil, fmt.Errorf("start postgres: %w", err)
	}
	return s, nil
}

func (s *server) running() bool {
	select {
	case <-s.exited:
		return false
	default:
		return true
	}
}

// stop ends the server and waits for it.
func (s *server) stop() error {
	for _, step := range []struct {
		signal os.Signal
		wait   time.Duration
	}{
		{syscall.SIGINT, fastStopWait}, // fast: roll back what is open, checkpoint, end
		{syscall.SIGQUIT, immediateStopWait},
	} {
		if err := s.process.Signal(step.signal); err != nil && s.running() {
			return fmt.Errorf("stop postgres: %w", err)
		}
		select {
		case <-s.exited:
			return nil
		case <-time.After(step.wait):
		}
	}
	return fmt.Errorf("postgres (process %d) did not stop", s.process.Pid)
}

// lockHolder returns the process id in the data folder's lock file, 0 where there is none.
func lockHolder(p paths) int {
	content, err := os.ReadFile(filepath.Join(p.data, "postmaster.pid"))
	if err != nil {
		return 0
	}
	first, _, _ := strings.Cut(string(content), "\n")
	pid, err := strconv.Atoi(strings.TrimSpace(first))
	if err != nil || pid <= 1 {
		return 0
	}
	return pid
}

// orphan returns the process id of a server that still runs on our data folder though its owner is gone, else 0. A
// process id that now names something else is left alone, and so is the file: Postgres clears it by its own checks.
func orphan(p paths) int {
	pid := lockHolder(p)
	if pid == 0 {
		return 0
	}
	line := commandLine(pid)
	if !strings.Contains(line, "postgres") || !strings.Contains(line, p.data+" ") {
		return 0
	}
	return pid
}

// stopOrphan ends a server that an earlier owner left behind. On Linux the kernel has told it to stop already.
func stopOrphan(p paths) error {
	deadline := time.Now().Add(fastStopWait)
	signalled := 0
	for {
		pid := orphan(p)
		if pid == 0 {
			return nil
		}
		if signalled != pid {
			if err := syscall.Kill(pid, syscall.SIGINT); err != nil && err != syscall.ESRCH {
				return fmt.Errorf("stop the server that an earlier process left (%d): %w", pid, err)
			}
			signalled = pid
		}
		if time.Now().After(deadline) {
			return ranking.Errorf(ranking.CodeUnavailable,
				"a Postgres server that an earlier process left behind (process %d) does not stop; end it and start again", pid)
		}
		time.Sleep(readyPoll)
	}
}

// logTail returns the last lines of the server's log, for an error message.
func logTail(p paths) string {
	content, err := os.ReadFile(p.log)
	if err != nil {
		return ""
	}
	lines := strings.Split(strings.TrimSpace(string(content)), "\n")
	return strings.Join(lines[max(0, len(lines)-3):], "\n")
}
