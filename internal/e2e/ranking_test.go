package e2e

import (
	"fmt"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/google/go-cmp/cmp"
)

// From the link on the terminal to the second task: the first admin of a fresh server ranks what the base model wrote.
func TestFirstAdminRanksTheDemo(t *testing.T) {
	t.Parallel()
	p := newProgram(t)
	s := p.serve(t, "--demo")
	link := s.firstAdminLink(t)
	b := newTab(t, s.url)
	b.open(link)
	b.fill("#field-name", "Ada")
	b.fill("#field-email", "ada@example.org")
	b.fill("#field-password", "a long enough password")
	b.click("main form button.primary")
	b.waitForPage("/")
	b.see("Hello, Ada")

	start := `document.querySelector('a[href="/campaigns/demo/rank"]')`
	for deadline := time.Now().Add(longWait); !eval[bool](b, start+" !== null"); {
		if time.Now().After(deadline) {
			t.Fatal("the base model wrote nothing")
		}
		b.open("/")
	}
	b.click(`a[href="/campaigns/demo/rank"]`)
	b.acknowledge("demo")
	var tasks []shownTask
	var want [][][]int // positions on the page, A is 0
	task := shownTask{}
	for range 2 {
		task = b.waitForBoard(task)
		for range task.Texts { // each response alone first: a score, and on
			b.rank("4")
		}
		switch len(task.Texts) {
		case 4:
			b.rank("b", "a", "=", "d", "c")
			want = append(want, [][]int{{1}, {0, 3}, {2}})
		case 3: // two of the four samples were the same text
			b.rank("b", "a", "=", "c")
			want = append(want, [][]int{{1}, {0, 2}})
		default:
			b.rank("b", "=", "a")
			want = append(want, [][]int{{0, 1}})
		}
		tasks = append(tasks, task)
	}
	b.waitForBoard(task) // a third task is there

	records := p.records(t, "demo")
	if len(records) != 2 {
		t.Fatalf("%d judgments are stored, want 2", len(records))
	}
	for i, task := range tasks {
		r := records[i]
		if records[0].Messages[0].Content != tasks[0].Prompt { // exports are ordered by prompt
			r = records[1-i]
		}
		if r.Messages[0].Content != task.Prompt || len(r.OrderShown) != len(task.Texts) || r.Simulated || r.KeptAsShown || r.ActiveMS < 0 {
			t.Errorf("stored %+v, shown %+v", r, task)
		}
		tiers := make([][]int, len(want[i]))
		for j, tier := range want[i] {
			for _, position := range tier {
				tiers[j] = append(tiers[j], r.OrderShown[position])
			}
		}
		if diff := cmp.Diff(sortedTiers(tiers), sortedTiers(r.Tiers)); diff != "" {
			t.Errorf("task %d (-want +stored):\n%s", i+1, diff)
		}
	}

	b.open(link)
	b.expect("410 (Gone)")
	b.see("link")
	if eval[bool](b, `document.querySelector("#field-password") !== null`) {
		t.Error("the first admin's link can be used again")
	}
}

