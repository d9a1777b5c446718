package content

import (
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/yuin/goldmark/ast"
	extension "github.com/yuin/goldmark/extension/ast"

	"rankloop/views/content/tex"
)

// layOut writes a text as HTML. asWritten says that it is plain paragraphs, which show the text as it was written.
func layOut(source string) (html string, asWritten bool, err error) {
	if len(source) > markdownBytesMax || longestLine(source) > lineBytesMax {
		return "", false, errTooLarge
	}
	document, err := parse([]byte(source))
	if err != nil {
		return "", false, err
	}
	defer func() {
		if p := recover(); p != nil {
			html, err = "", recovered(p)
		}
	}()
	l := layout{source: []byte(source), writer: writer{limit: outputBytesMax}, heading: headingOfCard}
	l.children(document)
	return l.String(), !l.different && !l.marked, nil
}

// headingOfCard is the level of the heading that a text stands under.
const headingOfCard = 2

// layout writes a tree. Whatever is not named here is not written.
type layout struct {
	writer
	source    []byte
	depth     int
	heading   int  // level of the last heading
	different bool // from the text as written
	formulas  int  // set so far
}

// formatted notes that the layout says something by other means than the text as written.
func (l *layout) formatted() { l.different = true }

func (l *layout) children(n ast.Node) {
	if l.depth++; l.depth > depthMax {
		panic(overLimit{errTooDeep})
	}
	for child := n.FirstChild(); child != nil; child = child.NextSibling() {
		l.node(child)
	}
	l.depth--
}

// wrap writes an element with the children of n in it.
func (l *layout) wrap(n ast.Node, open, close string) {
	l.raw(open)
	l.children(n)
	l.raw(close)
}

func (l *layout) node(n ast.Node) {
	switch n := n.(type) {
	case *ast.Text:
		l.words(n)
		return
	case *ast.Paragraph:
		l.wrap(n, `<p dir="auto"`+l.lang(n)+`>`, "</p>\n")
		return
	}
	l.formatted()
	switch n := n.(type) {
	// Blocks
	case *ast.TextBlock:
		l.children(n)
		if n.NextSibling() != nil {
			l.raw("\n")
		}
	case *ast.Heading:
		// Below the card's own heading, and no level left out, whatever the text begins with.
		l.heading = min(headingOfCard+n.Level, l.heading+1, 6)
		level := strconv.Itoa(l.heading)
		l.wrap(n, `<h`+level+` dir="auto"`+l.lang(n)+`>`, `</h`+level+">\n")
	case *ast.Blockquote:
		l.wrap(n, `<blockquote dir="`+l.direction(n)+`">`, "</blockquote>\n")
	case *ast.List:
		l.list(n)
	case *ast.ListItem:
		l.wrap(n, `<li dir="auto"`+l.lang(n)+`>`, "</li>\n")
	case *ast.ThematicBreak:
		l.raw("<hr>\n")
	case *ast.CodeBlock:
		l.code("", l.lines(n))
	case *ast.FencedCodeBlock:
		l.code(string(n.Language(l.source)), l.lines(n))
	case *ast.HTMLBlock:
		written := l.lines(n)
		if n.HasClosure() {
			written += string(n.ClosureLine.Value(l.source))
		}
		l.code("", written)
	case *extension.Table:
		l.table(n)
	case *mathBlock:
		l.math(n.written.String(), n.formula(), true)
		l.raw("\n")

	// Inline elements
	case *ast.String:
		l.text(string(n.Value))
	case *ast.Emphasis:
		if n.Level == 1 {
			l.wrap(n, `<em>`, `</em>`)
		} else {
			l.wrap(n, `<strong>`, `</strong>`)
		}
	case *extension.Strikethrough:
		l.wrap(n, `<del>`, `</del>`)
	case *ast.CodeSpan:
		l.raw(`<code dir="auto">`)
		l.text(strings.ReplaceAll(string(l.textBelow(n)), "\n", " "))
		l.raw(`</code>`)
	case *ast.Link:
		l.link(string(n.Destination), string(l.textBelow(n)), func() { l.children(n) })
	case *ast.AutoLink:
		label, target := string(n.Label(l.source)), string(n.URL(l.source))
		if n.AutoLinkType == ast.AutoLinkEmail && !strings.HasPrefix(strings.ToLower(target), "mailto:") {
			target = "mailto:" + target
		}
		l.link(target, label, func() { l.text(label) })
	case *ast.Image:
		l.raw(`<span class="md-image">`)
		l.text(string(l.textBelow(n)))
		l.address(unescape(string(n.Destination)))
		l.raw(`</span>`)
	case *extension.TaskCheckBox:
		if n.IsChecked {
			l.raw(`<span class="md-task">☑</span> `)
		} else {
			l.raw(`<span class="md-task">☐</span> `)
		}
	case *mathSpan:
		l.math(n.written, n.formula, n.display)
	}
}

// words writes text, in which backslashes and character references stand for other characters. A line ends where the
// writer ended it: in answers, that means something.
func (l *layout) words(n *ast.Text) {
	written := string(n.Segment.Value(l.source))
	if shown := unescape(written); !n.IsRaw() && shown != written {
		l.formatted()
		written = shown
	}
	l.text(written)
	if n.SoftLineBreak() || n.HardLineBreak() {
		l.raw("<br>\n")
	}
}

