package judge

import "strings"

// A yesNoTask asks whether a statement about a thing is true.
type yesNoTask struct {
	t     *thing
	pred  string // "has four legs"
	truth bool
	given string
}

func readYesNo(p *prompt) checker {
	words := p.sentences[max(0, len(p.sentences)-1):]
	if len(words) == 0 {
		return nil
	}
	q := afterColon(words[0].words)
	if len(q) < 3 || q[0] != "is" && q[0] != "can" && q[0] != "does" && q[0] != "are" {
		return nil
	}
	rest := dropArticle(q[1:])
	t := anything(rest[0])
	if things[rest[0]] == nil && !classed(rest[0]) || len(rest) < 2 {
		return nil
	}
	pred := strings.Join(rest[1:], " ")
	task := yesNoTask{t: t, given: p.low}
	switch q[0] {
	case "does":
		task.pred = thirdPerson(rest[1]) + strings.TrimPrefix(pred, rest[1])
	case "can":
		task.pred = "can " + pred
	default:
		if strings.Contains(p.low, " or ") && !p.has("yes or no") {
			return nil
		}
		task.pred = "is " + pred
	}
	task.truth = t.holdsWhole(task.pred)
	return task
}

// cutYesNo takes "yes" or "no" off the front of a sentence.
func cutYesNo(words []string) (said string, rest []string) {
	if rest, ok := cutWords(words, "the answer is"); ok {
		words = rest
	}
	if len(words) == 0 || words[0] != "yes" && words[0] != "no" {
		return "", words
	}
	said, rest = words[0], words[1:]
	for len(rest) > 0 && (rest[0] == "," || rest[0] == "because") {
		rest = rest[1:]
	}
	return said, rest
}

func (t yesNoTask) grade(r reply) grade {
	want := "no"
	if t.truth {
		want = "yes"
	}
	answered := ""
	good, falseOnes, waste, extra := 0, 0, 0, 0
	facts := map[string]bool{}
	var g grade
	var spoiling []sentence
	for _, s := range r.sentences {
		said, rest := cutYesNo(s.words)
		if said != "" {
			if answered != "" && said != answered {
				falseOnes++
			}
			answered = said
		}
		if len(rest) == 0 {
			continue
		}
		c := t.statement(rest)
		switch {
		case c.about && c.holds:
			fresh := 0
			for _, f := range c.facts {
				fresh += int(1 - truth(facts[f]))
				facts[f] = true
			}
			if fresh == 0 {
				g.repeats += firstRepeat
			} else if good > 0 {
				extra++
			}
			good++
			if c.named {
				g.rich = max(g.rich, 0.5)
			} else {
				g.rich = max(g.rich, 0.3)
			}
		case c.about:
			falseOnes++
		default:
			waste++
			spoiling = append(spoiling, s)
		}
	}
	n := float64(len(r.sentences))
	switch {
	case answered == want && good > 0:
		g.answers = 1
	case answered == want:
		g.answers = 0.5
	case answered != "":
		g.answers = wrongCredit
	case good > 0:
		g.answers = topicCredit
	}
	g.answers *= (n - float64(waste)) / n
	if good > 0 && answered == want {
		g.facts = float64(good) / float64(good+falseOnes)
	} else if answered == want && falseOnes == 0 {
		g.facts = 0.5
	}
	g.facts *= unspoiled(spoiling, t.given)
	if extra > 0 {
		g.rich += 0.4
	}
	return g
}

// statement judges a sentence about the thing, also one that denies something.
func (t yesNoTask) statement(words []string) claim {
	c := t.t.claimOf(words)
	if c.about && c.holds {
		return c
	}
	text := strings.Join(words, " ")
	for _, name := range append([]string{"it"}, t.t.names...) {
		rest, ok := strings.CutPrefix(text, name+" does not ")
		if !ok {
			continue
		}
		verb, _, _ := strings.Cut(rest, " ")
		pred := thirdPerson(verb) + strings.TrimPrefix(rest, verb)
		return claim{about: true, named: name != "it", holds: pred == t.pred && !t.truth, facts: []string{"not " + pred}}
	}
	return c
}
