// Package content shows what people and models wrote: Markdown as blocks that can be read, and nothing in them that
// could run, load, style, lead away unseen or leave the element they are put into.
//
// Safety comes from how it is made, not from a filter: goldmark parses the text into a tree, and the only writer of HTML
// (layout.go) writes elements and attributes that are constants of this package around escaped text. Of the content
// itself nothing becomes markup but the addresses of links, which are parsed and written again (link.go). The page's
// Content-Security-Policy is the second wall.
//
// Every text is laid out in bounded time. What is too large, too deep or too laborious is shown as plain text, and the
// page says so.
package content

// Text is a text made safe for a page.
type Text struct {
	HTML string // the text laid out
	// Source is the text as it was written, for the reader who wants to see that; "" where the layout shows it already.
	Source string
	Note   Note // why the text is not laid out, if it is not
}

// Note says why a text is shown otherwise than it was meant.
type Note string

const (
	NoteNone  Note = ""
	NotePlain Note = "plain" // too large, deep or laborious: shown as plain text
	NoteCut   Note = "cut"   // larger than TextBytesMax: the beginning is shown
)

const (
	// TextBytesMax is how much of a text is shown at all.
	TextBytesMax = 1 << 20
	// Beyond these, text is not laid out: nobody reads it for its layout, and parsing is not linear in hostile input.
	markdownBytesMax = 64 << 10
	lineBytesMax     = 16 << 10
	// depthMax is how deep blocks and inline elements may lie in each other.
	depthMax = 32
	// laborMax is the work of parsing, in bytes looked at by the parsers that look far ahead; about 50 ms.
	laborMax = 48 << 20
	// tableCellsMax bounds what a table's short lines are filled up to.
	tableCellsMax = 5000
	// outputBytesMax bounds the HTML of a laid out text: references repeat a long address in a few bytes.
	outputBytesMax = 2 << 20
)

// Render makes a text safe for a page.
func Render(source string) Text {
	source, cut := clean(source)
	if cut {
		return Text{HTML: plain(source), Note: NoteCut}
	}
	html, asWritten, err := layOut(source)
	switch {
	case err != nil:
		return Text{HTML: plain(source), Note: NotePlain}
	case asWritten:
		return Text{HTML: html}
	}
	return Text{HTML: html, Source: plain(source)}
}
