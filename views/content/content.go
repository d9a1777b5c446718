// Package content shows what people and models wrote: Markdown as blocks that can be read, and nothing in them that
// could run, load, style, lead away unseen or leave the element they are put into.
package content

// Text is a text made safe for a page.
type Text struct {
	HTML string // the text laid out
}
