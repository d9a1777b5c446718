package e2e

import (
	"testing"

	"github.com/chromedp/chromedp"
)

// Whatever is sent twice is stored once.
func TestSentTwiceStoredOnce(t *testing.T) {
	t.Parallel()
	s := shared(t)
	s.campaign(t, "twice", prompts(6), "--k", "4")
	b := s.signIn(t, s.person(t, "twice@example.org", "annotator", "twice"))
	b.open("/campaigns/twice/rank")
	stored := map[string][][]string{}
	orderShown := [][]string{{"A"}, {"B"}, {"C"}, {"D"}}

	t.Run("double click", func(t *testing.T) {
		task := b.waitForBoard(shownTask{})
		b.press("a", "b", "c", "d")
		b.do("double click on submit", chromedp.DoubleClick(chromedp.CSS("#submit")))
		b.waitForBoard(task)
		stored[task.Prompt] = task.texts(orderShown)
		s.checkStored(t, "twice", stored)
	})

	t.Run("two tabs", func(t *testing.T) {
		task := b.waitForBoard(shownTask{})
		second := b.another()
		second.open("/campaigns/twice/rank")
		if same := second.waitForBoard(shownTask{}); same.Lease != task.Lease {
			t.Fatal("the second tab holds another task")
		}
		b.rank("a", "b", "c", "d")
		b.waitForBoard(task)
		second.rank("d", "c", "b", "a")
		second.waitForBoard(task)
		stored[task.Prompt] = task.texts(orderShown) // what was sent first
		s.checkStored(t, "twice", stored)
	})

	t.Run("the same form", func(t *testing.T) {
		task := b.waitForBoard(shownTask{})
		b.press("a", "b", "c", "d")
		// What a browser without scripts sends, four times at once, after which the page is on the next task.
		answers := eval[[]string](b, `(globalThis.sent = Promise.all([1, 2, 3, 4].map(async () => {
			const form = document.querySelector("#board");
			const answer = await fetch(form.action, { method: "POST", body: new URLSearchParams(new FormData(form)) });
			return answer.status + " " + new URL(answer.url).pathname;
		})))`, chromedp.EvalAwaitPromise)
		for _, answer := range answers {
			if answer != "200 /campaigns/twice/rank" {
				t.Errorf("a resend was answered %q", answer)
			}
		}
		stored[task.Prompt] = task.texts(orderShown)
		s.checkStored(t, "twice", stored)

		// The page on which it was ranked does not know; sending it once more is harmless too.
		b.rank()
		b.waitForBoard(task)
		s.checkStored(t, "twice", stored)
	})
}
