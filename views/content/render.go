package content

import (
	"bytes"
	"html"
	"regexp"
	"strings"

	chromahtml "github.com/alecthomas/chroma/v2/formatters/html"
	"github.com/microcosm-cc/bluemonday"
	"github.com/yuin/goldmark"
	highlighting "github.com/yuin/goldmark-highlighting/v2"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	extast "github.com/yuin/goldmark/extension/ast"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/renderer"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"
)

// Beyond these a text is shown as it is, in one block: Markdown parsing is not linear in hostile input, and nobody
// reads such a text for its layout.
const (
	markdownBytesMax = 32 << 10
	markdownLineMax  = 16 << 10
)

// tooDeep finds a line that opens more than 40 quotes and lists inside each other: each level costs the parser a pass
// over the line.
var tooDeep = regexp.MustCompile(`(?m)^(?:[ \t]*(?:[>*+-]|[0-9]{1,9}[.)])){40}`)

// markdown renders what people and models wrote. Raw HTML is not interpreted but shown as the text it is, so that a
// response about HTML can be judged; links are text with their address beside them, so that nothing can be followed by
// accident; images are shown as their source, never loaded.
var markdown = goldmark.New(
	goldmark.WithExtensions(
		extension.Table, extension.Strikethrough,
		highlighting.NewHighlighting(highlighting.WithFormatOptions(
			chromahtml.WithClasses(true), chromahtml.ClassPrefix("hl-"), chromahtml.TabWidth(4),
		)),
	),
	goldmark.WithParserOptions(parser.WithASTTransformers(util.Prioritized(blockDirections{}, 100))),
	goldmark.WithRendererOptions(renderer.WithNodeRenderers(util.Prioritized(plainRenderer{}, 50))),
)

// policy is the second wall behind the renderer: elements of text and nothing that loads, runs, styles or leads away.
var policy = func() *bluemonday.Policy {
	p := bluemonday.NewPolicy()
	p.AllowElements("p", "br", "hr", "strong", "em", "del", "blockquote", "ul", "ol", "li", "h3", "h4", "h5", "h6",
		"table", "thead", "tbody", "tr", "th", "td", "pre", "code", "span")
	p.AllowAttrs("class").Matching(regexp.MustCompile(`^(hl-[a-z0-9]{1,12}|md-[a-z]{1,12})$`)).OnElements("span", "pre", "code")
	p.AllowAttrs("dir").Matching(regexp.MustCompile(`^auto$`)).Globally()
	p.AllowAttrs("start").Matching(regexp.MustCompile(`^[0-9]{1,9}$`)).OnElements("ol")
	return p
}()

// Render lays a text out. What it returns cannot run, load, style or escape the element it is put into.
func Render(source string) Text { return Text{HTML: layOut(source)} }

func layOut(source string) string {
	source = strings.ToValidUTF8(source, "\uFFFD")
	if len(source) > markdownBytesMax || longestLine(source) > markdownLineMax || tooDeep.MatchString(source) {
		return plainText(source)
	}
	var out bytes.Buffer
	if err := markdown.Convert([]byte(source), &out); err != nil {
		return plainText(source)
	}
	return showOverrides.Replace(policy.Sanitize(out.String()))
}

// showOverrides makes the two characters visible that turn text around whatever its script: with them "evil" reads
// "live". What is left after the policy has no attribute that could hold them, so replacing in HTML is safe.
var showOverrides = strings.NewReplacer(
	"\u202d", `<span class="md-control">U+202D</span>`, "\u202e", `<span class="md-control">U+202E</span>`,
)

func plainText(source string) string {
	return showOverrides.Replace(`<pre class="md-plain" dir="auto">` + html.EscapeString(source) + `</pre>`)
}

func longestLine(source string) int {
	longest := 0
	for line := range strings.Lines(source) {
		longest = max(longest, len(line))
	}
	return longest
}

// blockDirections gives every block dir="auto": each finds its own direction, and a bidirectional control character
// that is never closed ends with its block.
type blockDirections struct{}

