package e2e

import (
	"fmt"
	"strings"
	"testing"

	"github.com/chromedp/chromedp/kb"

	"rankloop/ranking"
)

// replies are what the assistant said in the turns of a conversation, in their order.
func replies(turns []ranking.Record) (texts []string) {
	for _, turn := range turns {
		texts = append(texts, turn.Responses[turn.Dialogue.Reply].Text)
	}
	return texts
}

// checkTalk fails the test unless the conversation is stored as it was led: each message and each reply once.
func (s *site) checkTalk(t *testing.T, campaign, promptID string, want ...string) {
	t.Helper()
	turns := s.turnsOf(t, campaign, promptID)
	if got := replies(turns); fmt.Sprintf("%q", got) != fmt.Sprintf("%q", want) {
		t.Errorf("the replies of %s are stored as %q, want %q", campaign, got, want)
	}
	for i, turn := range turns {
		if len(turn.Messages) != 2*i+1 {
			t.Errorf("turn %d has %d messages before its reply: %+v", i, len(turn.Messages), turn.Messages)
		}
	}
}

// kill -9 of the server while a message is on its way, and again while suggestions are being written: the page says so,
// keeps what was written, and goes on as soon as the server is back.
func TestKilledServerInADialogue(t *testing.T) {
	t.Parallel()
	p := newProgram(t)
	s := &site{p, p.serve(t)}
	address := strings.TrimPrefix(s.server.url, "http://")
	s.talking(t, "fragile", `{"id":"u","prompt":"What is an umbrella used for?"}`)
	b := s.signIn(t, s.person(t, "fragile@example.org", "annotator", "fragile"))
	b.expect("net::ERR_")
	b.expect("503 (Service Unavailable)") // while the server begins
	b.open("/campaigns/fragile/rank")
	first := b.suggested(3)
	b.press(kb.Escape, "a", kb.Enter)
	b.waitForStep(4)
	b.tabTo("#written")
	b.press("And in the sun?")
	b.saved()

	s.server.kill(t)
	b.sendText()
	b.waitForOffline()
	p.checkAllGone(t) // else the database is handed over while the test goes on
	s.server = p.serve(t, "--addr", address)
	b.waitForStep(5)

	s.server.kill(t) // before the suggestions, among them, or after the last: whichever this run meets
	const lost = `document.querySelector("#suggestions-failure:not([hidden])") !== null`
	b.waitFor("the word that the suggestions are lost, or all of them", lost+` || document.querySelector("#suggestion-cards .card[data-response]") !== null`)
	p.checkAllGone(t)
	s.server = p.serve(t, "--addr", address)
	if eval[bool](b, lost) {
		b.click("#suggestions-ask button")
	}
	b.suggested(5)
	b.tabTo("#written")
	b.press("Against the sun, too.")
	b.sendText()
	b.waitForStep(6)
	b.click("#end")
	b.shows("Nothing left to rank")
	s.checkTalk(t, "fragile", "u", first[0], "Against the sun, too.")
}

// Every submit of a conversation meets a lost connection: the message does not arrive, the reply's answer is lost, and so is
// that of the end. Each is stored once, and the page goes on by itself.
func TestDialogueWithoutConnection(t *testing.T) {
	t.Parallel()
	s := shared(t)
	s.talking(t, "unheard", `{"id":"s","prompt":"You plan a picnic.","metadata":{"dialogue":"scenario"}}`)
	b := s.signIn(t, s.person(t, "unheard@example.org", "annotator", "unheard"))
	b.open("/campaigns/unheard/rank")
	b.waitForStep(2)
	b.tabTo("#written")
	b.press("How can I invite Omar?")
	b.loseConnection(false)
	b.sendText()
	b.waitForOffline()
	if turns := s.turnsOf(t, "unheard", "s"); len(turns) != 0 {
		t.Errorf("stored without a connection: %+v", turns)
	}
	eval[any](b, `findConnection()`)
	first := b.suggested(3)

	b.loseConnection(true)
	b.press(kb.Escape, "b", kb.Enter)
	b.waitForOffline()
	eval[any](b, `findConnection()`)
	b.waitForStep(4)

	b.loseConnection(true)
	b.click("#end")
	b.waitForOffline()
	eval[any](b, `findConnection()`)
	b.shows("Nothing left to rank")
	s.checkTalk(t, "unheard", "s", first[1])
}
