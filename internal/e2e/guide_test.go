package e2e

import (
	"fmt"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"github.com/google/go-cmp/cmp"
)

// longRules are guidelines of several screens, with an example behind them.
func longRules() string {
	rules := "# Rules\n\n"
	for i := range 60 {
		rules += fmt.Sprintf("## Rule %d\n\nPrefer the response that is **true**, then the one that helps, then the shorter one.\n\n", i+1)
	}
	return rules + "## Example\n\n> How do I boil an egg?\n\n| letter | response |\n|---|---|\n| A | Eight minutes in boiling water. |\n| B | Eggs are healthy. |\n\n" +
		"**Right ranking:** `A › B`\n\n**Why:** B does not answer.\n"
}

// guideIs waits until the guidelines are open beside or above the task, with their text, or closed.
func (b *tab) guideIs(open bool) {
	b.t.Helper()
	if open {
		b.waitFor("the guidelines", `document.querySelector("#guide")?.open && document.querySelector("#guide .prose") !== null && document.querySelector("#guide-button").getAttribute("aria-expanded") === "true"`)
	} else {
		b.waitFor("the guidelines to close", `!document.querySelector("#guide")?.open && document.querySelector("#guide-button").getAttribute("aria-expanded") === "false"`)
	}
}

// rule is the heading of the guidelines at the upper edge of their panel.
func (b *tab) rule() string {
	b.t.Helper()
	return eval[string](b, `((text) => [...text.querySelectorAll("h4")].filter((h) => h.getBoundingClientRect().top <= text.getBoundingClientRect().top + 4).at(-1)?.textContent ?? "")(document.querySelector(".guide-text"))`)
}

// scrollGuide brings a heading to the upper edge of the panel and waits until the place is kept.
func (b *tab) scrollGuide(heading string) {
	b.t.Helper()
	b.do("scroll the guidelines", chromedp.Evaluate[chromedp.Void](fmt.Sprintf(
		`[...document.querySelectorAll(".guide-text h4")].find((h) => h.textContent === %q).scrollIntoView()`, heading)))
	b.waitFor("the place to be kept", `Object.keys(localStorage).some((key) => key.startsWith("rankloop.guide.") && JSON.parse(localStorage.getItem(key)).at > 0)`)
}

// The guidelines stand beside the task: opened and closed by a key, ranked beside, kept open over tasks and page loads at
// the place that was read; a sheet over the page on a phone.
func TestGuidelinesBesideTheTask(t *testing.T) {
	t.Parallel()
	s := shared(t)
	s.campaign(t, "beside", prompts(4), "--k", "4", "--guidelines", s.write(t, "beside.md", longRules()))
	b := s.signIn(t, s.person(t, "beside@example.org", "annotator", "beside"))
	b.do("a desk", chromedp.EmulateViewport(1440, 900))
	b.open("/campaigns/beside/rank")
	b.acknowledge("beside")
	task := b.waitForBoard(shownTask{})
	b.press("b")
	b.click("#card-A")
	b.press("q")
	b.guideIs(true)
	if !eval[bool](b, `document.activeElement.matches(".guide-text")`) {
		t.Error("the focus is not on the guidelines")
	}
	if eval[bool](b, `document.querySelector(".desk").getBoundingClientRect().right > document.querySelector("#guide").getBoundingClientRect().left`) {
		t.Error("the guidelines cover the task")
	}
	b.see("Right ranking")
	b.press("a") // the keys of the task work from there
	if diff := cmp.Diff([][]string{{"B"}, {"A"}}, b.expression()); diff != "" {
		t.Errorf("ranked beside the guidelines (-want +got):\n%s", diff)
	}
	b.press(kb.Escape)
	b.guideIs(false)
	if !eval[bool](b, `document.activeElement.matches("#card-A")`) {
		t.Error("the focus did not go back to where it was")
	}
	b.do("Alt+G", chromedp.KeyEvent("g", chromedp.KeyModifiers(1)))
	b.guideIs(true)
	b.scrollGuide("Rule 30")
	b.rank("c", "d")
	b.waitForBoard(task) // the next one, in place
	b.guideIs(true)
	b.do("reload", chromedp.Reload())
	b.waitForBoard(shownTask{})
	b.guideIs(true)
	b.waitFor("the place that was read", `document.querySelector(".guide-text").scrollTop > 500`)
	if at := b.rule(); at != "Rule 30" {
		t.Errorf("after a reload the guidelines are at %q", at)
	}
	if eval[bool](b, `document.querySelector("#guide").contains(document.activeElement)`) {
		t.Error("the guidelines take the focus on a page load")
	}

	// Another width keeps the place; a narrow one does not cover the task unasked.
	b.do("a phone", chromedp.EmulateViewport(360, 740, chromedp.EmulateMobile, chromedp.EmulateTouch))
	b.guideIs(false)
	b.tap("#guide-button")
	b.guideIs(true)
	if at := b.rule(); at != "Rule 30" {
		t.Errorf("on a phone the guidelines are at %q", at)
	}
	if !eval[bool](b, `document.querySelector("#guide").matches(":modal") && document.documentElement.scrollWidth <= 360`) {
		t.Error("the guidelines are no sheet, or too wide")
	}
	b.press("a") // what is covered cannot be ranked
	if got := b.expression(); len(got) != 0 {
		t.Errorf("ranked %v under the guidelines", got)
	}
	b.tap("#guide [data-close]")
	b.guideIs(false)
	b.do("a desk", chromedp.EmulateViewport(1440, 900))
	b.guideIs(true) // where there is room they come back

	// Without single keys only the other key works.
	b.press("?")
	b.click("#shortcuts")
	b.press(kb.Escape, "q")
	b.do("Alt+G", chromedp.KeyEvent("g", chromedp.KeyModifiers(1)))
	b.guideIs(false)
	b.do("reload", chromedp.Reload())
	b.waitForBoard(shownTask{})
	if eval[bool](b, `document.querySelector("#guide").open`) {
		t.Error("closed guidelines are open after a reload")
	}
}

