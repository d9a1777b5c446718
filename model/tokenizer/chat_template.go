package tokenizer

import (
	"errors"
	"fmt"
	"strings"
)

// ChatMLTemplate is the Jinja template of the conversations that NewChat lays
// out for a tokenizer without a template of its own.
const ChatMLTemplate = `{% for message in messages %}` +
	`{{ '<|im_start|>' + message['role'] + '\n' + message['content'] + '<|im_end|>' + '\n' }}` +
	`{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}`

// maxTemplateBytes bounds a chat template; the longest in use take 10 KB.
const maxTemplateBytes = 256 << 10

// chatML is what a template of the ChatML style says, which is:
//
//	START role \n content END \n … START assistant \n
//
// with a system message of its own where the conversation has none.
type chatML struct {
	source     string
	start, end string // the markers
	system     string // "" for none
	trim       bool   // contents lose the white space around them
}

// WithChatTemplate returns the same tokenizer with the Jinja template of a
// model's tokenizer_config.json, which NewChat follows from then on. It reads
// templates of the ChatML style and their markers; others are refused, since a
// conversation laid out differently is one that the model does not know.
func (t *Tokenizer) WithChatTemplate(source string) (*Tokenizer, error) {
	chat, err := readChatML(source)
	if err != nil {
		return nil, fmt.Errorf("chat template: %w", err)
	}
	for _, marker := range []string{chat.start, chat.end} {
		if _, ok := t.specials[marker]; !ok {
			return nil, fmt.Errorf("chat template: its marker %.80q is no special token", marker)
		}
	}
	with := *t
	with.chat = chat
	return &with, nil
}

// ChatTemplate returns the template that the tokenizer was given, or "".
func (t *Tokenizer) ChatTemplate() string {
	if t.chat == nil {
		return ""
	}
	return t.chat.source
}

// readChatML looks at what a template writes, not at its conditions: somewhere
// it must write one turn, somewhere the opening of the reply, and at most one
// whole system message.
func readChatML(source string) (*chatML, error) {
	if len(source) > maxTemplateBytes {
		return nil, fmt.Errorf("%d bytes are over the limit of %d", len(source), maxTemplateBytes)
	}
	outputs, err := templateOutputs(source)
	if err != nil {
		return nil, err
	}
	chat := &chatML{source: source}
	for _, terms := range outputs {
		if err := chat.readTurn(terms); err != nil {
			return nil, err
		}
		for _, term := range terms {
			if term.name == "bos_token" || term.name == "eos_token" {
				return nil, fmt.Errorf("%s in it is not supported", term.name)
			}
		}
	}
	if chat.start == "" {
		return nil, errors.New("it is not of the ChatML style: no turn of markers, role and content")
	}
	opens := false
	for _, terms := range outputs {
		for _, term := range terms {
			opens = opens || term.text == chat.start+"assistant\n"
			if err := chat.readSystem(term.text); err != nil {
				return nil, err
			}
		}
	}
	if !opens {
		return nil, errors.New("it is not of the ChatML style: no opening of the assistant's reply")
	}
	return chat, nil
}

// readTurn takes the markers from START role \n content END \n.
func (c *chatML) readTurn(terms []templateTerm) error {
	if len(terms) != 5 || terms[1].name != "message.role" || terms[2].text != "\n" || terms[3].name != "message.content" {
		return nil
	}
	start, end := terms[0].text, strings.TrimSuffix(terms[4].text, "\n")
	if start == "" || end == "" || end == terms[4].text {
		return nil
	}
	if c.start != "" && (c.start != start || c.end != end || c.trim != terms[3].trim) {
		return errors.New("its turns differ from each other")
	}
	c.start, c.end, c.trim = start, end, terms[3].trim
	return nil
}

// readSystem takes the system message that the template itself writes.
func (c *chatML) readSystem(text string) error {
	system, found := strings.CutPrefix(text, c.start+"system\n")
	if !found {
		return nil
	}
	if system, found = strings.CutSuffix(system, c.end+"\n"); !found || strings.Contains(system, c.end) {
		return nil // the beginning of one that goes on with the conversation's own
	}
	if c.system != "" && c.system != system {
		return errors.New("it has two system messages")
	}
	if c.trim && strings.TrimFunc(system, templateSpace) != system {
		return errors.New("its system message has white space around it, which messages lose")
	}
	c.system = system
	return nil
}

// templateTerm is one term of what a template writes: text, or a variable, of
// which the white space around may be trimmed.
type templateTerm struct {
	text, name string
	trim       bool
}