// Every way to rank with a pointer or single keys stores what the page showed.
func TestWaysToRank(t *testing.T) {
	t.Parallel()
	s := shared(t)
	s.campaign(t, "ways", prompts(12), "--k", "4")
	b := s.signIn(t, s.person(t, "ways@example.org", "annotator", "ways"))
	b.click(`a[href="/campaigns/ways/rank"]`)
	stored := map[string][][]string{}
	task := b.waitForBoard(shownTask{})
	// next waits for the following task after noting what the one at hand must have stored.
	next := func(tiers ...[]string) {
		t.Helper()
		stored[task.Prompt] = task.texts(tiers)
		task = b.waitForBoard(task)
	}
	shows := func(tiers ...[]string) {
		t.Helper()
		if diff := cmp.Diff(tiers, b.expression()); diff != "" {
			t.Fatalf("the strip (-want +got):\n%s", diff)
		}
	}

	// Digits rank the framed card and frame the next one.
	b.press("2", "1", "1", "4")
	shows([]string{"B", "C"}, []string{"A"}, []string{"D"})
	b.rank()
	next([]string{"B", "C"}, []string{"A"}, []string{"D"})

	// Taking back and undoing.
	b.press("d", "c", "\b", "a", "=", "b", "u", "b", "c")
	shows([]string{"D"}, []string{"A"}, []string{"B"}, []string{"C"})
	b.rank()
	next([]string{"D"}, []string{"A"}, []string{"B"}, []string{"C"})

	// An incomplete ranking is not sent.
	b.rank("a", "b", "c")
	b.waitFor("the hint", `document.querySelector("#said").textContent.includes("1 left")`)
	b.rank("d")
	next([]string{"A"}, []string{"B"}, []string{"C"}, []string{"D"})

	// The order shown is a ranking only when it is said so.
	b.press("y")
	b.waitFor("kept as shown", `document.querySelector("#keep").getAttribute("aria-pressed") === "true"`)
	b.rank()
	next([]string{"A"}, []string{"B"}, []string{"C"}, []string{"D"})

	// The mouse on the cards' own buttons.
	for letter, rank := range map[string]int{"A": 3, "B": 1, "C": 1, "D": 2} {
		b.click(fmt.Sprintf("#card-%s .rank label:nth-of-type(%d)", letter, rank))
	}
	b.click("#submit")
	next([]string{"B", "C"}, []string{"D"}, []string{"A"})

	// Dragging letters of the strip: onto a tier makes a tie, between tiers a tier of its own, and out of the tray.
	b.press("a", "b", "c")
	b.waitFor("dragging to be ready", `Object.keys(document.querySelector("#tiers .tier")).some((key) => key.startsWith("Sortable"))`)
	b.drag("D", `#tiers .tier [data-letter="B"]`, `chip.parentElement.querySelector('[data-letter="B"]') !== null`)
	shows([]string{"A"}, []string{"B", "D"}, []string{"C"})
	b.drag("C", `#tiers .tier [data-letter="A"]`, `chip.parentElement.querySelector('[data-letter="A"]') !== null`)
	shows([]string{"A", "C"}, []string{"B", "D"})
	b.drag("D", `#tiers .gap:not(.edge)`, `chip.parentElement.matches(".gap:not(.edge)")`)
	shows([]string{"A", "C"}, []string{"D"}, []string{"B"})
	b.click("#submit")
	next([]string{"A", "C"}, []string{"D"}, []string{"B"})

	// Skipping with a reason shows another task and stores no ranking.
	b.press("s")
	b.click(`#skip input[value="unclear"]`)
	b.click("#skip button.primary")
	skipped := task
	task = b.waitForBoard(task)
	if task.Prompt == skipped.Prompt {
		t.Error("a skipped task came back")
	}

	// Fingers on a small screen.
	b.do("a phone", chromedp.EmulateViewport(360, 740, chromedp.EmulateMobile, chromedp.EmulateTouch), chromedp.Reload())
	task = b.waitForBoard(shownTask{})
	if wide := eval[int](b, `document.documentElement.scrollWidth`); wide > 360 {
		t.Errorf("the page is %d pixels wide on a screen of 360", wide)
	}
	b.tap(`#tiers .tray [data-letter="C"]`)
	b.tap(`#tiers .tray [data-letter="A"]`)
	b.tap("#card-B .rank label:nth-of-type(2)")
	b.tap("#card-D .rank label:nth-of-type(3)")
	shows([]string{"C"}, []string{"A", "B"}, []string{"D"})
	b.tap("#submit")
	next([]string{"C"}, []string{"A", "B"}, []string{"D"})

	s.checkStored(t, "ways", stored)
}