// Every kind of task has them, also from within a text; a lost connection says so.
func TestGuidelinesBesideEveryKind(t *testing.T) {
	t.Parallel()
	s := shared(t)
	rules := s.write(t, "beside-kinds.md", longRules())
	s.campaign(t, "beside-duel", prompts(1), "--kind", "comparison", "--guidelines", rules)
	s.campaign(t, "beside-write", prompts(1), "--kind", "demonstration", "--guidelines", rules)
	s.run(t, "campaign", "create", "--name", "beside-talk", "--kind", "dialogue", "--k", "2", "--guidelines", rules)
	s.run(t, "import", "--campaign", "beside-talk", s.write(t, "beside-talk.jsonl", `{"id":"f","prompt":"free","metadata":{"dialogue":"free"}}`+"\n"))
	kinds := []string{"beside-duel", "beside-write", "beside-talk"}
	b := s.signIn(t, s.person(t, "beside-kinds@example.org", "annotator", kinds...))
	for _, campaign := range kinds {
		b.open("/campaigns/" + campaign + "/rank")
		b.acknowledge(campaign)
		b.waitFor("the task", `document.readyState === "complete" && document.querySelector("#submit")?.hasAttribute("aria-disabled")`)
		if campaign != "beside-duel" {
			b.click("#written")
			b.press("Words.")
		}
		b.do("Alt+G", chromedp.KeyEvent("g", chromedp.KeyModifiers(1)))
		b.guideIs(true)
		b.press("q")
		b.guideIs(false)
		if campaign != "beside-duel" && !eval[bool](b, `document.activeElement.matches("#written")`) {
			t.Errorf("%s: the focus did not go back to the text", campaign)
		}
	}
	b.do("reload", chromedp.Reload())
	b.waitForStep(2)
	b.loseConnection(false)
	b.click("#guide-button")
	b.shows("could not be fetched")
	b.click("#guide-button")
	eval[any](b, `findConnection()`)
	b.click("#guide-button")
	b.guideIs(true)
}

func TestGuidelinesBesideWithoutScripts(t *testing.T) {
	t.Parallel()
	s := shared(t)
	s.campaign(t, "beside-plain", prompts(1), "--k", "4", "--guidelines", s.write(t, "beside-plain.md", longRules()))
	b := newTab(t, s.server.url)
	b.withoutScripts()
	b.useLink(s.person(t, "beside-plain@example.org", "annotator", "beside-plain"))
	b.open("/campaigns/beside-plain/rank")
	b.acknowledge("beside-plain")
	b.waitForBoard(shownTask{})
	if eval[bool](b, `document.querySelector("#guide-button").checkVisibility()`) {
		t.Error("without scripts there is a button that does nothing")
	}
	link := eval[string](b, `[...document.querySelectorAll(".bar a")].find((a) => a.checkVisibility() && a.pathname.endsWith("/guidelines")).href`)
	b.open(link)
	b.see("Right ranking")
}

func TestGuidelinesBesideAccessibility(t *testing.T) {
	t.Parallel()
	s := shared(t)
	s.campaign(t, "beside-axe", prompts(1), "--k", "4", "--guidelines", s.write(t, "beside-axe.md", longRules()))
	b := s.signIn(t, s.person(t, "beside-axe@example.org", "annotator", "beside-axe"))
	b.open("/campaigns/beside-axe/rank")
	b.acknowledge("beside-axe")
	b.waitForBoard(shownTask{})
	b.checkViews([]view{
		{name: "guidelines beside a task", path: "/campaigns/beside-axe/rank", prepare: func(b *tab) {
			b.waitForBoard(shownTask{})
			if !eval[bool](b, `document.querySelector("#guide").open`) {
				b.press("q")
			}
			b.guideIs(true)
		}},
		{name: "guidelines over a task", path: "/campaigns/beside-axe/rank", prepare: func(b *tab) {
			b.do("a phone", chromedp.EmulateViewport(360, 740))
			b.waitForBoard(shownTask{})
			b.click("#guide-button")
			b.guideIs(true)
		}},
	})
}
