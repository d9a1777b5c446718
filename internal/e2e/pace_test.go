package e2e

import (
	"fmt"
	"os"
	"slices"
	"testing"
	"time"

	"github.com/chromedp/chromedp/kb"
)

// How long it takes from the key that submits to the moment when the next task is painted, with the next task ahead and,
// for comparison, with a page load. `make pace` runs it; docs/performance.md reports it.
func TestPace(t *testing.T) {
	if os.Getenv("RANKLOOP_PACE") == "" {
		t.Skip("a measurement, not a test: run it with `make pace`")
	}
	const tasks = 40
	s := shared(t)
	s.campaign(t, "pace", prompts(2*tasks+2), "--k", "4")
	b := s.signIn(t, s.person(t, "pace@example.org", "annotator", "pace"))
	b.open("/campaigns/pace/rank")
	task := b.waitForBoard(shownTask{})

	var ahead, loaded []time.Duration
	for range tasks {
		b.nextIsHere()
		eval[any](b, `performance.clearMeasures()`)
		b.press("b", "a", "=", "d", "c", kb.Enter)
		task = b.waitForBoard(task)
		b.waitFor("the measure", `performance.getEntriesByName("rankloop:submit-to-next").length > 0`)
		ahead = append(ahead, milliseconds(eval[float64](b, `performance.getEntriesByName("rankloop:submit-to-next")[0].duration`)))
	}
	for range tasks {
		b.nextIsHere()
		// Without what came ahead: the answer names no next task, and the page is loaded.
		eval[any](b, `(() => { const post = globalThis.fetch; globalThis.fetch = (path, init) =>
			post(path, path.endsWith("/submit") ? { ...init, body: init.body.replace(/,"next":"[^"]*"/, "") } : init) })()`)
		b.press("b", "a", "=", "d", "c")
		eval[any](b, `addEventListener("keydown", () => sessionStorage.setItem("pressed", String(performance.timeOrigin + performance.now())), { capture: true })`)
		b.press(kb.Enter)
		task = b.waitForBoard(task)
		b.waitFor("the paint", `performance.getEntriesByName("first-contentful-paint").length > 0`)
		loaded = append(loaded, milliseconds(eval[float64](b, `performance.timeOrigin + performance.getEntriesByName("first-contentful-paint")[0].startTime - Number(sessionStorage.getItem("pressed"))`)))
	}
	load, _ := os.ReadFile("/proc/loadavg")
	fmt.Printf("submit to next, %d tasks each; the machine's load is %.4s\n", tasks, load)
	for _, row := range []struct {
		name  string
		times []time.Duration
	}{{"ahead", ahead}, {"page load", loaded}} {
		slices.Sort(row.times)
		at := func(share float64) time.Duration {
			return row.times[int(share*float64(tasks-1))].Round(100 * time.Microsecond)
		}
		fmt.Printf("%-10s median %v  90 %% %v  slowest %v\n", row.name, at(0.5), at(0.9), at(1))
	}
}

func milliseconds(ms float64) time.Duration { return time.Duration(ms * float64(time.Millisecond)) }
