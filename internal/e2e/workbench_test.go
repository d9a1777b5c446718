package e2e

import (
	"strconv"
	"strings"
	"testing"

	"github.com/chromedp/chromedp/kb"
)

// A question goes to the admins and comes back with its answer; a broken task is reported, and withdrawn.
func TestQuestions(t *testing.T) {
	t.Parallel()
	s := shared(t)
	s.campaign(t, "asking", prompts(3), "--k", "4", "--overlap", "2")
	b := s.signIn(t, s.person(t, "asking@example.org", "annotator", "asking"))
	b.open("/campaigns/asking/rank")
	task := b.waitForBoard(shownTask{})
	b.press("b", "a")
	b.click("#ask-button")
	b.fill("#question", "Which north is meant?")
	b.click("#ask button.primary")
	b.waitFor("the question to be sent", `[...document.querySelectorAll("[data-banner]")].some((e) => e.textContent.includes("has been sent"))`)
	b.press("c", "d", kb.Enter) // the ranking goes on where it was
	second := b.waitForBoard(task)
	b.press("s")
	b.click(`#skip input[value="broken"]`)
	b.fill("#skip-note", "half of it is missing")
	b.click("#skip button.primary")
	b.waitForBoard(second)

	admin := s.signIn(t, s.person(t, "asking-admin@example.org", "admin"))
	admin.open("/campaigns/asking/questions")
	admin.see("Which north is meant?")
	admin.see("half of it is missing")
	admin.fill(`li:has(form[action$="/withdraw"] button) textarea`, "Thank you.")
	admin.click(`form[action$="/withdraw"] button`)
	admin.waitFor("the task to be withdrawn", `document.body.innerText.includes("The task is withdrawn.")`)
	admin.fill("li:first-child textarea", "The north of the map.")
	admin.click("li:first-child form button")
	admin.waitFor("the answer", `[...document.querySelectorAll("textarea")].some((field) => field.defaultValue === "The north of the map.")`)

	b.open("/")
	b.see("1 new answer to your questions")
	b.click(`a[href="/questions"]`)
	b.waitForPage("/questions")
	b.see("The north of the map.")
	b.open("/")
	if shown := eval[string](b, `document.body.innerText`); strings.Contains(shown, "new answer") {
		t.Error("an answer that was read still counts as new")
	}
	s.checkStored(t, "asking", map[string][][]string{task.Prompt: task.texts([][]string{{"B"}, {"A"}, {"C"}, {"D"}})})
}

// The texts of a sensitive task are covered until they are asked for, with and without scripts; who opted out gets none.
func TestSensitiveTask(t *testing.T) {
	t.Parallel()
	s := shared(t)
	set := promptSet(prompts(2))
	set = strings.Replace(set, `"id":"p1"`, `"id":"p1","metadata":{"sensitive":["violence"]}`, 1)
	s.run(t, "campaign", "create", "--name", "sensitive", "--k", "4", "--overlap", "2", "--schema", "ranking-only")
	s.run(t, "import", "--campaign", "sensitive", s.write(t, "sensitive.jsonl", set))
	covered := `getComputedStyle(document.querySelector(".card .body")).filter !== "none"`
	link := s.person(t, "sensitive-plain@example.org", "annotator", "sensitive")
	for _, scripts := range []bool{false, true} {
		b := newTab(t, s.server.url)
		if !scripts {
			b.withoutScripts()
		} else {
			link = s.person(t, "sensitive@example.org", "annotator", "sensitive")
		}
		b.useLink(link)
		b.open("/campaigns/sensitive/rank")
		b.waitForBoard(shownTask{})
		b.see("Violence")
		if !eval[bool](b, covered) {
			t.Error("the texts are not covered")
		}
		b.click("#reveal")
		b.waitFor("the texts", "!("+covered+")")
	}
	b := s.signIn(t, s.person(t, "sensitive-out@example.org", "annotator", "sensitive"))
	b.open("/account")
	b.click(`input[value="violence"]`)
	b.click("#sensitive form button")
	b.waitFor("the choice to be saved", `document.querySelector('input[value="violence"]:checked') !== null && location.search !== ""`)
	b.open("/campaigns/sensitive/rank")
	if task := b.waitForBoard(shownTask{}); task.Prompt != "Question 2?" {
		t.Errorf("somebody who opted out is shown %q", task.Prompt)
	}
}

// Two responses side by side, and long ones folded.
func TestCompareAndFold(t *testing.T) {
	t.Parallel()
	s := shared(t)
	set := prompts(1)
	set[0].Responses[0] = "The quick brown fox jumps over the lazy dog."
	set[0].Responses[1] = "The quick red fox leaps over the lazy dog."
	set[0].Responses[2] = strings.Repeat("A line of a long text.\n\n", 60)
	s.campaign(t, "compare", set, "--k", "4")
	b := s.signIn(t, s.person(t, "compare@example.org", "annotator", "compare"))
	b.open("/campaigns/compare/rank")
	task := b.waitForBoard(shownTask{})
	letterOf := func(begins string) string {
		for letter, text := range task.Texts {
			if strings.HasPrefix(text, begins) {
				return letter
			}
		}
		t.Fatalf("no response begins with %q", begins)
		return ""
	}
	brown, red := letterOf("The quick brown"), letterOf("The quick red")
	b.press("v")
	b.waitFor("the comparison", `document.querySelector("#compare").matches(":popover-open")`)
	for side, letter := range []string{brown, red} {
		eval[any](b, `((select) => { select.value = "`+letter+`"; select.dispatchEvent(new Event("change", { bubbles: true })) })(
			document.querySelectorAll("#compare select")[`+strconv.Itoa(side)+`])`)
	}
	marked := eval[[]string](b, `[...document.querySelectorAll("#compare :is(del, ins)")].map((e) => e.textContent)`)
	if got := strings.Join(marked, "|"); got != "brown|jumps|red|leaps" {
		t.Errorf("marked %s", got)
	}
	b.press(kb.Escape)

	long := "#card-" + letterOf("A line of")
	b.waitFor("the long text to fold", `document.querySelector("`+long+`").classList.contains("folded")`)
	folded := eval[int](b, `document.querySelector("`+long+`").offsetHeight`)
	eval[any](b, `document.querySelector("`+long+` .fold").scrollIntoView({ block: "center" })`) // out from under the strip
	b.click(long + " .fold")
	b.waitFor("all of the text", `document.querySelector("`+long+`").offsetHeight > `+"2 * "+strconv.Itoa(folded))
	eval[any](b, `scrollBy(0, 900)`)
	b.press("x")
	if top := eval[float64](b, `document.querySelector("`+long+`").getBoundingClientRect().top`); top < -1 || top > 900 {
		t.Errorf("after folding, the card's head is at %g", top)
	}
}
