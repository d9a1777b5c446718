package content

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// The highlighter marks what the eye looks for in code: keywords, strings, numbers, comments, names that are called,
// types and keys. It reads the code once from left to right and looks at most a line ahead, so that no code can keep it
// busy: lexers made of regular expressions that backtrack take seconds over a few kilobytes that are made for it.

// code writes a block of code. The language is named if it is known, whatever the block's first line calls it.
func (l *layout) code(called, code string) {
	lang := languageNames[strings.ToLower(called)]
	l.raw(`<pre class="md-code" dir="ltr">`)
	if lang != nil {
		l.raw(`<span class="md-lang">` + lang.name + `</span>`)
	}
	l.raw(`<code>`)
	code = strings.TrimSuffix(code, "\n")
	switch {
	case lang == nil:
		l.text(code)
	case lang.scan != nil:
		lang.scan(&l.writer, code)
	default:
		lang.highlight(&l.writer, code)
	}
	l.raw("</code></pre>\n")
}

// Classes of what is marked; content.css gives them their colours.
const (
	classKeyword  = "code-k"
	classString   = "code-s"
	classNumber   = "code-n"
	classComment  = "code-c"
	className     = "code-f" // of a function that is called, or a key
	classType     = "code-t"
	classInserted = "code-i"
	classDeleted  = "code-d"
)

func (w *writer) span(class, text string) {
	w.raw(`<span class="` + class + `">`)
	w.text(text)
	w.raw(`</span>`)
}

// language is what the highlighter knows of a language.
type language struct {
	name    string
	words   map[string]bool // keywords
	anyCase bool            // of keywords
	line    []string        // what begins a comment to the end of the line
	block   [][2]string     // what begins and ends a comment
	quotes  []quote         // longer ones first
	chars   bool            // 'x' is a character, and a lone ' means something else
	types   bool            // names that begin with a capital letter are types
	keys    bool            // a name before a colon or an equals sign is a key
	sigils  string          // signs that belong to the name after them
	dashed  bool            // names may hold dashes
	markAt  bool            // @name is a keyword: decorators, rules
	scan    func(w *writer, code string)
	spaceAt bool // a comment needs a space or a line's beginning before it
	noCalls bool // names before a bracket are nothing special

}

// quote is how a string begins and ends.
type quote struct {
	open, close string
	lines       bool // may go over several lines
	raw         bool // a backslash means nothing in it
}

func (lang *language) highlight(w *writer, code string) {
	plain := 0 // where text begins that has not been written
	mark := func(class string, start, end int) {
		w.text(code[plain:start])
		w.span(class, code[start:end])
		plain = end
	}
	for i := 0; i < len(code); {
		rest := code[i:]
		if end := lang.comment(code, i); end > 0 {
			mark(classComment, i, i+end)
			i += end
			continue
		}
		if end := lang.stringEnd(rest); end > 0 {
			class := classString
			if lang.keys && strings.HasPrefix(strings.TrimLeft(rest[end:], " "), ":") {
				class = className
			}
			mark(class, i, i+end)
			i += end
			continue
		}
		r, size := utf8.DecodeRuneInString(rest)
		switch {
		case r >= '0' && r <= '9':
			end := numberEnd(rest)
			mark(classNumber, i, i+end)
			i += end
		case isNameStart(r) || strings.ContainsRune(lang.sigils, r) || lang.markAt && r == '@':
			end := lang.nameEnd(rest, size)
			if class := lang.classOf(rest[:end], rest[end:]); class != "" {
				mark(class, i, i+end)
			}
			i += end
		default:
			i += size
		}
	}
	w.text(code[plain:])
}

// comment is the length of the comment at code[i:], 0 for none.
func (lang *language) comment(code string, i int) int {
	rest := code[i:]
	for _, b := range lang.block {
		if strings.HasPrefix(rest, b[0]) {
			if end := strings.Index(rest[len(b[0]):], b[1]); end >= 0 {
				return len(b[0]) + end + len(b[1])
			}
			return len(rest)
		}
	}
	for _, opener := range lang.line {
		if strings.HasPrefix(rest, opener) && !(lang.spaceAt && i > 0 && code[i-1] > ' ') {
			return lineEnd(rest)
		}
	}
	return 0
}

func lineEnd(rest string) int {
	if end := strings.IndexByte(rest, '\n'); end >= 0 {
		return end
	}
	return len(rest)
}

// stringEnd is the length of the string that rest begins with, 0 for none. One that is not closed ends with its line.
func (lang *language) stringEnd(rest string) int {
	if lang.chars && rest[0] == '\'' {
		return charEnd(rest)
	}
	for _, q := range lang.quotes {
		if !strings.HasPrefix(rest, q.open) {
			continue
		}
		for i := len(q.open); i < len(rest); i++ {
			switch {
			case rest[i] == '\\' && !q.raw:
				i++
			case strings.HasPrefix(rest[i:], q.close):
				return i + len(q.close)
			case rest[i] == '\n' && !q.lines:
				return i
			}
		}
		return len(rest)
	}
	return 0
}

