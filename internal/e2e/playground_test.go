package e2e

import (
	"testing"

	"github.com/chromedp/chromedp"
)

// A researcher reads replies of the base model in the browser, on a desk and on a phone, in both themes.
func TestPlayground(t *testing.T) {
	t.Parallel()
	s := shared(t)
	b := s.signIn(t, s.person(t, "playground@example.org", "researcher"))
	for _, theme := range []string{"light", "dark"} {
		for _, width := range []int64{1440, 360} {
			b.do("size", chromedp.EmulateViewport(width, 1000))
			b.open("/playground")
			b.setTheme(theme)
			b.fill("#field-prompt", "What is an umbrella used for?")
			b.click("#playground button.primary")
			b.waitFor("replies", `document.querySelectorAll(".playground-replies .prose").length === 4`)
		}
	}
}
