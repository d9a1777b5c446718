package tokenizer

import (
	"fmt"
	"strings"
	"unicode"
)

// Names of the special tokens. A conversation is ChatML:
//
//	<|im_start|>role\ncontent<|im_end|>\n … <|im_start|>assistant\n
const (
	DocumentToken  = "<|endoftext|>" // the boundary between documents
	PadToken       = "<|pad|>"       // fills room, never read or predicted
	TurnStartToken = "<|im_start|>"
	TurnEndToken   = "<|im_end|>"
)

// ChatSpecials are the specials of a vocabulary trained for chats, in their
// usual order.
var ChatSpecials = []string{DocumentToken, PadToken, TurnStartToken, TurnEndToken}

// Message is one turn of a conversation; Role is system, user or assistant.
type Message struct{ Role, Content string }

// Chat lays out conversations. Prompts, replies and reward inputs of one model
// all go through it, so they agree to the byte.
type Chat struct {
	End      int32 // ends every complete reply
	Pad      int32 // differs from End, or padding would teach when to stop
	Document int32 // between the documents of pretraining
	Start    int32 // begins a turn

	tokenizer *Tokenizer
	system    string // begins a conversation without a system message; "" for none
	trim      bool   // contents lose the white space around them
}

// NewChat finds the special tokens and follows the tokenizer's chat template,
// if it has one; it fails if a token is missing. A tokenizer without a pad
// token, as most models that others made, pads with the document's end.
func NewChat(t *Tokenizer) (Chat, error) {
	c := Chat{tokenizer: t}
	names := [...]string{DocumentToken, TurnStartToken, TurnEndToken}
	if t.chat != nil {
		names[1], names[2] = t.chat.start, t.chat.end
		c.system, c.trim = t.chat.system, t.chat.trim
	}
	for i, field := range []*int32{&c.Document, &c.Start, &c.End} {
		id, ok := t.Special(names[i])
		if !ok {
			return Chat{}, fmt.Errorf("tokenizer: no special token %q, which a chat needs", names[i])
		}
		*field = id
	}
	var padded bool
	if c.Pad, padded = t.Special(PadToken); !padded {
		c.Pad = c.Document
	}
	if c.Document == c.End || c.Document == c.Start || c.Start == c.End || c.Pad == c.End {
		return Chat{}, fmt.Errorf("tokenizer: the document's end and the markers %q and %q of a turn are not three tokens", names[1], names[2])
	}
	return c, nil
}

// begun puts the template's own system message before a conversation that has
// none.
func (c Chat) begun(messages []Message) []Message {
	if c.system == "" || len(messages) == 0 || messages[0].Role == "system" {
		return messages
	}
	return append([]Message{{Role: "system", Content: c.system}}, messages...)
}

// Prompt returns the ids of messages followed by the opening of the reply.
func (c Chat) Prompt(messages []Message) []int32 {
	var ids []int32
	for _, m := range c.begun(messages) {
		ids = c.appendTurn(ids, m)
	}
	return c.appendOpening(ids)
}

// Reply returns the ids of a complete reply: its text and the end token.
func (c Chat) Reply(text string) []int32 {
	return append(c.tokenizer.Encode(text), c.End)
}

// FitPrompt is Prompt in at most maxTokens ids. Whole oldest turns go first (a
// leading system message outlives all but the last turn), then the left of the
// last turn's content. trimmed says whether anything went.
func (c Chat) FitPrompt(messages []Message, maxTokens int) (ids []int32, trimmed bool) {
	messages = c.begun(messages)
	turns := make([][]int32, len(messages))
	total := len(c.appendOpening(nil))
	for i, m := range messages {
		turns[i] = c.appendTurn(nil, m)
		total += len(turns[i])
	}
	var system []int32
	if len(messages) > 1 && messages[0].Role == "system" {
		system, turns = turns[0], turns[1:]
	}
	for len(turns) > 1 && total > maxTokens {
		total -= len(turns[0])
		turns, trimmed = turns[1:], true
	}
	if total > maxTokens && system != nil {
		total -= len(system)
		system, trimmed = nil, true
	}
	if total > maxTokens {
		return c.lastTurnWithin(messages, maxTokens), true
	}
	ids = append(ids, system...)
	for _, turn := range turns {
		ids = append(ids, turn...)
	}
	return c.appendOpening(ids), trimmed
}

// lastTurnWithin keeps the end of the last message's content and, where there
// is room for it, the frame around it.
func (c Chat) lastTurnWithin(messages []Message, maxTokens int) []int32 {
	if maxTokens <= 0 || len(messages) == 0 {
		return nil
	}
	last := messages[len(messages)-1]
	head := c.tokenizer.AppendEncode([]int32{c.Start}, last.Role+"\n")
	tail := c.appendOpening(c.appendClosing(nil))
	content := c.tokenizer.Encode(c.content(last))
	room := maxTokens - len(head) - len(tail)
	if room < 0 { // not even the frame fits
		frame := append(head, tail...)
		return frame[len(frame)-maxTokens:]
	}
	content = content[max(0, len(content)-room):]
	return append(append(head, content...), tail...)
}

func (c Chat) appendTurn(ids []int32, m Message) []int32 {
	ids = c.tokenizer.AppendEncode(append(ids, c.Start), m.Role+"\n"+c.content(m))
	return c.appendClosing(ids)
}

func (c Chat) content(m Message) string {
	if c.trim {
		return strings.TrimFunc(m.Content, templateSpace)
	}
	return m.Content
}

// templateSpace is what a template's trim takes for white space.
func templateSpace(r rune) bool { return unicode.IsSpace(r) || r >= 0x1c && r <= 0x1f }

func (c Chat) appendClosing(ids []int32) []int32 {
	return c.tokenizer.AppendEncode(append(ids, c.End), "\n")
}

func (c Chat) appendOpening(ids []int32) []int32 {
	return c.tokenizer.AppendEncode(append(ids, c.Start), "assistant\n")
}
