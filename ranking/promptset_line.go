package ranking

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// rawPrompt is one line as a format's reader found it, before the rules that hold for every format.
type rawPrompt struct {
	id, group              string
	prompt                 string
	messages               []Message
	hasPrompt, hasMessages bool
	responses              []rawResponse
	metadata               map[string]any
}

type rawResponse struct {
	text, model string
	fileIndex   int
}

// finish checks a line's content and gives it its canonical form: messages for a prompt string, one response for
// identical texts, an id and a group where they were left out, and the content's hash.
func (s *promptSet) finish(number int, raw rawPrompt) PromptInputLine {
	if raw.hasPrompt && !raw.hasMessages {
		raw.messages = []Message{{Role: "user", Content: raw.prompt}}
	}
	if reason := raw.check(s.limits); reason != nil {
		return PromptInputLine{Line: number, Bad: reason}
	}
	if raw.id == "" {
		raw.id = derivedID(raw.messages)
	}
	if raw.group == "" {
		raw.group = raw.id
	}
	line := PromptInputLine{
		Line:          number,
		Prompt:        Prompt{ExternalID: raw.id, Group: raw.group, Messages: raw.messages, Metadata: raw.metadata},
		Responses:     mergeIdentical(raw.responses),
		ContentSHA256: contentHash(raw),
	}
	if n := len(line.Responses); n < s.limits.MinResponses {
		reason := because("has too few distinct responses (%d): at least %d are needed, since this campaign generates none "+
			"(create it with --generate-from to have the rest written by a model)", n, s.limits.MinResponses)
		return PromptInputLine{Line: number, Bad: reason}
	}
	return line
}

func (raw *rawPrompt) check(limits PromptSetLimits) (reason *Error) {
	switch {
	case raw.hasPrompt && raw.hasMessages:
		return because("has both prompt and messages; give one of them")
	case !raw.hasPrompt && !raw.hasMessages:
		return because("has neither prompt nor messages")
	case len(raw.messages) == 0:
		return because("messages is empty")
	case len(raw.messages) > limits.Messages:
		return tooManyMessages(limits.Messages)
	case len(raw.responses) > limits.Responses:
		return tooManyResponses(limits.Responses)
	}
	if reason := checkName(because("id"), raw.id, limits.NameBytes); reason != nil {
		return reason
	}
	if reason := checkName(because("group"), raw.group, limits.NameBytes); reason != nil {
		return reason
	}
	for i, m := range raw.messages {
		if m.Role != "system" && m.Role != "user" && m.Role != "assistant" {
			return because("message %d has the role %q; known are system, user, assistant", i+1, clip(m.Role))
		}
		what := because("message %d", i+1)
		if raw.hasPrompt {
			what = because("prompt")
		}
		if reason := checkText(what, m.Content, limits.TextBytes); reason != nil {
			return reason
		}
	}
	if last := raw.messages[len(raw.messages)-1]; last.Role != "user" {
		return because("the last message must be a user turn, not %s", last.Role)
	}
	for i, r := range raw.responses {
		if reason := checkText(because("response %d", i+1), r.text, limits.TextBytes); reason != nil {
			return reason
		}
		if reason := checkName(because("the model of response %d", i+1), r.model, limits.NameBytes); reason != nil {
			return reason
		}
	}
	return checkKnown(raw.metadata, len(raw.responses))
}

func checkText(what *Error, text string, limit int) (reason *Error) {
	switch {
	case len(text) > limit:
		return because("%s is %d bytes long; the limit is %d", what, len(text), limit)
	case strings.IndexByte(text, 0) >= 0:
		return because("%s holds a NUL byte", what)
	case !utf8.ValidString(text):
		return because("%s is not UTF-8", what)
	case strings.TrimSpace(text) == "":
		return because("%s is empty", what)
	}
	return nil
}

func checkName(what *Error, name string, limit int) (reason *Error) {
	switch {
	case len(name) > limit:
		return because("%s is %d bytes long; the limit is %d", what, len(name), limit)
	case !utf8.ValidString(name):
		return because("%s is not UTF-8", what)
	case strings.ContainsFunc(name, unicode.IsControl):
		return because("%s holds a control character", what)
	}
	return nil
}

// derivedID is the id of a prompt that came without one: the same conversation always gets the same.
func derivedID(messages []Message) string {
	sum := sha256.Sum256(mustJSON(messages))
	return "p-" + hex.EncodeToString(sum[:10])
}

// contentHash is SHA-256 over a line's content in one canonical JSON form.
func contentHash(raw rawPrompt) [32]byte {
	type response struct {
		Text, Model string
		Index       int
	}
	responses := make([]response, len(raw.responses))
	for i, r := range raw.responses {
		responses[i] = response{r.text, r.model, r.fileIndex}
	}
	return sha256.Sum256(mustJSON(struct {
		Group     string
		Messages  []Message
		Responses []response
		Metadata  map[string]any `json:",omitempty"`
	}{raw.group, raw.messages, responses, raw.metadata}))
}

// mustJSON marshals values that cannot fail: strings, numbers and maps of them.
func mustJSON(value any) []byte {
	b, err := json.Marshal(value)
	if err != nil {
		panic(err)
	}
	return b
}

// mergeIdentical makes responses of identical text one, at the first's place and with its model.
func mergeIdentical(raw []rawResponse) []Response {
	places := make(map[string]int, len(raw))
	var merged []Response
	for _, r := range raw {
		if i, ok := places[r.text]; ok {
			merged[i].FileIndexes = append(merged[i].FileIndexes, r.fileIndex)
			continue
		}
		places[r.text] = len(merged)
		merged = append(merged, Response{Text: r.text, Model: r.model, FileIndexes: []int{r.fileIndex}})
	}
	return merged
}

func contains(words []string, word string) bool { return slices.Contains(words, word) }

func list(words []string) string { return strings.Join(words, ", ") }

// clip shortens a foreign text for a message.
func clip(text string) string {
	if len(text) > 40 {
		return strings.ToValidUTF8(text[:40], "") + "…"
	}
	return text
}
