package e2e

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
)

// binary builds the program, once for all tests of this process. RANKLOOP_BINARY names one that is built already.
var binary = sync.OnceValues(func() (string, error) {
	if path := os.Getenv("RANKLOOP_BINARY"); path != "" {
		return filepath.Abs(path)
	}
	folder, err := newFolder()
	if err != nil {
		return "", err
	}
	closers.add(func() { os.RemoveAll(folder) })
	path := filepath.Join(folder, "rankloop")
	cmd := exec.Command("go", "build", "-o", path, "rankloop")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if output, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build the program: %w\n%s", err, output)
	}
	return path, nil
})

// newFolder makes a folder that the database's user may enter, unlike those of testing.T.
func newFolder() (string, error) {
	folder, err := os.MkdirTemp("", "rankloop-e2e-")
	if err != nil {
		return "", err
	}
	return folder, os.Chmod(folder, 0o755)
}

// program is the built program with a folder of its own for data and files.
type program struct {
	path   string
	folder string // holds data, home and the tests' files
	data   string
}

// newProgram gives the test a program whose folder goes with the test.
func newProgram(t *testing.T) *program {
	t.Helper()
	p, err := makeProgram()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := os.RemoveAll(p.folder); err != nil {
			t.Errorf("remove the test's folder: %v", err)
		}
	})
	return p
}

func makeProgram() (*program, error) {
	path, err := binary()
	if err != nil {
		return nil, err
	}
	folder, err := newFolder()
	if err != nil {
		return nil, err
	}
	return &program{path: path, folder: folder, data: filepath.Join(folder, "data")}, nil
}

// command is the program with these arguments and the data folder, in an environment that points nowhere else.
func (p *program) command(args ...string) *exec.Cmd {
	cmd := exec.Command(p.path, append(args, "--data", p.data)...)
	cmd.Env = append(slices.DeleteFunc(os.Environ(), func(variable string) bool {
		return strings.HasPrefix(variable, "DATABASE_URL=") || strings.HasPrefix(variable, "RANKLOOP_") ||
			strings.HasPrefix(variable, "PG") || strings.HasPrefix(variable, "JOURNAL_STREAM=") || strings.HasPrefix(variable, "HOME=")
	}), "HOME="+p.folder)
	cmd.Dir = p.folder
	return cmd
}

// result is what a command left.
type result struct {
	status         int
	stdout, stderr string
}

func (r result) String() string {
	return fmt.Sprintf("status %d\n%s%s", r.status, r.stdout, r.stderr)
}

// try runs a command to its end.
func (p *program) try(t *testing.T, args ...string) result {
	t.Helper()
	return p.finish(t, p.command(args...))
}

// finish is try for a command that is made already.
func (p *program) finish(t *testing.T, cmd *exec.Cmd) result {
	t.Helper()
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	ended, err := start(cmd)
	if err != nil {
		t.Fatal(err)
	}
	err = <-ended
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return result{cmd.ProcessState.ExitCode(), stdout.String(), stderr.String()}
}

// run runs a command that must succeed and returns its standard output.
func (p *program) run(t *testing.T, args ...string) string {
	t.Helper()
	r := p.try(t, args...)
	if r.status != 0 {
		t.Fatalf("rankloop %s: %v", strings.Join(args, " "), r)
	}
	return r.stdout
}

// json runs a command with --json, which must succeed, and decodes its output into v.
func (p *program) json(t *testing.T, v any, args ...string) {
	t.Helper()
	output := p.run(t, append(args, "--json")...)
	if err := json.Unmarshal([]byte(output), v); err != nil {
		t.Fatalf("rankloop %s: %v in %s", strings.Join(args, " "), err, output)
	}
}

// write puts a file into the program's folder and returns its path.
func (p *program) write(t *testing.T, name, content string) string {
	t.Helper()
	path := filepath.Join(p.folder, name)
	if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

// start runs cmd so that it does not outlive this process. What it ended with comes from the channel.
func start(cmd *exec.Cmd) (ended <-chan error, err error) {
	endWithParent(cmd)
	started, done := make(chan error), make(chan error, 1)
	go func() {
		// The kernel ties the death signal to the thread that forked: it must live as long as the child.
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		err := cmd.Start()
		started <- err
		if err == nil {
			done <- cmd.Wait()
		}
	}()
	return done, <-started
}
