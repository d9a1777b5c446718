package judge

import "strings"

// Comparisons: two things described against each other, or ranked.

var (
	whichFrames = join(
		frames(0, "{v}", "it is {v}"), frames(.3, "the answer is {v}"),
		frames(.4, "{v} is {q}", "the {q} one is {v}"),
		frames(.8, "{v} is {q} than {y}"),
		frames(1, "{v} is {q} , and {y} is not as {base}", "{v} is {q} , but {y} is not as {base}", "{v} is {q} , and {y} is {anti}", "{v} is {q} , but {y} is {anti}"))
	mostFrames = join(
		frames(0, "{v}", "it is {v}"), frames(.2, "the answer is {v}"),
		frames(.4, "{v} is the {q}", "the {q} is {v}", "the {q} one is {v}", "{v} is {q}"),
		frames(.7, "of the three , {v} is the {q}", "the {q} of the three is {v}", "{v} is the {q} of the three", "of these , {v} is the {q}"),
		frames(1, "{v} is the {q} , because it is {more} than {x} and {y}"))
	mostExtras = frames(.4, "it is {more} than {x} and {y}", "it is {more} than {x}", "it is {more} than the others", "{z} is {more} than {x} and {y}")
)

// qualityIn finds the comparison that a request asks for.
func qualityIn(words []string, form func(quality) string) (quality, bool) {
	for _, q := range qualities {
		if contains(words, form(q)) {
			return q, true
		}
	}
	return quality{}, false
}

func readWhich(p *prompt) checker {
	q, ok := qualityIn(p.words, func(q quality) string { return q.more })
	found := findThings(p.words)
	if !ok || len(found) != 2 {
		return nil
	}
	x, y := found[0], found[1]
	if wins, known := q.beats(x.name, y.name); !known {
		return nil
	} else if !wins {
		x, y = y, x
	}
	return answer{
		frames: whichFrames,
		bind:   binding{"q": {q.more}, "base": {q.base}, "y": append(anyName(y.name), anyName(x.name)...), "anti": antiForms(q)},
		right:  valueIs(anyName(x.name)...), given: p.low, support: aboutAny([]string{x.name, y.name}),
	}
}

// antiForms returns the comparatives that say the contrary.
func antiForms(q quality) []string {
	var out []string
	for _, o := range qualities {
		if o.speed == q.speed && o.low != q.low {
			out = append(out, o.more)
		}
	}
	return out
}

func readMost(p *prompt) checker {
	q, ok := qualityIn(p.words, func(q quality) string { return q.most })
	found := findThings(p.words)
	if !ok || len(found) < 2 {
		return nil
	}
	best := found[0]
	for _, t := range found[1:] {
		wins, known := q.beats(t.name, best.name)
		if !known {
			return nil
		}
		if wins {
			best = t
		}
	}
	var others []string
	for _, t := range found {
		if t != best {
			others = append(others, anyName(t.name)...)
		}
	}
	return answer{
		frames: mostFrames, extras: mostExtras,
		bind:  binding{"q": {q.most}, "more": {q.more}, "x": others, "y": others, "z": anyName(best.name)},
		right: valueIs(anyName(best.name)...), given: p.low + " three", support: aboutAny([]string{best.name}),
	}
}

// A compareTask asks what is different about two things.
type compareTask struct{ x, y *thing }

func readCompare(p *prompt) checker {
	if !p.has("compare", "difference between", "different", "differ") {
		return nil
	}
	found := findThings(p.words)
	if len(found) != 2 {
		return nil
	}
	return compareTask{found[0], found[1]}
}

var bothFrames = frames(0, "both are {c}", "they are both {c}", "{x} and {y} are {c}", "both {x} and {y} are {c}")

// maxFacts is the number of facts beyond which a description gets no fuller.
const maxFacts = 4

