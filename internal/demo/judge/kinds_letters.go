package judge

import (
	"strconv"
	"strings"
)

// Spelling, letters, counting words, and what comes next.

var (
	spellFrames = join(
		frames(0, "{v}"), frames(.1, "it is {v}"),
		frames(.3, "you spell it {v}", "you write it {v}", "it is spelled {v}"),
		frames(.7, "{x} is spelled {v}", "the word {x} is spelled {v}", "you spell {x} {v}"),
		frames(1, "{x} has {n} letters : {v}", "the word {x} has {n} letters : {v}"))
	letterFrames = join(
		frames(0, "{v}", "it is {v}"), frames(.3, "the answer is {v}"), frames(.4, "the {q} letter is {v}"),
		frames(.7, "the {q} letter of {x} is {v}", "the {q} letter of the word {x} is {v}", "{v} is the {q} letter of {x}"),
		frames(1, "the word {x} has the letter {v} in the {q} place", "{x} {ends} with {v}", "{x} has the letter {v} in the {q} place"))
	countWordsFrames = join(
		frames(0, "{v}", "{v} words", "it is {v}", "it has {v}"), frames(.3, "there are {v} words", "i count {v} words", "it has {v} words"),
		frames(.7, "there are {v} words in (the|this) sentence"),
		frames(1, "(the|this) sentence has {v} words", "(the|this) sentence is {v} words long"))
	nextFrames = join(
		frames(0, "{v}"), frames(.2, "it is {v}"), frames(.4, "the answer is {v}"),
		frames(.6, "{side} {x} it is {v}", "{side} {x} , it is {v}"),
		frames(.8, "{side} {x} comes {v}", "{v} is {side} {x}"),
		frames(1, "{v} comes {side} {x}", "{v} comes right {side} {x}"))
)

func readSpell(p *prompt) checker {
	if !p.has("spell") || p.has("polite") {
		return nil
	}
	words := p.after("letter by letter :", "the word", "spell")
	if len(words) == 3 && words[1] == "for" {
		words = words[:1]
	}
	if len(words) != 1 {
		return nil
	}
	x := words[0]
	letters := strings.Join(strings.Split(x, ""), "-")
	return answer{
		frames: spellFrames, bind: binding{"x": {x}, "n": {numberWord(len(x)), strconv.Itoa(len(x))}},
		right: valueIs(letters), must: []string{letters}, given: p.low + " " + numberWord(len(x)) + " " + strconv.Itoa(len(x)),
	}
}

func readLetter(p *prompt) checker {
	if !p.has("letter") || !p.has("first", "last") {
		return nil
	}
	q, ends := "first", []string{"starts", "begins"}
	if p.has("last") {
		q, ends = "last", []string{"ends"}
	}
	words := p.after("letter of the word", "letter of")
	if len(words) == 0 {
		if words = p.after("does"); len(words) > 0 {
			words = words[:1]
		}
	}
	if len(words) != 1 {
		return nil
	}
	x := words[0]
	v := x[:1]
	if q == "last" {
		v = x[len(x)-1:]
	}
	return answer{
		frames: letterFrames, bind: binding{"x": {x}, "q": {q}, "ends": ends},
		right: valueIs(v), must: []string{v}, given: p.low,
	}
}

func readCountWords(p *prompt) checker {
	if !p.asks("words") || !p.asks("how many", "count", "how long", "how many words this sentence has") || p.tail == "" {
		return nil
	}
	n := 0
	for _, w := range p.payload() {
		if !isMark(w) {
			n++
		}
	}
	if numberWord(n) == "" {
		return nil
	}
	word := numberWord(n)
	return answer{
		frames: countWordsFrames, right: valueIs(word, strconv.Itoa(n)),
		given: p.low + " " + word + " " + strconv.Itoa(n),
	}
}

func readNext(p *prompt) checker {
	for _, side := range []string{"after", "before"} {
		step := 1
		if side == "before" {
			step = -1
		}
		words := p.after("comes " + side)
		if len(words) != 1 {
			continue
		}
		x := words[0]
		if v := neighbour(x, step); v != "" {
			return answer{
				frames: nextFrames, bind: binding{"x": {x}, "side": {side}},
				right: valueIs(v), must: []string{v}, given: p.low + " " + v,
			}
		}
	}
	return nil
}