// drag takes a letter of the strip to an element, lets it go once it has found its place there, as an expression tells,
// and waits until the strip is drawn anew.
func (b *tab) drag(letter, to, placed string) {
	b.t.Helper()
	type point struct{ X, Y float64 }
	center := func(css string) point {
		return eval[point](b, fmt.Sprintf(`(({ x, y, width, height }) => ({ X: x + width / 2, Y: y + height / 2 }))(
			document.querySelector(%q).getBoundingClientRect())`, css))
	}
	const steps = 8
	chip := fmt.Sprintf(`#tiers [data-letter="%s"]`, letter)
	start, end := center(chip), center(to)
	moves := []chromedp.Action[chromedp.Void]{chromedp.MouseEvent(chromedp.MousePressed, start.X, start.Y, chromedp.ButtonLeft, chromedp.ClickCount(1))}
	for i := 1.0; i <= steps; i++ {
		moves = append(moves, chromedp.MouseEvent(chromedp.MouseMoved,
			start.X+(end.X-start.X)*i/steps, start.Y+(end.Y-start.Y)*i/steps, chromedp.ButtonLeft))
	}
	b.do("drag "+letter, moves...)
	found := fmt.Sprintf(`((chip) => Boolean(%s))(document.querySelector("#tiers").querySelector('[data-letter="%s"]'))`, placed, letter)
	trembling := 0.0 // as a hand does
	eventually(b.t, letter+" to find its place", func() bool {
		trembling = 3 - trembling
		end = center(to) // a tier that the letter passed through has grown meanwhile, and moved the others
		b.do("hold "+letter, chromedp.MouseEvent(chromedp.MouseMoved, end.X+trembling, end.Y, chromedp.ButtonLeft))
		return eval[bool](b, found)
	})
	b.do("drop "+letter, chromedp.MouseEvent(chromedp.MouseReleased, end.X, end.Y, chromedp.ButtonLeft, chromedp.ClickCount(1)))
	b.waitFor("the strip after the drop", `!document.querySelector("#tiers").classList.contains("dragging") &&
		document.querySelector("#tiers .gap .chip") === null`)
}

// Without scripts the board is a plain form.
func TestRankWithoutScripts(t *testing.T) {
	t.Parallel()
	s := shared(t)
	s.campaign(t, "plain", prompts(4), "--k", "4")
	link := s.person(t, "plain@example.org", "annotator", "plain")
	b := newTab(t, s.server.url)
	b.withoutScripts()
	b.useLink(link)
	b.click(`a[href="/campaigns/plain/rank"]`)
	stored := map[string][][]string{}
	task := b.waitForBoard(shownTask{})
	for letter, rank := range map[string]int{"A": 2, "B": 4, "C": 2, "D": 1} {
		b.click(fmt.Sprintf("#card-%s .rank label:nth-of-type(%d)", letter, rank))
	}
	b.click("#submit")
	stored[task.Prompt] = task.texts([][]string{{"D"}, {"A", "C"}, {"B"}})

	// A missing rank is asked for; what was chosen stays.
	b.expect("422 (Unprocessable Entity)")
	task = b.waitForBoard(task)
	b.click("#card-A .rank label:nth-of-type(1)")
	b.click("#submit")
	b.waitFor("what is wrong", `document.querySelector('[role="alert"]') !== null`)
	if now := b.waitForBoard(shownTask{}); now.Lease != task.Lease || !eval[bool](b, `document.querySelector("#card-A .rank input").checked`) {
		t.Fatal("an incomplete ranking was taken, or what was chosen is lost")
	}
	b.click("#keep")
	stored[task.Prompt] = task.texts([][]string{{"A"}, {"B"}, {"C"}, {"D"}})

	// Going back does not show what is done.
	task = b.waitForBoard(task)
	for _, letter := range []string{"A", "B", "C", "D"} {
		b.click(fmt.Sprintf("#card-%s .rank label:nth-of-type(1)", letter))
	}
	b.click("#submit")
	stored[task.Prompt] = task.texts([][]string{{"A", "B", "C", "D"}})
	last := b.waitForBoard(task)
	b.do("back", chromedp.NavigateBack())
	if shown := b.waitForBoard(task); shown.Lease != last.Lease {
		t.Errorf("going back shows %+v, not the task at hand", shown)
	}
	s.checkStored(t, "plain", stored)
}
