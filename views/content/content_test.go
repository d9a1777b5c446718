package content

import (
	"strings"
	"testing"

	"rankloop/views/content/hostile"
)

func TestRender(t *testing.T) {
	for source, want := range map[string]string{
		"a **b** *c* ~~d~~":               `<p dir="auto">a <strong>b</strong> <em>c</em> <del>d</del></p>`,
		"one\ntwo":                        "<p dir=\"auto\">one<br>\ntwo</p>",
		"5~10 and 20~30":                  `<p dir="auto">5~10 and 20~30</p>`,
		"**“词。”**词":                       `<p dir="auto" lang="zh"><strong>“词。”</strong>词`,
		"# Title":                         `<h3 dir="auto">Title</h3>`,
		"### Deep\n\n# High\n\n## Up":     "<h3 dir=\"auto\">Deep</h3>\n<h3 dir=\"auto\">High</h3>\n<h4 dir=\"auto\">Up</h4>",
		"3. x\n4. y":                      `<ol dir="ltr" start="3" class="md-tight">`,
		"- [x] done\n- [ ] open":          `<li dir="auto"><span class="md-task">☑</span> done</li>`,
		"| a |\n|--:|\n| b |":             `<td dir="auto" class="md-right">b</td>`,
		"Use the <b> tag":                 `Use the &lt;b&gt; tag`,
		"<div>\nhello\n</div>":            "&lt;div&gt;\nhello\n&lt;/div&gt;",
		"&lt;b&gt; \\* &amp;lt; &#38;lt;": `&lt;b&gt; * &amp;lt; &amp;lt;`,
		"[x](https://a.example/)":         `<a class="md-link" rel="noopener noreferrer nofollow" target="_blank" href="https://a.example/">x</a> <span class="md-url" dir="ltr">https://a.example/</span>`,
		"see https://a.example/b.":        `href="https://a.example/b">https://a.example/b</a>.`,
		"<me@a.example>":                  `href="mailto:me@a.example">me@a.example</a>`,
		"[x](https://аррӏе.com)":          `href="https://xn--80ak6aa92e.com">x</a> <span class="md-url" dir="ltr">https://xn--80ak6aa92e.com</span>`,
		"[x](javascript:a)":               `<span class="md-dead">x</span> <span class="md-url" dir="ltr">javascript:a</span>`,
		"![alt](https://a/x.png)":         `<span class="md-image">alt <span class="md-url" dir="ltr">https://a/x.png</span></span>`,
		"```go\nreturn nil\n```":          `<pre class="md-code" dir="ltr"><span class="md-lang">Go</span><code><span class="code-k">return</span> <span class="code-k">nil</span></code></pre>`,
		"```\"><b>\nx\n```":               `<pre class="md-code" dir="ltr"><code>x</code></pre>`,
		"$x^2$ costs $5 or $6":            `<math><mrow><msup><mi>x</mi><mn>2</mn></msup></mrow></math> costs $5 or $6`,
		`\(a\) and \[b\]`:                 `<math><mrow><mi>a</mi></mrow></math> and <span class="md-math"><math display="block"><mrow><mi>b</mi></mrow></math></span>`,
		"$$\na\n= b\n$$":                  `<span class="md-math"><math display="block"><mrow><mi>a</mi><mo>=</mo><mi>b</mi></mrow></math></span>`,
		"> $$\n> a\n> $$":                 `<math display="block"><mrow><mi>a</mi></mrow></math>`,
		`$\href{x}{y}$`:                   `<code class="md-tex" dir="ltr">$\href{x}{y}$</code>`,
		"- שלום\n- hello":                 `<ul dir="rtl" class="md-tight">`,
		"これは *本* です":                      `<p dir="auto" lang="ja">`,
		"| اسم |\n|---|\n| x |":           `<div class="md-scroll" dir="rtl"><table dir="rtl">`,
		"evil\u202elive\u202c":            `evil<span class="md-mark" dir="ltr" title="U+202E">RLO</span>live<span class="md-mark" dir="ltr" title="U+202C">PDF</span>`,
		"a\u200b\u200bb":                  `a<span class="md-mark" dir="ltr" title="U+200B">ZWSP×2</span>b`,
		"a\x1bb":                          `<span class="md-mark" dir="ltr" title="U+001B">␛</span>`,
	} {
		if got := Render(source).HTML; !strings.Contains(got, want) {
			t.Errorf("Render(%q)\n got %s\nlacks %s", source, got, want)
		}
	}
}

