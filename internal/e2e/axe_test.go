package e2e

import (
	_ "embed"
	"fmt"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// The rules of accessibility as a program can check them (WCAG 2 and good practice), run in the page.
//
//go:embed testdata/axe-core/axe.min.js
var axe string

// checkAxe fails the test for every violation that axe-core finds on the page.
func (b *tab) checkAxe(what, options string) {
	b.t.Helper()
	if !eval[bool](b, `typeof axe === "object"`) {
		b.do("load axe-core", chromedp.Evaluate[chromedp.Void](axe))
	}
	// preload would fetch style sheets a second time, which the page's policy forbids.
	found := eval[[]string](b, fmt.Sprintf(`axe.run(document, { preload: false, resultTypes: ["violations"], %s }).then(({ violations }) =>
		violations.map((v) => v.id + ": " + v.help + "\n" + v.nodes.map((n) => "  " + n.target.join(" ") + "  " + n.failureSummary).join("\n")))`, options),
		chromedp.EvalAwaitPromise)
	for _, violation := range found {
		b.t.Errorf("%s: %s", what, violation)
	}
}

// setTheme is what the theme's menu does where scripts run.
func (b *tab) setTheme(theme string) {
	b.t.Helper()
	eval[any](b, fmt.Sprintf(`(document.documentElement.dataset.theme = %q, document.dispatchEvent(new CustomEvent("rankloop:theme")))`, theme))
	b.waitFor("the theme "+theme, `document.getAnimations().every((a) => a.playState !== "running")`)
}

// setLanguage chooses a language as the menu does.
func (b *tab) setLanguage(locale string) {
	b.t.Helper()
	b.open("/sign-in") // leads home where somebody is signed in
	status := eval[int](b, fmt.Sprintf(`fetch("/preferences", { method: "POST", body: new URLSearchParams({ locale: %q, next: "/sign-in" }) }).then((r) => r.status)`, locale),
		chromedp.EvalAwaitPromise)
	if status != 200 {
		b.t.Fatalf("choosing the language: status %d", status)
	}
}

func TestAccessibility(t *testing.T) {
	t.Parallel()
	s := shared(t)
	set := prompts(3)
	set[0].Prompt = "A *question* with `code`:\n\n```go\nfunc main() { println(\"hello\") }\n```\n\n| a | b |\n|---|---|\n| 1 | 2 |\n"
	s.campaign(t, "axe-staged", set, "--k", "4", "--schema", "staged")
	s.campaign(t, "axe-duel", set, "--kind", "comparison")
	s.campaign(t, "axe-write", set, "--kind", "demonstration")
	rules := s.write(t, "axe-rules.md", "# Rules\n\nPrefer the **long** one.\n")
	s.campaign(t, "axe-rules", set, "--k", "4", "--guidelines", rules)
	s.campaign(t, "axe-new", set, "--k", "4", "--guidelines", rules)
	s.campaign(t, "axe", set, "--k", "4", "--guidelines", s.write(t, "axe.md", "# Guidelines\n\nPrefer **north**. See [rules](https://example.org/).\n"))

	t.Run("public", func(t *testing.T) {
		t.Parallel()
		link := s.person(t, "axe-link@example.org", "annotator")
		newTab(t, s.server.url).checkViews([]view{
			{name: "signing in", path: "/sign-in"},
			{name: "a refused sign-in", path: "/sign-in", status: "401 (Unauthorized)", prepare: func(b *tab) {
				b.fill("#field-email", "nobody@example.org")
				b.fill("#field-password", "wrong")
				b.click("main form button.primary")
				b.waitFor("the refusal", `document.querySelector('[role="alert"]') !== null`)
			}},
			{name: "a sign-in link", path: strings.TrimPrefix(link, s.server.url)},
			{name: "a dead link", path: "/link/nothing", status: "410 (Gone)"},
			{name: "a missing page", path: "/nothing", status: "404 (Not Found)"},
		})
	})

	t.Run("annotator", func(t *testing.T) {
		t.Parallel()
		b := s.signIn(t, s.person(t, "axe-annotator@example.org", "annotator", "axe", "axe-rules", "axe-new", "axe-staged", "axe-duel", "axe-write"))
		b.open("/campaigns/axe-rules/rank")
		b.acknowledge("axe-rules")
		b.waitForBoard(shownTask{})
		b.open("/campaigns/axe/rank")
		b.acknowledge("axe")
		first := b.waitForBoard(shownTask{})
		s.rewrite(t, "axe-rules", "# Rules\n\nPrefer the **short** one.\n\nNew: a tie is an answer.\n")
		b.rank("a", "b", "c", "d")
		first = b.waitForBoard(first)
		b.press("s")
		b.click(`#skip input[value="unclear"]`)
		b.click("#skip button.primary")
		b.waitForBoard(first)
		b.open("/campaigns/axe-duel/rank")
		first = b.waitForBoard(shownTask{})
		b.press("b", "2", kb.Enter)
		b.waitForBoard(first)
		b.open("/campaigns/axe-write/rank")
		first = b.waitForBoard(shownTask{})
		b.press("A reply with **bold** words.")
		b.click("#submit")
		b.waitForBoard(first)
		past := func(b *tab) {
			b.click(".line-open")
			b.waitFor("the answer", `document.querySelector(".past .order") !== null && document.readyState === "complete"`)
		}
		board := func(keys ...string) func(*tab) {
			return func(b *tab) {
				b.waitForBoard(shownTask{})
				b.press(keys...)
			}
		}
		b.checkViews([]view{
			{name: "home", path: "/"},
			{name: "the board", path: "/campaigns/axe/rank", prepare: board()},
			{name: "a half-ranked board", path: "/campaigns/axe/rank", prepare: board("\b", "\b", "\b", "\b", "b", "=", "a", "d")},
			{name: "the board's help", path: "/campaigns/axe/rank", prepare: board("?")},
			{name: "scoring", path: "/campaigns/axe-staged/rank?step=1", prepare: board("5", "c")},
			{name: "a ranking against its scores", path: "/campaigns/axe-staged/rank?step=1", prepare: board(
				"5", kb.Enter, "6", kb.Enter, "6", kb.Enter, "7", kb.Enter, "a", "b", "=", "c", "d", "u", "d")},
			{name: "the help of a staged board", path: "/campaigns/axe-staged/rank?step=1", prepare: board("?")},
			{name: "asking", path: "/campaigns/axe/rank", prepare: func(b *tab) {
				b.waitForBoard(shownTask{})
				b.click("#ask-button")
			}},
			{name: "two responses side by side", path: "/campaigns/axe/rank", prepare: board("v")},
			{name: "one's own questions", path: "/questions"},
			{name: "skipping", path: "/campaigns/axe/rank", prepare: board("s")},
			{name: "guidelines", path: "/campaigns/axe/guidelines"},
			{name: "guidelines to be read", path: "/campaigns/axe-new/rank"},
			{name: "changed guidelines", path: "/campaigns/axe-rules/guidelines"},
			{name: "account", path: "/account"},
			{name: "history", path: "/history"},
			{name: "a ranking of one's own", path: "/history?campaign=axe&kind=judged", prepare: past},
			{name: "a comparison of one's own", path: "/history?campaign=axe-duel", prepare: past},
			{name: "a demonstration of one's own", path: "/history?campaign=axe-write", prepare: past},
			{name: "a skip of one's own", path: "/history?kind=skipped", prepare: past},
			{name: "a change of a ranking", path: "/campaigns/axe/last", prepare: board()},
			{name: "an empty filter", path: "/history?kind=revised"},
			{name: "the menu", path: "/", prepare: func(b *tab) { b.click("button.who") }},
			{name: "a forbidden page", path: "/campaigns", status: "403 (Forbidden)"},
		})
	})

	t.Run("admin", func(t *testing.T) {
		t.Parallel()
		b := s.signIn(t, s.person(t, "axe-admin@example.org", "admin"))
		file := s.write(t, "axe-upload.jsonl", promptSet(prompts(2))+`{"id":"x"}`+"\n")
		b.checkViews([]view{
			{name: "home", path: "/"},
			{name: "campaigns", path: "/campaigns"},
			{name: "a new campaign", path: "/new/campaign"},
			{name: "a refused campaign", path: "/new/campaign", status: "422 (Unprocessable", prepare: func(b *tab) {
				b.do("let the server check", chromedp.Evaluate[chromedp.Void](`document.querySelector("main form").noValidate = true`))
				b.click("main form button.primary")
				b.waitFor("the error beside its field", `document.querySelector("main [aria-invalid]") !== null`)
			}},
			{name: "a campaign", path: "/campaigns/axe"},
			{name: "a campaign of comparisons", path: "/campaigns/axe-duel"},
			{name: "a campaign of demonstrations", path: "/campaigns/axe-write"},
			{name: "a campaign as annotators see it", path: "/campaigns/axe-staged/try?tried=1"},
			{name: "a comparison as annotators see it", path: "/campaigns/axe-duel/try"},
			{name: "a demonstration as annotators see it", path: "/campaigns/axe-write/try"},
			{name: "an invitation", path: "/campaigns/axe", prepare: func(b *tab) {
				b.click(`form[action="/campaigns/axe/invitations"] button`)
				b.waitFor("the link", `document.querySelector("#invitation") !== null`)
			}},
			{name: "questions", path: "/campaigns/axe/questions"},
			{name: "uploading", path: "/campaigns/axe/upload"},
			{name: "a preview", path: "/campaigns/axe/upload", prepare: func(b *tab) {
				b.choose("#field-file", file)
				b.click("main form button.primary")
				b.waitFor("the preview", `document.querySelector("article.preview") !== null`)
			}},
			{name: "people", path: "/people"},
			{name: "audit", path: "/audit"},
		})
	})

	t.Run("researcher", func(t *testing.T) {
		t.Parallel()
		s.learnable(t, "axe-data", 6)
		s.run(t, "train", "reward", "--name", "axe-run", "--snapshot", "axe-data", "--set", "epochs=3", "--set", "zero_samples=16")
		s.run(t, "train", "ppo", "--name", "axe-ppo", "--reward", "axe-run", "--prompts", "axe-data", "--set", "iterations=2", "--set", "episodes=8")
		b := s.signIn(t, s.person(t, "axe-researcher@example.org", "researcher"))
		// measure asks for an evaluation by its button, and is the page on which it ends up.
		measure := func(checkpoint, kind string) string {
			b.open("/checkpoints/" + checkpoint)
			b.click(`form:has(input[value="` + kind + `"]) button`)
			b.waitFor("the "+kind, `location.pathname.startsWith("/evaluations/") && document.readyState === "complete" && document.querySelector("[data-pending]") === null`)
			return eval[string](b, `location.pathname`)
		}
		report, folds, curve := measure("axe-run", "report"), measure("axe-run", "folds"), measure("axe-ppo", "curve")
		b.checkViews([]view{
			{name: "home", path: "/"},
			{name: "data sets", path: "/datasets"},
			{name: "a data set", path: "/datasets/axe-data"},
			{name: "a new snapshot", path: "/new/snapshot?campaign=axe-data"},
			{name: "a snapshot", path: "/snapshots/axe-data"},
			{name: "runs", path: "/runs"},
			{name: "a new reward run", path: "/new/run?kind=reward"},
			{name: "a new PPO run", path: "/new/run?kind=ppo"},
			{name: "a new run from a file", path: "/new/run?kind=pretrain", prepare: func(b *tab) {
				b.choose("#field-file", s.write(t, "notes.txt", strings.Repeat("A line of text.\n", 100)))
				b.click(`form[action^="/new/run/data"] button`)
				b.waitForText("notes.txt")
			}},
			{name: "a run", path: "/runs/axe-run", prepare: func(b *tab) {
				b.waitFor("its curves", `document.querySelector("figure.chart:not([hidden]) canvas") !== null`)
			}},
			{name: "checkpoints", path: "/checkpoints"},
			{name: "a reward model", path: "/checkpoints/axe-run"},
			{name: "a policy", path: "/checkpoints/axe-ppo"},
			{name: "a report", path: report},
			{name: "a cross-validation", path: folds},
			{name: "an over-optimisation curve", path: curve},
		})
	})
}
