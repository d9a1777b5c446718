package e2e

import (
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// onPhone makes the tab a phone, as narrow as any that the pages are made for.
func (b *tab) onPhone() {
	b.t.Helper()
	b.do("a phone", chromedp.EmulateViewport(360, 740, chromedp.EmulateMobile, chromedp.EmulateTouch))
}

// barLines fails the test unless the bar takes at most so many lines, and the page is no wider than the phone.
func (b *tab) barLines(page string, lines int) {
	b.t.Helper()
	const line = 40 // pixels, with what is between two
	high, wide := eval[int](b, `document.querySelector(".bar").offsetHeight`), eval[int](b, `document.documentElement.scrollWidth`)
	if high > 20+lines*line || wide > 360 {
		b.t.Errorf("%s: a bar of %d pixels where %d lines are meant, on a page %d pixels wide", page, high, lines, wide)
	}
}

// open reports whether a popover is.
func (b *tab) popoverOpen(css string) bool {
	b.t.Helper()
	return eval[bool](b, `document.querySelector("`+css+`").matches(":popover-open")`)
}

// On a phone the bar is a calm line, in both languages; what it folds away opens by touch, by keys, and without scripts.
func TestBarOnPhone(t *testing.T) {
	t.Parallel()
	s := shared(t)
	s.campaign(t, "bar", prompts(3), "--k", "4", "--overlap", "3", "--guidelines", s.write(t, "bar.md", "Prefer **north**."))
	b := s.signIn(t, s.person(t, "bar@example.org", "annotator", "bar"))
	b.onPhone()
	b.open("/campaigns/bar/rank")
	b.acknowledge("bar")
	first := b.waitForBoard(shownTask{})
	b.rank("a", "b", "c", "d")
	b.waitForBoard(first)

	admin := s.signIn(t, s.person(t, "bar-admin@example.org", "admin"))
	admin.onPhone()
	for _, locale := range locales {
		b.setLanguage(locale)
		for _, path := range []string{"/", "/history", "/campaigns/bar/rank"} {
			b.open(path)
			b.barLines(path+" in "+locale, 1)
		}
		b.open("/campaigns/bar/guidelines")
		b.barLines("guidelines in "+locale, 2)
		admin.setLanguage(locale)
		for path, lines := range map[string]int{"/": 1, "/campaigns/bar": 1, "/campaigns/bar/try": 1, "/campaigns/bar/questions": 2, "/playground": 1} {
			admin.open(path)
			admin.barLines(path+" in "+locale, lines)
		}
		admin.open("/")
		admin.tap(".nav-button")
		admin.waitFor("the pages", `document.querySelector("#navigation").matches(":popover-open")`)
		for _, theme := range []string{"light", "dark"} {
			admin.setTheme(theme)
			admin.checkAxe("the pages on a phone in "+locale+", "+theme, "")
		}
	}
	admin.tap(`#navigation a[href="/people"]`)
	admin.waitForPage("/people")
	admin.tabTo(".nav-button")
	admin.press(kb.Enter)
	admin.tabTo(`#navigation a[href='/runs']`)
	admin.press(kb.Escape)
	if admin.popoverOpen("#navigation") || !eval[bool](admin, `document.activeElement.matches(".nav-button")`) {
		t.Error("Escape does not lead back to the button")
	}
	admin.press(kb.Enter)
	admin.tabTo(`#navigation a[href='/runs']`)
	admin.press(kb.Enter)
	admin.waitForPage("/runs")

	// The board's menu leads back to the last answer, and home.
	b.open("/campaigns/bar/rank")
	b.waitForBoard(shownTask{})
	b.tap("#more-button")
	b.waitFor("the menu", `document.querySelector("#board-menu").matches(":popover-open")`)
	b.checkAxe("the menu of the board", "")
	b.tap("#last-button")
	b.waitFor("the last answer", `location.pathname.endsWith("/edit") && document.readyState === "complete"`)
	b.barLines("a change", 1)

	plain := newTab(t, s.server.url)
	plain.withoutScripts()
	plain.useLink(s.person(t, "bar-plain@example.org", "admin", "bar"))
	plain.onPhone()
	plain.open("/")
	plain.tap(".nav-button")
	plain.tap(`#navigation a[href="/datasets"]`)
	plain.waitForPage("/datasets")
	plain.open("/campaigns/bar/rank")
	plain.acknowledge("bar")
	plain.waitForBoard(shownTask{})
	plain.barLines("the board without scripts", 1)
	plain.tap("#more-button")
	plain.tap("#board-menu .bar-home")
	plain.waitForPage("/")
}

// Where there is room everything stands in the bar.
func TestBarOnDesk(t *testing.T) {
	t.Parallel()
	s := shared(t)
	b := s.signIn(t, s.person(t, "bar-desk@example.org", "admin"))
	b.open("/")
	if eval[bool](b, `document.querySelector(".nav-button").checkVisibility()`) {
		t.Error("a button folds away what there is room for")
	}
	b.click(`#navigation a[href="/checkpoints"]`)
	b.waitForPage("/checkpoints")
}

// Who touches the screen has two responses beside each other, too, with what differs marked.
func TestCompareByTouch(t *testing.T) {
	t.Parallel()
	s := shared(t)
	set := prompts(1)
	set[0].Responses = set[0].Responses[:2]
	s.campaign(t, "touch", set, "--k", "2")
	s.campaign(t, "touch-duel", set, "--kind", "comparison")
	b := s.signIn(t, s.person(t, "touch@example.org", "annotator", "touch", "touch-duel"))
	b.onPhone()
	for _, campaign := range []string{"touch", "touch-duel"} {
		b.open("/campaigns/" + campaign + "/rank")
		b.waitForBoard(shownTask{})
		b.tap("#compare-button")
		b.waitFor("the comparison", `document.querySelector("#compare").matches(":popover-open")`)
		marked := eval[string](b, `[...document.querySelectorAll("#compare :is(del, ins)")].map((e) => e.textContent).sort().join()`)
		if marked != "east,north" {
			t.Errorf("%s: marked %q", campaign, marked)
		}
		b.tap(`#compare [popovertargetaction="hide"]`)
		b.waitFor("the task", `!document.querySelector("#compare").matches(":popover-open")`)
	}
}
