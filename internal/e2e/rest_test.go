package e2e

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"github.com/google/go-cmp/cmp"

	"rankloop/internal/app"
	"rankloop/ranking"
)

// setPace chooses a campaign's pace.
func (p *program) setPace(t *testing.T, campaign string, settings ranking.PaceSettings) {
	t.Helper()
	p.services(t, func(services *app.Services) error {
		c, err := services.Store.CampaignByName(t.Context(), campaign)
		if err == nil {
			err = services.Store.SetPaceSettings(t.Context(), c.ID, settings)
		}
		return err
	})
}

// resting waits until there is a break, or none.
func (b *tab) resting(is bool) {
	b.t.Helper()
	b.waitFor("a break, or its end", fmt.Sprintf(`Boolean(document.querySelector("#rest")?.open) === %v`, is))
}

// A break stops the clock and the keys and keeps the task and what was answered: by keys and by fingers. The page says how
// one comes along.
func TestBreak(t *testing.T) {
	t.Parallel()
	s := shared(t)
	s.campaign(t, "rest", prompts(3), "--k", "4")
	b := s.signIn(t, s.person(t, "rest@example.org", "annotator", "rest"))
	began := time.Now()
	b.open("/campaigns/rest/rank")
	task := b.waitForBoard(shownTask{})
	b.see("Today 0")
	b.press("b")
	b.press(".")
	b.resting(true)
	if !eval[bool](b, `document.activeElement.matches("#rest [data-resume]")`) {
		t.Error("the focus is not on the way back")
	}
	rested := time.Now()
	b.press("a")
	if diff := cmp.Diff([][]string{{"B"}}, b.expression()); diff != "" {
		t.Errorf("ranked during a break (-want +got):\n%s", diff)
	}
	eval[any](b, `globalThis.restedAt = Date.now()`)
	b.waitFor("some of a break", `Date.now() - restedAt > 4000`)
	rest := time.Since(rested)
	b.press(".")
	b.resting(false)
	b.press("a", "c", "d", kb.Enter)
	next := b.waitForBoard(task)
	atMost := time.Since(began) - rest
	b.see("Today 1")
	records := s.records(t, "rest")
	if active := time.Duration(records[0].ActiveMS) * time.Millisecond; len(records) != 1 || active > atMost {
		t.Errorf("%v active with a break of %v; at most %v are possible", active, rest, atMost)
	}

	b.do("a phone", chromedp.EmulateViewport(360, 740, chromedp.EmulateMobile, chromedp.EmulateTouch), chromedp.Reload())
	b.waitForBoard(shownTask{})
	b.tap("#card-A .rank label:nth-of-type(1)")
	b.tap("#more-button")
	b.tap("#break-button")
	b.resting(true)
	b.tap("#rest [data-resume]")
	b.resting(false)
	if diff := cmp.Diff([][]string{{"A"}}, b.expression()); diff != "" {
		t.Errorf("after a break (-want +got):\n%s", diff)
	}
	b.saved()
	b.tap("#more-button")
	b.tap("#break-button")
	b.resting(true)
	b.tap(`#rest form button`) // gives it back
	b.waitForPage("/")
	b.open("/campaigns/rest/rank")
	if again := b.waitForBoard(shownTask{}); again.Prompt == next.Prompt {
		b.waitFor("what was answered", `document.querySelector("#card-A .rank input:checked") !== null`)
	}
}

// Without scripts a break is a page; what the form said comes back, and so does its time.
func TestBreakWithoutScripts(t *testing.T) {
	t.Parallel()
	s := shared(t)
	s.campaign(t, "rest-plain", prompts(1), "--k", "4")
	s.campaign(t, "rest-duel", prompts(1), "--kind", "comparison")
	b := newTab(t, s.server.url)
	b.withoutScripts()
	b.useLink(s.person(t, "rest-plain@example.org", "annotator", "rest-plain", "rest-duel"))
	b.open("/campaigns/rest-plain/rank")
	b.waitForBoard(shownTask{})
	b.click("#card-B .rank label:nth-of-type(1)")
	b.click("#break-button")
	b.waitFor("the page of a break", `location.pathname.endsWith("/break") && document.readyState === "complete"`)
	b.see("Your time stands still.")
	b.click("main a.primary")
	b.waitForBoard(shownTask{})
	if !eval[bool](b, `document.querySelector("#card-B .rank input:checked").value === "1" && Number(document.querySelector("[name=active_before]").value) > 0`) {
		t.Error("what was answered, or its time, is lost")
	}
	b.open("/campaigns/rest-duel/rank") // nothing has to be chosen for a break
	b.waitForBoard(shownTask{})
	b.click("#break-button")
	b.waitFor("the page of a break", `location.pathname.endsWith("/break") && document.readyState === "complete"`)
	b.click("main form button")
	b.waitForPage("/")
}

