package e2e

import (
	"fmt"
	"os"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

func TestMain(m *testing.M) {
	status := m.Run()
	closers.run()
	if folder := picturesFolder(); folder != "" {
		if err := pictures.bind(folder); err != nil {
			fmt.Fprintln(os.Stderr, err)
			status = 1
		}
	}
	os.Exit(status)
}

// closers end what the tests of this process share, last made first.
var closers closerList

type closerList struct {
	mu    sync.Mutex
	funcs []func()
}

func (l *closerList) add(f func()) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.funcs = append(l.funcs, f)
}

func (l *closerList) run() {
	l.mu.Lock()
	defer l.mu.Unlock()
	for i := len(l.funcs) - 1; i >= 0; i-- {
		l.funcs[i]()
	}
}

const (
	pollEvery = 50 * time.Millisecond
	// longWait is how long anything may take that the tests make no claim about. It is reached only when something hangs.
	longWait = 3 * time.Minute
)

// eventually polls until done, which may say what it still waits for, or fails the test after longWait.
func eventually(t *testing.T, what string, done func() bool) {
	t.Helper()
	deadline := time.Now().Add(longWait)
	for !done() {
		if time.Now().After(deadline) {
			t.Fatalf("waited %v in vain for %s", longWait, what)
		}
		time.Sleep(pollEvery)
	}
}

// quiet stretches a time that is promised for a quiet machine by as much as this one is overloaded.
func quiet(d time.Duration) time.Duration {
	content, err := os.ReadFile("/proc/loadavg")
	if err != nil {
		return d
	}
	first, _, _ := strings.Cut(string(content), " ")
	load, err := strconv.ParseFloat(first, 64)
	if err != nil {
		return d
	}
	return time.Duration(float64(d) * max(1, load/float64(runtime.NumCPU())))
}
