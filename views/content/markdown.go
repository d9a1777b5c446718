package content

import (
	"bytes"
	"fmt"

	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"
)

// markdown parses CommonMark with GitHub's tables, task lists, strikethrough and bare links, and mathematics between
// dollar signs or \( \) and \[ \]. Its parsers that look far ahead, or build more than they read, are held to limits.
var markdown = parser.NewParser(
	parser.WithBlockParsers(
		util.Prioritized(mathBlocks{}, 90),
		util.Prioritized(shallow{parser.NewSetextHeadingParser()}, 100),
		util.Prioritized(shallow{parser.NewThematicBreakParser()}, 200),
		util.Prioritized(shallow{parser.NewListParser()}, 300),
		util.Prioritized(shallow{parser.NewListItemParser()}, 400),
		util.Prioritized(shallow{parser.NewCodeBlockParser()}, 500),
		util.Prioritized(shallow{parser.NewATXHeadingParser()}, 600),
		util.Prioritized(shallow{parser.NewFencedCodeBlockParser()}, 700),
		util.Prioritized(shallow{parser.NewBlockquoteParser()}, 800),
		util.Prioritized(shallow{parser.NewHTMLBlockParser()}, 900),
		util.Prioritized(shallow{parser.NewParagraphParser()}, 1000),
	),
	parser.WithInlineParsers(
		util.Prioritized(extension.NewTaskCheckBoxParser(), 0),
		util.Prioritized(mathSpans{}, 50),
		util.Prioritized(laboured{parser.NewCodeSpanParser()}, 100),
		util.Prioritized(laboured{parser.NewLinkParser()}, 200),
		util.Prioritized(laboured{parser.NewAutoLinkParser()}, 300),
		util.Prioritized(tags{}, 400),
		util.Prioritized(emphasis{parser.NewEmphasisParser()}, 500),
		util.Prioritized(strikethrough{extension.NewStrikethroughParser()}, 500),
		util.Prioritized(laboured{extension.NewLinkifyParser()}, 999),
	),
	parser.WithParagraphTransformers(
		util.Prioritized(parser.LinkReferenceParagraphTransformer, 100),
		util.Prioritized(tables{extension.NewTableParagraphTransformer()}, 200),
	),
	parser.WithASTTransformers(util.Prioritized(extension.NewTableASTTransformer(), 0)),
)

// parse is the text's tree. It is an error if that would be too deep or take too long; and if the parser fails, whose
// faults must not take a page with other texts away.
func parse(source []byte) (document ast.Node, err error) {
	defer func() {
		if p := recover(); p != nil {
			document, err = nil, recovered(p)
		}
	}()
	return markdown.Parse(text.NewReader(source)), nil
}

// recovered is the error of a panic.
func recovered(p any) error {
	if over, ok := p.(overLimit); ok {
		return over.error
	}
	return fmt.Errorf("layout: %v", p)
}

// laborKey finds the work done so far in a parser's context.
var laborKey = parser.NewContextKey()

// labor counts work, in bytes looked at.
func labor(pc parser.Context, amount int) {
	done, _ := pc.Get(laborKey).(*int)
	if done == nil {
		done = new(int)
		pc.Set(laborKey, done)
	}
	if *done += amount; *done > laborMax {
		panic(overLimit{errTooLaboured})
	}
}

// shallow holds the depth of blocks to its limit.
type shallow struct{ parser.BlockParser }

func (s shallow) Open(parent ast.Node, reader text.Reader, pc parser.Context) (ast.Node, parser.State) {
	node, state := s.BlockParser.Open(parent, reader, pc)
	if node != nil && state&parser.HasChildren != 0 {
		depth := 0
		for n := parent; n != nil; n = n.Parent() {
			if depth++; depth > depthMax {
				panic(overLimit{errTooDeep})
			}
		}
	}
	return node, state
}

// laboured counts what a parser that may look to the end of its block could look at.
type laboured struct{ parser.InlineParser }