func (t compareTask) grade(r reply) grade {
	stated := map[*thing]map[string]bool{t.x: {}, t.y: {}}
	clauses, good, falseOnes := 0, 0, 0
	rich := 0.0
	var last *thing
	for _, s := range r.sentences {
		for _, c := range splitClauses(s.words) {
			clauses++
			if t.readBoth(c) || t.ranked(c) {
				good++
				rich += 0.4
				if t.ranked(c) {
					stated[t.x]["rank"], stated[t.y]["not rank"] = true, true
				}
				continue
			}
			who, what := t.readClause(c, last)
			if who == nil {
				continue
			}
			last = who
			if !what.holds {
				falseOnes++
				continue
			}
			good++
			for _, f := range what.facts {
				stated[who][f] = true
			}
		}
	}
	var g grade
	if clauses == 0 {
		return g
	}
	half := 0.0
	for _, facts := range stated {
		if len(facts) > 0 {
			half += 0.5
		}
	}
	if half == 1 && !t.differ(stated) {
		half = 0.5 // both are named, but nothing is different
	}
	g.answers = half * float64(good) / float64(clauses)
	named := share(r.low, []string{t.x.name, t.y.name})
	g.facts = named
	if falseOnes > 0 {
		g.facts = named * float64(good) / float64(good+falseOnes)
	}
	n := len(stated[t.x]) + len(stated[t.y])
	g.rich = 0.2 + rich + 0.4*float64(min(n, maxFacts)-2)
	return g
}

// splitClauses cuts a sentence where another thing becomes the subject.
func splitClauses(words []string) [][]string {
	var out [][]string
	from := 0
	for i, w := range words {
		if i <= from || w != "but" && w != "and" && w != "while" {
			continue
		}
		if i+1 < len(words) && startsSubject(words[i+1:]) {
			end := i
			if words[i-1] == "," {
				end--
			}
			if end > from {
				out = append(out, words[from:end])
			}
			from = i + 1
		}
	}
	return append(out, words[from:])
}

// startsSubject says whether the words begin with an article and a thing, or a
// thing without one, and a verb after it.
func startsSubject(words []string) bool {
	rest := dropArticle(words)
	return len(rest) > 1 && things[rest[0]] != nil && (rest[1] == "is" || rest[1] == "can" || rest[1] == "cannot" || strings.HasSuffix(rest[1], "s"))
}

func (t compareTask) readBoth(words []string) bool {
	m, ok := fit(bothFrames, words, binding{"x": append(anyName(t.x.name), anyName(t.y.name)...), "y": append(anyName(t.x.name), anyName(t.y.name)...)})
	if !ok {
		return false
	}
	c := classesByName[m.gap("c")]
	return c != nil && c.many == m.gap("c") && c.has[t.x.name] && c.has[t.y.name]
}

// ranked says whether the words compare the two rightly: "a cat is smaller than
// a horse".
func (t compareTask) ranked(words []string) bool {
	for _, pair := range [][2]*thing{{t.x, t.y}, {t.y, t.x}} {
		m, ok := fit(rankFrames, words, binding{"x": pair[0].names, "y": pair[1].names})
		if !ok {
			continue
		}
		for _, q := range qualities {
			if q.more == m.gap("q") {
				wins, _ := q.beats(pair[0].name, pair[1].name)
				return wins
			}
		}
	}
	return false
}

var rankFrames = frames(0, "{x} is {q} than {y}")

// readClause finds which of the two a clause speaks of, and what it says.
// "It" is the one named last.
func (t compareTask) readClause(words []string, last *thing) (*thing, claim) {
	for _, who := range []*thing{t.x, t.y} {
		if c := who.claimOf(words); c.about && c.named {
			return who, c
		}
	}
	if last != nil {
		if c := last.claimOf(words); c.about {
			return last, c
		}
	}
	return nil, claim{}
}

// differ says whether one of the facts stated is true of only one of the two.
func (t compareTask) differ(stated map[*thing]map[string]bool) bool {
	for f := range stated[t.x] {
		if !t.y.knows(f) {
			return true
		}
	}
	for f := range stated[t.y] {
		if !t.x.knows(f) {
			return true
		}
	}
	return false
}

// knows says whether a fact in its one form is true of the thing.
func (t *thing) knows(fact string) bool {
	if place, ok := strings.CutPrefix(fact, "found "); ok {
		return t.places[place]
	}
	return t.holdsWhole(fact)
}
