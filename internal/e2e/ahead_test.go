package e2e

import (
	"testing"

	"github.com/chromedp/chromedp/kb"
	"github.com/google/go-cmp/cmp"
)

// nextIsHere waits until the page has the task that comes after the one it shows.
func (b *tab) nextIsHere() {
	b.t.Helper()
	b.waitFor("the next task to come ahead", `performance.getEntriesByType("resource").some((entry) =>
		entry.name.endsWith("/api/leases/" + document.querySelector("#board").dataset.lease + "/next") && entry.responseEnd > 0)`)
}

// The next task takes the place of the one before without a page load, in the order in which pages would have shown
// them, and whatever ends a task leads to the one that was fetched.
func TestNextTaskIsThereAtOnce(t *testing.T) {
	t.Parallel()
	s := shared(t)
	s.campaign(t, "ahead", prompts(7), "--k", "4")
	b := s.signIn(t, s.person(t, "ahead@example.org", "annotator", "ahead"))
	b.open("/campaigns/ahead/rank")
	stored := map[string][][]string{}
	task := b.waitForBoard(shownTask{})
	const stay, stayed = `void (globalThis.stayed = true)`, `globalThis.stayed === true`
	rank := func() {
		t.Helper()
		b.rank("b", "a", "=", "d", "c")
		stored[task.Prompt] = task.texts([][]string{{"B"}, {"A", "D"}, {"C"}})
		task = b.waitForBoard(task)
	}
	eval[any](b, stay)
	for range 2 {
		b.nextIsHere()
		rank()
		if !eval[bool](b, stayed) {
			t.Error("the page was loaded again")
		}
	}
	if got := eval[[]string](b, `[document.activeElement.id, String(scrollY), String(document.querySelectorAll("#board, #skip, #ask, #help, #compare, #bar-extra").length)]`); !cmp.Equal(got, []string{"prompt-heading", "0", "6"}) {
		t.Errorf("focus, place and parts of the page are %v", got)
	}
	s.checkStored(t, "ahead", stored)

	// A reload shows the same task; a second tab too, and it has the same one ahead.
	b.open("/campaigns/ahead/rank")
	if same := b.waitForBoard(shownTask{}); same.Lease != task.Lease {
		t.Fatal("a reload shows another task")
	}
	second := b.another()
	second.open("/campaigns/ahead/rank")
	if same := second.waitForBoard(shownTask{}); same.Lease != task.Lease {
		t.Fatal("the second tab holds another task")
	}
	b.nextIsHere()
	second.nextIsHere()
	before := task
	rank()
	second.rank("d", "c", "b", "a") // done already: what was sent first stays
	if same := second.waitForBoard(before); same.Lease != task.Lease {
		t.Error("the two tabs went on to two tasks")
	}

	// Skipped, and given back for a break.
	b.nextIsHere()
	b.press("s")
	b.click(`#skip input[value="unclear"]`)
	b.click("#skip button.primary")
	skipped := task
	task = b.waitForBoard(task)
	if want := "Question 5?"; task.Prompt != want || skipped.Prompt != "Question 4?" {
		t.Errorf("after %q comes %q, want %q", skipped.Prompt, task.Prompt, want)
	}
	b.nextIsHere()
	b.click("#break-button")
	b.click("#rest form button")
	b.waitForPage("/")
	b.open("/campaigns/ahead/rank")
	task = b.waitForBoard(shownTask{})
	for len(stored) < 6 {
		b.rank("b", "a", "=", "d", "c")
		stored[task.Prompt] = task.texts([][]string{{"B"}, {"A", "D"}, {"C"}})
		if len(stored) < 6 {
			task = b.waitForBoard(task)
		}
	}
	b.waitFor("the end of the campaign", `document.body.innerText.includes("Nothing left to rank")`)
	s.checkStored(t, "ahead", stored)
}

// What one annotator has ahead is there for another who would have nothing.
func TestWhatIsAheadKeepsNobodyFromWork(t *testing.T) {
	t.Parallel()
	s := shared(t)
	s.campaign(t, "shared-end", prompts(2), "--k", "4")
	first := s.signIn(t, s.person(t, "end-first@example.org", "annotator", "shared-end"))
	first.open("/campaigns/shared-end/rank")
	one := first.waitForBoard(shownTask{})
	first.nextIsHere()
	second := s.signIn(t, s.person(t, "end-second@example.org", "annotator", "shared-end"))
	second.open("/campaigns/shared-end/rank")
	two := second.waitForBoard(shownTask{})
	first.rank("a", "b", "c", "d")
	first.waitFor("the end of the campaign", `document.body.innerText.includes("Nothing left to rank")`)
	second.press("a", "b", "c", "d", kb.Enter)
	second.waitFor("the end of the campaign", `document.body.innerText.includes("Nothing left to rank")`)
	order := [][]string{{"A"}, {"B"}, {"C"}, {"D"}}
	s.checkStored(t, "shared-end", map[string][][]string{one.Prompt: one.texts(order), two.Prompt: two.texts(order)})
}
