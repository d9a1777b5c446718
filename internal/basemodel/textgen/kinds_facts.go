package textgen

import "strings"

var factKinds = []kind{
	{"yes_no", one(
		"{q}", "Tell me: {p}", "Please tell me: {p}", "I have a question: {p}", "Do you know the answer? {q}", "Yes or no: {p}",
		"Answer with yes or no and say why: {p}",
	), drawYesNo},
	{"colour", [][]string{{
		"What colour is {a}?", "Which colour does {a} have?", "Tell me the colour of {a}.", "Please name the colour of {a}.",
		"What is the colour of {a}?", "Do you know what colour {a} is?",
	}, {
		"What colour are {a} and {b}?", "Which colours do {a} and {b} have?", "Tell me the colours of {a} and {b}.",
		"Please name the colours of {a} and {b}.", "What are the colours of {a} and {b}?",
	}}, drawColour},
	{"job", [][]string{{
		"Who would {do}?", "Which person has the job to {do}?", "What is the name of a person whose job is to {do}?",
		"Name the job: people who {do}.", "I want to {do} for a living. What is that job?", "Who can {do} for us?",
	}, {
		"What does {a} do?", "What is the job of {a}?", "Tell me what {a} does.", "What is the work of {a}?",
		"Please tell me what {a} does all day.", "What does {a} do at work?",
	}}, drawJob},
	{"complete", one(
		"Complete the sentence: {s} ...", "Please complete this sentence: {s} ...", "Finish this sentence: {s} ...",
		"How does this sentence go on? {s} ...", "Fill in the end: {s} ...", "Can you finish this? {s} ...",
	), drawCompletion},
	{"riddle", one(
		"What is it? {h}", "Guess what it is. {h}", "Which thing do I mean? {h}", "{h} What is it?", "Here is a riddle. {h}",
		"Please solve this riddle: {h}",
	), drawRiddle},
}

func drawYesNo(d *dice) task {
	ask := pick(d, []func(*dice) fact{askFlight, askLegs, askGroup, askGroup})(d)
	question, truth, lie := ask.question, ask.truth, ask.lie
	yes := ask.yes
	right, contrary := "Yes", "No"
	if !yes {
		right, contrary = contrary, right
	}
	return task{
		slots: []string{"q", capital(question), "p", question},
		good:  []string{right + ", " + truth + ".", right + ", " + truth + ". " + ask.more, "The answer is " + lower(right) + ". " + capital(truth) + "."},
		wrong: []string{contrary + ", " + lie + ".", "Maybe.", "The answer is " + lower(contrary) + ". " + capital(lie) + ".", "It depends on the day."},
		short: []string{right + "."},
		facts: []string{right},
	}
}

// fact is a yes-no question with what is true, a lie, and one more true
// sentence.
type fact struct {
	question   string
	yes        bool
	truth, lie string
	more       string
}

func askFlight(d *dice) fact {
	yes := d.chance(0.5)
	name := pick(d, walkers)
	can, cannot := " cannot fly", " can fly"
	if yes {
		name = pick(d, flyers)
		can, cannot = cannot, can
	}
	a := withArticle(name)
	t, _ := find(name)
	return fact{"can " + a + " fly?", yes, a + can, a + cannot, whatIs(t)}
}

func askLegs(d *dice) fact {
	t := pick(d, legged)
	asked := t.legs
	yes := d.chance(0.5)
	if !yes {
		for asked == t.legs {
			asked = pick(d, []int{2, 4, 6, 8})
		}
	}
	other := asked
	for other == t.legs {
		other = pick(d, []int{2, 4, 6, 8})
	}
	return fact{"does " + t.a() + " have " + numberWords[asked] + " legs?", yes,
		t.a() + " has " + numberWords[t.legs] + " legs", t.a() + " has " + numberWords[other] + " legs", whatIs(t)}
}

func askGroup(d *dice) fact {
	var t thing
	for {
		t = pick(d, counted)
		if t.family != "nature" && t.family != "job" && t.family != "place" && t.name != "cake" && t.name != "egg" {
			break
		}
	}
	own, other := t.groups[0], stranger(d, t)
	for other.family == "nature" || other.family == "job" || other.in(own) || other.mass {
		other = stranger(d, t)
	}
	wrong := other.groups[0]
	truth, lie := t.a()+" is "+withArticle(own), t.a()+" is "+withArticle(wrong)
	more := pick(d, details(t))
	if d.chance(0.5) {
		return fact{"is " + t.a() + " " + withArticle(own) + "?", true, truth, lie, more}
	}
	return fact{"is " + t.a() + " " + withArticle(wrong) + "?", false, truth, lie, more}
}

