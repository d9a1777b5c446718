package judge

import "strings"

// Advice: something that helps, said to "you" or about the person named.

type adviceTask struct {
	who     string // the person named; "" where the asker is meant
	problem string // "feel cold"
	given   string
}

var (
	adviceFrames = join(
		frames(.2, "{do}", "{they} (could|should|can|might) {do}", "why not {do}", "it helps to {do}", "please {do}"),
		frames(.3, "{sub} (could|should|can|might) {do}", "{sub} (could|should) try to {do}", "i think {they} (could|should|can) {do}", "it is a good idea to {do}"),
		frames(.5, "i think {sub} (could|should|can|might) {do}", "i would {do}"),
		frames(.8, "{sub} (could|should|can|might) {do} (or|and) {too}", "i think {sub} (could|should|can) {do} (or|and) {too}", "{they} (could|should|can) {do} (or|and) {too}"))
	adviceMore = frames(0, "after that , {they} (could|should|can|might) {do}", "then {they} (could|should|can|might) {do}", "after that , {sub} (could|should|can|might) {do}", "{they} (could|should|can|might) also {do}", "{sub} (could|should|can|might) also {do}", "or {they} (could|should|can|might) {do}")
	adviceKind = frames(0, "i am (so|very|) sorry to hear that", "i hope it gets better soon", "i hope that helps", "i hope this helps", "good luck", "i hope {they} (feel|feels) better soon", "that is not nice", "it will get better", "oh no", "do not worry")
)

func readAdvice(p *prompt) checker {
	if !p.has("what should", "can you help", "what can", "advice", "do you have an idea", "tip", "please help", "help him", "help her", "help me") {
		return nil
	}
	for _, problem := range problems {
		if p.has("i " + problem) {
			return adviceTask{"", problem, p.low}
		}
		verb, rest, _ := strings.Cut(problem, " ")
		if third := thirdProblem(verb); p.has(third+" "+rest) || p.has(third+" "+theirs(rest)[0]) || p.has(third+" "+theirs(rest)[1]) {
			if who := p.name(); who != "" {
				return adviceTask{who, problem, p.low}
			}
		}
	}
	return nil
}

var problems = keysOf(adviceTable)

// thirdProblem turns the verb of a problem to he or she.
func thirdProblem(verb string) string {
	switch verb {
	case "am":
		return "is"
	case "cannot":
		return "cannot"
	case "lost":
		return "lost"
	}
	return thirdPerson(verb)
}

// theirs turns "my key" to his and her key.
func theirs(rest string) [2]string {
	return [2]string{strings.Replace(rest, "my ", "his ", 1), strings.Replace(rest, "my ", "her ", 1)}
}

func (t adviceTask) grade(r reply) grade {
	b := binding{"sub": {"you"}, "they": {"you"}}
	if t.who != "" {
		b["sub"], b["they"] = []string{t.who}, pronounsOf(t.who)
	}
	var g grade
	given := map[string]bool{}
	helps := func(do string) bool { return contains(advice[t.problem], t.impersonal(do)) }
	found, wrong, kind, waste := 0, 0, 0, 0
	var spoiling []sentence
	for _, s := range r.sentences {
		test := func(m match) bool { return helps(m.gap("do")) && (m.gap("too") == "" || helps(m.gap("too"))) }
		m, fits, good := fitBest(adviceFrames, s.words, b, test)
		if !good {
			if again, f, gd := fitBest(adviceMore, s.words, b, test); f {
				m, fits, good = again, f, gd
			}
		}
		if _, polite := fit(adviceKind, s.words, b); polite && !good {
			kind++
			continue
		}
		switch {
		case good:
			for _, do := range []string{m.gap("do"), m.gap("too")} {
				if do == "" {
					continue
				}
				if given[do] {
					g.repeats += firstRepeat
				}
				given[do] = true
			}
			found++
			g.rich = max(g.rich, m.rich)
		case fits && isDeed(m.gap("do")):
			wrong++
		default:
			waste++
			spoiling = append(spoiling, s)
		}
	}
	n := float64(len(r.sentences))
	switch {
	case found > 0:
		g.answers = float64(found) / float64(found+wrong)
		g.facts = g.answers
	case wrong > 0:
		g.answers = wrongCredit
	case kind > 0:
		g.answers = topicCredit
	}
	g.answers *= (n - float64(waste)) / n
	if t.who != "" {
		named := holdsPhrase(r.low, t.who)
		for _, p := range pronounsOf(t.who) {
			named = named || holdsPhrase(r.low, p)
		}
		if !named {
			g.facts /= 2
		}
	}
	g.facts *= unspoiled(spoiling, t.given)
	if kind > 0 || found > 1 {
		g.rich += supportBonus
	}
	return g
}

// impersonal takes the person out of an advice: "look in his bag" is "look in
// the bag".
func (t adviceTask) impersonal(do string) string {
	for _, own := range []string{"your ", "his ", "her ", "my "} {
		do = strings.ReplaceAll(" "+do, " "+own, " the ")[1:]
	}
	return do
}

// isDeed says whether the words are advice against any problem.
func isDeed(do string) bool {
	for _, p := range problems {
		if contains(advice[p], do) {
			return true
		}
	}
	return false
}
