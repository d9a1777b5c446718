package e2e

import (
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"github.com/google/go-cmp/cmp"

	"rankloop/ranking"
)

// compared is what a comparison's record says, its texts by the letters under which they were shown; "✎" is the edit.
type compared struct {
	Tiers    [][]string
	Strength int
	BothBad  bool
	Edit     string
}

// checkCompared fails the test unless this is stored about the task.
func (s *site) checkCompared(t *testing.T, campaign string, task shownTask, want compared) ranking.Record {
	t.Helper()
	for _, r := range s.records(t, campaign) {
		if r.Messages[0].Content != task.Prompt {
			continue
		}
		letters := map[string]string{}
		for letter, text := range task.Texts {
			letters[text] = letter
		}
		got := compared{Strength: r.Strength, BothBad: r.BothBad}
		for _, tier := range r.Tiers {
			var names []string
			for _, i := range tier {
				name := letters[r.Responses[i].Text]
				if r.Responses[i].Written {
					name, got.Edit = "✎", r.Responses[i].Text
				}
				names = append(names, name)
			}
			got.Tiers = append(got.Tiers, names)
		}
		if len(got.Tiers) == 1 {
			got.Tiers = [][]string{{"A", "B"}} // their order within the tie means nothing
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +stored):\n%s", task.Prompt, diff)
		}
		return r
	}
	t.Fatalf("no judgment of %q is stored", task.Prompt)
	return ranking.Record{}
}

// Which of two is better, by how much, and the better one edited: by keys alone.
func TestComparisonByKeys(t *testing.T) {
	t.Parallel()
	s := shared(t)
	s.campaign(t, "duel-keys", prompts(6), "--kind", "comparison", "--schema", "ranking-only")
	b := s.signIn(t, s.person(t, "duel-keys@example.org", "annotator", "duel-keys"))
	b.click(`a[href="/campaigns/duel-keys/rank"]`)
	task := b.waitForBoard(shownTask{})
	if len(task.Texts) != 2 {
		t.Fatalf("%d responses are shown", len(task.Texts))
	}
	next := func(want compared) {
		t.Helper()
		before := task
		task = b.waitForBoard(task)
		s.checkCompared(t, "duel-keys", before, want)
	}

	b.press(kb.Enter) // nothing is chosen yet
	b.waitFor("the hint", `document.querySelector("#said").textContent.includes("Choose first")`)
	b.press("a", kb.Enter)
	next(compared{Tiers: [][]string{{"A"}, {"B"}}})

	b.press(kb.ArrowRight, "3", kb.Enter)
	next(compared{Tiers: [][]string{{"B"}, {"A"}}, Strength: 3})

	b.press("a", "4", "4", "=", kb.Enter) // the strength is taken back, and a tie has none
	next(compared{Tiers: [][]string{{"A", "B"}}})

	b.press("b", "1", "n", "u", "n", kb.Enter)
	next(compared{Tiers: [][]string{{"A", "B"}}, BothBad: true})

	b.press("b", "2", "e")
	b.waitFor("the edit", `document.activeElement.matches("#edit-B")`)
	eval[any](b, `document.activeElement.select()`) // the driver sends e to the field as well, which a keyboard does not
	b.press("B", "e", "t", "t", "e", "r", ".")
	b.waitFor("its length and preview", `document.querySelector("#edit-B-length").textContent.includes("7 characters") &&
		document.querySelector("#card-B [data-preview]").textContent.includes("Better.")`)
	b.press(kb.Escape)
	b.saved()
	b.do("reload", chromedp.Reload()) // what was answered is still there
	b.waitForBoard(shownTask{})
	b.press(kb.Enter)
	next(compared{Tiers: [][]string{{"✎"}, {"B"}, {"A"}}, Strength: 2, Edit: "Better."})

	// The choice can be taken back; the edit of a response that is not the better one is not sent.
	b.press("a", "e")
	b.waitFor("the edit", `document.activeElement.matches("#edit-A")`)
	eval[any](b, `document.activeElement.select()`)
	b.press("L", "o", "s", "t", kb.Escape, "\b", kb.ArrowRight, kb.Enter)
	before := task
	b.waitFor("the end", `document.body.innerText.includes("Nothing left to rank")`)
	s.checkCompared(t, "duel-keys", before, compared{Tiers: [][]string{{"B"}, {"A"}}})
}

