package e2e

import (
	"strconv"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// waitForSample waits until a task that is tried out can be used.
func (b *tab) waitForSample(question string) {
	b.t.Helper()
	ready := `document.readyState === "complete" && document.querySelector(".trying") !== null` +
		` && document.querySelector(".prompt .turns").innerText.trim() === ` + strconv.Quote(question)
	if !b.bare { // the script has taken over
		ready += ` && document.querySelector("#submit").hasAttribute("aria-disabled")`
	}
	b.waitFor("the sample "+question, ready)
}

// An admin sees every kind of task as its annotators do, by keys, by mouse, on a phone and without scripts, and nothing
// of it is stored.
func TestViewAsAnnotator(t *testing.T) {
	t.Parallel()
	s := shared(t)
	s.campaign(t, "try-staged", prompts(3), "--k", "4", "--schema", "staged")
	s.campaign(t, "try-duel", prompts(2), "--kind", "comparison")
	s.campaign(t, "try-write", prompts(2), "--kind", "demonstration")
	link := s.person(t, "try@example.org", "admin")
	b := s.signIn(t, link)
	b.open("/campaigns/try-staged")
	b.click(`a[href="/campaigns/try-staged/try"]`)
	b.waitForSample("Question 1?")
	b.see("Nothing is stored")
	for range 4 {
		b.rank("5")
	}
	b.rank("b", "a", "=", "d", "c")
	b.waitForSample("Question 2?")
	b.see("That would have been an answer.")
	b.waitFor("scoring", `document.querySelector("#scoring:not([hidden])") !== null`)
	b.press("s")
	b.click(`#skip input[value="unclear"]`)
	b.click("#skip button.primary")
	b.waitForSample("Question 3?")
	b.click("#ask-button")
	b.fill("#question", "What is north?")
	b.click("#ask button.primary")
	b.waitForSample("Question 1?")

	b.open("/campaigns/try-duel/try")
	b.waitForSample("Question 1?")
	b.press("b", "2", kb.Enter)
	b.waitForSample("Question 2?")
	b.do("a phone", chromedp.EmulateViewport(360, 740, chromedp.EmulateMobile, chromedp.EmulateTouch))
	b.open("/campaigns/try-write/try")
	b.waitForSample("Question 1?")
	b.tap("#written")
	b.press("A reply by touch.")
	b.tap("#submit")
	b.waitForSample("Question 2?")
	if kept := eval[int](b, `Object.keys(localStorage).filter((key) => /draft|outbox/.test(key)).length`); kept != 0 {
		t.Errorf("the browser keeps %d answers", kept)
	}
	b.click(`.bar a[href="/campaigns/try-write"]`)
	b.waitForPage("/campaigns/try-write")

	plain := newTab(t, s.server.url)
	plain.withoutScripts()
	plain.useLink(s.person(t, "try-plain@example.org", "admin"))
	plain.open("/campaigns/try-write/try")
	plain.waitForSample("Question 1?")
	plain.fill("#written", "Without scripts.")
	plain.click("#submit")
	plain.waitForSample("Question 2?")
	plain.see("That would have been an answer.")

	for _, campaign := range []string{"try-staged", "try-duel", "try-write"} {
		var stats struct {
			Judgments int
			Tasks     struct{ Open, Leased int }
		}
		s.json(t, &stats, "stats", "--campaign", campaign)
		if stats.Judgments != 0 || stats.Tasks.Leased != 0 || stats.Tasks.Open == 0 {
			t.Errorf("%s: %+v after somebody only looked", campaign, stats)
		}
	}
}
