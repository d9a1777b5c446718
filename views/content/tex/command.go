package tex

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// command reads the arguments of a command and sets it. It has no atom where the command is dropped.
func (p *parser) command(name string) (atom, bool) {
	if width, ok := spaces[name]; ok {
		return atom{html: `<mspace width="` + width + `em"></mspace>`, kind: punctuation}, true
	}
	if arguments, ok := dropped[name]; ok {
		for range arguments {
			p.raw()
		}
		return atom{}, false
	}
	if a, ok := alphabets[name]; ok {
		return p.inAlphabet(a), true
	}
	if accent, ok := accents[name]; ok {
		stretchy := ` stretchy="false"`
		if accent.stretchy {
			stretchy = ``
		}
		over := `<mo` + stretchy + `>` + escape(accent.sign) + `</mo>`
		if accent.under {
			return atom{html: `<munder>` + p.argument() + over + `</munder>`, limits: name == "underbrace"}, true
		}
		return atom{html: `<mover accent="true">` + p.argument() + over + `</mover>`, limits: name == "overbrace"}, true
	}
	if arrow, ok := arrows[name]; ok {
		return atom{html: p.arrow(arrow), kind: operator}, true
	}
	if a, ok := p.construct(name); ok {
		return a, true
	}
	if base := strings.TrimRight(name, "lrm"); sizes[base] != "" && len(name)-len(base) <= 1 {
		return p.sized(sizes[base], name[len(base):]), true
	}
	s, ok := symbols[name]
	switch {
	case !ok:
		fail(`the command \%s is not known`, name)
	case s.kind == ordinary && isIdentifier(s):
		return atom{html: p.identifier(s.text, s.upright)}, true
	}
	return sign(s), true
}

// isIdentifier tells letters and signs that stand for values from dots and the like.
func isIdentifier(s symbol) bool {
	r, _ := utf8.DecodeRuneInString(s.text)
	return !s.upright || unicode.IsLetter(r) || strings.ContainsRune("∞∂∇∅⊤⊥∠△□", r)
}

// construct is a command with arguments of its own kind.
func (p *parser) construct(name string) (atom, bool) {
	plain := func(html string) (atom, bool) { return atom{html: html}, true }
	switch name {
	case "frac", "binom":
		top := p.argument()
		return plain(fraction(name, top, p.argument()))
	case "dfrac", "cfrac", "dbinom":
		top := p.argument()
		return plain(`<mstyle displaystyle="true" scriptlevel="0">` + fraction(name[1:], top, p.argument()) + `</mstyle>`)
	case "tfrac", "tbinom":
		top := p.argument()
		return plain(`<mstyle displaystyle="false" scriptlevel="0">` + fraction(name[1:], top, p.argument()) + `</mstyle>`)
	case "sqrt":
		if p.accept("[") {
			degree := p.row(true)
			if !p.accept("]") {
				fail("a bracket is not closed")
			}
			return plain(element("mroot", p.argument(), group(degree)))
		}
		return plain(element("msqrt", p.argument()))
	case "overset", "stackrel":
		over := p.argument()
		return atom{html: element("mover", p.argument(), over), kind: operator}, true
	case "underset":
		under := p.argument()
		return atom{html: element("munder", p.argument(), under), kind: operator}, true
	case "text", "textrm", "textnormal", "mbox", "hbox", "textsf", "textup":
		return plain(text(p.raw(), upright))
	case "textbf":
		return plain(text(p.raw(), bold))
	case "textit", "emph":
		return plain(text(p.raw(), alphabets["mathit"]))
	case "texttt":
		return plain(text(p.raw(), alphabets["mathtt"]))
	case "operatorname":
		return sign(symbol{text: p.operatorName(), kind: function}), true
	case "operatorname*":
		return sign(symbol{text: p.operatorName(), kind: function, limits: true}), true
	case "left":
		return p.fenced(), true
	case "begin":
		return p.environment(), true
	case "boxed", "fbox":
		return plain(`<mrow class="tex-boxed">` + p.argument() + `</mrow>`)
	case "cancel", "bcancel", "xcancel":
		return plain(`<mrow class="tex-cancel">` + p.argument() + `</mrow>`)
	case "phantom", "hphantom", "vphantom":
		return plain(element("mphantom", p.argument()))
	case "smash", "mathop", "mathbin", "mathrel", "mathord", "mathopen", "mathclose", "mathinner", "substack":
		if name == "substack" {
			return plain(p.substack())
		}
		return atom{html: p.argument(), limits: name == "mathop"}, true
	case "textcolor":
		p.raw() // of which colour, the page decides
		return plain(p.argument())
	case "not":
		return p.negated(), true
	case "bmod", "mod":
		return plain(`<mo lspace="0.2222em" rspace="0.2222em">mod</mo>`)
	case "pmod":
		return plain(`<mspace width="0.4444em"></mspace><mo stretchy="false">(</mo><mi>mod</mi><mspace width="0.3333em"></mspace>` + p.argument() + `<mo stretchy="false">)</mo>`)
	case "tag", "tag*":
		return plain(`<mspace width="2em"></mspace><mtext>(` + escape(p.raw()) + `)</mtext>`)
	}
	return atom{}, false
}

