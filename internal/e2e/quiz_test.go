package e2e

import (
	"fmt"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// quizFile asks a question of one right answer, one of two, and a ranking; all must be right.
const quizFile = `{"pass_mark":1,"attempts":2,"items":[
{"text":"May two responses **share** a rank?","options":[{"text":"Yes, as a tie","right":true},{"text":"No"}],"fixed_order":true,"explanation":"Ties are *encouraged* where two seem of similar quality."},
{"text":"What makes a response better?","options":[{"text":"It is true","right":true},{"text":"It is long"},{"text":"It helps","right":true}],"fixed_order":true,"explanation":"Length is no merit."},
{"text":"> Name a colour.","responses":[{"text":"Red.","rank":1},{"text":"I cannot help with that.","rank":2}],"explanation":"The second does not answer."}]}`

// screened makes a campaign with the quiz.
func (s *site) screened(t *testing.T, name string, flags ...string) {
	t.Helper()
	s.campaign(t, name, prompts(4), append([]string{"--k", "4", "--overlap", "9", "--quiz", s.write(t, name+"-quiz.json", quizFile)}, flags...)...)
}

// answerQuiz fills the form in with the mouse, right or with one item wrong, and submits it.
func (b *tab) answerQuiz(right bool) {
	b.t.Helper()
	first := `input[name="choice_0"][value="0"]`
	if !right {
		first = `input[name="choice_0"][value="1"]`
	}
	b.click(first)
	b.click(`input[name="choice_1"][value="0"]`)
	b.click(`input[name="choice_1"][value="2"]`)
	b.choices(map[string]string{"rank_2_0": "1", "rank_2_1": "2"})
	b.click(`main form button.primary`)
}

// choices chooses from lists.
func (b *tab) choices(values map[string]string) {
	b.t.Helper()
	for name, value := range values {
		eval[string](b, `document.querySelector('select[name="`+name+`"]').value = "`+value+`"`)
	}
}

// waitForText waits until the page shows the text.
func (b *tab) waitForText(text string) {
	b.t.Helper()
	b.waitFor("the text "+text, fmt.Sprintf(`document.readyState === "complete" && document.body.innerText.includes(%q)`, text))
}

// waitForElement waits until a whole page has the element.
func (b *tab) waitForElement(css string) {
	b.t.Helper()
	b.waitFor("the element "+css, fmt.Sprintf(`document.readyState === "complete" && document.querySelector(%q) !== null`, css))
}

// The quiz comes before the first task: by keys alone, on a phone, and without scripts. It is failed, tried again and
// passed; attempts run out, and an admin lets somebody start over.
func TestQuizIsPassed(t *testing.T) {
	t.Parallel()
	s := shared(t)
	s.screened(t, "screen", "--guidelines", s.write(t, "screen.md", "Ties are fine."))
	b := s.signIn(t, s.person(t, "screen@example.org", "annotator", "screen"))
	b.click(`a[href="/campaigns/screen/rank"]`)
	b.acknowledge("screen") // the guidelines come first
	b.waitForPage("/campaigns/screen/quiz")
	b.see("Before your first task, please answer these 3 items.")
	b.tabTo(`input[name='choice_0']`)
	b.press(kb.ArrowDown) // the wrong one
	b.press(kb.Tab, " ", kb.Tab, kb.Tab, " ")
	b.tabTo(`select[name^='rank_2_']`)
	b.press("1", kb.Tab, "1")
	b.press(kb.Tab, kb.Enter)
	b.waitForPage("/campaigns/screen/quiz/attempts/1")
	b.see("1 of 3 right; 3 are needed.")
	b.see("Ties are encouraged where two seem of similar quality.")
	b.open("/campaigns/screen/rank") // there is no way round it
	b.waitForPage("/campaigns/screen/quiz")
	b.see("You have 1 attempt left.")
	b.answerQuiz(true)
	b.waitForPage("/campaigns/screen/quiz/attempts/2")
	b.see("You have passed the quiz of this campaign.")
	b.tabTo(`a.primary`)
	b.press(kb.Enter)
	b.waitForBoard(shownTask{})

	plain := newTab(t, s.server.url)
	plain.withoutScripts()
	plain.do("a phone", chromedp.EmulateViewport(360, 740, chromedp.EmulateMobile, chromedp.EmulateTouch))
	plain.useLink(s.person(t, "screen-plain@example.org", "annotator", "screen"))
	plain.open("/campaigns/screen/rank")
	plain.acknowledge("screen")
	for _, attempt := range []string{"1", "2"} {
		plain.waitForPage("/campaigns/screen/quiz")
		plain.answerQuiz(false)
		plain.waitForPage("/campaigns/screen/quiz/attempts/" + attempt)
		plain.open("/campaigns/screen/rank")
	}
	plain.waitForPage("/campaigns/screen/quiz/attempts/2")
	plain.see("You have used all your attempts.")

	admin := s.signIn(t, s.person(t, "screen-admin@example.org", "admin"))
	admin.open("/campaigns/screen/quiz/results")
	admin.see("1 of 2 have passed")
	admin.click(`button[aria-label="Let screen-plain start over"]`)
	admin.waitForText("They can start over now.")
	plain.open("/campaigns/screen/rank")
	plain.waitForPage("/campaigns/screen/quiz")
	plain.answerQuiz(true)
	plain.waitForPage("/campaigns/screen/quiz/attempts/3")
	plain.click("main a.primary")
	plain.waitForBoard(shownTask{})
}

// Each person sees the options in an order of their own, the same at every look and in the result; what the admin fixed
// stays as it is listed. What is written in Markdown reads as it is meant.
func TestQuizOrder(t *testing.T) {
	t.Parallel()
	s := shared(t)
	options := ""
	for i := range 8 {
		options += fmt.Sprintf(`{"text":"Option %d","right":%t},`, i, i == 0)
	}
	options = strings.TrimSuffix(options, ",")
	file := fmt.Sprintf(`{"pass_mark":1,"items":[{"text":"Which is **first**?","options":[%s]},{"text":"And here?","options":[%s],"fixed_order":true}]}`, options, options)
	s.campaign(t, "drawn", prompts(1), "--k", "4", "--quiz", s.write(t, "drawn.json", file))
	shown := func(b *tab, css string) (texts [2]string) {
		b.waitForElement(css)
		for i := range texts {
			texts[i] = eval[string](b, fmt.Sprintf(`[...document.querySelectorAll(".quiz-item")[%d].querySelectorAll(%q)].map((e) => e.firstElementChild.nextElementSibling?.innerText ?? e.innerText).join()`, i, css))
		}
		return texts
	}
	const listed = "Option 0,Option 1,Option 2,Option 3,Option 4,Option 5,Option 6,Option 7"
	seen := map[string]bool{}
	for i := range 3 {
		b := s.signIn(t, s.person(t, fmt.Sprintf("drawn-%d@example.org", i), "annotator", "drawn"))
		b.open("/campaigns/drawn/quiz")
		first := shown(b, ".quiz-options > label")
		b.open("/campaigns/drawn/quiz")
		if again := shown(b, ".quiz-options > label"); again != first {
			t.Errorf("another look shows %q, the first %q", again, first)
		}
		if first[1] != listed {
			t.Errorf("a fixed order is shown as %s", first[1])
		}
		seen[first[0]] = true
		b.click(`input[name="choice_0"][value="0"]`)
		b.click(`input[name="choice_1"][value="0"]`)
		b.click("main form button.primary")
		b.waitForPage("/campaigns/drawn/quiz/attempts/1")
		b.see("You have passed the quiz of this campaign.") // the place in the file counts, not the place on the page
		result := eval[string](b, `[...document.querySelectorAll(".quiz-item")[0].querySelectorAll(".quiz-options > li > span:first-child")].map((e) => e.innerText).join()`)
		if result != first[0] {
			t.Errorf("the result lists %s, the quiz %s", result, first[0])
		}
	}
	if len(seen) == 1 || seen[listed] && len(seen) == 2 {
		t.Errorf("three people see the orders %v", seen)
	}
	admin := s.signIn(t, s.person(t, "drawn-admin@example.org", "admin"))
	admin.open("/campaigns/drawn/quiz/results")
	if source := eval[bool](admin, `document.querySelector("main table:last-of-type .prose").innerText.includes("*") || document.querySelector("main .quiz-text strong")?.innerText !== "first"`); source {
		t.Error("the results show the Markdown of an item as it was typed")
	}
}

// An admin makes a quiz in the form, without scripts as with them, tries it out, and nothing of that is stored.
func TestQuizIsMade(t *testing.T) {
	t.Parallel()
	s := shared(t)
	s.campaign(t, "making", prompts(2), "--k", "4")
	link := s.person(t, "making-admin@example.org", "admin")
	b := newTab(t, s.server.url)
	b.withoutScripts()
	b.useLink(link)
	b.open("/campaigns/making")
	b.click(`a[href="/campaigns/making/quiz/edit"]`)
	b.waitForPage("/campaigns/making/quiz/edit")
	b.replace("#field-item_0_text", "May ranks be shared?")
	b.replace(`input[name="item_0_0_text"]`, "Yes")
	b.click(`input[name="item_0_0_right"]`)
	b.replace(`input[name="item_0_1_text"]`, "No")
	b.click(`input[name="item_0_fixed"]`)
	b.click(`button[value="ranking"]`)
	b.waitForElement("#item-2")
	b.replace("#field-item_1_text", "Name a colour.")
	b.replace(`textarea[name="item_1_0_text"]`, "Red.")
	b.replace(`input[name="item_1_0_rank"]`, "1")
	b.replace(`textarea[name="item_1_1_text"]`, "No.")
	b.expect("422 (Unprocessable")
	b.click(`button[value="save"]`)
	b.waitForText("item 2: response 2: the rank must be 1 to 6")
	b.replace(`input[name="item_1_1_rank"]`, "2")
	b.click(`button[value="up-1"]`)
	b.waitForElement(`#item-1 textarea[name="item_0_0_text"]`)
	b.click(`button[value="save"]`)
	b.waitForPage("/campaigns/making/quiz/results")
	b.see("Version 1: 2 items, at least 2 right, at most 3 attempts.")

	b.open("/campaigns/making/try/quiz")
	b.see("Nothing is stored")
	b.choices(map[string]string{"rank_0_0": "1", "rank_0_1": "2"})
	b.click(`input[name="choice_1"][value="1"]`)
	b.click("main form button.primary")
	b.waitForText("1 of 2 right; 2 are needed.")
	b.see("Known rank: 2")
	b.open("/campaigns/making/quiz/edit")
	if fixed := eval[[]bool](b, `[...document.querySelectorAll('input[name$="_fixed"]')].map((box) => box.checked)`); len(fixed) != 2 || fixed[0] || !fixed[1] {
		t.Errorf("fixed orders come back as %v", fixed)
	}
	var stored struct {
		Version int
		People  []struct{ Attempts int }
	}
	s.json(t, &stored, "campaign", "quiz", "making")
	if stored.Version != 1 || len(stored.People) != 0 {
		t.Errorf("stored %+v", stored)
	}
}

// The pages of the quiz, in every state.
func TestQuizAccessibility(t *testing.T) {
	t.Parallel()
	s := shared(t)
	for _, name := range []string{"axe-quiz", "axe-quiz-failed", "axe-quiz-passed"} {
		s.screened(t, name)
	}
	b := s.signIn(t, s.person(t, "axe-quiz@example.org", "annotator", "axe-quiz", "axe-quiz-failed", "axe-quiz-passed"))
	for _, attempt := range []string{"1", "2"} {
		b.open("/campaigns/axe-quiz-failed/quiz")
		b.answerQuiz(false)
		b.waitForPage("/campaigns/axe-quiz-failed/quiz/attempts/" + attempt)
	}
	b.open("/campaigns/axe-quiz-passed/quiz")
	b.answerQuiz(false)
	b.waitForPage("/campaigns/axe-quiz-passed/quiz/attempts/1")
	b.open("/campaigns/axe-quiz-passed/quiz")
	b.answerQuiz(true)
	b.waitForPage("/campaigns/axe-quiz-passed/quiz/attempts/2")
	b.open("/campaigns/axe-quiz/quiz")
	b.answerQuiz(false)
	b.waitForPage("/campaigns/axe-quiz/quiz/attempts/1")
	b.checkViews([]view{
		{name: "a quiz after a failed attempt", path: "/campaigns/axe-quiz/quiz"},
		{name: "a failed quiz", path: "/campaigns/axe-quiz/quiz/attempts/1"},
		{name: "a quiz without attempts left", path: "/campaigns/axe-quiz-failed/quiz"},
		{name: "a passed quiz", path: "/campaigns/axe-quiz-passed/quiz"},
	})
	admin := s.signIn(t, s.person(t, "axe-quiz-admin@example.org", "admin"))
	admin.checkViews([]view{
		{name: "a campaign with a quiz", path: "/campaigns/axe-quiz"},
		{name: "the form of a quiz", path: "/campaigns/axe-quiz/quiz/edit"},
		{name: "a refused quiz", path: "/campaigns/axe-quiz/quiz/edit", status: "422 (Unprocessable", prepare: func(b *tab) {
			b.replace(`input[name="item_0_1_text"]`, "Yes, as a tie") // the text of the one before
			b.click(`button[value="save"]`)
			b.waitForElement("main .alert")
		}},
		{name: "the results of a quiz", path: "/campaigns/axe-quiz-passed/quiz/results"},
		{name: "a quiz as annotators see it", path: "/campaigns/axe-quiz/try/quiz"},
		{name: "a result as annotators see it", path: "/campaigns/axe-quiz/try/quiz", prepare: func(b *tab) {
			b.answerQuiz(true)
			b.waitForElement(".quiz-verdict")
		}},
	})
}
