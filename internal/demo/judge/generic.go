package judge

// generic grades replies to requests of no known kind: it can only ask whether
// the reply speaks of what the request names.
type generic struct{ p *prompt }

// shortWord is the length up to which words say nothing about the subject.
const shortWord = 3

func (c generic) grade(r reply) grade {
	asked, kept := 0, 0
	for i, w := range c.p.words {
		if len(w) <= shortWord || commonRequestWords[w] || contains(c.p.words[:i], w) {
			continue
		}
		asked++
		if holdsPhrase(r.low, w) {
			kept++
		}
	}
	g := grade{answers: 0.5, facts: 1}
	if asked > 0 {
		g.answers = clamp(0.3 + float64(kept)/float64(asked))
		g.facts = clamp(0.5 + float64(kept)/float64(asked))
	}
	return g
}

// commonRequestWords belong to the asking, not to the subject.
var commonRequestWords = map[string]bool{
	"what": true, "which": true, "where": true, "when": true, "please": true, "tell": true, "about": true, "does": true,
	"this": true, "that": true, "these": true, "could": true, "would": true, "should": true, "have": true, "give": true,
	"write": true, "describe": true, "explain": true, "make": true, "need": true, "want": true, "with": true, "your": true,
}