func (blockDirections) Transform(document *ast.Document, _ text.Reader, _ parser.Context) {
	_ = ast.Walk(document, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if entering {
			switch n.Kind() {
			case ast.KindParagraph, ast.KindHeading, ast.KindListItem, ast.KindBlockquote, extast.KindTableCell:
				n.SetAttributeString("dir", []byte("auto"))
			}
		}
		return ast.WalkContinue, nil
	})
}

// plainRenderer replaces goldmark's renderers of whatever could act on the page.
type plainRenderer struct{}

func (r plainRenderer) RegisterFuncs(register renderer.NodeRendererFuncRegisterer) {
	register.Register(ast.KindLink, r.link)
	register.Register(ast.KindAutoLink, r.autoLink)
	register.Register(ast.KindImage, r.image)
	register.Register(ast.KindRawHTML, r.rawHTML)
	register.Register(ast.KindHTMLBlock, r.htmlBlock)
	register.Register(ast.KindHeading, r.heading)
}

func (plainRenderer) link(w util.BufWriter, source []byte, node ast.Node, entering bool) (ast.WalkStatus, error) {
	if entering {
		_, _ = w.WriteString(`<span class="md-link">`)
		return ast.WalkContinue, nil
	}
	_, _ = w.WriteString(`</span>`)
	destination := string(node.(*ast.Link).Destination)
	if destination != "" && destination != nodeText(node, source) {
		_, _ = w.WriteString(` <span class="md-url">(` + html.EscapeString(destination) + `)</span>`)
	}
	return ast.WalkContinue, nil
}

func (plainRenderer) autoLink(w util.BufWriter, source []byte, node ast.Node, entering bool) (ast.WalkStatus, error) {
	if entering {
		_, _ = w.WriteString(`<span class="md-link">` + html.EscapeString(string(node.(*ast.AutoLink).Label(source))) + `</span>`)
	}
	return ast.WalkSkipChildren, nil
}

func (plainRenderer) image(w util.BufWriter, source []byte, node ast.Node, entering bool) (ast.WalkStatus, error) {
	if entering {
		image := node.(*ast.Image)
		_, _ = w.WriteString(`<code>![` + html.EscapeString(nodeText(node, source)) + `](` +
			html.EscapeString(string(image.Destination)) + `)</code>`)
	}
	return ast.WalkSkipChildren, nil
}

func (plainRenderer) rawHTML(w util.BufWriter, source []byte, node ast.Node, entering bool) (ast.WalkStatus, error) {
	if entering {
		segments := node.(*ast.RawHTML).Segments
		for i := range segments.Len() {
			segment := segments.At(i)
			_, _ = w.WriteString(html.EscapeString(string(segment.Value(source))))
		}
	}
	return ast.WalkSkipChildren, nil
}

func (plainRenderer) htmlBlock(w util.BufWriter, source []byte, node ast.Node, entering bool) (ast.WalkStatus, error) {
	block := node.(*ast.HTMLBlock)
	if entering {
		_, _ = w.WriteString(`<pre class="md-plain" dir="auto">`)
		lines := block.Lines()
		for i := range lines.Len() {
			line := lines.At(i)
			_, _ = w.WriteString(html.EscapeString(string(line.Value(source))))
		}
		return ast.WalkContinue, nil
	}
	if block.HasClosure() {
		_, _ = w.WriteString(html.EscapeString(string(block.ClosureLine.Value(source))))
	}
	_, _ = w.WriteString("</pre>\n")
	return ast.WalkContinue, nil
}

// heading shifts headings below those of the page: a text's h1 is an h3 here.
func (plainRenderer) heading(w util.BufWriter, _ []byte, node ast.Node, entering bool) (ast.WalkStatus, error) {
	tag := "h" + string(rune('0'+min(node.(*ast.Heading).Level+2, 6)))
	if entering {
		_, _ = w.WriteString("<" + tag + ` dir="auto">`)
	} else {
		_, _ = w.WriteString("</" + tag + ">\n")
	}
	return ast.WalkContinue, nil
}

// nodeText is the plain text below a node.
func nodeText(node ast.Node, source []byte) string {
	var out strings.Builder
	_ = ast.Walk(node, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if t, ok := n.(*ast.Text); ok && entering {
			out.Write(t.Segment.Value(source))
		}
		return ast.WalkContinue, nil
	})
	return out.String()
}