func (l laboured) Parse(parent ast.Node, block text.Reader, pc parser.Context) ast.Node {
	line, segment := block.PeekLine()
	switch line[0] {
	case '[', ']', '!', '`', '<':
		labor(pc, len(block.Source())-segment.Start)
	default: // a bare link ends with its word
		word := bytes.IndexByte(line[1:], ' ')
		if word < 0 {
			word = len(line)
		}
		labor(pc, word)
	}
	return l.InlineParser.Parse(parent, block, pc)
}

// CloseBlock passes the end of a block on to the parsers that await it.
func (l laboured) CloseBlock(parent ast.Node, block text.Reader, pc parser.Context) {
	if closer, ok := l.InlineParser.(parser.CloseBlocker); ok {
		closer.CloseBlock(parent, block, pc)
	}
}

// emphasis relaxes CommonMark's rule of what a star may open and close for scripts without spaces: there, "**词。**词"
// is meant as bold, but its stars stand between a sign and a letter.
type emphasis struct{ parser.InlineParser }

func (e emphasis) Parse(parent ast.Node, block text.Reader, pc parser.Context) ast.Node {
	before := block.PrecendingCharacter()
	node := e.InlineParser.Parse(parent, block, pc)
	if d, ok := node.(*parser.Delimiter); ok {
		countDelimiter(pc)
		line, _ := block.PeekLine()
		after := ' '
		if len(line) > 0 {
			after = util.ToRune(line, 0)
		}
		if d.Char == '*' && (isEastAsian(before) || isEastAsian(after)) {
			d.CanOpen = !util.IsSpaceRune(after)
			d.CanClose = !util.IsSpaceRune(before)
		}
	}
	return node
}

// strikethrough wants two tildes: a single one stands between numbers for a range, or before one for about.
type strikethrough struct{ parser.InlineParser }

func (s strikethrough) Parse(parent ast.Node, block text.Reader, pc parser.Context) ast.Node {
	line, _ := block.PeekLine()
	if !bytes.HasPrefix(line, []byte("~~")) {
		return nil
	}
	node := s.InlineParser.Parse(parent, block, pc)
	if node != nil {
		countDelimiter(pc)
	}
	return node
}

var delimitersKey = parser.NewContextKey()

// countDelimiter counts the work of matching a delimiter with all those before it.
func countDelimiter(pc parser.Context) {
	n, _ := pc.Get(delimitersKey).(int)
	pc.Set(delimitersKey, n+1)
	labor(pc, 8*n)
}

// tags takes raw HTML within a line as the text that it is, so that what stands between its brackets is not read as
// Markdown.
type tags struct{}

func (tags) Trigger() []byte { return []byte{'<'} }

const tagBytesMax = 1000

func (tags) Parse(_ ast.Node, block text.Reader, _ parser.Context) ast.Node {
	line, segment := block.PeekLine()
	if len(line) < 3 || !isTagStart(line[1]) {
		return nil
	}
	end := bytes.IndexByte(line[:min(len(line), tagBytesMax)], '>')
	if end < 0 {
		return nil
	}
	block.Advance(end + 1)
	return ast.NewRawTextSegment(segment.WithStop(segment.Start + end + 1))
}

func isTagStart(c byte) bool {
	return c|0x20 >= 'a' && c|0x20 <= 'z' || c == '/' || c == '!' || c == '?'
}

// tables refuses tables whose short lines would be filled up to far more cells than were written.
type tables struct{ parser.ParagraphTransformer }

func (t tables) Transform(node *ast.Paragraph, reader text.Reader, pc parser.Context) {
	lines, columns := node.Lines().Len(), 0
	for i := range lines {
		line := node.Lines().At(i)
		columns = max(columns, 1+bytes.Count(line.Value(reader.Source()), []byte("|")))
	}
	if columns > 1 && lines > 1 && columns*lines > tableCellsMax {
		panic(overLimit{errTooLarge})
	}
	t.ParagraphTransformer.Transform(node, reader, pc)
}
