package e2e

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"rankloop/ranking"
)

// waitForStep waits until a step of a conversation can be worked on: 2·turn for a message, 2·turn+1 for its reply.
func (b *tab) waitForStep(step int) {
	b.t.Helper()
	ready := fmt.Sprintf(`document.readyState === "complete" && document.querySelector("[name=step]")?.value === "%d"`, step)
	if !b.bare {
		ready += ` && document.querySelector("#submit").hasAttribute("aria-disabled")`
	}
	b.waitFor(fmt.Sprintf("step %d", step), ready)
}

// suggested waits for the suggestions of a step and returns their texts, in the order of their letters.
func (b *tab) suggested(step int) []string {
	b.t.Helper()
	b.waitForStep(step)
	b.waitFor("the suggestions", `document.querySelector("#suggestion-cards .card[data-response]") !== null`)
	return eval[[]string](b, `[...document.querySelectorAll("#suggestion-cards .card")].map((card) => card.dataset.text)`)
}

// shows waits until the page has the text.
func (b *tab) shows(text string) {
	b.t.Helper()
	b.waitFor(text, fmt.Sprintf(`document.body.innerText.includes(%q)`, text))
}

// sendText presses Ctrl+Enter.
func (b *tab) sendText() {
	b.t.Helper()
	b.do("send", chromedp.KeyEvent(kb.Enter, chromedp.KeyModifiers(2)))
}

// talking makes a campaign of conversations on these prompt lines.
func (s *site) talking(t *testing.T, name string, lines ...string) {
	t.Helper()
	s.run(t, "campaign", "create", "--name", name, "--kind", "dialogue", "--k", "3")
	s.run(t, "import", "--campaign", name, s.write(t, name+".jsonl", strings.Join(lines, "\n")+"\n"))
}

// turnsOf are the records of one conversation, by what its prompt says.
func (s *site) turnsOf(t *testing.T, campaign, promptID string) (turns []ranking.Record) {
	t.Helper()
	for _, r := range s.records(t, campaign) {
		if strings.HasPrefix(r.PromptID, promptID+"#") {
			turns = append(turns, r)
		}
	}
	return turns
}

// A conversation by keys alone: the suggestions stream in, are ranked; one is edited; the person writes the user's side, and
// ends it. Each turn becomes a ranking with its context, and a reward model trains on them.
func TestDialogue(t *testing.T) {
	t.Parallel()
	s := shared(t)
	s.talking(t, "talk", `{"id":"u","prompt":"What is an umbrella used for?"}`, `{"id":"d","prompt":"Describe a dog in two sentences."}`)
	b := s.signIn(t, s.person(t, "talk@example.org", "annotator", "talk"))
	b.open("/campaigns/talk/rank")
	first := b.suggested(3)
	if n := len(first); n < 2 {
		t.Fatalf("%d of 3 suggestions differ", n)
	}
	letters := strings.Split("abc"[:len(first)], "")
	slices.Reverse(letters)
	b.press(append([]string{kb.Escape}, letters...)...)
	best := first[len(first)-1]
	b.waitFor("the best as the reply", fmt.Sprintf(`document.querySelector("#written").value.trim() === %q.trim()`, best))
	b.press(kb.Enter)
	b.waitForStep(4)
	b.tabTo("#written")
	b.press("Tell me *more*, please.")
	b.waitFor("the preview", `document.querySelector("[data-preview] em")?.textContent === "more"`)
	b.saved()
	b.do("reload", chromedp.Reload())
	b.waitForStep(4)
	b.waitFor("the draft", `document.querySelector("#written").value === "Tell me *more*, please."`)
	b.tabTo("#written")
	b.sendText()

	second := b.suggested(5)
	b.press("a")
	b.waitFor("the first as the reply", `document.querySelector("#from").value === document.querySelector("#card-A").dataset.response`)
	b.press("r")
	b.do("move to the end", chromedp.Evaluate[chromedp.Void](`document.querySelector("#written").setSelectionRange(1e6, 1e6)`))
	b.press(" Keep it dry.")
	b.sendText()
	b.waitForStep(6)
	b.press(kb.Escape, "z") // one step back, and sent again
	b.waitForStep(5)
	b.waitFor("the reply as a draft", `document.querySelector("#written").value.endsWith("Keep it dry.")`)
	b.press("w")
	b.press("My own words.")
	b.waitFor("nothing taken", `document.querySelector("#from").value === "0"`)
	b.sendText()
	b.waitForStep(6)
	b.press(kb.Escape)
	b.tabTo("#end")
	b.press(kb.Enter)
	b.waitForStep(3) // the next conversation
	b.shows("Describe a dog")

	turns := s.turnsOf(t, "talk", "u")
	if len(turns) != 2 {
		t.Fatalf("%d turns are stored: %+v", len(turns), turns)
	}
	one, two := turns[0], turns[1]
	if one.Kind != ranking.KindDialogue || len(one.Tiers) != len(first) || one.Responses[one.Dialogue.Reply].Text != best || one.Picked || *one.Dialogue.Survival != 1 ||
		one.Dialogue.Checkpoint != "base" || one.Dialogue.Seed == 0 || len(one.Messages) != 1 {
		t.Errorf("the first turn is %+v, %+v", one, one.Dialogue)
	}
	if len(two.Messages) != 3 || two.Messages[1].Content != best || two.Messages[2].Content != "Tell me *more*, please." ||
		!strings.HasSuffix(two.Responses[two.Dialogue.Reply].Text, "My own words.") || len(two.Dialogue.PassedBy) != len(second) || two.Dialogue.Survival != nil {
		t.Errorf("the second turn is %+v, %+v", two, two.Dialogue)
	}
	b.open("/history?campaign=talk")
	b.click(".line-open")
	b.waitFor("the conversation", `document.querySelectorAll(".past-turn").length === 2`)
	b.shows("My own words.")

	sft := s.run(t, "export", "--campaign", "talk", "--format", "sft", "--out", "-")
	if n := strings.Count(sft, "\n"); n != 2 || !strings.Contains(sft, `My own words.","model":"annotator"`) {
		t.Errorf("sft has %d lines:\n%s", n, sft)
	}
	if pairs := s.run(t, "export", "--campaign", "talk", "--format", "trl", "--out", "-"); !strings.Contains(pairs, `"prompt":"What is an umbrella used for?"`) {
		t.Errorf("trl has\n%s", pairs)
	}
	s.run(t, "snapshot", "create", "--campaign", "talk", "--name", "talk", "--validation", "0")
	s.run(t, "train", "reward", "--name", "talk-reward", "--snapshot", "talk", "--set", "epochs=1", "--set", "zero_samples=16")
}

