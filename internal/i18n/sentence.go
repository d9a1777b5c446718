package i18n

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"rankloop/ranking"
)

// sentence is a message as a page says it. Go writes errors to be put behind a colon, without a capital and a full stop;
// by itself on a page a message is a sentence. What begins with a name, a key or a path keeps it as it is written.
func sentence(l Locale, e *ranking.Error, text string) string {
	if text == "" {
		return ""
	}
	if word, _, _ := strings.Cut(text, " "); l == English && !beginsWithName(e) && isWord(word) {
		first, size := utf8.DecodeRuneInString(text)
		text = string(unicode.ToUpper(first)) + text[size:]
	}
	last, _ := utf8.DecodeLastRuneInString(text)
	if strings.ContainsRune(".!?…:。！？：", last) {
		return text
	}
	if l == Chinese {
		return text + "。"
	}
	return text + "."
}

// beginsWithName reports whether a message begins with what was put into it, unless that is a message itself.
func beginsWithName(e *ranking.Error) bool {
	if !strings.HasPrefix(e.Format, "%") {
		return false
	}
	if len(e.Args) > 0 {
		if phrase, ok := e.Args[0].(*ranking.Error); ok {
			return beginsWithName(phrase)
		}
	}
	return true
}

// isWord reports whether what comes before the first space is a word of the language: letters, and signs behind them.
func isWord(s string) bool {
	s = strings.TrimRight(s, ",;:")
	for _, r := range s {
		if !unicode.IsLetter(r) && r != '\'' && r != '’' && r != '-' {
			return false
		}
	}
	return s != "" && strings.ToLower(s) == s
}
