package e2e

import (
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// checkWritten fails the test unless this reply is stored for the task.
func (s *site) checkWritten(t *testing.T, campaign string, task shownTask, want string) {
	t.Helper()
	for _, r := range s.records(t, campaign) {
		if r.Messages[0].Content == task.Prompt {
			if len(r.Responses) != 1 || r.Responses[0].Text != want || !r.Responses[0].Written || len(r.OrderShown) != 0 {
				t.Errorf("%s is stored as %+v, want %q", task.Prompt, r, want)
			}
			return
		}
	}
	t.Fatalf("no judgment of %q is stored", task.Prompt)
}

// The ideal reply is written, by keys, by mouse, by fingers and without scripts, and goes to `train sft` as it is exported.
func TestDemonstration(t *testing.T) {
	t.Parallel()
	s := shared(t)
	set := prompts(4)
	set[1].Responses, set[2].Responses = nil, set[2].Responses[:1] // a demonstration shows none, and waits for none
	s.run(t, "campaign", "create", "--name", "write", "--kind", "demonstration", "--generate-from", "none")
	s.run(t, "import", "--campaign", "write", s.write(t, "write.jsonl", promptSet(set)))
	link := s.person(t, "write@example.org", "annotator", "write")
	b := s.signIn(t, link)
	b.click(`a[href="/campaigns/write/rank"]`)
	task := b.waitForBoard(shownTask{})
	b.press(kb.Escape, "e", "First **reply**.")
	b.waitFor("its length and preview", `document.querySelector("#written-length").textContent.includes("words") &&
		document.querySelector("[data-preview] strong")?.textContent === "reply"`)
	b.saved()
	b.do("reload", chromedp.Reload())
	b.waitForBoard(shownTask{})
	written := eval[string](b, `document.querySelector("#written").value`)
	if !strings.HasSuffix(written, "First **reply**.") {
		t.Fatalf("after a reload: %q", written)
	}
	b.do("send", chromedp.KeyEvent(kb.Enter, chromedp.KeyModifiers(2))) // Ctrl
	before := task
	task = b.waitForBoard(task)
	s.checkWritten(t, "write", before, written)

	b.click("#written")
	b.press("By mouse.")
	b.click("#submit")
	before = task
	b.waitForBoard(task)
	s.checkWritten(t, "write", before, "By mouse.")

	b.do("a phone", chromedp.EmulateViewport(360, 740, chromedp.EmulateMobile, chromedp.EmulateTouch), chromedp.Reload())
	task = b.waitForBoard(shownTask{})
	b.tap("#written")
	b.press("By touch.")
	if wide := eval[int](b, `document.documentElement.scrollWidth`); wide > 360 {
		t.Errorf("the page is %d pixels wide on a screen of 360", wide)
	}
	b.tap("#submit")
	before = task
	b.waitForBoard(task)
	s.checkWritten(t, "write", before, "By touch.")

	plain := newTab(t, s.server.url)
	plain.withoutScripts()
	plain.useLink(s.person(t, "write-plain@example.org", "annotator", "write"))
	b.tap("#more-button")
	b.tap("#break-button")
	b.click(`#rest form[action$="/release"] button`) // the last task is free again
	b.waitForPage("/")
	plain.open("/campaigns/write/rank")
	task = plain.waitForBoard(shownTask{})
	plain.expect("422 (Unprocessable Entity)")
	plain.click("#submit")
	plain.waitFor("the refusal", `document.querySelector('[role="alert"]')?.textContent.includes("Write the reply first")`)
	plain.fill("#written", "Without *scripts*.")
	plain.click("#preview")
	plain.waitFor("the preview", `document.querySelector("[data-preview] em")?.textContent === "scripts"`)
	plain.click("#submit")
	plain.waitFor("the end", `document.body.innerText.includes("Nothing left to rank")`)
	s.checkWritten(t, "write", task, "Without *scripts*.")

	out := s.run(t, "export", "--campaign", "write", "--format", "sft", "--out", "-")
	if n := strings.Count(out, "\n"); n != 4 {
		t.Fatalf("%d lines for %d demonstrations:\n%s", n, 4, out)
	}
	var run struct{ State string }
	s.json(t, &run, "train", "sft", "--name", "write-sft", "--data", s.write(t, "write-sft.jsonl", out), "--set", "epochs=1")
	if run.State != "succeeded" {
		t.Errorf("the run ended as %+v", run)
	}
}

func TestDemonstrationAccessibility(t *testing.T) {
	t.Parallel()
	s := shared(t)
	s.campaign(t, "write-axe", prompts(1), "--kind", "demonstration")
	b := s.signIn(t, s.person(t, "write-axe@example.org", "annotator", "write-axe"))
	state := func(keys ...string) func(*tab) {
		return func(b *tab) {
			b.waitForBoard(shownTask{})
			b.press(keys...)
		}
	}
	b.checkViews([]view{
		{name: "a demonstration", path: "/campaigns/write-axe/rank", prepare: state()},
		{name: "a written demonstration", path: "/campaigns/write-axe/rank", prepare: state("# A heading")},
		{name: "the help of a demonstration", path: "/campaigns/write-axe/rank", prepare: state(kb.Escape, "?")},
	})
}