func (l *layout) list(n *ast.List) {
	tag := "ul"
	if n.IsOrdered() {
		tag = "ol"
	}
	l.raw(`<` + tag + ` dir="` + l.direction(n) + `"`)
	if n.IsOrdered() && n.Start != 1 {
		l.raw(` start="` + strconv.Itoa(n.Start) + `"`)
	}
	if n.IsTight {
		l.raw(` class="md-tight"`)
	}
	l.wrap(n, ">\n", `</`+tag+">\n")
}

// table writes a table within a frame that scrolls where the table is wider than its card.
func (l *layout) table(n *extension.Table) {
	dir := ` dir="` + l.direction(n) + `"`
	l.raw(`<div class="md-scroll"` + dir + l.focusable(l.tableWidth(n)) + `><table` + dir + ">\n")
	body := false
	for row := n.FirstChild(); row != nil; row = row.NextSibling() {
		cell, group := "td", ""
		switch _, isHeader := row.(*extension.TableHeader); {
		case isHeader:
			cell, group = "th", "thead"
			l.raw("<thead>")
		case !body:
			body = true
			l.raw("<tbody>")
		}
		l.raw("<tr>")
		for child := row.FirstChild(); child != nil; child = child.NextSibling() {
			l.cell(cell, child)
		}
		l.raw("</tr>")
		if group != "" {
			l.raw("</thead>\n")
		}
	}
	if body {
		l.raw("</tbody>")
	}
	l.raw("</table></div>\n")
}

// A frame that may be wider than a phone can be focused, so that the arrow keys scroll it.
const phoneCharacters = 30

func (l *layout) focusable(characters int) string {
	if characters > phoneCharacters {
		return ` tabindex="0"`
	}
	return ""
}

// tableWidth is the least width of a table in characters: of each column its longest word and the space around it.
func (l *layout) tableWidth(n *extension.Table) int {
	widths := make([]int, len(n.Alignments))
	for row := n.FirstChild(); row != nil; row = row.NextSibling() {
		i := 0
		for cell := row.FirstChild(); cell != nil && i < len(widths); cell = cell.NextSibling() {
			for word := range strings.FieldsSeq(string(l.textBelow(cell))) {
				widths[i] = max(widths[i], utf8.RuneCountInString(word))
			}
			i++
		}
	}
	sum := 0
	for _, width := range widths {
		sum += width + 3
	}
	return sum
}

func (l *layout) cell(tag string, n ast.Node) {
	class := ""
	if cell, ok := n.(*extension.TableCell); ok {
		switch cell.Alignment {
		case extension.AlignLeft:
			class = ` class="md-left"`
		case extension.AlignCenter:
			class = ` class="md-center"`
		case extension.AlignRight:
			class = ` class="md-right"`
		}
	}
	l.wrap(n, `<`+tag+` dir="auto"`+l.lang(n)+class+`>`, `</`+tag+`>`)
}

// formulasMax is how many formulas of a text are set; each is bounded, and so are they all.
const formulasMax = 500

// math writes a formula, or what was written where that is no formula.
func (l *layout) math(written, formula string, display bool) {
	l.formatted()
	if l.formulas++; l.formulas <= formulasMax {
		if mathML, err := tex.MathML(formula, display); err == nil {
			if display {
				mathML = `<span class="md-math"` + l.focusable(len(formula)) + `>` + mathML + `</span>`
			}
			l.raw(mathML)
			return
		}
	}
	l.raw(`<code class="md-tex" dir="ltr">`)
	l.text(strings.TrimSpace(written))
	l.raw(`</code>`)
}

// lang names the language of a block in East Asian writing, for browsers that draw the same characters in another shape
// for each: kana for Japanese, Hangul for Korean, and Chinese where there is neither. It is "" for any other block.
func (l *layout) lang(n ast.Node) string {
	if found := eastAsianLanguage(l.textBelow(n)); found != "" {
		return ` lang="` + found + `"`
	}
	return ""
}

// lines are the lines of a block that is shown as written.
func (l *layout) lines(n ast.Node) string {
	var out strings.Builder
	for i := range n.Lines().Len() {
		line := n.Lines().At(i)
		out.Write(line.Value(l.source))
	}
	return out.String()
}

// textBelow is the text below a node.
func (l *layout) textBelow(n ast.Node) []byte {
	var out []byte
	for child := n.FirstChild(); child != nil; child = child.NextSibling() {
		switch child := child.(type) {
		case *ast.Text:
			out = append(out, child.Segment.Value(l.source)...)
			if child.SoftLineBreak() {
				out = append(out, '\n')
			}
		case *ast.String:
			out = append(out, child.Value...)
		default:
			out = append(out, l.textBelow(child)...)
		}
	}
	return out
}

// direction is that of the first strong character below a block; "ltr" where there is none.
func (l *layout) direction(n ast.Node) string {
	if found := l.firstDirection(n); found != "" {
		return found
	}
	return "ltr"
}

func (l *layout) firstDirection(n ast.Node) string {
	if t, ok := n.(*ast.Text); ok {
		return direction(t.Segment.Value(l.source))
	}
	for child := n.FirstChild(); child != nil; child = child.NextSibling() {
		if found := l.firstDirection(child); found != "" {
			return found
		}
	}
	return ""
}
