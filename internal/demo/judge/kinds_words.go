package judge

import "strings"

// Requests about one or two words: opposite, synonym, plural, colour.

// A wordTask grades replies that give a value for each of the words asked for.
type wordTask struct {
	asked   []string
	names   func(word string) []string    // how a sentence names the word
	right   func(word, value string) bool // whether the value answers the word
	named   []frame                       // {x}: the word, {v}: its value
	plain   []frame                       // one word asked for: {v}
	both    []frame                       // two asked for: {v} and {w}
	support func(words []string) claim
	given   string
}

func (t wordTask) grade(r reply) grade {
	got := map[string]bool{}
	var g grade
	wrong, found, waste, support := 0, 0, 0, 0
	var spoiling []sentence
	stated := map[string]bool{}
	for _, s := range r.sentences {
		values, rich, ok := t.read(s.words)
		if !t.allRight(values) && t.support != nil {
			if c := t.support(s.words); c.about && c.holds {
				support++
				continue
			}
		}
		if !ok {
			waste++
			spoiling = append(spoiling, s)
			continue
		}
		found++
		g.rich = max(g.rich, rich)
		for word, value := range values {
			switch {
			case !t.right(word, value):
				wrong++
			case stated[word]:
				g.repeats += firstRepeat
			default:
				got[word] = true
			}
			stated[word] = true
		}
	}
	n := float64(len(r.sentences))
	share := float64(len(got)) / float64(max(len(t.asked), len(stated)))
	switch {
	case share > 0:
		g.answers = share
		if wrong > 0 && len(t.asked) == 1 {
			g.answers /= 2
		}
	case found > 0:
		g.answers = wrongCredit
	case support > 0:
		g.answers = topicCredit
	}
	g.answers *= (n - float64(waste)) / n
	g.facts = share
	if wrong+len(got) > 0 {
		g.facts = float64(len(got)) / float64(max(len(t.asked), wrong+len(got)))
	}
	g.facts *= unspoiled(spoiling, t.given)
	if support > 0 {
		g.rich += supportBonus
	}
	return g
}

// maxPair is the number of words up to which "{v} and {w}" may be two values,
// though wrong ones, rather than two clauses.
const maxPair = 8

func (t wordTask) allRight(values map[string]string) bool {
	for word, value := range values {
		if !t.right(word, value) {
			return false
		}
	}
	return len(values) > 0
}

// read finds which value a sentence gives to which word: a right one where it
// can be read so.
func (t wordTask) read(words []string) (values map[string]string, rich float64, ok bool) {
	var best match
	for i := range t.asked {
		m, found, good := t.readOne(words, i)
		if good {
			return map[string]string{t.asked[i]: m.gap("v")}, m.rich, true
		}
		if found && !ok && !strings.Contains(m.gap("v"), ",") {
			values, best, ok = map[string]string{t.asked[i]: m.gap("v")}, m, true
		}
	}
	if len(t.asked) == 2 {
		two := map[string]string{}
		test := func(m match) bool {
			return t.right(t.asked[0], m.gap("v")) && t.right(t.asked[1], m.gap("w"))
		}
		m, found, good := fitBest(t.both, words, nil, test)
		if good {
			two[t.asked[0]], two[t.asked[1]] = m.gap("v"), m.gap("w")
			return two, m.rich, true
		}
		for _, joint := range []string{" , and ", " and ", " , but ", " , "} {
			left, right, split := strings.Cut(strings.Join(words, " "), joint)
			if !split {
				continue
			}
			for i := range t.asked {
				a, okA, _ := t.readOne(strings.Fields(left), i)
				b, okB, _ := t.readOne(strings.Fields(right), 1-i)
				if okA && okB {
					two[t.asked[i]], two[t.asked[1-i]] = a.gap("v"), b.gap("v")
					return two, min(a.rich, b.rich), true
				}
			}
		}
		if found && len(words) <= maxPair {
			two[t.asked[0]], two[t.asked[1]] = m.gap("v"), m.gap("w")
			return two, m.rich, true
		}
	}
	return values, best.rich, ok
}

// readOne fits the frames for one word.
func (t wordTask) readOne(words []string, i int) (m match, found, good bool) {
	word := t.asked[i]
	b := binding{"x": t.names(word), "many": {plural(word)}}
	test := func(m match) bool { return t.right(word, m.gap("v")) }
	if m, found, good = fitBest(t.named, words, b, test); good || len(t.asked) > 1 {
		return m, found, good
	}
	if other, f, gd := fitBest(t.plain, words, b, test); gd || !found {
		return other, f, gd
	}
	return m, found, good
}

// asked reads one or two words from a list such as "light and of thin".
func asked(words []string) []string {
	var out []string
	for _, w := range words {
		switch w {
		case "and", ",", ":", "of", "the", "word", "words", "these", "a", "an":
		default:
			out = append(out, w)
		}
	}
	if len(out) > 2 {
		return nil
	}
	return out
}

func itself(word string) []string { return []string{word} }

