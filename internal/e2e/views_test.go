package e2e

import (
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
)

// view is a page, or a state of one.
type view struct {
	name, path string
	prepare    func(b *tab) // nil where the page is the view
	status     string       // of the answer where it is an error, as the browser's console names it
}

// locales are the languages of the pages.
var locales = []string{"en", "zh-Hans"}

// checkViews looks at views in both languages.
func (b *tab) checkViews(views []view) {
	b.t.Helper()
	for _, locale := range locales {
		b.setLanguage(locale)
		for _, v := range views {
			if v.status != "" {
				b.expect(v.status)
			}
			b.open(v.path)
			if v.prepare != nil {
				v.prepare(b)
			}
			b.look(v.name, locale)
		}
	}
}

// look runs axe-core over what the tab shows and sees that it fits a phone. Where pictures are asked for,
// it takes them instead.
func (b *tab) look(name, locale string) {
	b.t.Helper()
	what := name + " in " + locale
	if lang := eval[string](b, `document.documentElement.lang`); lang != locale {
		b.t.Errorf("%s: the page is in %q", what, lang)
	}
	if picturesFolder() != "" {
		b.takePictures(name, locale)
		return
	}
	for _, theme := range themesToCheck(locale) {
		b.setTheme(theme)
		b.checkAxe(what+", "+theme, "")
	}
	b.do("a phone", chromedp.EmulateViewport(360, 740))
	if wide := eval[int](b, `document.documentElement.scrollWidth`); wide > 360 {
		b.t.Errorf("%s: %d pixels wide on a screen of 360", what, wide)
	}
	b.do("a desk", chromedp.EmulateViewport(1280, 900))
}

// themesToCheck are the themes in which axe-core looks at the pages of a language: one each, so that every page is looked at
// in both languages and both themes, or both where RANKLOOP_AXE is "all" (make axe).
func themesToCheck(locale string) []string {
	switch {
	case os.Getenv("RANKLOOP_AXE") == "all":
		return []string{"light", "dark"}
	case locale == locales[0]:
		return []string{"light"}
	}
	return []string{"dark"}
}

// The pages of a server on which nothing has happened yet.
func TestEmptyAccessibility(t *testing.T) {
	t.Parallel()
	p := newProgram(t)
	s := &site{p, p.serve(t)}
	b := s.signIn(t, s.person(t, "first@example.org", "admin"))
	b.checkViews([]view{
		{name: "nothing at home", path: "/"},
		{name: "no campaigns", path: "/campaigns"},
		{name: "nobody else", path: "/people"},
		{name: "no data sets", path: "/datasets"},
		{name: "no data for a snapshot", path: "/new/snapshot"},
		{name: "no runs", path: "/runs"},
		{name: "no data for a run", path: "/new/run?kind=reward"},
		{name: "no checkpoints of one's own", path: "/checkpoints"},
		{name: "no history", path: "/history"},
		{name: "no questions", path: "/questions"},
	})
	s.campaign(t, "beginning", prompts(2))
	b.checkViews([]view{{name: "first steps half done", path: "/"}})
}

// Everything that a text may hold, in nine long responses to a conversation of several turns.
func TestReadingAccessibility(t *testing.T) {
	t.Parallel()
	s := shared(t)
	said := func(role, content string) map[string]string {
		return map[string]string{"role": role, "content": content}
	}
	line, err := json.Marshal(map[string]any{
		"id": "long",
		"messages": []map[string]string{
			said("system", "Answer briefly."),
			said("user", "How do I add the numbers from 1 to *n*?"),
			said("assistant", "Multiply: $\\sum_{i=1}^{n} i = \\frac{n(n+1)}{2}$."),
			said("user", "Please show it in Go, "+strings.Repeat("and say why it is right; ", 12)+"thank you."),
		},
		"responses": []string{
			"Use a loop:\n\n```go\nfunc sum(n int) (total int) {\n\tfor i := 1; i <= n; i++ {\n\t\ttotal += i // this line is long enough to leave a narrow screen, and has to be scrolled\n\t}\n\treturn total\n}\n```\n",
			"| n | sum | how it was computed, in words that take some room |\n|--:|--:|---|\n| 1 | 1 | one |\n| 2 | 3 | one and two |\n| 100 | 5050 | as Gauss did |\n",
			"$$\\int_0^1 x^2\\,dx = \\frac{1}{3}, \\qquad \\begin{pmatrix} a & b \\\\ c & d \\end{pmatrix}$$\n\nand inline $e^{i\\pi} + 1 = 0$.",
			"# A heading\n\n## Another\n\n1. first\n   - inside\n     - deeper\n2. second\n\n> A quotation of some length, which wraps on a narrow screen.\n\n- [x] done\n- [ ] not done\n\n---\n\n**bold**, *slanted*, `code`, ~~struck~~ and [a link](https://example.org/).",
			"把从一加到 *n* 的数乘起来再除以二：首尾相加都等于 n+1，一共有 n/2 对，所以结果是 n(n+1)/2。这是高斯小时候用过的办法，写成程序只要一行。" + strings.Repeat("这一句很长，用来看看换行是否好看。", 8),
			"اجمع الأعداد من 1 إلى n ثم اقسم على اثنين. هذه فقرة تُقرأ من اليمين إلى اليسار، وفيها `code` وكلمة English واحدة.",
			strings.Repeat("A paragraph of a long response, one of many that make it longer than the screen.\n\n", 40),
			"Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft" + strings.Repeat("x", 200),
			"No.",
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	file := s.write(t, "axe-long.jsonl", string(line)+"\n")
	for name, schema := range map[string]string{"axe-long": "ranking-only", "axe-long-staged": "staged"} {
		s.run(t, "campaign", "create", "--name", name, "--k", "9", "--schema", schema)
		s.run(t, "import", "--campaign", name, file)
	}
	b := s.signIn(t, s.person(t, "axe-long@example.org", "annotator", "axe-long", "axe-long-staged"))
	board := func(keys ...string) func(*tab) {
		return func(b *tab) {
			b.waitForBoard(shownTask{})
			b.press(keys...)
		}
	}
	b.checkViews([]view{
		{name: "scoring one of nine", path: "/campaigns/axe-long-staged/rank?step=1", prepare: board()},
		{name: "nine long responses", path: "/campaigns/axe-long/rank", prepare: board("b", "a", "=", "d", "c")},
		{name: "long responses side by side", path: "/campaigns/axe-long/rank", prepare: board("v")},
	})
}
