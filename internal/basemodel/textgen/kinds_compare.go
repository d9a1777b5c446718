package textgen

var compareKinds = []kind{
	{"compare", one(
		"Compare {x} and {y}.", "Please compare {x} and {y}.", "What is the difference between {x} and {y}?",
		"How is {x} different from {y}?", "How do {x} and {y} differ?", "Tell me how {x} and {y} are different.",
		"Can you compare {x} with {y}?",
	), drawCompare},
	{"which", one(
		"Which is {q}, {x} or {y}?", "What is {q}: {x} or {y}?", "Is {x} or {y} {q}?", "Tell me which is {q}: {x} or {y}.",
		"Please tell me which is {q}, {x} or {y}.", "I have a question. Which is {q}: {x} or {y}?",
	), drawWhich},
	{"most", one(
		"Which is the {q}: {l}?", "Which of these is the {q}: {l}?", "Find the {q}: {l}.", "What is the {q} of these: {l}?",
		"Please name the {q}: {l}.", "Tell me which one is the {q}: {l}.",
	), drawMost},
}

// comparable are families with several things and one word for all.
var comparable = []string{"animal", "plant", "tool", "kitchen thing", "furniture", "clothing", "school thing", "instrument", "toy", "vehicle"}

func drawCompare(d *dice) task {
	var pair []thing
	for {
		from := ofFamily(counted, pick(d, comparable))
		if d.chance(0.15) {
			from = pieces
		}
		pair = some(d, from, 2)
		if pair[0].adj != pair[1].adj && pair[0].adj != "" && pair[1].adj != "" && pair[0].traits[0] != pair[1].traits[0] {
			break
		}
	}
	x, y := pair[0], pair[1]
	u := stranger(d, x)
	return task{
		slots: []string{"x", x.a(), "y", y.a()},
		good:  comparison(x, y),
		wrong: []string{
			sentence(x.a(), "is", y.is()+", but", y.a(), "is", x.is()),
			sentence(x.a(), third(y.traits[0])+", but", y.a(), third(x.traits[0])),
			sentence(x.a(), "is", x.is()+", but", y.a(), "is", u.is()),
			whatIs(x), whatIs(y),
		},
		facts: []string{x.name, y.name},
	}
}

// comparison sets two things side by side.
func comparison(x, y thing) []string {
	kinds := sentence(x.a(), "is", x.is()+", but", y.a(), "is", y.is())
	traits := sentence(x.a(), third(x.traits[0])+", but", y.a(), third(y.traits[0]))
	said := []string{
		kinds, traits,
		sentence(x.a(), "is", x.is()+" that", third(x.traits[0])) + " " + sentence(y.a(), third(y.traits[0])),
		whatIs(x) + " " + whatIs(y),
	}
	if x.groups[0] == y.groups[0] {
		said = append(said, sentence("both are", groupOf(x)+", but", x.a(), third(x.traits[0]), "and", y.a(), third(y.traits[0])))
	}
	return said
}

func groupOf(t thing) string {
	for _, c := range categories {
		if c.one == t.groups[0] {
			return c.many
		}
	}
	if t.groups[0] == "fish" {
		return "fish"
	}
	return addS(t.groups[0])
}

// measure is a quality by which things are ranked.
type measure struct {
	more, most string
	up         bool
	rank       func(thing) int
	from       []thing
}

func bySize(t thing) int  { return t.size }
func bySpeed(t thing) int { return t.speed }

var measures = []measure{
	{"bigger", "biggest", true, bySize, sized}, {"smaller", "smallest", false, bySize, sized},
	{"heavier", "heaviest", true, bySize, sized}, {"lighter", "lightest", false, bySize, sized},
	{"faster", "fastest", true, bySpeed, fast}, {"slower", "slowest", false, bySpeed, fast},
}

// ranked draws n things of one family with distinct ranks, two apart, the
// winner first.
func ranked(d *dice, m measure, n int) []thing {
	for {
		from := ofFamily(m.from, pick(d, []string{"animal", "animal", "vehicle", "food"}))
		if len(from) < n {
			continue
		}
		list := some(d, from, n)
		if !apart(list, m.rank) {
			continue
		}
		best := 0
		for i, t := range list {
			if m.up == (m.rank(t) > m.rank(list[best])) && i != best {
				best = i
			}
		}
		list[0], list[best] = list[best], list[0]
		return list
	}
}

func apart(list []thing, rank func(thing) int) bool {
	for i, t := range list {
		for _, u := range list[:i] {
			if gap := rank(t) - rank(u); gap < 2 && gap > -2 {
				return false
			}
		}
	}
	return true
}

func drawWhich(d *dice) task {
	m := pick(d, measures)
	pair := ranked(d, m, 2)
	x, y := pair[0], pair[1]
	say := func(x, y thing) []string {
		return []string{
			sentence(x.a(), "is", m.more),
			sentence(x.a(), "is", m.more, "than", y.a()),
			sentence("the", x.name, "is", m.more+", and the", y.name, "is not as "+plain(m)),
		}
	}
	order := some(d, pair, 2)
	return task{
		slots: []string{"q", m.more, "x", order[0].a(), "y", order[1].a()},
		good:  say(x, y), wrong: say(y, x), facts: []string{x.name},
	}
}

// plain is the quality itself: "big".
func plain(m measure) string {
	switch m.more {
	case "bigger":
		return "big"
	case "smaller":
		return "small"
	case "heavier":
		return "heavy"
	case "lighter":
		return "light"
	case "faster":
		return "fast"
	}
	return "slow"
}

func drawMost(d *dice) task {
	m := pick(d, measures)
	list := ranked(d, m, 3)
	best := list[0]
	shuffled := some(d, list, 3)
	names := make([]string, 3)
	for i, t := range shuffled {
		names[i] = t.a()
	}
	others := func(t thing) []string {
		var rest []string
		for _, u := range shuffled {
			if u.name != t.name {
				rest = append(rest, u.a())
			}
		}
		return rest
	}
	say := func(t thing) []string {
		return []string{
			sentence("the", t.name, "is the", m.most),
			sentence("the", m.most, "is the", t.name),
			sentence("of the three, the", t.name, "is the", m.most),
			sentence("the", t.name, "is the", m.most) + " " + sentence("it is", m.more, "than", and(others(t))),
		}
	}
	return task{
		slots: []string{"q", m.most, "l", or(names)},
		good:  say(best), wrong: append(say(list[1]), say(list[2])...), facts: []string{best.name},
	}
}