var (
	oppositeNamed = join(frames(.6, "{x} and {v} are opposites", "{v} and {x} are opposites"), frames(.8, "{v} is the opposite of {x}", "{x} is the opposite of {v}"), frames(1, "the opposite of {x} is {v}", "the opposite of the word {x} is {v}"))
	oppositePlain = join(frames(0, "{v}"), frames(.2, "it is {v}", "you can say {v}"), frames(.4, "the opposite is {v}", "the answer is {v}"))
	oppositeBoth  = join(frames(0, "{v} and {w}", "{v} , {w}"), frames(.4, "the opposites are {v} and {w}", "they are {v} and {w}"), frames(1, "the opposites of these words are {v} and {w}"))

	synonymNamed = join(frames(.7, "another word for {x} is {v}", "{v} is another word for {x}"), frames(.9, "a synonym of {x} is {v}", "{v} is a synonym of {x}"), frames(1, "{v} means the same as {x}", "{x} means the same as {v}", "{x} and {v} mean the same"))
	synonymPlain = join(frames(0, "{v}"), frames(.2, "it is {v}"), frames(.4, "you can say {v}", "another word is {v}", "the answer is {v}", "a synonym is {v}"))
	synonymBoth  = join(frames(0, "{v} and {w}", "{v} , {w}"), frames(.4, "you can say {v} and {w}", "they are {v} and {w}", "the synonyms are {v} and {w}", "other words are {v} and {w}"))

	pluralNamed = join(frames(.7, "one {x} , two {v}"), frames(1, "the plural of {x} is {v}", "one {x} and two {v}", "{v} is the plural of {x}"))
	pluralPlain = join(frames(0, "{v}"), frames(.2, "it is {v}", "two {v}"), frames(.4, "the plural is {v}", "you say {v}", "the answer is {v}"))
	pluralBoth  = join(frames(0, "{v} and {w}", "{v} , {w}"), frames(.4, "the plurals are {v} and {w}", "they are {v} and {w}"))
)

func readOpposite(p *prompt) checker {
	words := asked(p.after("opposite of the word", "opposites of these words", "opposite of", "opposites of"))
	if p.has("opposite of") && len(words) == 1 {
		if i := strings.Index(p.low, "opposite of "); i >= 0 {
			words = asked(strings.Fields(p.low[i+len("opposite of "):]))
		}
	}
	return relationTask(p, words, opposites, oppositeNamed, oppositePlain, oppositeBoth)
}

func readSynonym(p *prompt) checker {
	if !p.has("another word for", "synonym of", "means the same as", "other words for", "synonyms of", "mean the same as", "synonyms of these words") {
		return nil
	}
	words := asked(p.after("synonyms of these words", "another word for", "synonym of", "means the same as", "other words for", "synonyms of", "mean the same as"))
	return relationTask(p, words, synonyms, synonymNamed, synonymPlain, synonymBoth)
}

func relationTask(p *prompt, words []string, r relation, named, plain, both []frame) checker {
	if len(words) == 0 {
		return nil
	}
	for _, w := range words {
		if r[w] == nil {
			return nil
		}
	}
	return wordTask{
		asked: words, names: itself, named: named, plain: plain, both: both, given: p.low,
		right: func(word, value string) bool { return r[word][value] },
	}
}

func readPlural(p *prompt) checker {
	var words []string
	switch {
	case p.has("two what"):
		one, _, _ := strings.Cut(strings.TrimPrefix(p.low, "one "), ",")
		words = asked(strings.Fields(one))
	case p.has("in the plural"):
		said, _, _ := strings.Cut(strings.Join(p.after("say"), " "), " in the plural")
		words = asked(strings.Fields(said))
	case p.has("plural of", "plurals of"):
		i := strings.Index(p.low, "plural")
		_, rest, _ := strings.Cut(p.low[i:], " ")
		words = asked(strings.Fields(rest))
	}
	if len(words) == 0 {
		return nil
	}
	return wordTask{
		asked: words, names: itself, named: pluralNamed, plain: pluralPlain, both: pluralBoth, given: p.low,
		right: func(word, value string) bool { return plural(word) == value },
	}
}

var (
	colourNamed = frames(.7, "(most often|often|) {x} is {v}", "the colour of {x} is {v}", "{x} is {v} in colour", "{x} has the colour {v}", "the usual colour of {x} is {v}")
	colourPlain = join(frames(0, "{v}"), frames(.2, "it is {v}", "most often it is {v}"), frames(.4, "the colour is {v}", "the answer is {v}"))
	colourBoth  = join(frames(0, "{v} and {w}", "{v} , {w}"), frames(.3, "they are {v} and {w}", "the colours are {v} and {w}"))
)

func readColour(p *prompt) checker {
	if !p.has("colour", "colours") {
		return nil
	}
	found := findThings(p.words)
	if len(found) == 0 || len(found) > 2 {
		return nil
	}
	var words []string
	for _, t := range found {
		if len(t.colours) == 0 {
			return nil
		}
		words = append(words, t.name)
	}
	return wordTask{
		asked: words, names: nameOf, named: colourNamed, plain: colourPlain, both: colourBoth, given: p.low,
		right: func(word, value string) bool { return things[word].isColour(value) },
		support: func(w []string) claim {
			for _, t := range found {
				if c := t.claimOf(w); c.about && c.holds && (c.named || len(found) == 1) {
					return c
				}
			}
			return claim{}
		},
	}
}
