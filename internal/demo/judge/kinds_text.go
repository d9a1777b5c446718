package judge

import "strings"

// Requests about a short text: the answer stands in it.

var (
	textWhereFrames = join(
		frames(0, "{v}"),
		frames(.3, "{pro} is {v}"),
		frames(.6, "{who} is {v}", "i think (that|) {who} is {v}", "you can find {who} {v}"),
		frames(1, "the text says that {who} is {v}", "{who} is {v} , as the text says"))
	textWhoFrames = join(
		frames(0, "{v}", "it is {v}"),
		frames(.3, "{v} is there", "the answer is {v}"),
		frames(.6, "{v} is {place}", "i think (that|) {v} is {place}", "the person {place} is {v}"),
		frames(1, "the text says that {v} is {place}"))
	textColourFrames = join(
		frames(0, "{v}"), frames(.2, "it is {v}"),
		frames(.5, "the {x} is {v}", "({pos}|{whose}) {x} is {v}", "({who}|{pro}) has (a|an) {v} {x}"),
		frames(.7, "the colour of the {x} is {v}"),
		frames(1, "the text says that (the|{pos}|{whose}) {x} is {v}", "the text says that ({who}|{pro}) has (a|an) {v} {x}"))
	textHowManyFrames = join(
		frames(0, "{v}", "{v} {x}"),
		frames(.2, "{who} has {v}", "{pro} has {v}"),
		frames(.4, "{pro} has {v} {x}"),
		frames(.6, "{who} has {v} {x}", "the number of {x} is {v}"),
		frames(1, "the text says that ({who}|{pro}) has {v} {x}"))
	textWhenFrames = join(
		frames(0, "{v}", "on {v}"),
		frames(.3, "{pro} will do it on {v}", "it is on {v}", "it will be on {v}"),
		frames(.5, "{who} will do it on {v}", "{pro} will {do} on {v}"),
		frames(.7, "{who} will {do} on {v}", "on {v} {who} will {do}"),
		frames(1, "the text says that ({who}|{pro}) will {do} on {v}"))
	textWhatFrames = join(
		frames(0, "{art} {v}", "it was {art} {v}"),
		frames(.3, "{pro} {did} {art} {v}"),
		frames(.5, "{who} {did} {art} {v}"),
		frames(.7, "({who}|{pro}) {did} {art} {v} {place}"),
		frames(1, "the text says that ({who}|{pro}) {did} {art} {v}", "the text says that ({who}|{pro}) {did} {art} {v} {place}"))
)

// textQuestion returns the sentences of the text and the question's words. A
// text needs at least one sentence before its question.
func (p *prompt) textQuestion(lead ...string) (text [][]string, question []string) {
	n := len(p.sentences)
	if n < 3 && !(n == 2 && p.tail != "") {
		return nil, nil
	}
	question = afterColon(p.sentences[n-1].words)
	for i, w := range lead {
		if i >= len(question) || question[i] != w {
			return nil, nil
		}
	}
	for _, s := range p.sentences[:n-1] {
		text = append(text, afterColon(s.words))
	}
	return text, question[len(lead):]
}

// afterColon drops a label such as "Text:".
func afterColon(words []string) []string {
	for i, w := range words {
		if w == ":" {
			return words[i+1:]
		}
	}
	return words
}

func bindPerson(who string) binding {
	return binding{"who": {who}, "pro": pronounsOf(who), "pos": possessives(who), "whose": {who + "'s"}}
}

func possessives(who string) []string {
	switch pronouns[who] {
	case "he":
		return []string{"his"}
	case "she":
		return []string{"her"}
	}
	return []string{"his", "her"}
}

// factIn answers a text question: the value must be the one of the text.
func (p *prompt) factIn(fs []frame, b binding, value string) checker {
	if value == "" {
		return nil
	}
	return answer{frames: fs, bind: b, right: valueIs(value), must: []string{value}, given: p.low}
}