// By mouse, then by touch on a phone: a suggestion is taken and edited, and a conversation begins with a scenario. The model
// that is absent is told plainly.
func TestDialogueByHand(t *testing.T) {
	t.Parallel()
	s := shared(t)
	s.talking(t, "chat", `{"id":"u","prompt":"What is an umbrella used for?"}`, `{"id":"s","prompt":"You plan a picnic.","metadata":{"dialogue":"scenario"}}`)
	b := s.signIn(t, s.person(t, "chat@example.org", "annotator", "chat"))
	b.open("/campaigns/chat/rank")
	first := b.suggested(3)
	b.click("#card-B .take")
	b.waitFor("the second as the reply", fmt.Sprintf(`document.querySelector("#written").value.trim() === %q.trim()`, first[1]))
	b.click("#submit")
	b.waitForStep(4)
	b.click("#end")
	b.waitForStep(2) // the scenario: the person has the first word
	b.shows("You plan a picnic.")
	turns := s.turnsOf(t, "chat", "u")
	if len(turns) != 1 || !turns[0].Picked || turns[0].Responses[turns[0].Dialogue.Reply].Text != first[1] || len(turns[0].Comparisons()) != len(first)-1 {
		t.Errorf("stored as %+v", turns)
	}

	b.do("a phone", chromedp.EmulateViewport(360, 740, chromedp.EmulateMobile, chromedp.EmulateTouch), chromedp.Reload())
	b.waitForStep(2)
	b.tap("#written")
	b.press("How can I invite Omar to a picnic?")
	b.tap("#submit")
	second := b.suggested(3)
	if wide := eval[int](b, `document.documentElement.scrollWidth`); wide > 360 {
		t.Errorf("the page is %d pixels wide on a screen of 360", wide)
	}
	for i := range second {
		b.tap(fmt.Sprintf("#card-%c .rank label:nth-child(%d)", 'A'+i, max(1, i)+1)) // A and B tie
	}
	b.tap("#submit")
	b.waitForStep(4)
	b.tap("#end")
	b.shows("Nothing left to rank")
	turns = s.turnsOf(t, "chat", "s")
	if len(turns) != 1 || len(turns[0].Messages) != 1 || turns[0].Messages[0].Content != "How can I invite Omar to a picnic?" ||
		turns[0].Dialogue.Scenario != "You plan a picnic." || len(turns[0].Tiers[0]) != 2 {
		t.Errorf("stored as %+v", turns)
	}
}

