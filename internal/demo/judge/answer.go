package judge

import "strings"

// An answer checks replies to requests with one right value, whose wording is
// one of some frames: "the answer is {v}".
type answer struct {
	frames  []frame                    // sentences that answer
	bind    binding                    // what fills their gaps
	right   func(m match) float64      // how right the values in the free gaps are; nil: always right
	support func(words []string) claim // judges further statements; nil: none are wanted
	extras  []frame                    // sentences that may stand beside the answer; rich: what each adds
	must    []string                   // facts that the reply must hold
	given   string                     // words that the reply may use: the prompt and the right values
}

// Credit for a reply that is not right but of the right sort.
const (
	wrongCredit = 0.2 // answers the request with a wrong value
	topicCredit = 0.1 // speaks of the right thing without answering
)

// longestBare is the number of words up to which a sentence may be a bare, though
// wrong, value; a longer one is about something else.
const longestBare = 4

// supportBonus is what one more relevant sentence adds to a reply's richness.
const supportBonus = 0.4

func (a answer) grade(r reply) grade {
	var g grade
	best, wrong, waste, support := 0.0, 0, 0, 0
	found, added := false, 0.0
	values := map[string]bool{}
	stated := map[string]bool{}
	test := func(m match) bool { return a.right == nil || a.right(m) >= full }
	var checked []sentence
	for _, s := range r.sentences {
		m, fits, good := fitBest(a.frames, s.words, a.bind, test)
		extra, courteous := fit(a.extras, s.words, a.bind)
		switch c := a.claim(s.words); {
		case good:
			checked = append(checked, s)
			v := m.gap("v")
			fresh := !values[v]
			for _, f := range c.facts { // "it lives in the sea" after "find it in the sea"
				fresh = fresh || c.holds && !stated[f]
				stated[f] = true
			}
			if !fresh {
				g.repeats += firstRepeat
			} else if len(values) > 0 {
				support++
			}
			values[v] = true
			best = 1
			g.rich = max(g.rich, m.rich)
		case c.about && c.holds:
			support++
			for _, f := range c.facts {
				if stated[f] {
					g.repeats += firstRepeat
				}
				stated[f] = true
			}
		case courteous:
			added += extra.rich
		case fits && (m.rich > 0 || len(s.words) <= longestBare):
			checked = append(checked, s)
			found = true
			share := a.right(m)
			best = max(best, share)
			if share == 0 || best >= full {
				wrong++
			}
		default:
			checked = append(checked, s)
			waste++
		}
	}
	n := float64(len(r.sentences))
	switch {
	case best > 0:
		g.answers = best / float64(1+wrong)
	case found:
		g.answers = wrongCredit
	case support > 0 || added > 0:
		g.answers = topicCredit
	}
	g.answers *= (n - float64(waste)) / n
	g.facts = a.facts(r, checked, best)
	if support > 0 {
		added += supportBonus
	}
	g.rich += added
	return g
}

func (a answer) claim(words []string) claim {
	if a.support == nil {
		return claim{}
	}
	return a.support(words)
}

// facts grades whether the reply holds what it must and names nobody, no
// number, day or colour that was not given.
func (a answer) facts(r reply, checked []sentence, best float64) float64 {
	kept := best
	if len(a.must) > 0 {
		kept = share(r.low, a.must)
	}
	return kept * unspoiled(checked, a.given)
}

// share returns which share of the phrases the text holds.
func share(text string, phrases []string) float64 {
	if len(phrases) == 0 {
		return 1
	}
	n := 0
	for _, p := range phrases {
		if holdsPhrase(text, p) {
			n++
		}
	}
	return float64(n) / float64(len(phrases))
}

// unspoiled returns the share of names, numbers, days, months and colours in
// the sentences that are among the given words.
func unspoiled(sentences []sentence, given string) float64 {
	kept, invented := 0, 0
	for _, s := range sentences {
		for _, w := range s.words {
			w = strings.TrimSuffix(w, "'s")
			if !isFact(w) {
				continue
			}
			if holdsPhrase(given, w) || holdsPhrase(given, w+"'s") {
				kept++
			} else {
				invented++
			}
		}
	}
	if invented == 0 {
		return 1
	}
	return float64(kept) / float64(kept+invented)
}

// isFact says whether a word is the kind of fact that must not be invented.
func isFact(w string) bool {
	return pronouns[w] != "" || numberOf(w) >= 0 && w != "one" || contains(dayNames, w) || contains(monthNames, w) && w != "may" && w != "march" || contains(colourNames, w)
}

// valueIs accepts one value of {v}.
func valueIs(right ...string) func(match) float64 {
	return func(m match) float64 {
		if contains(right, m.gap("v")) {
			return 1
		}
		return 0
	}
}
