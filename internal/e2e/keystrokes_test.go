package e2e

import (
	"testing"

	"github.com/chromedp/chromedp/kb"
)

// Four responses with one tie: at most 6 keys from the page that has just loaded to the stored judgment, whichever way they
// are typed. docs/workbench.md compares that.
func TestKeystrokesOfARanking(t *testing.T) {
	t.Parallel()
	s := shared(t)
	s.campaign(t, "keystrokes", prompts(3), "--k", "4")
	b := s.signIn(t, s.person(t, "keystrokes@example.org", "annotator", "keystrokes"))
	stored := map[string][][]string{}
	for _, way := range []struct {
		name  string
		keys  []string
		tiers [][]string
	}{
		{"as an expression", []string{"b", "a", "=", "d", "c", kb.Enter}, [][]string{{"B"}, {"A", "D"}, {"C"}}},
		{"as ranks", []string{"2", "1", "3", "2", kb.Enter}, [][]string{{"B"}, {"A", "D"}, {"C"}}},
	} {
		b.open("/campaigns/keystrokes/rank")
		task := b.waitForBoard(shownTask{})
		eval[any](b, `void (sessionStorage.setItem("keys", "0"), addEventListener("keydown",
			() => sessionStorage.setItem("keys", String(Number(sessionStorage.getItem("keys")) + 1)), { capture: true }))`)
		b.press(way.keys...)
		b.waitForBoard(task)
		if n := eval[int](b, `Number(sessionStorage.getItem("keys"))`); n != len(way.keys) || n > 6 {
			t.Errorf("%s: %d keys", way.name, n)
		}
		stored[task.Prompt] = task.texts(way.tiers)
		s.checkStored(t, "keystrokes", stored)
	}
}