// templateOutputs returns the sums in {{ }} of a Jinja template, neighbouring
// texts joined; of anything but texts, variables and trim, the raw expression
// is the name. Text outside of them must vanish, as it does between blocks in
// the environment that transformers sets up (trim_blocks, lstrip_blocks).
func templateOutputs(source string) ([][]templateTerm, error) {
	var outputs [][]templateTerm
	before := templateTag{kind: '%'}
	for {
		tag, at, err := nextTag(source)
		if err != nil {
			return nil, err
		}
		if outside := outsideText(source[:at], before, tag); outside != "" {
			return nil, fmt.Errorf("it writes %.40q outside of an expression, which is not supported", outside)
		}
		if tag.kind == 0 {
			return outputs, nil
		}
		if tag.kind == '{' {
			outputs = append(outputs, templateTerms(tag.body))
		}
		source, before = source[at+tag.size:], tag
	}
}

// templateTag is {{ expression }}, {% statement %} or {# comment #}; a minus at
// a side takes away the white space next to it. Kind 0 is the end.
type templateTag struct {
	kind        byte
	body        string
	size        int
	left, right bool
}

// nextTag returns the first tag of source and where it starts.
func nextTag(source string) (tag templateTag, at int, err error) {
	for at = 0; at+1 < len(source); at++ {
		if source[at] == '{' && strings.IndexByte("{%#", source[at+1]) >= 0 {
			break
		}
	}
	if at+1 >= len(source) {
		return templateTag{}, len(source), nil
	}
	tag.kind = source[at+1]
	closing := map[byte]string{'{': "}}", '%': "%}", '#': "#}"}[tag.kind]
	body := source[at+2:]
	end := strings.Index(body, closing)
	if tag.kind != '#' {
		end = templateEnd(body, closing)
	}
	if end < 0 {
		return tag, at, fmt.Errorf("%s is missing", closing)
	}
	tag.size = len("{{") + end + len("}}")
	tag.body, tag.left = strings.CutPrefix(body[:end], "-")
	tag.body, tag.right = strings.CutSuffix(tag.body, "-")
	return tag, at, nil
}

// outsideText is what text between two tags writes.
func outsideText(text string, before, after templateTag) string {
	if before.right || after.left {
		text = strings.TrimSpace(text) // all of it, or there is text
	}
	if before.kind != '{' {
		text = strings.TrimPrefix(text, "\n")
	}
	switch after.kind {
	case '%', '#':
		if line := strings.LastIndexByte(text, '\n') + 1; (line > 0 || before.kind != '{') && strings.TrimLeft(text[line:], " \t") == "" {
			text = text[:line]
		}
	case 0:
		text = strings.TrimSuffix(text, "\n")
	}
	return text
}

// templateEnd returns where closing is in body outside of its strings, or -1.
func templateEnd(body, closing string) int {
	for i := 0; i < len(body); i++ {
		switch {
		case body[i] == '\'' || body[i] == '"':
			_, size := templateString(body[i:])
			if size == 0 {
				return -1
			}
			i += size - 1
		case strings.HasPrefix(body[i:], closing):
			return i
		}
	}
	return -1
}

// templateTerms splits a sum, whose strings all end.
func templateTerms(sum string) []templateTerm {
	var terms []templateTerm
	for start, i := 0, 0; i <= len(sum); i++ {
		if i < len(sum) && (sum[i] == '\'' || sum[i] == '"') {
			_, size := templateString(sum[i:])
			i += size - 1
			continue
		}
		if i < len(sum) && sum[i] != '+' && sum[i] != '~' {
			continue
		}
		term := readTerm(strings.TrimSpace(sum[start:i]))
		if n := len(terms); n > 0 && term.name == "" && terms[n-1].name == "" {
			terms[n-1].text += term.text
		} else {
			terms = append(terms, term)
		}
		start = i + 1
	}
	return terms
}

func readTerm(text string) templateTerm {
	if text != "" && (text[0] == '\'' || text[0] == '"') {
		if content, size := templateString(text); size == len(text) {
			return templateTerm{text: content}
		}
	}
	name, filter, _ := strings.Cut(text, "|")
	name, filter = strings.TrimSpace(name), strings.TrimSpace(filter)
	for _, field := range []string{"role", "content"} {
		if name == "message['"+field+"']" || name == `message["`+field+`"]` {
			name = "message." + field
		}
	}
	if filter != "" && filter != "trim" {
		name = text
	}
	return templateTerm{name: name, trim: filter == "trim"}
}

// templateString reads the quoted text at the start of body and its size with
// the quotes; 0 if it does not end.
func templateString(body string) (content string, size int) {
	var out strings.Builder
	for i := 1; i < len(body); i++ {
		switch body[i] {
		case body[0]:
			return out.String(), i + 1
		case '\\':
			i++
			if i == len(body) {
				return "", 0
			}
			switch body[i] {
			case 'n':
				out.WriteByte('\n')
			case 't':
				out.WriteByte('\t')
			case 'r':
				out.WriteByte('\r')
			default:
				out.WriteByte(body[i])
			}
		default:
			out.WriteByte(body[i])
		}
	}
	return "", 0
}
