package textgen

import "strings"

var storyKinds = []kind{
	{"story", one(
		"Write a short story about {who} and {a}.", "Tell me a short story about {who} and {a}.", "Please write a short story about {who} and {a}.",
		"Can you tell a story about {who} and {a}?", "I would like a short story about {who} and {a}.",
		"Make up a little story about {who} and {a}.", "Write a small story with {who} and {a}.",
	), drawStory},
}

// storyAnimals can be met and befriended.
var storyAnimals = such(animals, func(t thing) bool {
	return contains([]string{"cat", "dog", "horse", "cow", "sheep", "goat", "hen", "duck", "rabbit", "mouse", "squirrel",
		"deer", "frog", "turtle", "snail", "owl", "parrot", "pigeon", "bear", "fox", "monkey", "penguin", "swan", "butterfly"}, t.name)
})

// storySpots are where a walk can lead.
var storySpots = []string{"the park", "the garden", "the forest", "the river", "the beach", "the market", "the farm", "the lake"}

// storyTools can be found and used.
var storyTools = such(handy, func(t thing) bool { return t.use != "" && t.family != "clothing" })

func drawStory(d *dice) task {
	p, q := two(d)
	spot := pick(d, storySpots)
	var x thing
	var tell func(p, q person, x thing) [][]string
	if d.chance(0.6) {
		x = pick(d, storyAnimals)
		tell = func(p, q person, x thing) [][]string { return animalTale(d, p, x, spot) }
	} else {
		x = pick(d, storyTools)
		tell = func(p, q person, x thing) [][]string { return findTale(d, p, q, x, spot) }
	}
	u := x
	for u.name == x.name {
		u = pick(d, storyAnimals)
	}
	tale := tell(p, q, x)
	return task{
		slots: []string{"who", p.name, "a", x.a()},
		good:  joinAll(tale),
		wrong: append(joinAll(tell(q, p, x)), joinAll(animalTale(d, p, u, spot))...),
		short: []string{tale[0][0], strings.Join(tale[0][:2], " "), sentence(p.name, "and", x.a())},
		facts: []string{p.name, x.name},
	}
}

func joinAll(tales [][]string) []string {
	all := make([]string, len(tales))
	for i, said := range tales {
		all[i] = strings.Join(said, " ")
	}
	return all
}

// animalTale is a story of a meeting, told at two lengths.
func animalTale(d *dice, p person, x thing, spot string) [][]string {
	he, him := p.subject(), p.object()
	start := pick(d, []string{
		sentence("one day", p.name, "went to", spot), sentence("last summer", p.name, "walked to", spot),
		sentence("it was a sunny day, and", p.name, "was near", spot),
		sentence("once", p.name, "was alone near", spot),
	})
	meeting := pick(d, []string{
		sentence("there", he, "saw", withArticle("small "+x.name)), sentence("suddenly", he, "met", x.a()),
		sentence("there", he, "heard a sound and found", x.a()), sentence("near a tree", he, "saw", x.a()),
	})
	type turn struct{ trouble, help string }
	t := pick(d, []turn{
		{"was hungry", "gave it some food"}, {"was thirsty", "gave it some water"}, {"was cold", "kept it warm"},
		{"was lost", "showed it the way home"}, {"was afraid", "spoke to it in a soft voice"}, {"was lonely", "stayed with it all day"},
	})
	trouble := sentence("the", x.name, t.trouble)
	help := sentence(p.name, t.help)
	both := sentence("the", x.name, t.trouble+", so", p.name, t.help)
	end := pick(d, []string{
		"From that day on they were good friends.", "In the end they were both happy.",
		sentence("the", x.name, "was happy and followed", him, "home"), sentence("after that,", p.name, "came back every day"),
		"They played until the evening and became friends.",
	})
	return [][]string{{start, meeting, both, end}, {start, meeting, trouble, help, end}, {start, meeting, both}}
}

// findTale is a story of a thing that is found and given back or used.
func findTale(d *dice, p, q person, x thing, spot string) [][]string {
	he := p.subject()
	start := pick(d, []string{
		sentence("one day", p.name, "walked to", spot), sentence("last week", p.name, "was near", spot),
		sentence("early in the morning", p.name, "went to", spot),
	})
	found := pick(d, []string{
		sentence("there", he, "found", withArticle("old "+x.name)), sentence("in the grass", he, "saw", x.a()),
		sentence("under a tree", he, "found", x.a()),
	})
	owner := sentence("the", x.name, "belonged to", q.name)
	back := sentence(p.name, "gave the", x.name, "back, and", q.name, "was very happy")
	end := pick(d, []string{
		"From that day on they were good friends.", sentence(q.name, "said thank you and made some tea"), "They laughed and walked home.",
	})
	return [][]string{{start, found, owner, back}, {start, found, owner, back, end}, {start, found, back}}
}
