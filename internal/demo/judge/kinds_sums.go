package judge

import (
	"strconv"
	"strings"
)

// Sums: the numbers are written with digits.

var (
	sumFrames = join(
		frames(0, "{v}", "it is {v}", "that is {v}"),
		frames(.5, "the answer is {v}", "the sum is {v}", "you get {v}"),
		frames(.8, "{a} {op} {b} (is|makes|equals|=) {v}"),
		frames(1, "(the answer|it) is {v} , because {a} {op} {b} (is|makes|equals|=) {v}", "the (sum|difference) of {a} and {b} is {v}", "if you {do} you get {v}"))
	storySumFrames = join(
		frames(0, "{v}", "it is {v}", "{v} {x}"),
		frames(.3, "the answer is {v}", "there are {v}", "there (is|are) {v} {x} (now|left|)"),
		frames(.6, "{pro} has {v} {x}", "{pro} has {v} {x} (now|left)", "{v} {x} are left"),
		frames(.8, "{who} has {v} {x}", "{who} has {v} {x} (now|left)", "{a} {op} {b} (is|=) {v}"),
		frames(1, "{a} {op} {b} (is|=) {v} , so ({who}|{pro}) has {v} {x}", "{a} {op} {b} (is|=) {v} , so ({who}|{pro}) has {v} {x} (now|left)"))
)

// digits returns the numbers among the words.
func digits(words []string) []int {
	var all []int
	for _, w := range words {
		if allDigits(w) {
			if n := numberOf(w); n >= 0 {
				all = append(all, n)
			}
		}
	}
	return all
}

func readAdd(p *prompt) checker {
	ns := digits(p.words)
	if len(ns) != 2 || !p.has("+", "plus", "add", "sum of") {
		return nil
	}
	return p.sum(sumFrames, ns[0], ns[1], ns[0]+ns[1], "+", "plus", "and")
}

func readSubtract(p *prompt) checker {
	ns := digits(p.words)
	if len(ns) != 2 || !p.has("-", "minus", "take", "subtract") {
		return nil
	}
	a, b := ns[0], ns[1]
	if p.has("take", "subtract") { // the smaller number is named first
		a, b = b, a
	}
	return p.sum(sumFrames, a, b, a-b, "-", "minus", "take away")
}

// sum grades the number of a sum; the order of an addition's numbers is free.
func (p *prompt) sum(fs []frame, a, b, result int, ops ...string) answer {
	first, second := strconv.Itoa(a), strconv.Itoa(b)
	value := strconv.Itoa(result)
	as, bs := []string{first}, []string{second}
	if ops[0] == "+" {
		as, bs = []string{first, second}, []string{second, first}
	}
	return answer{
		frames: fs, bind: binding{"a": as, "b": bs, "op": ops},
		right: valueIs(value), must: []string{value}, given: p.low + " " + value,
	}
}

func readWordProblem(p *prompt) checker {
	ns := digits(p.words)
	if len(ns) != 2 || !p.has("how many") {
		return nil
	}
	a, b := ns[0], ns[1]
	more := p.has("more")
	who := p.name()
	x := ""
	for i, w := range p.words {
		if allDigits(w) && i+1 < len(p.words) {
			x = p.words[i+1]
			break
		}
	}
	if who == "" || x == "" {
		return nil
	}
	result, ops := a-b, []string{"-", "minus"}
	if more {
		result, ops = a+b, []string{"+", "plus"}
	}
	s := p.sum(storySumFrames, a, b, result, ops...)
	for k, v := range bindPerson(who) {
		s.bind[k] = v
	}
	s.bind["x"] = []string{x}
	if result == 1 {
		s.bind["x"] = singulars(x)
		s.given += " " + strings.Join(s.bind["x"], " ")
	}
	return s
}

// singulars returns the nouns of which a word is the plural.
func singulars(many string) []string {
	var all []string
	for _, name := range thingNames {
		if plural(name) == many {
			all = append(all, name)
		}
	}
	if len(all) == 0 {
		all = []string{baseForm(many), many}
	}
	return all
}
