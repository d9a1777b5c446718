package e2e

import (
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// waitForChange waits until an answer that is being changed can be worked on.
func (b *tab) waitForChange() {
	b.t.Helper()
	ready := `location.pathname.endsWith("/edit") && document.readyState === "complete"`
	if !b.bare {
		ready += ` && document.querySelector("#submit")?.hasAttribute("aria-disabled")`
	}
	b.waitFor("the answer that is being changed", ready)
}

// A comparison is changed by keys, with its edit; its history shows both states.
func TestChangeOfComparison(t *testing.T) {
	t.Parallel()
	s := shared(t)
	s.campaign(t, "mind-duel", prompts(2), "--kind", "comparison")
	b := s.signIn(t, s.person(t, "mind-duel@example.org", "annotator", "mind-duel"))
	b.open("/campaigns/mind-duel/rank")
	task := b.waitForBoard(shownTask{})
	b.press("b", "2", "e")
	b.waitFor("the edit", `document.activeElement.matches("#edit-B")`)
	eval[any](b, `document.activeElement.select()`)
	b.press("Edited.", kb.Escape, kb.Enter)
	next := b.waitForBoard(task)
	s.checkCompared(t, "mind-duel", task, compared{Tiers: [][]string{{"✎"}, {"B"}, {"A"}}, Strength: 2, Edit: "Edited."})

	b.press("z")
	b.waitForChange()
	if held := eval[bool](b, `document.querySelector("#skip") !== null || document.querySelector("#ask") !== null || document.querySelector("#board").dataset.lease !== undefined`); held {
		t.Error("a comparison that is done can be skipped, or is held")
	}
	if text := eval[string](b, `document.querySelector("#edit-B").value`); text != "Edited." {
		t.Errorf("the edit comes back as %q", text)
	}
	b.press("4")
	b.click("#edit-B")
	eval[any](b, `document.activeElement.select()`)
	b.press("Edited again.")
	b.saved()
	b.do("another device", chromedp.Evaluate[chromedp.Void](`localStorage.clear()`), chromedp.Reload())
	b.waitForChange()
	b.press(kb.Enter)
	b.waitForPage("/campaigns/mind-duel/rank")
	if again := b.waitForBoard(shownTask{}); again.Lease != next.Lease {
		t.Error("the task at hand is another after the change")
	}
	s.checkCompared(t, "mind-duel", task, compared{Tiers: [][]string{{"✎"}, {"B"}, {"A"}}, Strength: 4, Edit: "Edited again."})
	b.open("/history?kind=revised")
	b.see("changed")
	b.click(".line-open")
	b.waitFor("the comparison", `document.querySelector(".past .order .expression") !== null`)
	b.see("Edited again.")
	b.click(".states a")
	b.shows("Edited.")
	b.see("only the newest can be changed")
}

// A demonstration is changed by mouse, by touch, and without scripts.
func TestChangeOfDemonstration(t *testing.T) {
	t.Parallel()
	s := shared(t)
	s.campaign(t, "mind-write", prompts(1), "--kind", "demonstration")
	b := s.signIn(t, s.person(t, "mind-write@example.org", "annotator", "mind-write"))
	b.open("/campaigns/mind-write/rank")
	task := b.waitForBoard(shownTask{})
	b.click("#written")
	b.press("First.")
	b.click("#submit")
	b.waitFor("the end", `document.body.innerText.includes("Nothing left to rank")`)
	b.open("/history")
	b.click(".line-open")
	b.waitFor("the demonstration", `document.querySelector(".past .order-actions a") !== null`)
	b.click(".order-actions a")
	b.waitForChange()
	b.click("#written")
	eval[any](b, `document.activeElement.select()`)
	b.press("Second.")
	b.click("#submit")
	b.waitForPage("/history")
	b.see("Your change is saved")
	s.checkWritten(t, "mind-write", task, "Second.")

	b.do("a phone", chromedp.EmulateViewport(360, 740, chromedp.EmulateMobile, chromedp.EmulateTouch))
	b.open("/campaigns/mind-write/last")
	b.waitForChange()
	b.tap("#written")
	eval[any](b, `document.activeElement.select()`)
	b.press("Third.")
	b.tap("#submit")
	b.waitForPage("/campaigns/mind-write/rank")
	s.checkWritten(t, "mind-write", task, "Third.")

	b.withoutScripts()
	b.open("/campaigns/mind-write/last")
	b.waitForChange()
	b.do("empty the field", chromedp.Evaluate[chromedp.Void](`document.querySelector("#written").value = ""`))
	b.fill("#written", "A *fourth*.")
	b.click("#preview")
	b.waitFor("the preview", `document.querySelector("[data-preview] em")?.textContent === "fourth"`)
	b.click("#submit")
	b.waitForPage("/campaigns/mind-write/rank")
	s.checkWritten(t, "mind-write", task, "A *fourth*.")
	if out := s.run(t, "export", "--campaign", "mind-write", "--format", "sft", "--out", "-"); strings.Count(out, "\n") != 1 || !strings.Contains(out, "A *fourth*.") {
		t.Errorf("exported %s", out)
	}
}

func TestChangeAccessibility(t *testing.T) {
	t.Parallel()
	s := shared(t)
	s.campaign(t, "mind-axe-duel", prompts(1), "--kind", "comparison")
	s.campaign(t, "mind-axe-write", prompts(1), "--kind", "demonstration")
	b := s.signIn(t, s.person(t, "mind-axe@example.org", "annotator", "mind-axe-duel", "mind-axe-write"))
	b.open("/campaigns/mind-axe-duel/rank")
	b.waitForBoard(shownTask{})
	b.press("a", kb.Enter)
	b.shows("Nothing left to rank")
	b.open("/campaigns/mind-axe-write/rank")
	b.waitForBoard(shownTask{})
	b.click("#written")
	b.press("A reply.")
	b.sendText()
	b.shows("Nothing left to rank")
	change := func(b *tab) { b.waitForChange() }
	b.checkViews([]view{
		{name: "a change of a comparison", path: "/campaigns/mind-axe-duel/last", prepare: change},
		{name: "a change of a demonstration", path: "/campaigns/mind-axe-write/last", prepare: change},
	})
}