// What writing needs is not marked.
func TestWritingIsNotMarked(t *testing.T) {
	for _, source := range []string{
		"👨‍👩‍👧‍👦 👩🏽‍💻 ❤️‍🔥 1️⃣ ☎︎", "می\u200cخواهم", "क्\u200dष", "\U0001F3F4\U000E0067\U000E0062\U000E0073\U000E0063\U000E0074\U000E007F",
		"葛\U000E0100城", "Tiếng Việt", "שָׁלוֹם", "ཨོཾ་མ་ཎི", "é e\u0301", "ไม่มีน้ำ",
	} {
		if got := Render(source).HTML; strings.Contains(got, "md-mark") {
			t.Errorf("Render(%q) marks something: %s", source, got)
		}
	}
}

func TestSourceStandsWhereTheLayoutDiffers(t *testing.T) {
	for source, want := range map[string]bool{
		"Plain words.\n\nIn two paragraphs,\nthree lines.": false,
		"A *word*.": true, "1 \\* 2": true, "a\u200bb": true, "- x": true, "$x$": true, "https://a.example": true,
	} {
		if got := Render(source).Source != ""; got != want {
			t.Errorf("Render(%q) has a source: %v", source, got)
		}
	}
	if got, want := Render("*a*\n<b>").Source, `<div class="md-plain"><pre dir="auto">*a*`+"\n&lt;b&gt;</pre></div>"; got != want {
		t.Errorf("got %s", got)
	}
}

func TestNotes(t *testing.T) {
	for name, c := range map[string]struct {
		source string
		want   Note
	}{
		"short":       {"a", NoteNone},
		"long line":   {strings.Repeat("a ", lineBytesMax), NotePlain},
		"long text":   {strings.Repeat("a\n", markdownBytesMax), NotePlain},
		"deep":        {strings.Repeat("> ", 100) + "a", NotePlain},
		"larger yet":  {strings.Repeat("a\n", TextBytesMax), NoteCut},
		"whole table": {strings.Repeat("|a", 400) + "\n" + strings.Repeat("|-", 400) + strings.Repeat("\n|", 400), NotePlain},
	} {
		if got := Render(c.source).Note; got != c.want {
			t.Errorf("%s: note %q, want %q", name, got, c.want)
		}
	}
}

// A text of any size is shown whole up to the limit, in parts that hold together.
func TestPlainLosesNothing(t *testing.T) {
	unescape := strings.NewReplacer("&lt;", "<", `<div class="md-plain">`, "", "</div>", "", `<pre dir="auto">`, "", "</pre>", "")
	for _, source := range []string{"", "a", "a\n\n\nb", strings.Repeat("字<", 30000), strings.Repeat("\nab", 20000)} {
		parts := strings.ReplaceAll(plain(source), `<pre dir="auto">`+"\n", `<pre dir="auto">`)
		if strings.Contains(source, "\n") { // a line end between two parts is the end of the part
			parts = strings.ReplaceAll(parts, "</pre><pre", "\n</pre><pre")
		}
		if got := unescape.Replace(parts); got != source {
			t.Errorf("of %d bytes, %d are shown", len(source), len(got))
		}
	}
}

func TestHostileTexts(t *testing.T) {
	texts := hostile.Texts()
	if len(texts) < 150 {
		t.Fatalf("%d texts", len(texts))
	}
	names := map[string]bool{}
	for _, text := range texts {
		if names[text.Name] {
			t.Errorf("two texts are named %s", text.Name)
		}
		names[text.Name] = true
		check(t, text.Name, text.Source)
	}
}

// check renders a text within a time and sees that its HTML holds only what is allowed.
func check(t testing.TB, name, source string) {
	t.Helper()
	start := processTime()
	text := Render(source)
	if took := processTime() - start; took > renderTimeMax {
		t.Errorf("%s took %v", name, took)
	}
	for part, html := range map[string]string{"layout": text.HTML, "source": text.Source} {
		if found := hostile.Unknown(html); found != "" {
			t.Errorf("%s: the %s holds %s", name, part, found)
		}
	}
	cleaned, _ := clean(source)
	if _, _, err := layOut(cleaned); err != nil && err != errTooLarge && err != errTooDeep && err != errTooLaboured {
		t.Errorf("%s: %v", name, err)
	}
}