func readTextWhere(p *prompt) checker {
	text, q := p.textQuestion("where", "is")
	if len(q) != 1 || q[0] == "it" {
		return nil
	}
	for _, s := range text {
		if len(s) > 3 && s[0] == q[0] && s[1] == "is" && isPlaceWord(s[2]) {
			return p.factIn(textWhereFrames, bindPerson(q[0]), strings.Join(s[2:], " "))
		}
	}
	return nil
}

func isPlaceWord(w string) bool {
	return w == "in" || w == "at" || w == "on" || w == "near" || w == "under"
}

func readTextWho(p *prompt) checker {
	text, q := p.textQuestion("who", "is")
	for _, s := range text {
		if len(s) > 3 && s[1] == "is" && strings.Join(s[2:], " ") == strings.Join(q, " ") {
			b := bindPerson(s[0])
			b["place"] = []string{strings.Join(q, " ")}
			return p.factIn(textWhoFrames, b, s[0])
		}
	}
	return nil
}

var (
	colourOwned = frames(0, "{who} {x} is {v}", "{who} has (a|an) {v} {x} and (a|an) {w} {y}", "{who} has (a|an) {v} {x}")
	countOwned  = frames(0, "{who} has {v} {x} and {w} {y}", "{who} has {v} {x}")
	deedPlanned = frames(0, "{who} will {do} on {v}")
)

func readTextColour(p *prompt) checker {
	text, q := p.textQuestion("what", "colour", "is", "the")
	if len(q) == 0 {
		return nil
	}
	x := strings.Join(q, " ")
	for _, s := range text {
		m, ok := fit(colourOwned, s, nil)
		if !ok {
			continue
		}
		value := ""
		switch x {
		case m.gap("x"):
			value = m.gap("v")
		case m.gap("y"):
			value = m.gap("w")
		default:
			continue
		}
		b := bindPerson(p.name())
		b["x"] = []string{x}
		return p.factIn(textColourFrames, b, value)
	}
	return nil
}

func readTextHowMany(p *prompt) checker {
	text, q := p.textQuestion("how", "many")
	if len(q) != 4 || q[1] != "does" || q[3] != "have" || strings.ContainsAny(p.low, "0123456789") {
		return nil
	}
	x, who := q[0], q[2]
	for _, s := range text {
		m, ok := fit(countOwned, s, nil)
		if !ok || m.gap("who") != who {
			continue
		}
		value := m.gap("v")
		if m.gap("x") != x {
			if value = m.gap("w"); m.gap("y") != x {
				continue
			}
		}
		b := bindPerson(who)
		b["x"] = []string{x}
		return p.factIn(textHowManyFrames, b, value)
	}
	return nil
}

func readTextWhen(p *prompt) checker {
	text, q := p.textQuestion("when", "will")
	if len(q) < 2 {
		return nil
	}
	who, do := q[0], strings.Join(q[1:], " ")
	for _, s := range text {
		m, ok := fit(deedPlanned, s, binding{"v": dayNames})
		if ok && m.gap("who") == who && m.gap("do") == do {
			b := bindPerson(who)
			b["do"], b["v"] = []string{do}, dayNames
			return p.factIn(textWhenFrames, b, m.gap("v"))
		}
	}
	return nil
}

func readTextWhat(p *prompt) checker {
	text, q := p.textQuestion("what", "did")
	if len(q) != 2 || deedByAny[q[1]] == nil {
		return nil
	}
	who, past := q[0], deedByAny[q[1]].past
	for _, s := range text {
		if len(s) < 4 || s[0] != who || s[1] != past || s[2] != "a" && s[2] != "an" {
			continue
		}
		thing, place := s[3:], []string(nil)
		for i, w := range thing {
			if isPlaceWord(w) {
				thing, place = thing[:i], thing[i:]
				break
			}
		}
		b := bindPerson(who)
		b["did"], b["art"] = []string{past}, []string{"a", "an", "the"}
		b["place"] = []string{strings.Join(place, " ")}
		return p.factIn(textWhatFrames, b, strings.Join(thing, " "))
	}
	return nil
}
