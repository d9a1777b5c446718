package e2e

import (
	"testing"

	"github.com/chromedp/chromedp"
)

// A researcher starts a run on simulated judgments in the browser and watches its curve; stops it, and resumes it.
func TestResearcherRun(t *testing.T) {
	t.Parallel()
	s := shared(t)
	s.learnable(t, "curves", 8)
	b := s.signIn(t, s.person(t, "researcher@example.org", "researcher"))
	b.open("/runs")
	b.click(`a[href^="/new/run"]`)
	b.waitForPage("/new/run")
	b.fill("#field-name", "watched")
	b.do("choose the snapshot", chromedp.SetValue(chromedp.CSS("#field-snapshot"), "curves"))
	b.fill(`[name="set.epochs"]`, "oops")
	b.expect("422 (Unprocessable")
	b.click(`form[action="/runs"] button.primary`)
	b.waitFor("the error beside its field", `document.querySelector('[name="set.epochs"]')?.getAttribute("aria-invalid") === "true"`)
	b.replace(`[name="set.epochs"]`, "10000")
	b.click(`form[action="/runs"] button.primary`)
	b.waitForPage("/runs/watched")

	// drawn is the curve of the loss as it is on the screen.
	drawn := func() string {
		return eval[string](b, `document.querySelector("figure.chart:not([hidden]) canvas")?.toDataURL() ?? ""`)
	}
	moves := func(what string) {
		t.Helper()
		var before string
		points := b.pointsReceived()
		eventually(t, what+": a curve", func() bool { before = drawn(); return before != "" })
		eventually(t, what+": a curve that moves", func() bool { return drawn() != before && b.pointsReceived() > points+1 })
	}
	moves("the run")

	state := func(want string) {
		t.Helper()
		b.waitFor("the state "+want, `document.querySelector("#run-state .badge")?.textContent.trim() === `+want)
	}
	b.click(`form[action="/runs/watched/stop"] button`)
	state(`"stopped"`)
	kept := s.runStatus(t, "watched")
	if kept.State != "stopped" || kept.Step == 0 {
		t.Errorf("the stopped run is %+v", kept)
	}
	b.click(`form[action="/runs/watched/resume"] button`)
	b.waitFor("the resumed run", `document.querySelector('form[action="/runs/watched/stop"]') !== null`)
	moves("the resumed run")
	b.click(`form[action="/runs/watched/stop"] button`)
	state(`"stopped"`)
	if now := s.runStatus(t, "watched"); now.Step <= kept.Step {
		t.Errorf("resumed at step %d, the run is at step %d", kept.Step, now.Step)
	}
}