// charEnd is the length of a character in single quotes, 0 where the quote is something else, such as a lifetime.
func charEnd(rest string) int {
	if len(rest) > 2 && rest[1] == '\\' {
		if end := strings.IndexByte(rest[3:min(len(rest), 16)], '\''); end >= 0 {
			return 3 + end + 1
		}
		return 0
	}
	_, size := utf8.DecodeRuneInString(rest[1:])
	if len(rest) > 1+size && rest[1] != '\'' && rest[1+size] == '\'' {
		return 2 + size
	}
	return 0
}

func numberEnd(rest string) int {
	for i := 1; i < len(rest); i++ {
		c := rest[i]
		isSign := (c == '+' || c == '-') && (rest[i-1] == 'e' || rest[i-1] == 'E') && !strings.HasPrefix(rest, "0x")
		isPoint := c == '.' && i+1 < len(rest) && isDigit(rest[i+1])
		if !(isDigit(c) || c|0x20 >= 'a' && c|0x20 <= 'z' || c == '_' || isPoint || isSign) {
			return i
		}
	}
	return len(rest)
}

func isNameStart(r rune) bool { return r == '_' || unicode.IsLetter(r) }

func (lang *language) nameEnd(rest string, first int) int {
	for i := first; i < len(rest); {
		r, size := utf8.DecodeRuneInString(rest[i:])
		if !isNameStart(r) && !unicode.IsDigit(r) && !(r == '-' && lang.dashed) {
			return i
		}
		i += size
	}
	return len(rest)
}

// classOf is what a name is, by itself and by what comes after it.
func (lang *language) classOf(name, after string) string {
	word := name
	if lang.anyCase {
		word = strings.ToLower(name)
	}
	first, _ := utf8.DecodeRuneInString(name)
	after = strings.TrimLeft(after, " ")
	switch {
	case lang.words[word], lang.markAt && first == '@':
		return classKeyword
	case strings.ContainsRune(lang.sigils, first):
		return classType
	case lang.keys && (strings.HasPrefix(after, ":") || strings.HasPrefix(after, "=") && !strings.HasPrefix(after, "==")):
		return className
	case strings.HasPrefix(after, "(") && !lang.noCalls:
		return className
	case lang.types && unicode.IsUpper(first) && strings.ToUpper(name) != name:
		return classType
	}
	return ""
}

// scanMarkup marks tags, their attributes and comments.
func scanMarkup(w *writer, code string) {
	for code != "" {
		start := strings.IndexByte(code, '<')
		if start < 0 {
			w.text(code)
			return
		}
		w.text(code[:start])
		code = code[start:]
		if strings.HasPrefix(code, "<!--") {
			end := len(code)
			if at := strings.Index(code, "-->"); at >= 0 {
				end = at + len("-->")
			}
			w.span(classComment, code[:end])
			code = code[end:]
			continue
		}
		if len(code) < 2 || !isTagStart(code[1]) {
			w.text(code[:1])
			code = code[1:]
			continue
		}
		code = scanTag(w, code)
	}
}

// scanTag marks one tag and returns what follows it.
func scanTag(w *writer, code string) (rest string) {
	i := 1
	for i < len(code) && code[i] > ' ' && code[i] != '>' {
		i++
	}
	w.span(classKeyword, code[:i])
	for i < len(code) {
		switch c := code[i]; {
		case c == '>':
			w.span(classKeyword, ">")
			return code[i+1:]
		case c == '"' || c == '\'':
			end := i + 1
			for end < len(code) && code[end] != c {
				end++
			}
			end = min(end+1, len(code))
			w.span(classString, code[i:end])
			i = end
		case c > ' ' && c != '=' && c != '/':
			end := i + 1
			for end < len(code) && code[end] > ' ' && !strings.ContainsRune("=/>\"'", rune(code[end])) {
				end++
			}
			w.span(className, code[i:end])
			i = end
		default:
			w.text(code[i : i+1])
			i++
		}
	}
	return ""
}

// scanDiff marks whole lines by what they begin with.
func scanDiff(w *writer, code string) {
	for line := range strings.Lines(code) {
		text, end := strings.CutSuffix(line, "\n")
		switch {
		case strings.HasPrefix(text, "+"):
			w.span(classInserted, text)
		case strings.HasPrefix(text, "-"):
			w.span(classDeleted, text)
		case strings.HasPrefix(text, "@@"), strings.HasPrefix(text, "diff "), strings.HasPrefix(text, "index "):
			w.span(classComment, text)
		default:
			w.text(text)
		}
		if end {
			w.raw("\n")
		}
	}
}