// Without scripts every step is a form. A campaign whose model is absent says so plainly, and both sides can be written.
func TestDialogueWithoutScripts(t *testing.T) {
	t.Parallel()
	s := shared(t)
	s.talking(t, "plain-talk", `{"id":"u","prompt":"What is an umbrella used for?"}`)
	b := newTab(t, s.server.url)
	b.withoutScripts()
	b.useLink(s.person(t, "plain-talk@example.org", "annotator", "plain-talk"))
	b.open("/campaigns/plain-talk/rank")
	b.waitForStep(3)
	b.click("#suggestions-ask button")
	first := b.suggested(3)
	b.click("#card-B .take")
	b.waitFor("the second as the reply", fmt.Sprintf(`document.querySelector("#written").value.trim() === %q.trim()`, first[1]))
	b.fill("#written", " Edited.")
	b.click("#submit")
	b.waitForStep(4)
	b.fill("#written", "And in the sun?")
	b.click("#submit")
	b.suggested(5)
	b.click("#back")
	b.waitForStep(4)
	b.waitFor("the message as a draft", `document.querySelector("#written").value === "And in the sun?"`)
	b.do("clear the message", chromedp.Evaluate[chromedp.Void](`document.querySelector("#written").value = ""`))
	b.click("#end")
	b.shows("Nothing left to rank")
	turns := s.turnsOf(t, "plain-talk", "u")
	if len(turns) != 1 || !strings.Contains(turns[0].Responses[turns[0].Dialogue.Reply].Text, "Edited.") || turns[0].Dialogue.From == nil || len(turns[0].Tiers[0]) != 1 {
		t.Errorf("stored as %+v", turns)
	}

	s.run(t, "campaign", "create", "--name", "mute", "--kind", "dialogue", "--generate-from", "gone")
	s.run(t, "import", "--campaign", "mute", s.write(t, "mute.jsonl", `{"id":"m","prompt":"Hello?"}`+"\n"))
	w := s.signIn(t, s.person(t, "mute@example.org", "annotator", "mute"))
	w.open("/campaigns/mute/rank")
	w.waitForStep(3)
	w.waitFor("the reason", `document.querySelector("#suggestions-failure:not([hidden])")?.textContent.includes("suggests nothing at the moment")`)
	if strings.Contains(eval[string](w, `document.documentElement.outerHTML`), "gone") {
		t.Error("the page names the checkpoint")
	}
	w.click("#written")
	w.press("Hello yourself.")
	w.sendText()
	w.waitForStep(4)
	w.click("#end")
	w.shows("Nothing left to rank")
}

func TestDialogueAccessibility(t *testing.T) {
	t.Parallel()
	s := shared(t)
	s.talking(t, "talk-axe", `{"id":"u","prompt":"What is an umbrella used for?"}`)
	s.talking(t, "talk-axe-say", `{"id":"s","prompt":"You plan a picnic.","metadata":{"dialogue":"scenario"}}`)
	b := s.signIn(t, s.person(t, "talk-axe@example.org", "annotator", "talk-axe", "talk-axe-say"))
	b.checkViews([]view{
		{name: "suggestions", path: "/campaigns/talk-axe/rank", prepare: func(b *tab) {
			b.suggested(3)
			b.press("b")
		}},
		{name: "the help of a reply", path: "/campaigns/talk-axe/rank", prepare: func(b *tab) {
			b.suggested(3)
			b.press("?")
		}},
		{name: "a scenario", path: "/campaigns/talk-axe-say/rank", prepare: func(b *tab) { b.waitForStep(2) }},
	})
	b.open("/campaigns/talk-axe/rank")
	b.suggested(3)
	b.click("#card-A .take")
	b.click("#submit")
	b.waitForStep(4)
	b.checkViews([]view{{name: "a message", path: "/campaigns/talk-axe/rank", prepare: func(b *tab) { b.waitForStep(4) }}})
	b.open("/campaigns/talk-axe/rank")
	b.waitForStep(4)
	b.click("#end")
	b.waitFor("the end", `document.readyState === "complete" && document.querySelector("#board") === null`)
	b.checkViews([]view{{name: "a conversation of one's own", path: "/history?campaign=talk-axe", prepare: func(b *tab) {
		b.click(".line-open")
		b.waitFor("the conversation", `document.querySelector(".past-turn") !== null`)
	}}})
}
