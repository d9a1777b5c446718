package ranking

import (
	"bufio"
	"bytes"
	"errors"
	"io"
)

// readJSONL reads one JSON object a line. Blank lines are passed over.
func (s *promptSet) readJSONL(r *bufio.Reader, emit func(PromptInputLine) error) error {
	for number := 1; ; number++ {
		line, tooLong, err := readLine(r, s.limits.LineBytes)
		if err != nil && !errors.Is(err, io.EOF) {
			return err
		}
		line = bytes.TrimSpace(line)
		switch {
		case tooLong:
			reason := because("the line is over the limit of %d bytes", s.limits.LineBytes)
			if err := emit(PromptInputLine{Line: number, Bad: reason}); err != nil {
				return err
			}
		case len(line) > 0:
			if err := emit(s.jsonLine(number, line)); err != nil {
				return err
			}
		}
		if err != nil {
			return nil
		}
	}
}

// readLine reads up to and with the next newline; of a line longer than limit it reads past the end but keeps nothing.
func readLine(r *bufio.Reader, limit int) (line []byte, tooLong bool, err error) {
	for {
		part, err := r.ReadSlice('\n')
		if !tooLong {
			line = append(line, part...)
		}
		if len(line) > limit {
			line, tooLong = nil, true
		}
		if !errors.Is(err, bufio.ErrBufferFull) {
			return line, tooLong, err
		}
	}
}

// The keys of a prompt set's line.
var (
	promptKeys   = []string{"id", "prompt", "messages", "responses", "group", "metadata"}
	messageKeys  = []string{"role", "content"}
	responseKeys = []string{"text", "model"}
)

// jsonLine reads one line of JSON; a line of the native export gives back its prompt and responses.
func (s *promptSet) jsonLine(number int, line []byte) PromptInputLine {
	bad := func(reason *Error) PromptInputLine { return PromptInputLine{Line: number, Bad: reason} }
	if reason := checkJSON(line); reason != nil {
		return bad(because("the line %s", reason))
	}
	if isNativeRecord(line) {
		return s.nativeLine(number, line)
	}
	raw := rawPrompt{}
	reason := objectFields(line, func(key string, value []byte) *Error { return raw.setJSON(key, value, s.limits) })
	if reason != nil {
		return bad(reason)
	}
	return s.finish(number, raw)
}

// setJSON reads one key of a line.
func (raw *rawPrompt) setJSON(key string, value []byte, limits PromptSetLimits) (reason *Error) {
	if bytes.Equal(value, []byte("null")) && contains(promptKeys, key) {
		return nil // an absent value written out, as many programs do
	}
	switch key {
	case "id":
		raw.id, reason = jsonID(value)
	case "group":
		raw.group, reason = jsonString("group", value)
	case "prompt":
		raw.hasPrompt = true
		raw.prompt, reason = jsonString("prompt", value)
	case "messages":
		raw.hasMessages = true
		raw.messages, reason = jsonMessages(value, limits.Messages)
	case "responses":
		raw.responses, reason = jsonResponses(value, limits.Responses)
	case "metadata":
		if len(value) > limits.MetadataBytes {
			return because("metadata is %d bytes long; the limit is %d", len(value), limits.MetadataBytes)
		}
		raw.metadata, reason = jsonMetadata(value)
	default:
		reason = unknownKey(key, promptKeys)
	}
	return reason
}

func jsonMessages(value []byte, limit int) (messages []Message, reason *Error) {
	reason = arrayItems(value, func(i int, item []byte) *Error {
		if i >= limit {
			return tooManyMessages(limit)
		}
		var m Message
		reason := objectFields(item, func(key string, value []byte) (reason *Error) {
			switch key {
			case "role":
				m.Role, reason = jsonString("role", value)
			case "content":
				m.Content, reason = jsonString("content", value)
			default:
				reason = unknownKey(key, messageKeys)
			}
			return reason
		})
		if reason != nil {
			return because("message %d %s", i+1, reason)
		}
		messages = append(messages, m)
		return nil
	})
	if reason == notAList {
		reason = because("messages must be a list")
	}
	return messages, reason
}

func jsonResponses(value []byte, limit int) (responses []rawResponse, reason *Error) {
	reason = arrayItems(value, func(i int, item []byte) *Error {
		if i >= limit {
			return tooManyResponses(limit)
		}
		response := rawResponse{fileIndex: i}
		if item[0] == '"' { // a bare text, its author unknown
			response.text, reason = jsonString("text", item)
			responses = append(responses, response)
			return reason
		}
		hasText := false
		reason := objectFields(item, func(key string, value []byte) (reason *Error) {
			switch key {
			case "text":
				hasText = true
				response.text, reason = jsonString("text", value)
			case "model":
				if !bytes.Equal(value, []byte("null")) {
					response.model, reason = jsonString("model", value)
				}
			default:
				reason = unknownKey(key, responseKeys)
			}
			return reason
		})
		if reason == nil && !hasText {
			reason = because("has no text")
		}
		if reason != nil {
			return because("response %d %s", i+1, reason)
		}
		responses = append(responses, response)
		return nil
	})
	if reason == notAList {
		reason = because("responses must be a list")
	}
	return responses, reason
}

func tooManyMessages(limit int) *Error {
	return because("more than %d messages; the limit is %d", limit, limit)
}

func tooManyResponses(limit int) *Error {
	return because("more than %d responses; the limit is %d", limit, limit)
}

// unknownKey names a key that has no meaning here, and the nearest that has.
func unknownKey(key string, known []string) *Error {
	if near := nearest(key, known); near != "" {
		return because("has the unknown key %q; did you mean %q?", key, near)
	}
	return because("has the unknown key %q; known are %s", key, list(known))
}

// unknownColumn is unknownKey for a header, or for what the columns of Parquet are made of.
func unknownColumn(name string, known []string) *Error {
	if near := nearest(name, known); near != "" {
		return because("has the unknown column %q; did you mean %q?", name, near)
	}
	return because("has the unknown column %q; known are %s", name, list(known))
}
