package textgen

import "iter"

// Document is one piece of pretraining text: a passage (Prompt is empty) or a
// request with a good reply.
type Document struct {
	Prompt string
	Text   string
}

// dialogueShare is the share of documents that are a request with a reply.
const dialogueShare = 0.4

// Corpus yields the documents of a seed until their prompts and texts together
// hold at least the given number of bytes. It never asks a held-out prompt.
func Corpus(seed uint64, bytes int) iter.Seq[Document] {
	return func(yield func(Document) bool) {
		g := New(seed, Options{GoodShare: 1})
		for written := 0; written < bytes; {
			doc := g.document()
			written += len(doc.Prompt) + len(doc.Text)
			if !yield(doc) {
				return
			}
		}
	}
}

func (g *Generator) document() Document {
	if g.dice.chance(dialogueShare) {
		e := g.Example()
		return Document{Prompt: e.Prompt, Text: e.Reply}
	}
	return Document{Text: g.Passage()}
}
