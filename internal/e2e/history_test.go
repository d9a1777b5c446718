package e2e

import (
	"fmt"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/google/go-cmp/cmp"
)

// What was submitted can be read again and changed, by keys, by mouse and by touch; exports take the newest state, the
// earlier ones stay to be read.
func TestChangeOfMind(t *testing.T) {
	t.Parallel()
	s := shared(t)
	s.campaign(t, "mind", prompts(4), "--k", "4")
	b := s.signIn(t, s.person(t, "mind@example.org", "annotator", "mind"))
	b.open("/campaigns/mind/rank")
	first := b.waitForBoard(shownTask{})
	b.press("z") // nothing to go back to yet
	b.rank("b", "a", "=", "d", "c")
	second := b.waitForBoard(first)

	// Keys: back to the last one, changed, and on with the task at hand.
	b.press("c")
	b.press("z")
	b.waitFor("the last ranking", `location.pathname.endsWith("/edit") && document.querySelector("#submit")?.hasAttribute("aria-disabled")`)
	if diff := cmp.Diff([][]string{{"B"}, {"A", "D"}, {"C"}}, b.expression()); diff != "" {
		t.Fatalf("the board comes back with (-want +got):\n%s", diff)
	}
	if held := eval[bool](b, `document.querySelector("#skip") !== null || document.querySelector("#ask") !== null`); held {
		t.Error("a ranking that is done can be skipped or asked about")
	}
	b.press("\b", "\b", "c")
	b.rank("d")
	b.waitForPage("/campaigns/mind/rank")
	if again := b.waitForBoard(shownTask{}); again.Lease != second.Lease {
		t.Error("the task at hand is another after the change")
	}
	b.waitFor("the draft of the task at hand", `document.querySelector('#tiers .tier [data-letter="C"]') !== null`)
	want := map[string][][]string{first.Prompt: first.texts([][]string{{"B"}, {"A"}, {"C"}, {"D"}})}
	s.checkStored(t, "mind", want)

	// The mouse: from the list to the ranking, which cannot be changed by mistake, and from there to its board.
	b.open("/history")
	b.see("B › A › C › D")
	b.see("changed")
	b.click(".line-open")
	b.waitFor("the ranking", `document.querySelector(".past .order .expression") !== null`)
	b.see("B › A = D › C") // the first state
	if eval[int](b, `[...document.querySelectorAll(".past .card input")].filter((input) => !input.matches(":disabled")).length`) != 0 {
		t.Error("a page to be read has fields that can be changed")
	}
	b.click(".order-actions a")
	b.waitForBoard(shownTask{Lease: "none"})
	b.click("#card-D .rank label:nth-of-type(1)")
	b.click("#submit")
	b.waitForPage("/history")
	b.see("Your change is saved")
	b.see("B = D › A › C")
	b.see("changed 2 times")
	want[first.Prompt] = first.texts([][]string{{"B", "D"}, {"A"}, {"C"}})
	s.checkStored(t, "mind", want)

	// A half-made change is kept, on another device too.
	b.open("/campaigns/mind/last")
	b.waitForBoard(shownTask{Lease: "none"})
	b.press("\b")
	b.waitFor("the draft to be saved", `document.querySelector("#order [data-saved]").dataset.saved === "draft_saved"`)
	b.do("another device", chromedp.Evaluate[chromedp.Void](`localStorage.clear()`), chromedp.Reload())
	b.waitForBoard(shownTask{Lease: "none"})
	if diff := cmp.Diff([][]string{{"B", "D"}, {"A"}}, b.expression()); diff != "" {
		t.Errorf("the draft of a change (-want +got):\n%s", diff)
	}

	// Fingers on a small screen.
	b.do("a phone", chromedp.EmulateViewport(360, 740, chromedp.EmulateMobile, chromedp.EmulateTouch), chromedp.Reload())
	b.waitForBoard(shownTask{Lease: "none"})
	b.tap("#card-C .rank label:nth-of-type(1)")
	b.tap("#submit")
	b.waitForPage("/campaigns/mind/rank")
	want[first.Prompt] = first.texts([][]string{{"B", "C", "D"}, {"A"}})
	s.checkStored(t, "mind", want)
	b.do("a desk", chromedp.EmulateViewport(1280, 900), chromedp.Reload())

	// Skips are there as well; a filter tells them apart.
	b.waitForBoard(shownTask{})
	b.press("s")
	b.click(`#skip input[value="unclear"]`)
	b.fill("#skip-note", "which one?")
	b.click("#skip button.primary")
	b.waitForBoard(second)
	b.open("/history?kind=skipped")
	b.see("The prompt is unclear: which one?")
	if shown := eval[string](b, `document.body.innerText`); strings.Contains(shown, "›") {
		t.Error("the list of skips shows a ranking")
	}
	b.click(".line-open")
	b.waitFor("the skipped task", `document.querySelector(".past .card") !== null`)
	b.see(second.Prompt)

	// Somebody who must not change it is told why.
	admin := s.signIn(t, s.person(t, "mind-admin@example.org", "admin"))
	admin.open("/campaigns/mind")
	admin.do("allow no change", chromedp.SetValue(chromedp.CSS("#field-revise_last"), "0"))
	admin.click(`form[action="/campaigns/mind/revisions"] button`)
	admin.waitFor("the answer", `location.search === "?done=revisions"`)
	b.open("/history?kind=judged")
	b.click(".line-open")
	b.waitFor("the ranking", `document.querySelector(".past .fixed") !== null`)
	b.see("allows no changes")
	b.expect("409 (Conflict)")
	b.open("/campaigns/mind/last")
	b.see("allows no changes")
}

