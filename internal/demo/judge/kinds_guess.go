package judge

import "strings"

// Riddles, sentences to complete, and jobs.

// A completeTask asks for the end of a true sentence about a thing.
type completeTask struct {
	t     *thing
	start []string
}

func readComplete(p *prompt) checker {
	if !strings.HasSuffix(p.text, "...") || p.tail == "" {
		return nil
	}
	start := p.payload()
	found := findThings(start)
	if len(start) < 2 || len(found) == 0 {
		return nil
	}
	return completeTask{found[0], start}
}

// Credit for parts of a completed sentence.
const (
	trueElsewhere = 0.3 // a true sentence that begins otherwise
	bareEnd       = 0.6 // the right end without the beginning
)

func (t completeTask) grade(r reply) grade {
	var g grade
	waste, extra, falseOnes := 0, 0, 0
	start := strings.Join(t.start, " ")
	facts := map[string]bool{}
	for i, s := range r.sentences {
		c := t.t.claimOf(s.words)
		rest, begins := cutWords(s.words, start)
		begins = begins && len(rest) > 0
		fresh := 0
		for _, f := range c.facts {
			fresh += int(1 - truth(facts[f]))
			if c.holds {
				facts[f] = true
			}
		}
		switch {
		case begins && c.about && c.holds && g.answers < 1:
			g.answers = 1
			g.facts = 1
			g.rich = 0.5 + 0.2*float64(min(len(c.facts), 2)-1)
		case c.about && c.holds:
			if fresh == 0 {
				g.repeats += firstRepeat
			}
			extra++
			g.answers = max(g.answers, trueElsewhere)
		case begins:
			falseOnes++
			g.answers = max(g.answers, wrongCredit)
			g.facts = max(g.facts, 0.5)
		case i == 0 && t.t.endHolds(start, s.words):
			g.answers, g.facts = bareEnd, 1
		default:
			waste++
		}
	}
	if falseOnes > 0 {
		g.facts = min(g.facts, 0.5)
	}
	n := float64(len(r.sentences))
	g.answers *= (n - float64(waste)) / n
	if extra > 0 {
		g.rich += supportBonus
	}
	return g
}

// endHolds says whether the words complete the start to a true sentence.
func (t *thing) endHolds(start string, words []string) bool {
	c := t.claimOf(append(strings.Fields(start), words...))
	return c.about && c.holds
}

// A riddleTask asks for a thing for which all the hints are true.
type riddleTask struct {
	hints [][]string
	given string
}

func readRiddle(p *prompt) checker {
	if !p.has("what is it", "guess what it is", "riddle", "which thing do i mean") {
		return nil
	}
	var hints [][]string
	for _, s := range p.sentences {
		w := afterColon(s.words)
		if len(w) > 2 && (w[0] == "it" || w[0] == "you" || w[0] == "people") {
			hints = append(hints, w)
		}
	}
	if len(hints) == 0 {
		return nil
	}
	return riddleTask{hints, p.low}
}

var riddleFrames = join(
	frames(.1, "{v}"),
	frames(.4, "it is {v}", "it must be {v}", "it could be {v}", "that is {v}"),
	frames(.5, "the answer is {v}", "i think it is {v}", "i think that it is {v}", "you mean {v}", "i would say that it is {v}"))

func (t riddleTask) grade(r reply) grade {
	var meant *thing
	for _, found := range findThings(strings.Fields(r.low)) {
		if meant == nil || !t.fits(meant) && t.fits(found) {
			meant = found
		}
	}
	a := answer{
		frames: riddleFrames, given: t.given,
		right: func(m match) float64 {
			if meant == nil || !contains(meant.names, m.gap("v")) {
				return 0
			}
			return t.share(meant)
		},
	}
	if meant != nil {
		a.given += " " + meant.name
		if t.fits(meant) {
			a.support = meant.claimOf
		}
	}
	g := a.grade(r)
	if meant == nil || !t.fits(meant) {
		g.answers = min(g.answers, wrongCredit)
		g.facts /= 2
	}
	return g
}

// share returns which share of the hints is true of the thing.
func (t riddleTask) share(x *thing) float64 {
	n := 0
	for _, h := range t.hints {
		if c := x.claimOf(h); c.about && c.holds {
			n++
		}
	}
	return float64(n) / float64(len(t.hints))
}

func (t riddleTask) fits(x *thing) bool { return t.share(x) == 1 }

var (
	whoFrames = join(
		frames(0, "{v}"), frames(.4, "it is {v}", "that is {v}", "the answer is {v}", "i think it is {v}"),
		frames(.7, "{v} can {do}", "{v} would {do}", "{v} {does}", "{v} can do it", "the job of {v} is to {do}", "the person who {does} is {v}", "{v} is a person who {does}", "that person is {v}", "that job is {v}", "the job is {v}", "people who {do} are {many}"))
	jobFrames = join(
		frames(.3, "to {v}", "(he|she) {w}"),
		frames(.6, "{x} {w}", "the (job|work) of {x} is to {v}", "{x} can {v}", "it is the job of {x} to {v}"))
)

func readJob(p *prompt) checker {
	if !p.has("job", "work", "who would", "who can", "which person", "for a living", "what does", "tell me what") {
		return nil
	}
	var found *thing
	for _, name := range classesByName["jobs"].members {
		if p.has("a "+name, "an "+name, "the "+name) {
			found = things[name]
		}
	}
	if found != nil {
		if !p.has("does", "job of", "work of") {
			return nil
		}
		return found.doings(p)
	}
	var right []string
	do := ""
	for _, name := range classesByName["jobs"].members {
		for _, d := range things[name].works() {
			if p.has(d) && len(d) >= len(do) {
				if len(d) > len(do) {
					right = nil
				}
				do = d
				if !contains(right, name) {
					right = append(right, name)
				}
			}
		}
	}
	if len(right) == 0 {
		return nil
	}
	var names, many []string
	for _, name := range right {
		names = append(names, things[name].names...)
		many = append(many, plural(name))
	}
	verb, rest, _ := strings.Cut(do, " ")
	return answer{
		frames: whoFrames, bind: binding{"do": {do}, "does": {strings.TrimSpace(thirdPerson(verb) + " " + rest)}, "many": many},
		right: valueIs(names...), given: p.low, support: aboutAny(right),
	}
}

// doings grades what is said about the work of a person.
func (t *thing) doings(p *prompt) checker {
	works := t.works()
	return answer{
		frames: jobFrames, bind: binding{"x": t.names}, given: p.low, support: t.claimOf,
		right: func(m match) float64 {
			if w := m.gap("w"); w != "" {
				_, ok := t.holds(w, 0)
				return truth(ok && !strings.HasPrefix(w, "is found"))
			}
			return truth(contains(works, m.gap("v")))
		},
	}
}

// works returns what a person does, with the verbs in their base form, in a
// fixed order (by the alphabet).
func (t *thing) works() []string {
	var all []string
	for _, pred := range sortedKeys(t.preds) {
		verb, rest, _ := strings.Cut(pred, " ")
		switch verb {
		case "is", "can", "cannot", "has":
			if _, does, ok := strings.Cut(pred, "is a person who "); ok {
				v, r, _ := strings.Cut(does, " ")
				all = append(all, strings.TrimSpace(baseForm(v)+" "+r))
			}
		default:
			all = append(all, strings.TrimSpace(baseForm(verb)+" "+rest))
		}
	}
	return all
}