// By mouse, and by fingers on a small screen.
func TestComparisonByPointer(t *testing.T) {
	t.Parallel()
	s := shared(t)
	s.campaign(t, "duel-mouse", prompts(4), "--kind", "comparison", "--schema", s.write(t, "duel.json", `{"stage_one":false,"prompt_flags":[{"key":"vague","text":{"en":"Vague"}}]}`))
	b := s.signIn(t, s.person(t, "duel-mouse@example.org", "annotator", "duel-mouse"))
	b.open("/campaigns/duel-mouse/rank")
	task := b.waitForBoard(shownTask{})
	b.click(".prompt-flags summary")
	b.click(`.prompt-flags input[value="vague"]`)
	b.click("label.choice-right")
	b.click(".strength label:nth-of-type(5)")
	b.click("#card-B .edit summary")
	b.click("#edit-B")
	eval[any](b, `document.activeElement.select()`)
	b.press("Written by **mouse**.")
	b.waitFor("the preview", `document.querySelector("#card-B [data-preview] strong")?.textContent === "mouse"`)
	b.click("#submit")
	before := task
	task = b.waitForBoard(task)
	record := s.checkCompared(t, "duel-mouse", before, compared{Tiers: [][]string{{"✎"}, {"B"}, {"A"}}, Strength: 4, Edit: "Written by **mouse**."})
	if len(record.PromptFlags) != 1 || record.PromptFlags[0] != "vague" || record.Simulated {
		t.Errorf("stored %+v", record)
	}
	b.click("label.choice-bad")
	b.click("#submit")
	before = task
	b.waitForBoard(task)
	s.checkCompared(t, "duel-mouse", before, compared{Tiers: [][]string{{"A", "B"}}, BothBad: true})

	b.do("a phone", chromedp.EmulateViewport(360, 740, chromedp.EmulateMobile, chromedp.EmulateTouch), chromedp.Reload())
	task = b.waitForBoard(shownTask{})
	b.tap("label.choice-left")
	b.tap(".strength label:nth-of-type(2)")
	if wide := eval[int](b, `document.documentElement.scrollWidth`); wide > 360 {
		t.Errorf("the page is %d pixels wide on a screen of 360", wide)
	}
	b.tap("#submit")
	before = task
	b.waitForBoard(task)
	s.checkCompared(t, "duel-mouse", before, compared{Tiers: [][]string{{"A"}, {"B"}}, Strength: 1})
}

// Without scripts the page is a form; what is wrong with it comes back with everything that was written.
func TestComparisonWithoutScripts(t *testing.T) {
	t.Parallel()
	s := shared(t)
	s.campaign(t, "duel-plain", prompts(3), "--kind", "comparison")
	link := s.person(t, "duel-plain@example.org", "annotator", "duel-plain")
	b := newTab(t, s.server.url)
	b.withoutScripts()
	b.useLink(link)
	b.click(`a[href="/campaigns/duel-plain/rank"]`)
	task := b.waitForBoard(shownTask{})
	b.click("label.choice-tie")
	b.click("#submit")
	before := task
	task = b.waitForBoard(task)
	s.checkCompared(t, "duel-plain", before, compared{Tiers: [][]string{{"A", "B"}}})

	b.expect("422 (Unprocessable Entity)")
	b.click("label.choice-left")
	b.click(".strength label:nth-of-type(4)")
	b.click("#card-B .edit summary")
	b.fill("#edit-B", "More.") // before what stands there
	b.click("#submit")
	b.waitFor("the refusal", `document.querySelector('[role="alert"]')?.textContent.includes("Only the better of the two")`)
	if kept := eval[string](b, `document.querySelector("#edit-B").value`); kept != "More."+task.Texts["B"] {
		t.Errorf("the form came back with the edit %q", kept)
	}
	b.click("label.choice-right")
	b.click("#submit")
	before = task
	task = b.waitForBoard(task)
	s.checkCompared(t, "duel-plain", before, compared{Tiers: [][]string{{"✎"}, {"B"}, {"A"}}, Strength: 3, Edit: "More." + before.Texts["B"]})

	b.click("label.choice-bad")
	b.click("#submit")
	before = task
	b.waitFor("the end", `document.body.innerText.includes("Nothing left to rank")`)
	s.checkCompared(t, "duel-plain", before, compared{Tiers: [][]string{{"A", "B"}}, BothBad: true})
}

