package e2e

import (
	"testing"

	"github.com/chromedp/chromedp"
)

// A researcher reads replies of the base model as they are written, scored at the end; stops one; and gets the same
// replies without scripts.
func TestPlayground(t *testing.T) {
	t.Parallel()
	s := shared(t)
	s.learnable(t, "played", 6)
	s.run(t, "train", "reward", "--name", "played", "--snapshot", "played", "--set", "epochs=1", "--set", "zero_samples=16")
	link := s.person(t, "playground@example.org", "researcher")
	b := s.signIn(t, link)
	ask := func(b *tab) {
		b.do("choose the reward model", chromedp.SetValue(chromedp.CSS("#field-reward"), "played"))
		b.fill("#field-prompt", "What is an umbrella used for?")
		b.replace("#field-k", "3")
		b.replace("#field-max_new", "60")
	}
	const replies = `[...document.querySelectorAll(".playground-replies .prose")].map((e) => e.textContent.trim()).join("|")`
	const finished = `[...document.querySelectorAll(".playground-replies > li")].filter((e) => /score|得分/.test(e.lastElementChild.textContent)).length === 3`

	b.open("/")
	b.click(`nav a[href="/playground"]`)
	b.waitForPage("/playground")
	ask(b)
	b.do("watch the replies grow", chromedp.Evaluate[chromedp.Void](`window.lengths = new Set(); new MutationObserver(() => {
		for (const e of document.querySelectorAll(".streaming")) window.lengths.add(e.textContent.length);
	}).observe(document.querySelector("#replies"), { childList: true, subtree: true, characterData: true })`))
	b.click("#playground button.primary")
	b.waitFor("the finished replies", finished)
	if steps := eval[int](b, `window.lengths.size`); steps < 2 {
		t.Errorf("the replies grew in %d steps", steps)
	}
	b.see("Done.")
	b.see("token")
	streamed := eval[string](b, replies)

	b.replace("#field-k", "8")
	b.replace("#field-max_new", "1000")
	b.replace("#field-temperature", "5") // no reply ends by itself
	b.click("#playground button.primary")
	b.waitFor("text", `document.querySelector(".streaming")?.textContent.length > 0`)
	b.click("#playground-stop")
	b.waitFor("the end", `document.querySelector("#playground-status").textContent === "Stopped."`)

	b.replace("#field-k", "9")
	b.do("let the server check", chromedp.Evaluate[chromedp.Void](`document.querySelector("#playground").noValidate = true`))
	b.expect("422 (Unprocessable")
	b.click("#playground button.primary")
	b.waitFor("the error beside its field", `document.querySelector("#field-k")?.getAttribute("aria-invalid") === "true"`)
	b.see("A whole number from 1 to 8")

	bare := newTab(t, s.server.url)
	bare.withoutScripts()
	bare.useLink(s.person(t, "playground-plain@example.org", "researcher"))
	bare.open("/playground?checkpoint=base")
	ask(bare)
	bare.click("#playground button.primary")
	bare.waitFor("the finished replies", finished)
	if plain := eval[string](bare, replies); plain != streamed {
		t.Errorf("without scripts the replies are\n%s\nwith scripts\n%s", plain, streamed)
	}

	b.checkViews([]view{
		{name: "the playground", path: "/playground"},
		{name: "finished replies", path: "/playground", prepare: func(b *tab) {
			ask(b)
			b.click("#playground button.primary")
			b.waitFor("the finished replies", finished)
		}},
		{name: "a refused form", path: "/playground", status: "422 (Unprocessable", prepare: func(b *tab) {
			b.do("let the server check", chromedp.Evaluate[chromedp.Void](`document.querySelector("#playground").noValidate = true`))
			b.click("#playground button.primary")
			b.waitFor("the error", `document.querySelector("#error-prompt") !== null`)
		}},
	})
}
