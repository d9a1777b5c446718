package content

import (
	"bytes"
	"strings"

	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"

	"rankloop/views/content/tex"
)

// kindMath is a formula, in a line of text or as a block.
var kindMath = ast.NewNodeKind("Math")

// mathSpan is a formula within a line of text.
type mathSpan struct {
	ast.BaseInline
	written string // with its delimiters
	formula string
	display bool
}

func (*mathSpan) Kind() ast.NodeKind          { return kindMath }
func (m *mathSpan) Dump(source []byte, n int) { ast.DumpHelper(m, source, n, nil, nil) }

// mathSpans parses formulas within text: $x$, $$x$$, \(x\) and \[x\]. As in Pandoc, a dollar sign opens only before a
// character that is no space, and closes only after one and before one that is no digit, so that prices stay prices.
type mathSpans struct{}

func (mathSpans) Trigger() []byte { return []byte{'$', '\\'} }

func (mathSpans) Parse(_ ast.Node, block text.Reader, pc parser.Context) ast.Node {
	line, _ := block.PeekLine()
	line = line[:min(len(line), tex.SourceBytesMax)]
	opener, closer := "", ""
	for _, d := range mathDelimiters {
		if bytes.HasPrefix(line, []byte(d[0])) {
			opener, closer = d[0], d[1]
			break
		}
	}
	if opener == "" {
		return nil
	}
	labor(pc, len(line))
	rest := string(line[len(opener):])
	length := strings.Index(rest, closer)
	if opener == "$" {
		length = dollarEnd(rest)
	}
	if length <= 0 || strings.TrimSpace(rest[:length]) == "" {
		return nil
	}
	written := opener + rest[:length] + closer
	block.Advance(len(written))
	return &mathSpan{written: written, formula: rest[:length], display: opener == "$$" || opener == `\[`}
}

// mathDelimiters are what formulas stand between, longer ones first.
var mathDelimiters = [][2]string{{"$$", "$$"}, {"$", "$"}, {`\(`, `\)`}, {`\[`, `\]`}}

// dollarEnd is where the formula ends that a single dollar sign has opened, or -1.
func dollarEnd(rest string) int {
	if rest == "" || strings.ContainsRune(" \t\n$", rune(rest[0])) {
		return -1
	}
	for i := 1; i < len(rest); i++ {
		switch rest[i] {
		case '\\':
			i++
		case '`': // code takes precedence
			return -1
		case '$':
			spaced := strings.ContainsRune(" \t\n", rune(rest[i-1]))
			if spaced || i+1 < len(rest) && isDigit(rest[i+1]) {
				return -1
			}
			return i
		}
	}
	return -1
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

// mathBlock is a formula in lines of its own.
type mathBlock struct {
	ast.BaseBlock
	opener, closer string
	written        strings.Builder // its lines, without what a list or quote puts before them
	closed         bool
}

func (*mathBlock) Kind() ast.NodeKind          { return kindMath }
func (*mathBlock) IsRaw() bool                 { return true }
func (m *mathBlock) Dump(source []byte, n int) { ast.DumpHelper(m, source, n, nil, nil) }

// formula is what stands between the delimiters; of an environment, all of it.
func (m *mathBlock) formula() string {
	written := strings.TrimSpace(m.written.String())
	if strings.HasPrefix(m.opener, `\begin`) {
		return written
	}
	return strings.TrimSuffix(strings.TrimPrefix(written, m.opener), m.closer)
}

// mathBlocks parses formulas that begin a line and end one, over several lines, before their signs can be taken for
// lists or headings: $$ … $$, \[ … \] and \begin{align} … \end{align}.
type mathBlocks struct{}

func (mathBlocks) Trigger() []byte             { return []byte{'$', '\\'} }
func (mathBlocks) CanInterruptParagraph() bool { return true }
func (mathBlocks) CanAcceptIndentedLine() bool { return false }

// Open looks ahead for the end: what is not closed is no formula.
func (mathBlocks) Open(_ ast.Node, reader text.Reader, pc parser.Context) (ast.Node, parser.State) {
	line, segment := reader.PeekLine()
	offset := max(0, pc.BlockOffset())
	opener, closer := blockDelimiters(line[offset:])
	if opener == "" {
		return nil, parser.NoChildren
	}
	ahead := reader.Source()[segment.Start:]
	ahead = ahead[:min(len(ahead), tex.SourceBytesMax)]
	labor(pc, len(ahead))
	from := bytes.Index(ahead, []byte(opener)) + len(opener)
	length := bytes.Index(ahead[from:], []byte(closer))
	if length < 0 {
		return nil, parser.NoChildren
	}
	formula := bytes.TrimSpace(ahead[from : from+length])
	after, _, _ := bytes.Cut(ahead[from+length+len(closer):], []byte("\n"))
	if len(formula) == 0 || bytes.Contains(formula, []byte("\n\n")) || len(bytes.TrimSpace(after)) > 0 {
		return nil, parser.NoChildren
	}
	node := &mathBlock{opener: opener, closer: closer}
	node.take(string(line[offset:]), opener)
	reader.AdvanceToEOL()
	return node, parser.NoChildren
}

func (mathBlocks) Continue(node ast.Node, reader text.Reader, _ parser.Context) parser.State {
	block := node.(*mathBlock)
	if block.closed {
		return parser.Close
	}
	line, _ := reader.PeekLine()
	block.take(string(line), "")
	reader.AdvanceToEOL()
	return parser.Continue | parser.NoChildren
}

func (mathBlocks) Close(ast.Node, text.Reader, parser.Context) {}

// take adds a line, which may begin with the opener and may be the last.
func (m *mathBlock) take(line, opener string) {
	m.written.WriteString(line)
	m.closed = strings.Contains(line[len(opener):], m.closer)
}

// blockDelimiters are what a formula that begins a line begins and ends with.
func blockDelimiters(line []byte) (opener, closer string) {
	switch {
	case bytes.HasPrefix(line, []byte("$$")):
		return "$$", "$$"
	case bytes.HasPrefix(line, []byte(`\[`)):
		return `\[`, `\]`
	case bytes.HasPrefix(line, []byte(`\begin{`)):
		name, _, found := bytes.Cut(line[len(`\begin{`):min(len(line), 24)], []byte("}"))
		switch string(bytes.TrimSuffix(name, []byte("*"))) {
		case "equation", "align", "gather", "alignat", "multline", "eqnarray", "displaymath":
			if found {
				return `\begin{` + string(name) + `}`, `\end{` + string(name) + `}`
			}
		}
	}
	return "", ""
}