// After a stretch of work a break is suggested, quietly; it can be put off, and switched off for good.
func TestSuggestedBreak(t *testing.T) {
	t.Parallel()
	s := shared(t)
	s.campaign(t, "long", prompts(4), "--k", "4")
	link := s.person(t, "long@example.org", "annotator", "long")
	b := s.signIn(t, link)
	// An answer that took 51 minutes, as a program sends it.
	status := eval[int](b, `fetch("/api/campaigns/long/next").then((r) => r.json()).then((task) => fetch("/api/leases/" + task.lease + "/submit", {
		method: "POST", headers: { "Content-Type": "application/json" },
		body: JSON.stringify({ tiers: task.order.map((id) => [id]), active_ms: 51 * 60_000 }) })).then((r) => r.status)`, chromedp.EvalAwaitPromise)
	if status != 201 {
		t.Fatalf("status %d", status)
	}
	due := `document.querySelector("#order .due")?.checkVisibility() === true`
	b.open("/campaigns/long/rank")
	task := b.waitForBoard(shownTask{})
	b.waitFor("the suggestion", due)
	b.see("51 minutes without a break.")
	b.click("#order .due [data-later]")
	b.waitFor("no suggestion", "!("+due+")")
	b.rank("a", "b", "c", "d")
	b.waitForBoard(task)
	if eval[bool](b, due) {
		t.Error("what was put off comes again with the next task")
	}
	eval[any](b, `sessionStorage.clear()`)
	b.do("reload", chromedp.Reload())
	b.waitForBoard(shownTask{})
	b.waitFor("the suggestion", due)
	b.click("#order .due [data-take]")
	b.resting(true)
	b.press(kb.Escape)
	b.resting(false)
	eval[any](b, `sessionStorage.clear()`)
	b.do("reload", chromedp.Reload())
	b.waitForBoard(shownTask{})
	b.waitFor("the suggestion", due)

	plain := newTab(t, s.server.url)
	plain.withoutScripts()
	var again struct{ Link string }
	s.json(t, &again, "user", "token", "long@example.org")
	plain.useLink(again.Link)
	plain.open("/campaigns/long/rank")
	plain.waitForBoard(shownTask{})
	plain.see("51 minutes without a break.")

	b.click("#order .due [data-never]")
	b.waitFor("no suggestion", "!("+due+")")
	eventually(t, "the choice is stored", func() bool {
		b.open("/account")
		return !eval[bool](b, `document.querySelector("#breaks input").checked`)
	})
	plain.open("/campaigns/long/rank")
	plain.waitForBoard(shownTask{})
	if shown := eval[string](plain, `document.body.innerText`); strings.Contains(shown, "without a break") {
		t.Error("a break is suggested to somebody who wants none")
	}
	plain.open("/account")
	plain.click("#breaks input")
	plain.click("#breaks button")
	plain.waitFor("the choice to be saved", `location.search === "?saved=breaks" && document.querySelector("#breaks input").checked`)
}

// knownSet are prompts of which the first has a right answer.
func knownSet(n int) string {
	return strings.Replace(promptSet(prompts(n)), `"id":"p1"`, `"id":"p1","metadata":{"known":{"ranks":[1,2,2,3],"explanation":"North is **up**."}}`, 1)
}

// The right answer is shown once it was answered, where the campaign says so, and before that nothing tells of it.
func TestKnownAnswer(t *testing.T) {
	t.Parallel()
	s := shared(t)
	s.run(t, "campaign", "create", "--name", "known", "--k", "4", "--overlap", "2", "--schema", "ranking-only")
	s.run(t, "import", "--campaign", "known", s.write(t, "known.jsonl", knownSet(3)))
	admin := s.signIn(t, s.person(t, "known-admin@example.org", "admin"))
	admin.open("/campaigns/known")
	admin.click(`[name="show_known"]`)
	admin.click(`form[action="/campaigns/known/pace"] button`)
	admin.waitFor("the answer", `location.search === "?done=pace" && document.querySelector('[name="show_known"]').checked`)

	b := s.signIn(t, s.person(t, "known@example.org", "annotator", "known"))
	b.open("/campaigns/known/rank")
	task := b.waitForBoard(shownTask{})
	if told := eval[bool](b, `document.documentElement.outerHTML.includes("North is")`); told {
		t.Error("the page of a task tells the right answer")
	}
	b.rank("a", "b", "c", "d")
	b.waitFor("the right answer", `location.pathname.startsWith("/history/judgments/") && document.querySelector(".known strong")?.textContent === "up"`)
	letters := map[string]string{}
	for letter, text := range task.Texts {
		letters[strings.Fields(text)[1]] = letter
	}
	tied := []string{letters["east"], letters["south"]}
	if tied[0] > tied[1] {
		tied[0], tied[1] = tied[1], tied[0]
	}
	b.see(fmt.Sprintf("%s › %s = %s › %s", letters["north"], tied[0], tied[1], letters["west"]))
	b.see("A › B › C › D")
	b.waitFor("the way on", `document.activeElement.matches("#next-task")`)
	b.press(kb.Enter)
	second := b.waitForBoard(task)
	b.rank("a", "b", "c", "d")
	b.waitForBoard(second) // without a right answer the next one comes at once

	plain := newTab(t, s.server.url)
	plain.withoutScripts()
	plain.useLink(s.person(t, "known-plain@example.org", "annotator", "known"))
	plain.open("/campaigns/known/rank")
	first := plain.waitForBoard(shownTask{})
	plain.click("#keep")
	plain.waitFor("the right answer", `document.querySelector(".known") !== null`)
	plain.click("#next-task")
	plain.waitForBoard(first)
}

