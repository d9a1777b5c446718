package e2e

import (
	"fmt"
	"slices"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"github.com/google/go-cmp/cmp"

	"rankloop/ranking"
)

// inFront is the letter of the response that is scored now, "" while all are ranked.
func (b *tab) inFront() string {
	b.t.Helper()
	return eval[string](b, `document.querySelector("#board").dataset.step === "0" ? "" :
		[...document.querySelectorAll(".card:not([hidden])")].map((card) => card.dataset.letter).join()`)
}

// submitAsMeant submits without scripts a ranking that may stand against its scores, since those follow a drawn order; if it does,
// the page asks once.
func (b *tab) submitAsMeant(task shownTask) {
	b.t.Helper()
	b.click("#submit")
	b.waitFor("the next page", fmt.Sprintf(`document.readyState === "complete" && (document.querySelector(".against.unscripted") !== null
		|| location.pathname.endsWith("/rank") && document.querySelector("#board")?.dataset.lease !== %q)`, task.Lease))
	if eval[bool](b, `document.querySelector(".against.unscripted") !== null`) {
		b.click("#submit")
	}
}

// saved waits until the server has the draft.
func (b *tab) saved() {
	b.t.Helper()
	b.waitFor("the draft to be saved", `document.querySelector('[data-saved="draft_saved"]') !== null`)
}

// said is a record's answers by the texts of the responses.
type said struct {
	Score   int
	Flags   []string
	Comment string
}

func answersByText(r ranking.Record) map[string]said {
	all := map[string]said{}
	for i, response := range r.Responses {
		one := said{Score: r.Scores[i]}
		if r.Flags != nil && len(r.Flags[i]) > 0 {
			one.Flags = slices.Sorted(slices.Values(r.Flags[i]))
		}
		if r.Comments != nil {
			one.Comment = r.Comments[i]
		}
		all[response.Text] = one
	}
	return all
}

// checkAnswers fails the test unless the record of a task says this about its responses, by letter.
func (s *site) checkAnswers(t *testing.T, campaign string, task shownTask, want map[string]said, tiers [][]string) ranking.Record {
	t.Helper()
	for _, r := range s.records(t, campaign) {
		if r.Messages[0].Content != task.Prompt {
			continue
		}
		byText := map[string]said{}
		for letter, one := range want {
			byText[task.Texts[letter]] = one
		}
		if diff := cmp.Diff(byText, answersByText(r)); diff != "" {
			t.Errorf("answers (-want +stored):\n%s", diff)
		}
		if diff := cmp.Diff(task.texts(tiers), textTiers(r)); diff != "" {
			t.Errorf("ranking (-want +stored):\n%s", diff)
		}
		return r
	}
	t.Fatalf("no judgment of %q is stored", task.Prompt)
	return ranking.Record{}
}

