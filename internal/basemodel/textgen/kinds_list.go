package textgen

import "strings"

// category is a class whose members can be listed.
type category struct {
	one, many string   // "bird", "birds"
	family    string   // as thing.family; names its own where no table has it
	members   []string // without article
}

var categories = []category{
	group("animal", "animals", "animal"), group("bird", "birds", "animal"), group("insect", "insects", "animal"),
	group("farm animal", "farm animals", "animal"), group("wild animal", "wild animals", "animal"),
	group("pet", "pets", "animal"),
	group("fruit", "fruits", "food"), group("vegetable", "vegetables", "food"), group("drink", "drinks", "food"),
	group("flower", "flowers", "plant"), group("tree", "trees", "plant"),
	group("tool", "tools", "tool"), group("piece of clothing", "pieces of clothing", "clothing"),
	group("piece of furniture", "pieces of furniture", "furniture"),
	group("vehicle", "vehicles", "vehicle"), group("instrument", "instruments", "instrument"),
	group("thing for the kitchen", "things for the kitchen", "kitchen thing"),
	group("thing for school", "things for school", "school thing"),
	group("toy", "toys", "toy"), group("job", "jobs", "job"),
	{"colour", "colours", "colour", colours},
	{"day of the week", "days of the week", "day", days},
	{"month", "months", "month", months},
	{"part of the body", "parts of the body", "body", bodyParts},
	{"season", "seasons", "season", seasons},
}

func group(singular, plural, family string) category {
	c := category{one: singular, many: plural, family: family}
	for _, t := range things {
		// Hens, bees and sharks are animals too.
		if t.in(singular) || singular == "animal" && t.family == "animal" {
			c.members = append(c.members, t.name)
		}
	}
	return c
}

// otherwise is a category that shares no member with c.
func otherwise(d *dice, c category) category {
	for {
		o := pick(d, categories)
		if o.family != c.family {
			return o
		}
	}
}

var listKinds = []kind{
	{"list", one(
		"List {n} {c}.", "Please list {n} {c}.", "Name {n} {c}.", "Give me {n} {c}.", "Can you name {n} {c}?",
		"Tell me {n} {c}.", "I need a list of {n} {c}.", "Write a list of {n} {c}.", "Which {n} {c} do you know?",
	), drawList},
	{"category", one(
		"What kind of thing is {x}?", "Which group does {x} belong to?", "Name the group of this word: {x}.",
		"What sort of thing is {x}?", "Tell me what kind of thing {x} is.", "To which group does {x} belong?",
	), drawCategory},
	{"odd_one_out", one(
		"Which one does not belong: {l}?", "Find the odd one out: {l}.", "Which word is different: {l}?",
		"Please find the odd one out: {l}.", "One word does not fit. Which one? {l}.", "Which of these does not fit: {l}?",
	), drawOdd},
	{"count_items", one(
		"How many items are in this list: {l}?", "Count the items: {l}.", "Please count the items in this list: {l}.",
		"How many things are here: {l}?", "How long is this list: {l}?", "Tell me how many items there are: {l}.",
	), drawCount},
}

func drawList(d *dice) task {
	c := pick(d, categories)
	most := min(5, len(c.members)-1)
	n := d.between(2, most)
	items := some(d, c.members, n+1)
	other := pick(d, otherwise(d, c).members)
	spoiled := append(append([]string{}, items[:n-1]...), other)
	repeated := append(append([]string{}, items[:n-1]...), items[0])
	word := numberWords[n]
	say := func(items []string) []string {
		return []string{
			capital(and(items)) + ".",
			"Here are " + word + " " + c.many + ": " + and(items) + ".",
			capital(word) + " " + c.many + " are " + and(items) + ".",
		}
	}
	return task{
		slots: []string{"n", word, "c", c.many},
		good:  say(items[:n]),
		wrong: append(say(spoiled), say(some(d, otherwise(d, c).members, 2))...),
		short: append(append(say(items[:n-1]), say(items)...), say(repeated)...),
	}
}

func drawCategory(d *dice) task {
	c := pick(d, categories)
	for c.family == "job" { // "a baker is a job" is no English
		c = pick(d, categories)
	}
	x := pick(d, c.members)
	o := otherwise(d, c)
	subject := x
	if t, found := find(x); found {
		subject = t.a()
		// The usual class is the answer: a hen is a bird.
		c = categoryOf(t, c)
	} else if c.family == "body" {
		subject = withArticle(x)
	}
	say := func(c category) []string {
		return []string{
			sentence(subject, "is", withArticle(c.one)),
			"It is " + withArticle(c.one) + ".",
			sentence("I would say that", subject, "is", withArticle(c.one)),
		}
	}
	var others []string
	for len(others) < 2 {
		others = append(others, pickOther(d, c.members, append(others, x)...))
	}
	good := append(say(c), sentence(subject, "is", withArticle(c.one))+" "+sentence(and(others), "are", c.many, "too"))
	wrong := append(say(o), sentence(subject, "is", withArticle(o.one))+" "+sentence(and(others), "are", o.many, "too"))
	return task{slots: []string{"x", subject}, good: good, wrong: wrong, facts: []string{c.one}}
}

func categoryOf(t thing, fallback category) category {
	for _, c := range categories {
		if c.one == t.groups[0] {
			return c
		}
	}
	return fallback
}

// find looks a thing up by its name.
func find(name string) (thing, bool) {
	for _, t := range things {
		if t.name == name {
			return t, true
		}
	}
	return thing{}, false
}

func drawOdd(d *dice) task {
	c := pick(d, categories)
	o := otherwise(d, c)
	for confused(c, o) {
		o = otherwise(d, c)
	}
	stray := pick(d, o.members)
	rest := some(d, c.members, d.between(2, 3))
	all := some(d, append([]string{stray}, rest...), len(rest)+1)
	say := func(x string, many string) []string {
		x = definite(x)
		return []string{
			capital(x) + " does not belong.",
			capital(x) + " is the odd one out.",
			capital(x) + " does not belong, because the others are " + many + ".",
			"The odd one out is " + x + ". The others are " + many + ".",
		}
	}
	return task{
		slots: []string{"l", strings.Join(all, ", ")},
		good:  say(stray, c.many),
		wrong: append(say(rest[0], c.many), say(rest[1], o.many)...),
		facts: []string{stray},
	}
}

// confused are classes that share names: an orange is a fruit and a colour, a
// palm is a tree and a part of the hand.
func confused(c, o category) bool {
	for _, pair := range [][2]string{{"colour", "food"}, {"colour", "plant"}, {"body", "plant"}} {
		if c.family == pair[0] && o.family == pair[1] || c.family == pair[1] && o.family == pair[0] {
			return true
		}
	}
	return false
}

// definite puts "the" before what one can count.
func definite(name string) string {
	if t, found := find(name); contains(bodyParts, name) || found && t.countable() {
		return "the " + name
	}
	return name
}

func drawCount(d *dice) task {
	c := pick(d, categories)
	n := d.between(2, min(7, len(c.members)))
	items := some(d, c.members, n)
	say := func(n int) []string {
		return []string{
			"There are " + numberWords[n] + " items in the list.",
			"The list has " + numberWords[n] + " items.",
			"There are " + numberWords[n] + ".",
			"I count " + numberWords[n] + " items: " + and(items) + ".",
		}
	}
	return task{
		slots: []string{"l", strings.Join(items, ", ")},
		good:  say(n),
		wrong: append(say(n+1), say(n+2)...),
		facts: []string{numberWords[n]},
	}
}
