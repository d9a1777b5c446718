package ranking

import (
	"fmt"
	"io"
	"regexp"
)

// A message that is stored, as the warnings of a run are, keeps its format and its arguments as text: what a number looked
// like is then decided, and its language is not.

var verbPattern = regexp.MustCompile(`%[-+# 0]*[0-9]*(?:\.[0-9]+)?[a-zA-Z%]`)

// TextArgs are the message's arguments as its format shows them.
func (e *Error) TextArgs() []string {
	texts := make([]string, 0, len(e.Args))
	for _, verb := range verbPattern.FindAllString(e.Format, -1) {
		if n := len(texts); verb != "%%" && n < len(e.Args) {
			texts = append(texts, fmt.Sprintf(verb, e.Args[n]))
		}
	}
	return texts
}

// Stored is a message again, from its format and what TextArgs returned.
func Stored(code Code, format string, texts []string) *Error {
	args := make([]any, len(texts))
	for i, text := range texts {
		args[i] = argText(text)
	}
	return &Error{Code: code, Format: format, Args: args}
}

// argText is shown as it is, whatever the verb in its place.
type argText string

// Format implements fmt.Formatter.
func (t argText) Format(out fmt.State, _ rune) { _, _ = io.WriteString(out, string(t)) }