// A campaign of comparisons goes the whole way: the admin's form, simulated annotators, a snapshot, pairs with their
// strength, and a reward model.
func TestComparisonsTrain(t *testing.T) {
	t.Parallel()
	s := shared(t)
	admin := s.signIn(t, s.person(t, "duel-admin@example.org", "admin"))
	admin.open("/new/campaign")
	admin.fill("#field-name", "duel-data")
	admin.do("comparisons", chromedp.SetValue(chromedp.CSS("#field-kind"), "comparison"))
	admin.click("main form button.primary")
	admin.waitForPage("/campaigns/duel-data")
	admin.see("Comparison")

	set, truth := prompts(12), ""
	for _, p := range set {
		truth += `{"id":"` + p.ID + `","scores":[4,3,2,1]}` + "\n"
	}
	s.run(t, "import", "--campaign", "duel-data", s.write(t, "duel-data.jsonl", promptSet(set)))
	var report struct {
		JudgmentsSubmitted int `json:"judgments_submitted"`
		Comparisons        int
		Simulated          bool
	}
	s.json(t, &report, "simulate", "--campaign", "duel-data", "--scores", s.write(t, "duel-truth.jsonl", truth), "--annotators", "2")
	if report.JudgmentsSubmitted != 12 || report.Comparisons != 12 || !report.Simulated {
		t.Errorf("simulated %+v", report)
	}
	s.run(t, "snapshot", "create", "--campaign", "duel-data", "--name", "duel-data")
	var run struct {
		State   string
		Metrics map[string]float64
	}
	s.json(t, &run, "train", "reward", "--name", "duel-reward", "--snapshot", "duel-data", "--set", "zero_samples=8", "--set", "max_new=16")
	if run.State != "succeeded" || len(run.Metrics) == 0 {
		t.Errorf("the run ended as %+v", run)
	}
}

func TestComparisonAccessibility(t *testing.T) {
	t.Parallel()
	s := shared(t)
	set := prompts(1)
	set[0].Responses[0] = "A *list*:\n\n1. one\n2. two\n\n```go\nfunc main() {}\n```\n"
	s.campaign(t, "duel-axe", set, "--kind", "comparison")
	b := s.signIn(t, s.person(t, "duel-axe@example.org", "annotator", "duel-axe"))
	state := func(keys ...string) func(*tab) {
		return func(b *tab) {
			b.waitForBoard(shownTask{})
			b.press(keys...)
		}
	}
	b.checkViews([]view{
		{name: "a comparison", path: "/campaigns/duel-axe/rank", prepare: state("\b")},
		{name: "a preference", path: "/campaigns/duel-axe/rank", prepare: state("a", "2")},
		{name: "both bad", path: "/campaigns/duel-axe/rank", prepare: state("n")},
		{name: "the edit of the better one", path: "/campaigns/duel-axe/rank", prepare: state("b", "e")},
		{name: "the help of a comparison", path: "/campaigns/duel-axe/rank", prepare: state("?")},
	})
}
