package e2e

import (
	"testing"

	"github.com/chromedp/chromedp/kb"
)

// startButton is what the main button of a campaign at home says.
func (b *tab) startButton(campaign string) string {
	b.t.Helper()
	b.open("/")
	return eval[string](b, `document.querySelector('a.primary[href="/campaigns/`+campaign+`/rank"]')?.innerText ?? ""`)
}

// The button at home says what it leads to: what has to be read, the quiz, the kind of task, and what was begun.
func TestHomeSaysWhatComes(t *testing.T) {
	t.Parallel()
	s := shared(t)
	s.screened(t, "comes", "--guidelines", s.write(t, "comes.md", "Ties are fine."))
	kinds := map[string]string{"comparison": "Start comparing", "demonstration": "Start writing", "dialogue": "Start talking", "probe": "Start probing"}
	names := []string{"comes"}
	s.probing(t, "comes-probe", personRule, "--conversations", "1")
	for kind := range kinds {
		if kind != "probe" {
			s.campaign(t, "comes-"+kind, prompts(2), "--kind", kind)
		}
		names = append(names, "comes-"+kind)
	}
	b := s.signIn(t, s.person(t, "comes@example.org", "annotator", names...))
	says := func(want string) {
		t.Helper()
		if got := b.startButton("comes"); got != want {
			t.Errorf("the button says %q, want %q", got, want)
		}
	}
	for kind, want := range kinds {
		if got := b.startButton("comes-" + kind); got != want {
			t.Errorf("%s: the button says %q, want %q", kind, got, want)
		}
	}
	says("Read the guidelines")
	b.click(`a.primary[href="/campaigns/comes/rank"]`)
	b.acknowledge("comes")
	b.waitForPage("/campaigns/comes/quiz")
	says("Take the quiz")
	b.open("/campaigns/comes/guidelines")
	if got := eval[string](b, `document.querySelector("main a.primary").innerText`); got != "Take the quiz" {
		t.Errorf("the guidelines lead on with %q", got)
	}
	b.open("/campaigns/comes/quiz")
	b.answerQuiz(false)
	b.waitForPage("/campaigns/comes/quiz/attempts/1")
	says("Try the quiz again")
	b.open("/campaigns/comes/quiz")
	b.answerQuiz(true)
	b.waitForPage("/campaigns/comes/quiz/attempts/2")
	says("Start ranking")
	b.click(`a.primary[href="/campaigns/comes/rank"]`)
	first := b.waitForBoard(shownTask{})
	says("Go on ranking")
	b.open("/campaigns/comes/rank")
	b.waitForBoard(shownTask{})
	b.press("a", "b", "c", "d", kb.Enter)
	b.waitForBoard(first)
	says("Go on ranking")

	failing := s.signIn(t, s.person(t, "comes-failing@example.org", "annotator", "comes"))
	failing.open("/campaigns/comes/rank")
	failing.acknowledge("comes")
	for _, attempt := range []string{"1", "2"} {
		failing.waitForPage("/campaigns/comes/quiz")
		failing.answerQuiz(false)
		failing.waitForPage("/campaigns/comes/quiz/attempts/" + attempt)
		failing.open("/campaigns/comes/rank")
	}
	if got := failing.startButton("comes"); got != "" {
		t.Errorf("without an attempt left the button says %q", got)
	}
	failing.see("You have used all your attempts.")
}

// A new admin is shown the first steps, each done when it is done.
func TestFirstSteps(t *testing.T) {
	t.Parallel()
	p := newProgram(t)
	s := &site{p, p.serve(t)}
	b := s.signIn(t, s.person(t, "setting-up@example.org", "admin"))
	b.see("0 of 5 done")
	b.click(`.steps a[href="/new/campaign"]`)
	b.waitForPage("/new/campaign")
	b.fill("#field-name", "beginning")
	b.click("main form button.primary")
	b.waitForPage("/campaigns/beginning")
	b.open("/")
	b.see("1 of 5 done")
	b.click(`.steps a[href="/campaigns/beginning/upload"]`)
	b.waitForPage("/campaigns/beginning/upload")
	s.run(t, "import", "--campaign", "beginning", s.write(t, "beginning.jsonl", promptSet(prompts(2))))
	b.open("/")
	b.see("3 of 5 done") // the responses came along
	s.person(t, "annotating@example.org", "annotator", "beginning")
	b.open("/")
	b.see("4 of 5 done")
	if !eval[bool](b, `document.querySelector(".first-steps") !== null`) {
		t.Error("the steps are gone before they are done")
	}
	annotator := s.signIn(t, s.person(t, "no-steps@example.org", "annotator"))
	if eval[bool](annotator, `document.querySelector(".first-steps") !== null`) {
		t.Error("an annotator is shown what admins do")
	}
}