// Each response alone first, then the ranking: by keys, by mouse, by fingers, and after a reload in the middle.
func TestStagedRanking(t *testing.T) {
	t.Parallel()
	s := shared(t)
	s.campaign(t, "staged", prompts(4), "--k", "4", "--schema", "staged")
	b := s.signIn(t, s.person(t, "staged@example.org", "annotator", "staged"))
	b.click(`a[href="/campaigns/staged/rank"]`)

	// Keys: a score and Enter where nothing is to be flagged; letters tick flags.
	task := b.waitForBoard(shownTask{})
	order := []string{b.inFront()}
	b.press(kb.Enter) // nothing happens without a score
	if b.inFront() != order[0] {
		t.Fatal("a response without a score was left")
	}
	b.press("6", kb.Enter)
	order = append(order, b.inFront())
	b.press("3", "c", "j", "c", "k", "u", "k", "t") // the flag k is undone and ticked again; t opens the note
	b.waitFor("the note", `document.activeElement.matches(".card-note textarea")`)
	eval[any](b, `document.activeElement.select()`) // the driver sends t to the field as well, which a keyboard does not
	b.press("s", "o", "s", "o", kb.Escape, kb.Enter)
	order = append(order, b.inFront())
	b.press("2", "\b") // back and forth
	if b.inFront() != order[1] {
		t.Errorf("Backspace shows %s, not %s", b.inFront(), order[1])
	}
	b.press(kb.Enter, kb.Enter)
	order = append(order, b.inFront())
	b.press("5")
	b.saved()
	b.do("reload", chromedp.Reload()) // what was answered is still there
	b.waitForBoard(shownTask{})
	if different := slices.Compact(slices.Sorted(slices.Values(order))); len(different) != 4 || b.inFront() != "" {
		t.Fatalf("shown %v one by one; after a reload with all scored: %q", order, b.inFront())
	}
	against := `document.querySelector("#against").textContent`
	b.press(order[1], order[0], "=", order[3], order[2])
	b.waitFor("the warning", against+`.includes("2 pairs")`) // order[1] has 3, below 6 and 5
	b.press("\b", "\b", "\b", "\b", order[0], order[3], "=", order[1], order[2])
	b.waitFor("no warning", against+` === ""`)
	tiers := [][]string{{order[0]}, {order[3], order[1]}, {order[2]}}
	b.press(kb.Enter)
	b.waitForBoard(task)
	record := s.checkAnswers(t, "staged", task, map[string]said{
		order[0]: {Score: 6}, order[1]: {Score: 3, Flags: []string{"moral_judgment", "opinion"}, Comment: "soso"}, order[2]: {Score: 2}, order[3]: {Score: 5},
	}, tiers)
	for i, letter := range order {
		if text := record.Responses[record.OrderScored[i]].Text; text != task.Texts[letter] {
			t.Errorf("step %d showed %q, the record says %q", i+1, task.Texts[letter], text)
		}
	}

	// The mouse, with flags of the prompt; a score can be changed beside the ranking.
	task = b.waitForBoard(task)
	b.click(".prompt-flags summary")
	b.click(`.prompt-flags input[value="closed_domain"]`)
	want := map[string]said{}
	for i := range 4 {
		letter := b.inFront()
		b.click(fmt.Sprintf("#card-%s .score label:nth-of-type(%d)", letter, i+1))
		want[letter] = said{Score: i + 1}
		if i == 0 {
			b.click(fmt.Sprintf(`#card-%s .flags input[value="harmful_advice"]`, letter))
			want[letter] = said{Score: 1, Flags: []string{"harmful_advice"}}
		}
		b.click("#step-next")
	}
	b.click("#card-A .score label:nth-of-type(7)")
	changed := want["A"]
	changed.Score = 7
	want["A"] = changed
	b.click("#to-scores")
	if b.inFront() == "" {
		t.Error("the way back to the scores leads nowhere")
	}
	b.click("#step-next")
	b.click("#keep")
	b.click("#submit")
	b.waitForBoard(task)
	record = s.checkAnswers(t, "staged", task, want, [][]string{{"A"}, {"B"}, {"C"}, {"D"}})
	if !record.KeptAsShown || !slices.Equal(record.PromptFlags, []string{"closed_domain"}) {
		t.Errorf("stored %+v", record)
	}

	// Fingers on a small screen.
	b.do("a phone", chromedp.EmulateViewport(360, 740, chromedp.EmulateMobile, chromedp.EmulateTouch), chromedp.Reload())
	task = b.waitForBoard(shownTask{})
	want = map[string]said{}
	for i := range 4 {
		letter := b.inFront()
		b.tap(fmt.Sprintf("#card-%s .score label:nth-of-type(%d)", letter, 7-i))
		want[letter] = said{Score: 7 - i}
		if wide := eval[int](b, `document.documentElement.scrollWidth`); wide > 360 {
			t.Errorf("the page is %d pixels wide on a screen of 360", wide)
		}
		b.tap("#step-next")
	}
	for _, letter := range []string{"D", "C", "B", "A"} {
		b.tap(fmt.Sprintf(`#tiers .tray [data-letter="%s"]`, letter))
	}
	b.tap("#submit")
	b.waitForBoard(task)
	s.checkAnswers(t, "staged", task, want, [][]string{{"D"}, {"C"}, {"B"}, {"A"}})
}

// Without scripts each step is a page of its own, and what is answered travels as the draft.
func TestStagedWithoutScripts(t *testing.T) {
	t.Parallel()
	s := shared(t)
	s.campaign(t, "staged-plain", prompts(2), "--k", "3", "--schema", "staged")
	link := s.person(t, "staged-plain@example.org", "annotator", "staged-plain")
	b := newTab(t, s.server.url)
	b.withoutScripts()
	b.useLink(link)
	b.click(`a[href="/campaigns/staged-plain/rank"]`)
	task := b.waitForBoard(shownTask{})
	want := map[string]said{}
	var last string
	for i := range 3 {
		last = b.inFront()
		b.click(fmt.Sprintf("#card-%s .score label:nth-of-type(%d)", last, i+3))
		b.click(fmt.Sprintf(`#card-%s .flags input[value="opinion"]`, last))
		want[last] = said{Score: i + 3, Flags: []string{"opinion"}}
		b.click("#step-next")
		b.waitFor("the next step", fmt.Sprintf(`document.readyState === "complete" && document.querySelector("#board").dataset.step === "%d"`, (i+2)%4))
	}
	b.click("#to-scores")
	b.waitFor("the last score", `document.readyState === "complete" && document.querySelector("#board").dataset.step === "3"`)
	b.click(fmt.Sprintf("#card-%s .score label:nth-of-type(2)", last))
	want[last] = said{Score: 2, Flags: []string{"opinion"}}
	b.click("#step-next")
	b.waitFor("the ranking", `document.readyState === "complete" && document.querySelector("#board").dataset.step === "0"`)
	for letter, rank := range map[string]int{"A": 2, "B": 1, "C": 2} {
		b.click(fmt.Sprintf("#card-%s .rank label:nth-of-type(%d)", letter, rank))
	}
	b.submitAsMeant(task)
	b.waitForBoard(task)
	s.checkAnswers(t, "staged-plain", task, want, [][]string{{"B"}, {"A", "C"}})
}
