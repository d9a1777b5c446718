package e2e

import (
	"fmt"
	"os"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// readmeFolder is where the README's pictures go; the test is skipped where none are asked for.
func readmeFolder(t *testing.T) string {
	t.Helper()
	folder := os.Getenv("RANKLOOP_README_PICTURES")
	if folder == "" {
		t.Skip("RANKLOOP_README_PICTURES names no folder; make screenshots sets it")
	}
	return folder
}

// TestScreenshots makes the README's pictures, on replies of the base model and simulated judgments.
func TestScreenshots(t *testing.T) {
	folder := readmeFolder(t)
	s := shared(t)
	requests := []string{
		"Write a short story about Lena and a dog.", "Describe a tiger in two sentences.", "Please compare a lemon with a melon.",
		"How can I thank Anna for the cake?", "Invite Omar to a picnic in the park on Sunday.", "What is an umbrella used for?",
	}
	lines := ""
	for i, request := range requests {
		lines += fmt.Sprintf(`{"id":"r%d","prompt":%q}`+"\n", i+1, request)
	}
	s.run(t, "campaign", "create", "--name", "everyday", "--k", "4", "--overlap", "2")
	s.run(t, "import", "--campaign", "everyday", s.write(t, "everyday.jsonl", lines))
	eventually(t, "replies for every request", func() bool {
		var shown struct{ Tasks struct{ Waiting int } }
		s.json(t, &shown, "stats", "--campaign", "everyday")
		return shown.Tasks.Waiting == 0
	})
	s.learnable(t, "pictures", 40)
	s.run(t, "train", "reward", "--name", "pictures-reward", "--snapshot", "pictures", "--set", "epochs=4")
	s.run(t, "train", "ppo", "--name", "pictures-ppo", "--reward", "pictures-reward", "--prompts", "everyday",
		"--set", "iterations=12", "--set", "episodes=32", "--set", "sample_every=6", "--set", "sample_prompts=4")

	b := s.signIn(t, s.person(t, "pictures@example.org", "admin", "everyday"))
	b.do("a desk", chromedp.EmulateViewport(1440, 900))
	b.open("/campaigns/everyday/rank")
	for _, score := range []string{"5", "6", "3", "5"} {
		b.waitForBoard(shownTask{})
		b.rank(score)
	}
	b.press("b", "a", "=", "d", "c")
	b.picture(folder, "ranking.png", chromedp.CaptureScreenshot())
	b.open("/campaigns/everyday")
	b.picture(folder, "campaign.png", chromedp.CaptureScreenshot())
	b.open("/runs/pictures-ppo")
	b.waitFor("curves", `document.querySelector("figure.chart:not([hidden]) canvas") !== null`)
	b.picture(folder, "run.png", chromedp.CaptureScreenshot())
	b.do("a phone", chromedp.EmulateViewport(360, 740, chromedp.EmulateMobile, chromedp.EmulateTouch))
	b.open("/campaigns/everyday/rank")
	eval[string](b, `document.documentElement.dataset.theme = "dark"`)
	b.picture(folder, "ranking-phone.png", chromedp.CaptureScreenshot())
}

// TestScreenshotsOfDialogues makes the picture of a conversation, on suggestions of the base model.
func TestScreenshotsOfDialogues(t *testing.T) {
	folder := readmeFolder(t)
	s := shared(t)
	s.talking(t, "umbrellas", `{"id":"u","prompt":"What is an umbrella used for?"}`)
	b := s.signIn(t, s.person(t, "talking@example.org", "annotator", "umbrellas"))
	b.do("a desk", chromedp.EmulateViewport(1440, 900))
	b.open("/campaigns/umbrellas/rank")
	b.suggested(3)
	b.click("#card-A .take")
	b.click("#submit")
	b.waitForStep(4)
	b.tabTo("#written")
	b.press("Describe a dog in two sentences.")
	b.sendText()
	b.suggested(5)
	b.press(kb.Escape, "b", "a")
	b.picture(folder, "dialogue.png", chromedp.CaptureScreenshot())
	b.do("a phone", chromedp.EmulateViewport(360, 740, chromedp.EmulateMobile, chromedp.EmulateTouch))
	b.setTheme("dark")
	b.do("scroll to the suggestions", chromedp.Evaluate[chromedp.Void](`document.querySelector("#suggestions").scrollIntoView()`))
	b.picture(folder, "dialogue-phone.png", chromedp.CaptureScreenshot())
}
