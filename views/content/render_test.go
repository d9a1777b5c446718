package content

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

var (
	anyTag     = regexp.MustCompile(`<[^>]*>`)
	tagName    = regexp.MustCompile(`<(/?)([a-z0-9]+)`)
	allowedTag = regexp.MustCompile(`^</?(p|br|hr|strong|em|del|blockquote|ul|ol|li|h[3-6]|table|thead|tbody|tr|th|td|pre|code|span)( (class="(hl-[a-z0-9]+|md-[a-z]+)"|dir="auto"|start="[0-9]+"))*/?>$`)
)

// unsafe names what in rendered HTML could run, load, style, lead away or escape its element.
func unsafe(rendered string) string {
	for _, tag := range anyTag.FindAllString(rendered, -1) {
		if !allowedTag.MatchString(tag) {
			return tag
		}
	}
	open := map[string]int{}
	for _, m := range tagName.FindAllStringSubmatch(rendered, -1) {
		if m[2] == "br" || m[2] == "hr" {
			continue
		}
		if m[1] == "" {
			open[m[2]]++
		} else if open[m[2]]--; open[m[2]] < 0 {
			return "a stray </" + m[2] + ">"
		}
	}
	for tag, n := range open {
		if n != 0 {
			return "an open <" + tag + ">"
		}
	}
	return ""
}

func TestMarkdownRendersText(t *testing.T) {
	for source, want := range map[string]string{
		"a **b** *c* ~~d~~":       `<p dir="auto">a <strong>b</strong> <em>c</em> <del>d</del></p>`,
		"# Title":                 `<h3 dir="auto">Title</h3>`,
		"3. x\n4. y":              `<ol start="3">`,
		"| a |\n|---|\n| b |":     `<td dir="auto">b</td>`,
		"Use the <b> tag":         `Use the &lt;b&gt; tag`,
		"<div>\nhello\n</div>":    "&lt;div&gt;\nhello\n&lt;/div&gt;",
		"[x](https://a.example/)": `<span class="md-link">x</span> <span class="md-url">(https://a.example/)</span>`,
		"<https://a.example/>":    `<span class="md-link">https://a.example/</span>`,
		"![alt](https://a/x.png)": `<code>![alt](https://a/x.png)</code>`,
		"```go\nreturn nil\n```":  `<span class="hl-k">return</span>`,
		"1 < 2 && 3 > 2":          `1 &lt; 2 &amp;&amp; 3 &gt; 2`,
		"safe \u202elive\u202c":   `<span class="md-control">U+202E</span>`,
	} {
		if got := layOut(source); !strings.Contains(got, want) {
			t.Errorf("layOut(%q) = %q, lacks %q", source, got, want)
		}
	}
}

var hostile = []string{
	`<script>alert(1)</script>`, `<img src=x onerror=alert(1)>`, `<svg/onload=alert(1)>`, `<style>*{display:none}</style>`,
	`<iframe src="https://evil.example"></iframe>`, `<a href="javascript:alert(1)">x</a>`, `[x](javascript:alert(1))`,
	`[x](data:text/html,<script>alert(1)</script>)`, `![x](https://evil.example/p.png)`, `![x](x "onerror=alert(1)")`,
	"<https://evil.example/\"onmouseover=\"alert(1)>", `</div></article></main><h1>escaped`, `<!-- --><script>alert(1)</script>`,
	"```\"><script>alert(1)</script>\ncode\n```", "```html onload=alert(1)\n<b>\n```", `<p style="position:fixed">x`, `<form action=/sign-out method=post><button>`,
	`<base href=https://evil.example>`, `<meta http-equiv=refresh content=0>`, `<link rel=stylesheet href=//evil.example>`,
	`&lt;script&gt;alert(1)&lt;/script&gt;`, `&#60;script&#62;alert(1)`, "[x]: javascript:alert(1)\n[x]", `<math><mi xlink:href="data:x,y">`,
	`<object data=x>`, `<div class="order" id="board">`, "<td>\n</table>", `<![CDATA[<script>alert(1)</script>]]>`, `<?php echo 1 ?>`,
	"\u202e\u2066 overrides \u202d", "zero\u200bwidth\u200d", strings.Repeat("> ", 500) + "deep", strings.Repeat("- ", 300) + "deep",
	strings.Repeat("*", 5000), strings.Repeat("[", 5000), strings.Repeat("`", 4999), strings.Repeat("<", 4000), "\x00\x01 control",
	"invalid \xff\xfe utf-8", strings.Repeat("![", 3000), strings.Repeat("|a", 1000) + "\n" + strings.Repeat("|-", 1000),
	strings.Repeat("- ", 7000) + "deep", strings.Repeat("> ", 7000) + "deep", strings.Repeat("1. ", 4000) + "deep",
	strings.Repeat("<a ", 5000), strings.Repeat("[x]: y\n", 4000), "```go\n" + strings.Repeat("x := `", 2000),
}

func TestMarkdownIsSafe(t *testing.T) {
	for _, source := range hostile {
		start := time.Now()
		rendered := layOut(source)
		// Generous for a busy machine; what this is to catch takes minutes.
		if took := time.Since(start); took > 20*time.Second {
			t.Errorf("layOut(%.60q) took %v", source, took)
		}
		if found := unsafe(rendered); found != "" {
			t.Errorf("layOut(%.60q) holds %s", source, found)
		}
	}
}

// Pieces of hostile text in any order, with line breaks between them, stay harmless.
func TestMarkdownIsSafeInPieces(t *testing.T) {
	pieces := append([]string{"\n", "\n\n", "    ", "> ", "* ", "`", "```\n", "a", "<", ">", "\"", "'", "](", "![", "<!--", "-->"}, hostile[:32]...)
	rapid.Check(t, func(t *rapid.T) {
		source := strings.Join(rapid.SliceOfN(rapid.SampledFrom(pieces), 1, 12).Draw(t, "pieces"), "")
		if found := unsafe(layOut(source)); found != "" {
			t.Fatalf("%q holds %s", source, found)
		}
	})
}

func TestLargeTextIsPlain(t *testing.T) {
	line := strings.Repeat("<b>", 400_000) // 1.2 MB in a line
	rendered := layOut(line)
	if found := unsafe(rendered); found != "" || !strings.HasPrefix(rendered, `<pre class="md-plain"`) {
		t.Errorf("a long line: %.80s, %s", rendered, found)
	}
}