// operatorName is the argument of \operatorname, in which commands are spaces.
func (p *parser) operatorName() string {
	name := strings.NewReplacer(`\,`, " ", `\ `, " ", `\!`, "", `\:`, " ", `\;`, " ", "{", "", "}", "").Replace(p.raw())
	if strings.ContainsRune(name, '\\') {
		fail("a command within the name of an operator")
	}
	return name
}

func fraction(kind, top, bottom string) string {
	switch kind {
	case "binom", "choose":
		return `<mrow><mo form="prefix">(</mo><mfrac linethickness="0"><mrow>` + top + `</mrow><mrow>` + bottom + `</mrow></mfrac><mo form="postfix">)</mo></mrow>`
	case "atop":
		return `<mfrac linethickness="0"><mrow>` + top + `</mrow><mrow>` + bottom + `</mrow></mfrac>`
	}
	return `<mfrac><mrow>` + top + `</mrow><mrow>` + bottom + `</mrow></mfrac>`
}

// inAlphabet is the argument of \mathbf and its like. Several upright letters are one word.
func (p *parser) inAlphabet(a *alphabet) atom {
	outside := p.alphabet
	p.alphabet = a
	defer func() { p.alphabet = outside }()
	if a == upright && p.peek().is("{") {
		from := p.at
		word := p.raw()
		if isWord(word) {
			return atom{html: `<mi mathvariant="normal">` + escape(strings.TrimSpace(word)) + `</mi>`}
		}
		p.at = from
	}
	return atom{html: p.argument()}
}

func isWord(text string) bool {
	for _, r := range text {
		if !unicode.IsLetter(r) && r != ' ' && r != '-' {
			return false
		}
	}
	return strings.TrimSpace(text) != ""
}

// text is words within a formula, in which spaces count and commands do not.
func text(raw string, a *alphabet) string {
	raw = strings.NewReplacer(`\$`, "$", `\%`, "%", `\&`, "&", `\_`, "_", `\#`, "#", `\{`, "{", `\}`, "}", "$", "", "~", " ", "\n", " ").Replace(raw)
	if strings.ContainsRune(raw, '\\') {
		fail("a command within text")
	}
	words := strings.Map(a.letter, strings.NewReplacer("{", "", "}", "").Replace(raw))
	// Browsers drop the spaces at either end of a text in MathML.
	words = strings.ReplaceAll(words, " ", "\u00a0")
	return `<mtext>` + escape(words) + `</mtext>`
}

// arrow grows with what is over it and, in brackets, under it.
func (p *parser) arrow(sign string) string {
	under := ""
	if p.accept("[") {
		under = group(p.row(true))
		if !p.accept("]") {
			fail("a bracket is not closed")
		}
	}
	over := `<mrow><mspace width="0.4em"></mspace>` + p.argument() + `<mspace width="0.4em"></mspace></mrow>`
	base := `<mo stretchy="true">` + sign + `</mo>`
	if under == "" {
		return element("mover", base, over)
	}
	return element("munderover", base, under, over)
}

// fenced is \left … \right, with \middle in between.
func (p *parser) fenced() atom {
	html := `<mrow>` + p.fence("prefix")
	for {
		html += group(p.row(false))
		switch t := p.next(); {
		case t.isCommand("middle"):
			html += p.fence("infix")
		case t.isCommand("right"):
			return atom{html: html + p.fence("postfix") + `</mrow>`}
		default:
			fail(`\left without \right`)
		}
	}
}

func (p *parser) fence(form string) string {
	t := p.next()
	sign, ok := delimiter(t.text, t.command)
	switch {
	case !ok:
		fail("%s is no delimiter", t)
	case sign == "":
		return ""
	}
	return `<mo fence="true" stretchy="true" symmetric="true" form="` + form + `">` + escape(sign) + `</mo>`
}

// sized is \big and its like.
func (p *parser) sized(size, side string) atom {
	t := p.next()
	sign, ok := delimiter(t.text, t.command)
	if !ok {
		fail("%s is no delimiter", t)
	}
	form, is := "prefix", opening
	switch {
	case side == "r", side == "" && strings.Contains(")]}⟩⌋⌉⟧", sign):
		form, is = "postfix", closing
	case side == "m", side == "" && strings.Contains("|‖/", sign):
		form, is = "infix", ordinary
	}
	return atom{html: `<mo stretchy="true" symmetric="true" form="` + form + `" minsize="` + size + `" maxsize="` + size + `">` + escape(sign) + `</mo>`, kind: is}
}

// negated puts a stroke through the sign that follows.
func (p *parser) negated() atom {
	t := p.next()
	text := t.text
	if t.command {
		text = symbols[t.text].text
	}
	if utf8.RuneCountInString(text) != 1 || strings.ContainsAny(text, "{}&^_") {
		fail(`\not before %s`, t)
	}
	return atom{html: `<mo>` + escape(text) + "\u0338" + `</mo>`, kind: operator}
}
