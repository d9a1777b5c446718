package tex

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// atom is a part of a formula with what its neighbours need to know of it.
type atom struct {
	html   string
	kind   kind
	limits bool   // scripts go below and above in display style
	sign   string // of a plain operator, so that its form may still be chosen
}

// formula is the whole source. Lines and columns outside an environment are taken for aligned equations.
func (p *parser) formula() string {
	body := p.table(&environment{align: "rl", display: true})
	if t := p.peek(); !t.end() {
		fail("%s is not expected here", t)
	}
	return body
}

// row reads up to what ends a list: a closing brace, a column or line, \right, \middle or \end; and up to a closing
// bracket where one is awaited.
func (p *parser) row(bracket bool) string {
	if p.depth++; p.depth > depthMax {
		panic(failure{errTooDeep})
	}
	defer func() { p.depth-- }()
	alphabetOutside := p.alphabet
	defer func() { p.alphabet = alphabetOutside }()

	var list []atom
	for {
		t := p.peek()
		switch {
		case t.end(), t.is("}"), t.is("&"), bracket && t.is("]"),
			t.command && (t.text == `\` || t.text == "cr" || t.text == "right" || t.text == "middle" || t.text == "end"):
			return join(list)
		case t.command && (t.text == "over" || t.text == "choose" || t.text == "atop"):
			p.next()
			return fraction(t.text, join(list), p.row(bracket))
		case t.command && styles[t.text] != "":
			p.next()
			list = append(list, atom{html: `<mstyle ` + styles[t.text] + `>` + p.row(bracket) + `</mstyle>`})
		default:
			if next, ok := p.scripted(list); ok {
				list = append(list, next)
			}
		}
	}
}

var styles = map[string]string{
	"displaystyle": `displaystyle="true" scriptlevel="0"`, "textstyle": `displaystyle="false" scriptlevel="0"`,
	"scriptstyle": `displaystyle="false" scriptlevel="1"`, "scriptscriptstyle": `displaystyle="false" scriptlevel="2"`,
}

// join writes a list as the children of a row, with the spaces around function names.
func join(list []atom) string {
	var out strings.Builder
	for i, a := range list {
		if a.kind == function && i > 0 && (list[i-1].kind == ordinary || list[i-1].kind == closing) {
			out.WriteString(thinSpace)
		}
		out.WriteString(a.html)
		if a.kind == function && i+1 < len(list) && (list[i+1].kind == ordinary || list[i+1].kind == function) && !a.limits {
			out.WriteString(thinSpace)
		}
	}
	return out.String()
}

const thinSpace = `<mspace width="0.1667em"></mspace>`

// group makes one element of what may be several.
func group(html string) string { return `<mrow>` + html + `</mrow>` }

// scripted reads an atom with what stands below and above it. It has none where a command was dropped.
func (p *parser) scripted(before []atom) (atom, bool) {
	var base atom
	if t := p.peek(); t.is("^") || t.is("_") || t.is("'") {
		base = atom{html: `<mrow></mrow>`}
	} else {
		var ok bool
		if base, ok = p.atom(); !ok {
			return atom{}, false
		}
		base = unary(base, before)
	}
	var sub, primes, sup string
	for {
		t := p.peek()
		switch {
		case t.is("_"):
			p.next()
			if sub != "" {
				fail("two subscripts")
			}
			sub = p.argument()
		case t.is("^"):
			p.next()
			if sup != "" {
				fail("two superscripts")
			}
			sup = p.argument()
		case t.is("'"):
			if sup != "" || primes != "" {
				fail("two superscripts")
			}
			n := 0
			for p.accept("'") {
				n++
			}
			primes = `<mo>` + strings.Repeat("⁗", n/4) + []string{"", "′", "″", "‴"}[n%4] + `</mo>`
		case t.isCommand("limits"):
			p.next()
			base.limits = true
		case t.isCommand("nolimits"):
			p.next()
			base.limits = false
		default:
			if primes != "" {
				sup = group(primes + sup)
			}
			base.html = withScripts(base, sub, sup)
			p.count(base.html)
			return base, true
		}
	}
}

// unary gives a plus or minus that no operand stands before the form of a sign.
func unary(a atom, before []atom) atom {
	if !strings.ContainsAny(a.sign, "+−±∓") || a.sign == "" {
		return a
	}
	if n := len(before); n > 0 {
		switch before[n-1].kind {
		case ordinary, closing:
			return a
		}
	}
	a.html = `<mo form="prefix">` + a.sign + `</mo>`
	return a
}

func withScripts(base atom, sub, sup string) string {
	below, above := "msub", "msup"
	both := "msubsup"
	if base.limits {
		below, above, both = "munder", "mover", "munderover"
	}
	switch {
	case sub == "" && sup == "":
		return base.html
	case sup == "":
		return element(below, base.html, sub)
	case sub == "":
		return element(above, base.html, sup)
	}
	return element(both, base.html, sub, sup)
}

// element writes an element whose children must be single elements.
func element(name string, children ...string) string {
	return `<` + name + `>` + strings.Join(children, "") + `</` + name + `>`
}

// count holds the size of what is written below its limit. Nested atoms count at every level, as they are copied.
func (p *parser) count(html string) {
	if p.written += len(html); p.written > outputBytesMax {
		panic(failure{errTooLong})
	}
}

// argument is what a command or script applies to: a group, or a single sign or command.
func (p *parser) argument() string {
	t := p.peek()
	switch {
	case t.is("{"):
		return group(p.braced())
	case t.end(), t.is("}"), t.is("&"), t.is("^"), t.is("_"):
		fail("an argument is missing")
	}
	if p.depth++; p.depth > depthMax {
		panic(failure{errTooDeep})
	}
	defer func() { p.depth-- }()
	if r, size := utf8.DecodeRuneInString(t.text); !t.command && unicode.IsDigit(r) {
		p.at += size
		return `<mn>` + p.letters(t.text) + `</mn>`
	}
	a, ok := p.atom()
	if !ok {
		fail("an argument is missing")
	}
	return group(a.html)
}

// braced is a list between braces.
func (p *parser) braced() string {
	if !p.accept("{") {
		fail("a brace is missing")
	}
	body := p.row(false)
	if !p.accept("}") {
		fail("a brace is not closed")
	}
	return body
}

// atom reads one sign, group or command.
func (p *parser) atom() (atom, bool) {
	t := p.peek()
	if t.command {
		p.next()
		return p.command(t.text)
	}
	if t.is("{") {
		return atom{html: group(p.braced())}, true
	}
	r, _ := utf8.DecodeRuneInString(t.text)
	switch {
	case unicode.IsDigit(r) || r == '.' && p.at+1 < len(p.source) && isDigit(p.source[p.at+1]):
		return atom{html: `<mn>` + p.letters(p.number()) + `</mn>`}, true
	case r == '~':
		p.next()
		return atom{html: `<mspace width="0.2222em"></mspace>`}, true
	}
	p.next()
	if s, ok := characters[r]; ok {
		return sign(s), true
	}
	switch {
	case r < 0x80 && isLetter(byte(r)), unicode.Is(unicode.Greek, r):
		return atom{html: p.identifier(t.text, false)}, true
	case unicode.IsLetter(r):
		return atom{html: `<mtext>` + escape(t.text+p.word()) + `</mtext>`}, true
	case unicode.IsNumber(r):
		return atom{html: `<mn>` + t.text + `</mn>`}, true
	case unicode.IsSymbol(r), unicode.IsPunct(r):
		return atom{html: `<mo>` + escape(t.text) + `</mo>`, kind: operator}, true
	case unicode.IsMark(r):
		fail("a mark without a letter")
	}
	fail("%q is not expected here", r)
	return atom{}, false
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

// number takes digits with a point among them.
func (p *parser) number() string {
	start, point := p.at, false
	for p.at < len(p.source) {
		c := p.source[p.at]
		if c == '.' && !point && p.at+1 < len(p.source) && isDigit(p.source[p.at+1]) {
			point = true
		} else if !isDigit(c) {
			break
		}
		p.at++
	}
	if p.at == start { // a digit of another script
		_, size := utf8.DecodeRuneInString(p.source[p.at:])
		p.at += size
	}
	return p.source[start:p.at]
}

// word takes the letters and marks that follow, of scripts other than Latin and Greek.
func (p *parser) word() string {
	start := p.at
	for p.at < len(p.source) {
		r, size := utf8.DecodeRuneInString(p.source[p.at:])
		if r < 0x80 || !unicode.IsLetter(r) && !unicode.IsMark(r) || unicode.Is(unicode.Greek, r) {
			break
		}
		p.at += size
	}
	return p.source[start:p.at]
}

// letters writes text in the current alphabet.
func (p *parser) letters(text string) string {
	return escape(strings.Map(p.alphabet.letter, text))
}

// identifier is a letter as a variable. Browsers slant a single letter unless it is to be upright.
func (p *parser) identifier(text string, isUpright bool) string {
	if isUpright || p.alphabet == upright {
		return `<mi mathvariant="normal">` + p.letters(text) + `</mi>`
	}
	return `<mi>` + p.letters(text) + `</mi>`
}

// sign is a symbol as an atom.
func sign(s symbol) atom {
	text := escape(s.text)
	a := atom{kind: s.kind, limits: s.limits}
	switch s.kind {
	case operator:
		a.html, a.sign = `<mo>`+text+`</mo>`, text
		if strings.ContainsAny(s.text, "|‖↑↓↕⇑⇓⇕") { // would grow with what is beside it
			a.html = `<mo stretchy="false">` + text + `</mo>`
		}
		if s.text == "|" || s.text == "‖" {
			a.kind, a.sign = ordinary, ""
			a.html = `<mo stretchy="false" lspace="0" rspace="0">` + text + `</mo>`
		}
	case opening:
		a.html = `<mo stretchy="false" form="prefix">` + text + `</mo>`
	case closing:
		a.html = `<mo stretchy="false" form="postfix">` + text + `</mo>`
	case punctuation:
		a.html = `<mo separator="true">` + text + `</mo>`
	case large:
		a.html = `<mo>` + text + `</mo>`
	case function:
		a.html = `<mi>` + text + `</mi>`
		if s.limits {
			a.html = `<mo movablelimits="true" lspace="0" rspace="0.1667em">` + text + `</mo>`
		}
	default:
		a.html = `<mo stretchy="false" lspace="0" rspace="0">` + text + `</mo>`
	}
	return a
}