// Without scripts a change is a plain form too, in both stages.
func TestChangeOfMindWithoutScripts(t *testing.T) {
	t.Parallel()
	s := shared(t)
	s.campaign(t, "mind-plain", prompts(2), "--k", "4", "--schema", "staged")
	link := s.person(t, "mind-plain@example.org", "annotator", "mind-plain")
	b := newTab(t, s.server.url)
	b.withoutScripts()
	b.useLink(link)
	b.open("/campaigns/mind-plain/rank")
	task := b.waitForBoard(shownTask{})
	step := func(n int, score int) {
		t.Helper()
		b.waitFor(fmt.Sprintf("step %d", n), fmt.Sprintf(`document.querySelector("#board").dataset.step === "%d" && document.readyState === "complete"`, n))
		b.click(fmt.Sprintf(`.card:not([hidden]) .score label:nth-of-type(%d)`, score))
		b.click("#step-next")
	}
	for n := range 4 {
		step(n+1, 4)
	}
	b.waitFor("the ranking", `document.querySelector("#board").dataset.step === "0" && document.readyState === "complete"`)
	for letter, rank := range map[string]int{"A": 1, "B": 2, "C": 3, "D": 4} {
		b.click(fmt.Sprintf("#card-%s .rank label:nth-of-type(%d)", letter, rank))
	}
	b.click("#submit")
	b.waitForBoard(task)

	b.click("#last-button")
	b.waitFor("the last ranking", `location.pathname.endsWith("/edit") && document.readyState === "complete"`)
	b.click("#card-D .rank label:nth-of-type(1)")
	b.click("#to-scores")
	step(4, 7)
	b.waitFor("the ranking", `document.querySelector("#board").dataset.step === "0" && document.querySelector("#card-D .rank label:nth-of-type(1) input").checked`)
	b.submitAsMeant(task)
	b.waitForPage("/campaigns/mind-plain/rank")
	s.checkStored(t, "mind-plain", map[string][][]string{task.Prompt: task.texts([][]string{{"A", "D"}, {"B"}, {"C"}})})
	scores := map[int]int{}
	for _, record := range s.records(t, "mind-plain") {
		for _, score := range record.Scores {
			scores[score]++
		}
	}
	if scores[4] != 3 || scores[7] != 1 {
		t.Errorf("scores %v, want three of 4 and one of 7", scores)
	}
}
