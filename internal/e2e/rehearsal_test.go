package e2e

import (
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

const umbrella = `{"id":"u","prompt":"What is an umbrella used for?"}`

// An admin holds a conversation as its annotators do, with the model, back and forth, by keys; and nothing of it is stored.
func TestRehearsal(t *testing.T) {
	t.Parallel()
	s := shared(t)
	s.talking(t, "try-talk", umbrella, `{"id":"d","prompt":"Describe a dog in two sentences."}`)
	s.probing(t, "try-probe", personRule, "--conversations", "1")
	b := s.signIn(t, s.person(t, "rehearsing@example.org", "admin"))
	b.open("/campaigns/try-talk")
	b.click(`a[href="/campaigns/try-talk/try"]`)
	b.suggested(3)
	b.see("Nothing is stored")
	b.press("b")
	b.click("#submit")
	b.waitForStep(4)
	b.do("reload", chromedp.Reload())
	b.waitForStep(4) // it goes on where it was
	b.tabTo("#written")
	b.press("And in the sun?")
	b.sendText()
	b.suggested(5)
	b.click("#back")
	b.waitForStep(4)
	if said := eval[string](b, `document.querySelector("#written").value`); said != "And in the sun?" {
		t.Errorf("what was taken back comes as %q", said)
	}
	b.click("#submit")
	b.suggested(5)
	b.press(kb.Escape, "a")
	b.click("#submit")
	b.waitForStep(6)
	b.press(kb.Escape)
	b.click("#end")
	b.suggested(3)
	b.see("That would have been an answer.")
	b.see("Describe a dog in two sentences.") // the next task

	b.open("/campaigns/try-probe/try")
	b.waitForProbe(2)
	b.tabTo("#written")
	b.press("What is your name?")
	b.sendText()
	b.waitForProbe(4)
	b.press(kb.Escape, "e")
	b.waitFor("the verdict", `document.querySelector("[name=verdict]:checked")?.value === "unsure"`)
	b.press("r", "And where were you born?")
	b.sendText()
	b.waitForProbe(6)
	if verdict := eval[string](b, `document.querySelector("[name=verdict]:checked")?.value ?? ""`); verdict != "unsure" {
		t.Errorf("after the next message the verdict is %q", verdict)
	}
	b.press(kb.Escape, "n", "f")
	b.waitForProbe(2)
	b.see("That would have been an answer.")
	if kept := eval[int](b, `Object.keys(localStorage).filter((key) => /draft|outbox/.test(key)).length`); kept != 0 {
		t.Errorf("the browser keeps %d answers", kept)
	}

	plain := newTab(t, s.server.url)
	plain.withoutScripts()
	plain.useLink(s.person(t, "rehearsing-plain@example.org", "admin"))
	plain.open("/campaigns/try-talk/try")
	plain.click("#suggestions-ask button")
	plain.suggested(3)
	plain.click("#card-A .take")
	plain.waitFor("the suggestion as the reply", `document.readyState === "complete" && document.querySelector("#written")?.value !== ""`)
	plain.click("#submit")
	plain.waitForStep(4)
	plain.click("#end")
	plain.waitForText("That would have been an answer.")

	for _, campaign := range []string{"try-talk", "try-probe"} {
		var stats struct {
			Judgments int
			Tasks     struct{ Open, Leased int }
		}
		s.json(t, &stats, "stats", "--campaign", campaign)
		if stats.Judgments != 0 || stats.Tasks.Leased != 0 || stats.Tasks.Open == 0 {
			t.Errorf("%s: %+v after somebody only looked", campaign, stats)
		}
	}
	if turns := s.turnsOf(t, "try-talk", "u"); len(turns) != 0 {
		t.Errorf("%d turns are stored", len(turns))
	}
}

func TestRehearsalAccessibility(t *testing.T) {
	t.Parallel()
	s := shared(t)
	s.talking(t, "axe-talk-try", umbrella)
	s.probing(t, "axe-probe-try", personRule, "--conversations", "1")
	b := s.signIn(t, s.person(t, "rehearsing-axe@example.org", "admin"))
	b.checkViews([]view{
		{name: "a conversation as annotators see it", path: "/campaigns/axe-talk-try/try", prepare: func(b *tab) { b.suggested(3) }},
		{name: "probing a rule as annotators see it", path: "/campaigns/axe-probe-try/try", prepare: func(b *tab) { b.waitForProbe(2) }},
	})
}
