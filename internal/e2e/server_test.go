package e2e

import (
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

// server is a running `rankloop serve`.
type server struct {
	program *program
	url     string
	cmd     *exec.Cmd
	started time.Time
	ended   <-chan error
	over    bool
	output  *os.File // files, not pipes: the worker process holds them too
	errors  *os.File
}

var (
	readyPattern      = regexp.MustCompile(`(?m)^Rankloop is ready at (\S+)$`)
	firstAdminPattern = regexp.MustCompile(`(?m)^\s+(http://\S+/link/\S+)$`)
)

// serve starts the server (on a free port, unless told otherwise) and waits until it says that it is ready. It is stopped with the test.
func (p *program) serve(t *testing.T, args ...string) *server {
	t.Helper()
	s, err := p.startServer(args...)
	if err == nil {
		t.Cleanup(func() {
			if t.Failed() {
				t.Logf("the server's log:\n%s", s.log())
			}
			if err := s.stop(); err != nil {
				t.Error(err)
			}
		})
		err = s.waitReady()
	}
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// startServer starts the server without waiting for it.
func (p *program) startServer(args ...string) (*server, error) {
	s := &server{program: p, started: time.Now()}
	var err error
	if s.output, err = os.CreateTemp(p.folder, "serve-*.out"); err != nil {
		return nil, err
	}
	if s.errors, err = os.CreateTemp(p.folder, "serve-*.err"); err != nil {
		return nil, err
	}
	if !slices.Contains(args, "--addr") {
		args = append(args, "--addr", "127.0.0.1:0")
	}
	s.cmd = p.command(append([]string{"serve"}, args...)...)
	s.cmd.Stdout, s.cmd.Stderr = s.output, s.errors
	s.ended, err = start(s.cmd)
	return s, err
}

func (s *server) waitReady() error {
	for deadline := time.Now().Add(longWait); time.Now().Before(deadline); time.Sleep(pollEvery) {
		select {
		case err := <-s.ended:
			s.over = true
			return fmt.Errorf("the server ended: %w\n%s", err, s.log())
		default:
		}
		if found := readyPattern.FindStringSubmatch(contentOf(s.output)); found != nil {
			s.url = found[1]
			return nil
		}
	}
	return fmt.Errorf("the server was not ready after %v\n%s", longWait, s.log())
}

// firstAdminLink is the link that the server printed for its first admin.
func (s *server) firstAdminLink(t *testing.T) (link string) {
	t.Helper()
	eventually(t, "the first admin's link", func() bool {
		if found := firstAdminPattern.FindStringSubmatch(contentOf(s.output)); found != nil {
			link = found[1]
		}
		return link != ""
	})
	return link
}

// stop ends the server in an orderly way, unless it has ended.
func (s *server) stop() error {
	if s.over {
		return nil
	}
	s.over = true
	if err := s.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		return fmt.Errorf("stop the server: %w", err)
	}
	select {
	case err := <-s.ended:
		if err != nil {
			return fmt.Errorf("the server ended with: %w\n%s", err, s.log())
		}
		return nil
	case <-time.After(longWait):
		s.cmd.Process.Kill() //nolint:errcheck // it is reported as hanging
		<-s.ended
		return fmt.Errorf("the server did not stop within %v\n%s", longWait, s.log())
	}
}

// kill ends the server with SIGKILL and returns once it is gone.
func (s *server) kill(t *testing.T) {
	t.Helper()
	s.over = true
	if err := s.cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	<-s.ended
}

// log is the end of what the server has written to standard error.
func (s *server) log() string {
	lines := strings.Split(contentOf(s.errors), "\n")
	return strings.Join(lines[max(0, len(lines)-60):], "\n")
}

// contentOf reads a file that another process writes, closed here or not.
func contentOf(file *os.File) string {
	content, err := os.ReadFile(file.Name())
	if err != nil {
		return err.Error()
	}
	return string(content)
}
