package judge

import (
	"fmt"
	"strconv"
	"strings"
)

// A thing is one entry of the judge's own knowledge of the world.
type thing struct {
	name    string
	noun    string          // what it is called in general: "animal", "piece of clothing"
	gloss   string          // what it is without adjectives: "person who makes bread"
	preds   map[string]bool // all that is true of it: "has soft fur", "is a small animal"
	adjs    map[string]bool // adjectives that fit it
	places  map[string]bool // "in a house"
	uses    map[string]bool // "cut wood"
	colours []string        // "red", "black and white"
	names   []string        // how a sentence names it: "a cat", "the cat", "milk"
}

// things holds every thing by its name.
var things = parseThings(animalsTable, foodTable, plantsTable, toolsTable, homeTable, placesTable, peopleTable, natureTable)

// thingNames lists their names by the alphabet.
var thingNames = sortedKeys(things)

// parseThings reads the tables. A line is "name: gloss; fact; fact"; a line
// that begins with a space goes on with the facts of the last thing. A fact is
// a predicate ("has soft fur"), "found PLACE", "used to DO", "colour: C",
// "N legs" or "adj WORD WORD". It panics at a line that it cannot read, since
// the tables are part of the program.
func parseThings(tables ...string) map[string]*thing {
	all := map[string]*thing{}
	for _, table := range tables {
		var t *thing
		for _, line := range strings.Split(strings.TrimSpace(strings.ToLower(table)), "\n") {
			facts := line
			if line[0] != ' ' {
				head, rest, ok := strings.Cut(line, ": ")
				if !ok {
					panic(fmt.Sprintf("judge: no name in the line %q", line))
				}
				t = newThing(head)
				all[t.name] = t
				gloss, _, _ := strings.Cut(rest, ";")
				t.addGloss(gloss)
				facts = strings.TrimPrefix(rest, gloss)
			}
			for _, fact := range strings.Split(facts, ";") {
				if fact = strings.TrimSpace(fact); fact != "" {
					t.addFact(fact)
				}
			}
		}
	}
	addFlying(all)
	return all
}

func newThing(head string) *thing {
	name, note, _ := strings.Cut(head, " (")
	t := &thing{name: name, preds: map[string]bool{}, adjs: map[string]bool{}, places: map[string]bool{}, uses: map[string]bool{}}
	switch {
	case strings.Contains(note, "no article"):
		t.names = []string{name, "the " + name}
	case strings.Contains(note, "the"):
		t.names = []string{"the " + name}
	default:
		t.names = []string{article(name) + " " + name, "the " + name}
	}
	return t
}

// addGloss takes in what the thing is: "a small animal".
func (t *thing) addGloss(gloss string) {
	t.preds["is "+gloss] = true
	words := dropArticle(strings.Fields(gloss))
	if len(words) > 1 && !glossNouns[words[0]] {
		t.adjs[words[0]] = true
		words = words[1:]
	}
	t.noun = strings.Join(words, " ")
	t.gloss = t.noun
	for _, stop := range []string{" where ", " who ", " that ", " with "} {
		t.noun, _, _ = strings.Cut(t.noun, stop)
	}
}

// glossNouns are the nouns with which a gloss may begin without an adjective.
var glossNouns = map[string]bool{"thing": true, "place": true, "person": true, "shop": true, "food": true, "water": true, "air": true, "bow": true, "lot": true}

func (t *thing) addFact(fact string) {
	words := strings.Fields(fact)
	switch {
	case words[0] == "adj":
		for _, w := range words[1:] {
			t.adjs[w] = true
		}
	case words[0] == "found":
		t.places[strings.TrimPrefix(fact, "found ")] = true
	case strings.HasPrefix(fact, "used to "):
		use := strings.TrimPrefix(fact, "used to ")
		t.uses[use] = true
		t.preds["is used to "+use] = true
	case words[0] == "colour:":
		colour := strings.TrimPrefix(fact, "colour: ")
		t.colours = append(t.colours, colour)
		t.preds["is "+colour] = true
	case len(words) == 2 && words[1] == "legs":
		n, err := strconv.Atoi(words[0])
		if err != nil {
			panic(fmt.Sprintf("judge: bad number of legs in %q", fact))
		}
		t.preds["has "+numberWord(n)+" legs"] = true
	default:
		t.preds[fact] = true
		if words[0] == "is" && len(words) == 2 {
			t.adjs[words[1]] = true
		}
		if words[0] == "is" && len(words) == 4 && words[2] == "and" {
			t.adjs[words[1]], t.adjs[words[3]] = true, true
		}
	}
}

// Who can fly and who cannot; the others are nobody's question.
const (
	flyers  = "eagle owl pigeon parrot bee butterfly ladybug swan duck beetle plane kite"
	walkers = "cat dog horse cow sheep pig goat rabbit mouse squirrel lion tiger elephant giraffe zebra monkey bear wolf fox deer camel kangaroo whale dolphin shark goldfish frog snake turtle snail spider penguin"
)

func addFlying(all map[string]*thing) {
	for _, name := range strings.Fields(flyers) {
		all[name].preds["can fly"] = true
	}
	for _, name := range strings.Fields(walkers) {
		all[name].preds["cannot fly"] = true
		all[name].preds["can not fly"] = true
	}
}

// findThings returns the things that the words name, in order, each once.
// "orange" the colour and "cook" the verb are things here too.
func findThings(words []string) []*thing {
	var found []*thing
	for _, w := range words {
		t := things[w]
		if t == nil {
			continue
		}
		again := false
		for _, f := range found {
			again = again || f == t
		}
		if !again {
			found = append(found, t)
		}
	}
	return found
}
