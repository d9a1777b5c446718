package cli

import (
	"bytes"
	"strings"
	"testing"
	"time"
)

// TestPlainProgress: away from a terminal, a line every few seconds and one at the end, without control characters.
func TestPlainProgress(t *testing.T) {
	var out bytes.Buffer
	p := (&Context{Stderr: &out}).Progress("work", 100)
	now := p.started
	p.now = func() time.Time { return now }
	for i := range 100 {
		now = now.Add(500 * time.Millisecond)
		p.Set(int64(i+1), "")
	}
	p.Close()
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	if len(lines) != 11 || !strings.HasPrefix(lines[0], "work  10/100 (10%)") || !strings.Contains(lines[10], "100/100 (100%)") || strings.ContainsAny(out.String(), "\r\x1b") {
		t.Errorf("%d lines:\n%s", len(lines), out.String())
	}
}

// TestTerminalProgress: one line that fits the width, drawn again in place.
func TestTerminalProgress(t *testing.T) {
	var out bytes.Buffer
	p := (&Context{Stderr: &out}).Progress("a label that is rather long", 3)
	p.width = 40
	now := p.started
	p.now = func() time.Time { return now }
	for i := range 3 {
		now = now.Add(time.Second)
		p.Set(int64(i+1), "and a note that does not fit")
	}
	p.Close()
	if strings.Count(out.String(), "\n") != 1 {
		t.Errorf("more than one line: %q", out.String())
	}
	for _, drawn := range strings.Split(strings.TrimSuffix(out.String(), "\n"), "\r\x1b[K") {
		if len([]rune(drawn)) > 39 {
			t.Errorf("%q is wider than the terminal", drawn)
		}
	}
}

// TestProgressGoesOn: work that another process began is timed from where this one took it up.
func TestProgressGoesOn(t *testing.T) {
	var out bytes.Buffer
	p := (&Context{Stderr: &out}).Progress("work", 100)
	now := p.started
	p.now = func() time.Time { return now }
	for i := range 6 {
		now = now.Add(10 * time.Second)
		p.Set(int64(40+i), "")
	}
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	if strings.Contains(lines[0], "left") || !strings.HasSuffix(lines[5], "45/100 (45%)  9m10s left") {
		t.Errorf("55 steps of 10 s are left:\n%s", out.String())
	}
}
