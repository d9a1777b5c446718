package judge

import (
	"sort"
	"strings"
)

// A claim is what a sentence says about a thing.
type claim struct {
	about bool     // the sentence speaks of the thing
	named bool     // and names it, rather than calling it "it"
	holds bool     // all that it says is true
	facts []string // the facts that it states, in one fixed form each
}

// opinions may stand before a statement.
var opinions = []string{"i think that ", "i think ", "i would say that ", "most often ", "often ", "the text says that ", "sometimes "}

// claimOf reads a sentence as a statement about the thing.
func (t *thing) claimOf(words []string) claim {
	text := strings.Join(words, " ")
	for _, o := range opinions {
		text = strings.TrimPrefix(text, o)
	}
	for _, name := range t.names {
		if c := t.claimUnder(text, name); c.about {
			c.named = true
			return c
		}
	}
	return t.claimUnder(text, "it")
}

// claimUnder reads the text as a statement about the thing under one name.
func (t *thing) claimUnder(text, name string) claim {
	if pred, ok := strings.CutPrefix(text, name+" "); ok {
		facts, ok := t.holds(pred, 0)
		return claim{about: true, holds: ok, facts: facts}
	}
	for _, lead := range useLeads {
		rest, ok := strings.CutPrefix(text, lead+name+" to ")
		if ok {
			return claim{about: true, holds: t.uses[rest], facts: []string{"is used to " + rest}}
		}
	}
	if rest, ok := strings.CutPrefix(text, "people go there to "); ok && name == "it" {
		return claim{about: true, holds: t.uses[rest], facts: []string{"is used to " + rest}}
	}
	for _, lead := range placeLeads {
		rest, ok := strings.CutPrefix(text, lead+name+" ")
		if ok {
			return claim{about: true, holds: t.places[rest], facts: []string{"found " + rest}}
		}
	}
	return claim{}
}

var (
	useLeads   = []string{"people use ", "you use ", "you can use ", "we use ", "people can use ", "people go to ", "you can go to ", "people need ", "you need "}
	placeLeads = []string{"you can find ", "you can often see ", "you can see ", "you can often find ", "you often find ", "you find ", "people find ", "look for ", "you see ", "people can find "}
)

// maxJoints bounds how often a predicate is split at "and", "that" and commas.
const maxJoints = 3

// holds says whether a predicate is true of the thing ("is a big fruit that is
// full of water") and which facts it states.
func (t *thing) holds(pred string, depth int) (facts []string, ok bool) {
	if t.holdsWhole(pred) {
		return []string{canonical(pred)}, true
	}
	if depth < maxJoints {
		for _, joint := range []string{" that ", " , and ", " and ", " , but ", " , "} {
			for from := 0; ; {
				i := strings.Index(pred[from:], joint)
				if i < 0 {
					break
				}
				i += from
				from = i + 1
				left, right := pred[:i], pred[i+len(joint):]
				first, ok := t.holds(left, depth+1)
				if !ok {
					continue
				}
				right = strings.TrimPrefix(right, "it ")
				second, ok := t.holds(right, depth+1)
				if !ok && joint != " that " { // "has a hard stone and a soft skin"
					verb, _, _ := strings.Cut(left, " ")
					second, ok = t.holds(verb+" "+right, depth+1)
				}
				if ok {
					return append(first, second...), true
				}
			}
		}
	}
	return []string{canonical(pred)}, false
}

// holdsWhole checks a predicate without joints.
func (t *thing) holdsWhole(pred string) bool {
	if t.preds[pred] {
		return true
	}
	if rest, ok := strings.CutPrefix(pred, "can be "); ok {
		pred = "is " + rest
	}
	rest, ok := strings.CutPrefix(pred, "is ")
	if !ok {
		if rest, ok = strings.CutPrefix(pred, "has "); ok {
			return t.hasColour(rest)
		}
		return false
	}
	for _, often := range []string{"often ", "usually ", "also "} {
		rest = strings.TrimPrefix(rest, often)
	}
	switch {
	case t.adjs[rest], t.adjs[strings.TrimPrefix(rest, "very ")], t.isColour(rest), t.places[rest], t.places[strings.TrimPrefix(rest, "found ")]:
		return true
	case strings.HasPrefix(rest, "not "):
		return !t.isA(dropArticle(strings.Fields(rest[4:])), true)
	case strings.HasPrefix(rest, "good to "):
		return t.uses[rest[8:]]
	case strings.HasPrefix(rest, "used for "):
		return t.uses[rest[9:]]
	}
	words := strings.Fields(rest)
	if len(words) == 0 {
		return false
	}
	bare := dropArticle(words)
	if len(bare) < len(words) {
		return words[0] != "the" && t.isA(bare, false)
	}
	return false
}

// isA says whether the words (adjectives and a noun) name a group of the thing.
// Strict: the noun must be a known class, so that "not a purple" proves nothing.
func (t *thing) isA(words []string, strict bool) bool {
	for i := range words {
		noun := strings.Join(words[i:], " ")
		if noun == t.noun || noun == t.gloss || inClass(t.name, noun) {
			return true
		}
		joins := i > 0 && (words[i] == "and" || words[i] == ",") // "a strong and fast animal"
		if !strict && !joins && !t.adjs[words[i]] && !t.isColour(words[i]) {
			return false
		}
	}
	return strict && classesByName[strings.Join(words, " ")] == nil
}

// isColour says whether a phrase names the colour of the thing. Where two
// colours come together ("black and white") both are needed; of several that
// are possible ("red or green") any will do.
func (t *thing) isColour(phrase string) bool {
	said := splitItems(strings.Fields(phrase))
	if len(said) == 0 {
		return false
	}
	for _, c := range t.colours {
		parts := splitItems(strings.Fields(c))
		if sameSet(said, parts) {
			return true
		}
	}
	for _, s := range said {
		possible := false
		for _, c := range t.colours {
			if !strings.Contains(c, " and ") && holdsPhrase(c, s) {
				possible = true
			}
		}
		if !possible {
			return false
		}
	}
	return !strings.Contains(phrase, " and ")
}

func (t *thing) hasColour(phrase string) bool {
	c, ok := strings.CutSuffix(phrase, " colour")
	return ok && t.isColour(strings.TrimPrefix(strings.TrimPrefix(c, "a "), "an "))
}

// canonical gives different wordings of one fact one form.
func canonical(pred string) string {
	for _, p := range []string{"is found ", "is often found "} {
		if rest, ok := strings.CutPrefix(pred, p); ok {
			return "found " + rest
		}
	}
	return strings.Replace(pred, "can climb trees", "climbs trees", 1)
}

func sameSet(a, b []string) bool {
	if len(a) != len(b) {
		return false
	}
	for _, x := range a {
		if !contains(b, x) {
			return false
		}
	}
	return true
}

func contains(list []string, x string) bool {
	for _, y := range list {
		if x == y {
			return true
		}
	}
	return false
}

func sortedKeys[V any](set map[string]V) []string {
	keys := make([]string, 0, len(set))
	for k := range set {
		keys = append(keys, k)
	}
	sort.Strings(keys)
	return keys
}