// Without scripts a ranking that contradicts the scores is asked about once, and stored when it is meant so.
func TestContradictionWithoutScripts(t *testing.T) {
	t.Parallel()
	s := shared(t)
	s.campaign(t, "against", prompts(2), "--k", "4", "--schema", "staged")
	b := newTab(t, s.server.url)
	b.withoutScripts()
	b.useLink(s.person(t, "against@example.org", "annotator", "against"))
	b.open("/campaigns/against/rank")
	task := b.waitForBoard(shownTask{})
	for n := 1; n <= 4; n++ {
		b.waitFor("the step", fmt.Sprintf(`document.querySelector("#board").dataset.step === "%d" && document.readyState === "complete"`, n))
		score := 3
		if eval[bool](b, `document.querySelector("#card-A:not([hidden])") !== null`) {
			score = 6
		}
		b.click(fmt.Sprintf(`.card:not([hidden]) .score label:nth-of-type(%d)`, score))
		b.click("#step-next")
	}
	b.waitFor("the ranking", `document.querySelector("#board").dataset.step === "0" && document.readyState === "complete"`)
	rank := func(ranks map[string]int) {
		for letter, rank := range ranks {
			b.click(fmt.Sprintf("#card-%s .rank label:nth-of-type(%d)", letter, rank))
		}
		b.click("#submit")
	}
	rank(map[string]int{"A": 2, "B": 1, "C": 2, "D": 3})
	b.waitFor("the question", `document.querySelector('[name="against"]')?.value === "B › A"`)
	b.see("Your ranking contradicts your scores: B › A")
	if len(s.records(t, "against")) != 0 {
		t.Error("a ranking that contradicts the scores is stored unasked")
	}
	rank(map[string]int{"C": 1}) // another contradiction is asked about again
	b.waitFor("the question", `document.querySelector('[name="against"]')?.value.includes("C › A")`)
	b.click("#submit")
	b.waitForBoard(task)
	s.checkStored(t, "against", map[string][][]string{task.Prompt: task.texts([][]string{{"B", "C"}, {"A"}, {"D"}})})
}

func TestPaceAccessibility(t *testing.T) {
	t.Parallel()
	s := shared(t)
	s.run(t, "campaign", "create", "--name", "pace-axe", "--k", "4", "--schema", "ranking-only")
	s.run(t, "import", "--campaign", "pace-axe", s.write(t, "pace-axe.jsonl", knownSet(3)))
	s.setPace(t, "pace-axe", ranking.PaceSettings{BreakMinutes: 50, ShowKnown: true})
	b := s.signIn(t, s.person(t, "pace-axe@example.org", "annotator", "pace-axe"))
	b.open("/campaigns/pace-axe/rank")
	b.waitForBoard(shownTask{})
	eval[any](b, `document.querySelector("[name=started_at]").value = new Date(Date.now() - 60_000).toISOString()`)
	b.rank("a", "b", "=", "c", "d")
	b.waitFor("the right answer", `document.querySelector(".known") !== null`)
	known := eval[string](b, `location.pathname + location.search`)
	b.open("/campaigns/pace-axe/rank")
	lease := b.waitForBoard(shownTask{}).Lease
	b.checkViews([]view{
		{name: "the right answer", path: known},
		{name: "a break", path: "/campaigns/pace-axe/rank", prepare: func(b *tab) {
			b.waitForBoard(shownTask{})
			b.click("#break-button")
			b.resting(true)
		}},
		{name: "a break as a page", path: "/leases/" + lease + "/break"},
		{name: "a suggested break", path: "/campaigns/pace-axe/rank", prepare: func(b *tab) {
			b.waitForBoard(shownTask{})
			eval[any](b, `document.querySelector("#pace").dataset.breakMs = "1"`)
			b.waitFor("the suggestion", `document.querySelector("#order .due") !== null`)
		}},
		{name: "the account", path: "/account"},
	})
}
