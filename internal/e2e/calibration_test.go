package e2e

import (
	"strings"
	"testing"
)

// Two people judge the same tasks first, by keys and without scripts; an admin compares their answers and lets one go on.
// Every page on the way is checked for accessibility.
func TestCalibration(t *testing.T) {
	t.Parallel()
	s := shared(t)
	s.campaign(t, "calibrated", prompts(4), "--k", "4", "--overlap", "1", "--calibration", "2", "--calibration-approval")
	ann := s.signIn(t, s.person(t, "cal-ann@example.org", "annotator", "calibrated"))
	ann.see("2 calibration tasks come first")
	ann.open("/campaigns/calibrated/rank")
	ann.waitForBoard(shownTask{})
	ann.see("Calibration task 1 of 2: everybody on this campaign judges it.")
	ann.see("Question 1?")
	ann.checkViews([]view{{name: "a calibration task", path: "/campaigns/calibrated/rank", prepare: func(b *tab) { b.waitForBoard(shownTask{}) }}})
	ann.setLanguage("en")
	ann.open("/campaigns/calibrated/rank")
	first := ann.waitForBoard(shownTask{})
	ann.rank("b", "a", "=", "c", "d")
	second := ann.waitForBoard(first)
	ann.see("Calibration task 2 of 2")
	ann.rank("a", "b", "c", "d")
	ann.waitForText("You have done the calibration tasks; an admin lets you go on with the others")
	if second.Lease == first.Lease {
		t.Error("the second task came under the first one's lease")
	}

	ben := s.signIn(t, s.person(t, "cal-ben@example.org", "annotator", "calibrated"))
	ben.withoutScripts()
	ben.open("/campaigns/calibrated/rank")
	ben.waitForBoard(shownTask{})
	ben.see("Question 1?")

	admin := s.signIn(t, s.person(t, "cal-admin@example.org", "admin"))
	ann.checkViews([]view{
		{name: "home behind the calibration batch", path: "/"},
		{name: "waiting behind the calibration batch", path: "/campaigns/calibrated/rank"},
	})
	open := func(b *tab) {
		b.click(".calibration-item > summary")
		b.waitForElement(".calibration-item[open]")
	}
	admin.checkViews([]view{
		{name: "a campaign with a calibration batch", path: "/campaigns/calibrated"},
		{name: "the calibration batch", path: "/campaigns/calibrated/calibration", prepare: open},
		{name: "a refused calibration batch", path: "/campaigns/calibrated/calibration", status: "422 (Unprocessable", prepare: func(b *tab) {
			b.fill("#field-first", "0")
			b.fill("#field-prompts", "p1\nnowhere\n")
			b.click(`form[action$="/calibration"] button`)
			b.waitForElement("#error-prompts")
		}},
	})
	admin.setLanguage("en")
	admin.open("/campaigns/calibrated/calibration")
	open(admin)
	admin.see("People: 1 of 2 are through")
	admin.see("waits for you")
	if answer := eval[string](admin, `document.querySelector(".calibration-item .expression").innerText`); strings.Count(answer, "=") != 1 || strings.Count(answer, "›") != 2 {
		t.Errorf("the tie of one of four is shown as %q", answer)
	}
	admin.click(`button[aria-label="Let go on: cal-ann"]`)
	admin.waitForText("They can go on.")
	ann.setLanguage("en")
	ann.open("/campaigns/calibrated/rank")
	ann.waitForBoard(second)
	ann.see("Question 3?")
}
