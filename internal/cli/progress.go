package cli

import (
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"time"

	"golang.org/x/term"
)

// Progress shows how far long work has come, on standard error: a bar that redraws itself on a terminal, a plain line
// every few seconds elsewhere. It is safe for use by several goroutines.
type Progress struct {
	mu       sync.Mutex
	out      io.Writer
	width    int // columns; 0 where out is not a terminal
	label    string
	total    int64 // 0: unknown
	done     int64
	note     string
	started  time.Time
	began    int64 // units that the first report found done: work may go on where another process left it
	beganAt  time.Time
	lastDraw time.Time
	now      func() time.Time
}

const (
	redrawEvery = 100 * time.Millisecond
	lineEvery   = 5 * time.Second
	barCells    = 24
)

// Progress starts showing work of total units (0 where that is unknown) under a label. Close it when the work ends.
func (c *Context) Progress(label string, total int64) *Progress {
	p := &Progress{out: c.Stderr, label: label, total: total, now: time.Now}
	if file, ok := c.Stderr.(*os.File); ok && term.IsTerminal(int(file.Fd())) {
		p.width = 80
		if columns, _, err := term.GetSize(int(file.Fd())); err == nil && columns > 0 {
			p.width = columns
		}
	}
	p.started = p.now()
	p.lastDraw = p.started
	return p
}

// Set says that done units are done. note is shown behind the bar ("" for none); it stays until the next one.
func (p *Progress) Set(done int64, note string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.done, p.note = done, note
	if p.beganAt.IsZero() {
		p.began, p.beganAt = done, p.now()
	}
	p.draw(false)
}

// Add counts n more units as done.
func (p *Progress) Add(n int64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.done += n
	if p.beganAt.IsZero() {
		p.beganAt = p.started
	}
	p.draw(false)
}

// SetTotal corrects the number of units, once it is known.
func (p *Progress) SetTotal(total int64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.total = total
}

// Close draws the last state and leaves the line.
func (p *Progress) Close() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.draw(true)
	if p.width > 0 {
		fmt.Fprintln(p.out)
	}
}

func (p *Progress) draw(last bool) {
	wait := lineEvery
	if p.width > 0 {
		wait = redrawEvery
	}
	now := p.now()
	if !last && now.Sub(p.lastDraw) < wait {
		return
	}
	p.lastDraw = now
	if p.width == 0 {
		fmt.Fprintln(p.out, p.line(now))
		return
	}
	line := p.line(now)
	if cells := []rune(line); len(cells) > p.width-1 {
		line = string(cells[:p.width-1])
	}
	fmt.Fprintf(p.out, "\r\x1b[K%s", line)
}

// line is the state as text: label, bar (terminals), counts, time left, note.
func (p *Progress) line(now time.Time) string {
	elapsed := now.Sub(p.started)
	var parts []string
	parts = append(parts, p.label)
	if p.total > 0 {
		share := min(float64(p.done)/float64(p.total), 1)
		if p.width > 0 {
			full := int(share * barCells)
			parts = append(parts, strings.Repeat("█", full)+strings.Repeat("░", barCells-full))
		}
		parts = append(parts, fmt.Sprintf("%d/%d (%.0f%%)", p.done, p.total, 100*share))
		if p.done > p.began && p.done < p.total {
			left := time.Duration(float64(now.Sub(p.beganAt)) * float64(p.total-p.done) / float64(p.done-p.began))
			parts = append(parts, left.Round(time.Second).String()+" left")
		}
	} else {
		parts = append(parts, fmt.Sprintf("%d", p.done))
	}
	if p.done >= p.total {
		parts = append(parts, "in "+elapsed.Round(100*time.Millisecond).String())
	}
	if p.note != "" {
		parts = append(parts, p.note)
	}
	return strings.Join(parts, "  ")
}
