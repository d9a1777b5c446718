package e2e

import (
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"rankloop/internal/app"
)

// acknowledge says that the guidelines before the first task have been read.
func (b *tab) acknowledge(campaign string) {
	b.t.Helper()
	b.waitForPage("/campaigns/" + campaign + "/guidelines")
	b.click(".acknowledge button")
}

// rewrite makes a new version of a campaign's guidelines.
func (p *program) rewrite(t *testing.T, campaign, text string) {
	t.Helper()
	p.services(t, func(services *app.Services) error {
		c, err := services.Store.CampaignByName(t.Context(), campaign)
		if err == nil {
			_, err = services.Store.AddGuidelines(t.Context(), c.ID, text)
		}
		return err
	})
}

// Guidelines come before the first task, and a new version before the next one, never in the middle of one: by keys
// alone, on a phone, and without scripts. The judgment names what was read.
func TestGuidelinesAreRead(t *testing.T) {
	t.Parallel()
	s := shared(t)
	s.campaign(t, "rules", prompts(6), "--k", "4", "--overlap", "2", "--guidelines", s.write(t, "rules.md", "# Rules\n\nPrefer the **truthful** response.\n\nTies are rare.\n"))
	link := s.person(t, "rules@example.org", "annotator", "rules")
	b := s.signIn(t, link)
	b.click(`a[href="/campaigns/rules/rank"]`)
	b.waitForPage("/campaigns/rules/guidelines")
	b.see("Please read the guidelines before your first task.")
	b.tabTo(".acknowledge button")
	b.press(kb.Enter)
	first := b.waitForBoard(shownTask{})

	// The task that is open is finished under the version it began with.
	admin := s.signIn(t, s.person(t, "rules-admin@example.org", "admin"))
	admin.open("/campaigns/rules")
	admin.see("guidelines read: version 1")
	admin.replace("#field-text", "# Rules\n\nPrefer the **helpful** response.\n\nTies are rare.\n")
	admin.click(`form[action="/campaigns/rules/guidelines"] button`)
	admin.waitFor("the new version", `document.body.innerText.includes("version 2")`)
	b.do("reload", chromedp.Reload())
	b.waitForBoard(shownTask{})
	b.rank("a", "b", "c", "d")
	b.waitForPage("/campaigns/rules/guidelines")
	b.see("changed since you read version 1")
	if del, ins := eval[string](b, `document.querySelector(".change del").textContent`), eval[string](b, `document.querySelector(".change ins").textContent`); del != "truthful" || ins != "helpful" {
		t.Errorf("marked %q and %q", del, ins)
	}
	b.open("/campaigns/rules/rank") // there is no way round it
	b.waitForPage("/campaigns/rules/guidelines")
	b.do("a phone", chromedp.EmulateViewport(360, 740, chromedp.EmulateMobile, chromedp.EmulateTouch))
	if wide := eval[int](b, `document.documentElement.scrollWidth`); wide > 360 {
		t.Errorf("the guidelines are %d pixels wide on a screen of 360", wide)
	}
	b.tap(".acknowledge button")
	second := b.waitForBoard(first)
	b.do("a desk", chromedp.EmulateViewport(1280, 900))
	b.rank("a", "b", "c", "d")
	b.waitForBoard(second)

	plain := newTab(t, s.server.url)
	plain.withoutScripts()
	plain.useLink(s.person(t, "rules-plain@example.org", "annotator", "rules"))
	plain.open("/campaigns/rules/rank")
	plain.acknowledge("rules")
	plain.waitForBoard(shownTask{})

	versions := map[string]int{}
	for _, r := range s.records(t, "rules") {
		versions[r.Messages[0].Content] = r.GuidelineVersion
	}
	if versions[first.Prompt] != 1 || versions[second.Prompt] != 2 || len(versions) != 2 {
		t.Errorf("the judgments name the versions %v", versions)
	}
}

// tabTo moves the focus with the Tab key until it is on the element.
func (b *tab) tabTo(css string) {
	b.t.Helper()
	for range 60 {
		if eval[bool](b, `document.activeElement.matches("`+css+`")`) {
			return
		}
		b.press(kb.Tab)
	}
	b.t.Fatalf("the Tab key does not lead to %s", css)
}
