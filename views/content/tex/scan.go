package tex

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// token is one sign or command of the source.
type token struct {
	text    string // of a command its name, without the backslash; "" at the end
	command bool
}

func (t token) is(text string) bool      { return !t.command && t.text == text }
func (t token) isCommand(n string) bool  { return t.command && t.text == n }
func (t token) end() bool                { return !t.command && t.text == "" }
func (t token) String() (written string) { return map[bool]string{true: `\`}[t.command] + t.text }

// parser reads a formula from left to right, one token ahead.
type parser struct {
	source   string
	at       int       // where the next token begins
	depth    int       // of groups
	written  int       // bytes of MathML so far, counted where atoms are made
	alphabet *alphabet // of letters, nil for TeX's own choice
}

// peek is the next token; spaces mean nothing in mathematics.
func (p *parser) peek() token {
	t, _ := p.scan()
	return t
}

func (p *parser) next() token {
	t, after := p.scan()
	p.at = after
	return t
}

func (p *parser) scan() (t token, after int) {
	i := p.at
	for i < len(p.source) {
		r, size := utf8.DecodeRuneInString(p.source[i:])
		if !unicode.IsSpace(r) {
			break
		}
		i += size
	}
	p.at = i
	if i == len(p.source) {
		return token{}, i
	}
	r, size := utf8.DecodeRuneInString(p.source[i:])
	if r != '\\' {
		return token{text: p.source[i : i+size]}, i + size
	}
	start := i + 1
	if start == len(p.source) {
		fail("a backslash at the end")
	}
	stop := start
	for stop < len(p.source) && isLetter(p.source[stop]) {
		stop++
	}
	if stop == start { // a command of one sign, such as \,
		_, size := utf8.DecodeRuneInString(p.source[start:])
		return token{text: p.source[start : start+size], command: true}, start + size
	}
	if stop < len(p.source) && p.source[stop] == '*' && starred[p.source[start:stop]] {
		stop++
	}
	return token{text: p.source[start:stop], command: true}, stop
}

// starred are the commands that a star belongs to.
var starred = map[string]bool{"operatorname": true, "hspace": true, "vspace": true, "tag": true}

func isLetter(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' }

// accept takes the next token if it is this sign.
func (p *parser) accept(sign string) bool {
	if !p.peek().is(sign) {
		return false
	}
	p.next()
	return true
}

// raw is the argument of a command that takes text: what stands between braces, as written.
func (p *parser) raw() string {
	if !p.accept("{") {
		fail("an argument in braces is missing")
	}
	start, open := p.at, 1
	for i := p.at; i < len(p.source); i++ {
		switch p.source[i] {
		case '\\':
			i++
		case '{':
			open++
		case '}':
			if open--; open == 0 {
				p.at = i + 1
				return p.source[start:i]
			}
		}
	}
	fail("a brace is not closed")
	return ""
}

// rawOptional is an argument between brackets, "" where there is none.
func (p *parser) rawOptional() string {
	if !p.accept("[") {
		return ""
	}
	length := strings.IndexByte(p.source[p.at:], ']')
	if length < 0 {
		fail("a bracket is not closed")
	}
	text := p.source[p.at : p.at+length]
	p.at += length + 1
	return text
}
