package judge

import "strings"

// Requests about one thing: what it is, where it is, what it is for.

// An aboutTask asks for a description, in a given number of sentences or free.
type aboutTask struct {
	t *thing
	n int // sentences asked for; 0: as many as it takes
}

// The number of sentences of a free description.
const (
	mostDescribed = 5
	fullDescribed = 4 // more make it no better
)

func readDescribe(p *prompt) checker {
	found := findThings(p.words)
	if len(found) != 1 || !p.has("describe", "about", "what is", "description of", "tell me what") {
		return nil
	}
	return aboutTask{t: found[0]}
}

func readSentences(p *prompt) checker {
	found := findThings(p.words)
	for i, w := range p.words {
		if n := numberOf(w); n > 0 && i+1 < len(p.words) && len(found) == 1 && (p.words[i+1] == "sentence" || p.words[i+1] == "sentences") {
			return aboutTask{found[0], n}
		}
	}
	return nil
}

func (a aboutTask) grade(r reply) grade {
	var g grade
	facts := map[string]bool{}
	good, falseOnes, named := 0, 0, false
	says := false
	for _, s := range r.sentences {
		c := a.t.claimOf(s.words)
		named = named || c.named
		switch {
		case !c.about || !c.named && !named && len(r.sentences) > 1:
			continue
		case !c.holds:
			falseOnes++
			continue
		}
		fresh := 0
		for _, f := range c.facts {
			if !facts[f] {
				fresh++
			}
			facts[f] = true
			says = says || strings.HasPrefix(f, "is a ") || strings.HasPrefix(f, "is an ") || a.t.preds[f] && strings.HasPrefix(f, "is ")
		}
		if fresh == 0 {
			g.repeats += firstRepeat
			continue
		}
		good++
	}
	n := len(r.sentences)
	g.answers = float64(good) / float64(n)
	if a.n > 0 {
		g.answers = float64(min(good, a.n)) / float64(max(n, a.n))
	} else if n > mostDescribed {
		g.answers *= float64(mostDescribed) / float64(n)
	}
	if !says && len(facts) < 2 {
		g.answers *= 0.8 // one remark says little about what a thing is
	}
	g.facts = 0
	if good > 0 {
		g.facts = float64(good) / float64(good+falseOnes)
	}
	if !named {
		g.facts *= 0.7
	}
	g.rich = richness(len(facts), a.n, says)
	return g
}

// richness grades a description by its facts: a free one should hold three, one
// of n sentences a fact more than it has sentences.
func richness(facts, n int, says bool) float64 {
	rich := 0.2
	if !says {
		rich = 0
	}
	if n > 0 {
		return rich + 0.4 + 0.4*float64(min(facts-n, 1))
	}
	return rich + 0.8*float64(min(facts, fullDescribed)-1)/float64(fullDescribed-1)
}

var (
	whereFrames = join(
		frames(0, "{v}", "look {v}"),
		frames(.3, "(you|people) can (often|) (find|see) it {v}", "it is {v}", "it is (often|) found {v}", "look for it {v}", "it lives {v}", "(you|people) find it {v}"),
		frames(.6, "(you|people) can (often|) (find|see) {x} {v}", "look for {x} {v}", "(you|people) (often|) (find|see) {x} {v}", "{x} is (often|) found {v}", "{x} is (often|) {v}", "{x} lives {v}", "you should look for {x} {v}", "a good place to find {x} is {v}"))
	useFrames = join(
		frames(0, "to {v}", "for {v}"),
		frames(.3, "(you|people|we) (can|) use it to {v}", "it is (used|good) to {v}", "it helps you to {v}", "you can {v} with it", "you need it to {v}"),
		frames(.6, "(you|people|we) (can|) use {x} to {v}", "{x} is (used|good) to {v}", "with {x} (you|people) can {v}", "you can {v} with {x}", "(you|people) need {x} to {v}", "{x} helps you to {v}"))
)

func readWhere(p *prompt) checker {
	found := findThings(p.words)
	if !p.has("where", "in which place") || len(found) != 1 || len(found[0].places) == 0 {
		return nil
	}
	t := found[0]
	return answer{
		frames: whereFrames, bind: binding{"x": t.names}, support: t.claimOf, given: p.low,
		right: func(m match) float64 { return truth(t.places[m.gap("v")]) },
	}
}

func readUse(p *prompt) checker {
	found := findThings(p.words)
	if p.has("why", "reason") && !p.has("why would i need") {
		return nil
	}
	if !p.has("used for", "can i do with", "do people use", "good for", "would i need", "use") || len(found) != 1 || len(found[0].uses) == 0 {
		return nil
	}
	t := found[0]
	return answer{
		frames: useFrames, bind: binding{"x": t.names}, support: t.claimOf, given: p.low,
		right: func(m match) float64 {
			v := m.gap("v")
			if a, b, ok := strings.Cut(v, " and "); ok && t.uses[a] && t.uses[strings.TrimPrefix(b, "to ")] {
				return 1
			}
			return truth(t.uses[v])
		},
	}
}

func truth(b bool) float64 {
	if b {
		return 1
	}
	return 0
}

var categoryFrames = join(
	frames(.1, "{v}"), frames(.3, "it is {v}", "the answer is {v}", "i think it is {v}"),
	frames(.6, "(i would say that|i think that|i think|) {x} is {v}", "{x} is a kind of {v}", "{x} belongs to the {c}", "{x} belongs to the group of {c}", "{x} is one of the {c}"))

var fellowFrames = frames(0, "{a} and {b} are {c} too", "{a} and {b} are also {c}", "{a} is {c} too", "other {c} are {a} and {b}", "{a} , {b} and {d} are {c} too")

func readCategory(p *prompt) checker {
	if !p.has("kind of thing", "sort of thing", "which group", "the group of") {
		return nil
	}
	word := ""
	for _, w := range p.words {
		if classed(w) {
			word = w
		}
	}
	if word == "" {
		return nil
	}
	t := anything(word)
	return answer{
		frames: categoryFrames, bind: binding{"x": nameOf(word)}, given: p.low,
		right: func(m match) float64 {
			if c := m.gap("c"); c != "" {
				return truth(inClass(word, c) && classesByName[c].many == c)
			}
			words := strings.Fields(m.gap("v"))
			bare := dropArticle(words)
			if len(bare) == len(words) && len(words) > 0 && len(m.gap("x")) > 0 {
				return 0 // "a hen is bird"
			}
			return truth(t.isA(bare, false))
		},
		support: func(words []string) claim {
			if m, ok := fit(fellowFrames, words, nil); ok {
				right := classesByName[m.gap("c")] != nil && inClass(word, m.gap("c"))
				for _, gap := range []string{"a", "b", "d"} {
					w := m.gap(gap)
					right = right && (w == "" || w != word && inClass(strings.Join(dropArticle(strings.Fields(w)), " "), m.gap("c")))
				}
				return claim{about: true, holds: right && m.gap("a") != m.gap("b"), facts: []string{"others"}}
			}
			return t.claimOf(words)
		},
	}
}

// anything returns what the judge knows of a word, be it only its class.
func anything(word string) *thing {
	if t := things[word]; t != nil {
		return t
	}
	t := newThing(word)
	t.names = nameOf(word)
	return t
}