func drawColour(d *dice) task {
	t := pick(d, coloured)
	other := pick(d, coloured)
	for shareWord(other.colour, t.colour) {
		other = pick(d, coloured)
	}
	say := func(colour string) []string {
		return []string{
			sentence(t.a(), "is", colour), sentence("it is", colour), sentence("the colour of", t.a(), "is", colour),
			sentence("most often", t.a(), "is", colour),
			sentence(t.a(), "is", colour) + " " + sentence("it", third(t.traits[0])),
		}
	}
	if d.chance(0.5) {
		return drawTwoColours(t, other)
	}
	return task{slots: []string{"a", t.a()}, good: say(t.colour), wrong: append(say(other.colour), "It has a nice colour."), facts: []string{t.colour}}
}

func drawTwoColours(t, u thing) task {
	say := func(first, second string) []string {
		return []string{
			sentence(t.a(), "is", first+", and", u.a(), "is", second),
			sentence(t.a(), "is", first) + " " + sentence(u.a(), "is", second),
		}
	}
	return task{
		form: 1, slots: []string{"a", t.a(), "b", u.a()},
		good:  say(t.colour, u.colour),
		wrong: append(say(u.colour, t.colour), say(t.colour, t.colour)...),
		short: []string{sentence(t.a(), "is", t.colour), sentence(u.a(), "is", u.colour)},
		facts: []string{t.colour, u.colour},
	}
}

func shareWord(a, b string) bool {
	for _, word := range strings.Fields(a) {
		if word != "and" && word != "or" && contains(strings.Fields(b), word) {
			return true
		}
	}
	return false
}

func drawJob(d *dice) task {
	list := some(d, jobs, 2)
	t, u := list[0], list[1]
	do := t.traits[0]
	for u.traits[0] == do || t.name == "nurse" && u.name == "doctor" || t.name == "doctor" && u.name == "nurse" {
		u = pick(d, jobs)
	}
	if d.chance(0.5) {
		say := func(t thing) []string {
			return []string{sentence(t.a(), "can", do), sentence("it is", t.a()), sentence("the job of", t.a(), "is to", do), sentence("it is", t.a()) + " " + sentence(t.a(), third(t.traits[1]))}
		}
		return task{form: 0, slots: []string{"do", do}, good: say(t), wrong: append(say(u), "It is a good job."), facts: []string{t.name}}
	}
	say := func(u thing) []string {
		return []string{
			sentence(t.a(), third(u.traits[0])),
			sentence(t.a(), "is", u.is()),
			sentence(t.a(), third(u.traits[0]), "and", third(u.traits[1])),
			sentence("the job of", t.a(), "is to", u.traits[0]),
		}
	}
	return task{form: 1, slots: []string{"a", t.a()}, good: say(t), wrong: append(say(u), sentence(t.a(), "has a job")), facts: []string{t.name}}
}

func drawCompletion(d *dice) task {
	t := pick(d, withTraits)
	phrase := third(pick(d, t.traits))
	parts := strings.Fields(phrase)
	cut := d.between(1, len(parts)-1)
	if len(parts) > 3 {
		cut = d.between(1, 2)
	}
	start, end := capital(t.a())+" "+strings.Join(parts[:cut], " "), strings.Join(parts[cut:], " ")
	u := stranger(d, t)
	other := strings.Fields(third(pick(d, u.traits)))
	odd := strings.Join(other[min(cut, len(other)-1):], " ")
	return task{
		slots: []string{"s", start},
		good:  []string{start + " " + end + "."},
		wrong: []string{start + " " + odd + ".", start + ".", sentence(u.a(), strings.Join(other, " "))},
		facts: []string{start},
	}
}

func drawRiddle(d *dice) task {
	var t thing
	for {
		t = pick(d, withTraits)
		if t.what == "" && len(t.groups) > 0 && t.family != "job" {
			break
		}
	}
	u := t
	for u.name == t.name || u.family != t.family {
		u = pick(d, withTraits)
	}
	said := strings.Join(hints(d, t), " ")
	say := func(t thing) []string {
		return []string{sentence("it is", t.a()), sentence("I think it is", t.a()), sentence("the answer is", t.a()), sentence("it is", t.a()) + " " + whatIs(t)}
	}
	return task{
		slots: []string{"h", said}, good: say(t),
		wrong: append(say(u), say(stranger(d, t))...), facts: []string{t.name},
	}
}

// hints are three sentences that fit only one thing of the tables.
func hints(d *dice, t thing) []string {
	what := sentence("it is", t.is())
	var traits []string
	for _, trait := range t.traits {
		traits = append(traits, sentence("it", third(trait)))
	}
	switch {
	case t.colour != "" && t.colour != t.adj:
		// Round fruits on trees differ in colour alone.
		return []string{what, sentence("it is", t.colour), pick(d, traits)}
	case t.use != "":
		traits = append(traits, sentence("people use it to", t.use))
	case t.place != "":
		traits = append(traits, sentence("you can find it", t.place))
	}
	return append([]string{what}, some(d, traits, 2)...)
}
