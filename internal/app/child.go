package app

import (
	"context"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"time"
)

const (
	childNice         = 10               // pages stay quick while training uses every core
	childGrace        = 20 * time.Second // for the last checkpoint
	childBackoffLeast = time.Second
	childBackoffMost  = 30 * time.Second
)

// child is the worker process of a server.
type child struct {
	options  Options
	logLevel string
	stderr   io.Writer
	log      *slog.Logger
}

// keep runs the worker until ctx ends, starting it again whenever it dies: sooner after a long life, later when it dies
// at once. It returns when the last one has left.
func (c child) keep(ctx context.Context) {
	backoff := childBackoffLeast
	for ctx.Err() == nil {
		started := time.Now()
		err := c.run(ctx)
		if ctx.Err() != nil {
			return
		}
		if time.Since(started) > time.Minute {
			backoff = childBackoffLeast
		}
		c.log.Warn("the worker died; starting it again", "after", time.Since(started).Round(time.Second), "wait", backoff, "error", err)
		select {
		case <-ctx.Done():
		case <-time.After(backoff):
		}
		backoff = min(2*backoff, childBackoffMost)
	}
}

// run starts one worker and waits for its end.
func (c child) run(ctx context.Context) error {
	self, err := os.Executable()
	if err != nil {
		return err
	}
	ended := make(chan error, 1)
	go func() {
		// The kernel's death signal is tied to the thread that forked, so that thread must live as long as the child.
		runtime.LockOSThread()
		ended <- c.runOnThread(ctx, self)
	}()
	return <-ended
}

func (c child) runOnThread(ctx context.Context, self string) error {
	cmd := exec.CommandContext(ctx, self, "worker", "--parent", strconv.Itoa(os.Getpid()), "--log-level", c.logLevel)
	// In the environment, not on the command line: the URL may hold a password.
	cmd.Env = append(os.Environ(), "RANKLOOP_DATA="+c.options.DataDir, "DATABASE_URL="+c.options.DatabaseURL)
	if c.options.DatabaseWait > 0 {
		cmd.Env = append(cmd.Env, "RANKLOOP_DATABASE_WAIT="+c.options.DatabaseWait.String())
	}
	cmd.Stdout, cmd.Stderr = c.stderr, c.stderr
	cmd.SysProcAttr = childAttributes()
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = childGrace
	if err := cmd.Start(); err != nil {
		return err
	}
	if err := lowerPriority(cmd.Process.Pid, childNice); err != nil {
		c.log.Debug("the worker keeps its priority", "error", err)
	}
	return cmd.Wait()
}
