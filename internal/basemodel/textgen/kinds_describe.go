package textgen

import "strings"

// about says what is true of a thing, one sentence each: first what it is.
func about(t thing) []string {
	return append([]string{whatIs(t)}, details(t)...)
}

func whatIs(t thing) string { return sentence(t.a(), "is", t.is()) }

// thingOrIt is the subject of further sentences: a person at work is named
// again, since "it" would be rude.
func thingOrIt(t thing) string {
	if t.family == "job" {
		return t.a()
	}
	return "it"
}

// details of a thing, without what it is.
func details(t thing) []string {
	subject := thingOrIt(t)
	var said []string
	for _, trait := range t.traits {
		said = append(said, sentence(subject, third(trait)))
	}
	if t.colour != "" && t.adj != t.colour && !strings.Contains(t.is(), t.colour) {
		said = append(said, sentence("it is", t.colour))
	}
	switch {
	case t.family == "place":
		said = append(said, sentence("people go there to", t.use))
	case t.use != "":
		said = append(said, sentence("people use it to", t.use))
	}
	if t.place != "" && t.family != "job" {
		said = append(said, sentence("you can find it", t.place))
	}
	return said
}

// stranger is a thing that nobody takes for t.
func stranger(d *dice, t thing) thing {
	for {
		u := pick(d, withTraits)
		if u.family != t.family && u.is() != t.is() {
			return u
		}
	}
}

var describeKinds = []kind{
	{"describe", one(
		"Describe {a}.", "Please describe {a}.", "Tell me about {a}.", "What is {a}?", "What is {a} like?",
		"Write something about {a}.", "Can you describe {a}?", "Could you tell me what {a} is?",
		"Give a short description of {a}.", "Please tell me something about {a}.",
	), drawDescription},
	{"sentences", one(
		"Write {n} about {a}.", "Please write {n} about {a}.", "Describe {a} in {n}.", "Tell me about {a} in {n}.",
		"Can you describe {a} in {n}?", "In {n}, tell me about {a}.", "Give me {n} about {a}.",
	), drawSentences},
}

func drawDescription(d *dice) task {
	t := pick(d, withTraits)
	first, rest := whatIs(t), some(d, details(t), 2)
	all := append([]string{first}, some(d, details(t), min(3, len(details(t))))...)
	u := stranger(d, t)
	odd := some(d, details(u), 2)
	good := []string{first + " " + rest[0], first + " " + strings.Join(rest, " "), strings.Join(all, " ")}
	if t.what == "" {
		trait := third(pick(d, t.traits))
		good = append(good, strings.TrimSuffix(first, ".")+" that "+trait+".",
			strings.TrimSuffix(first, ".")+" that "+trait+". "+pickOther(d, details(t), sentence("it", trait)))
	} else {
		good = append(good, first)
	}
	return task{
		slots: []string{"a", t.a()},
		good:  good,
		wrong: []string{
			sentence(t.a(), "is", u.is()) + " " + rest[0],
			sentence(t.a(), "is", u.is()),
			first + " " + odd[0],
			first + " " + strings.Join(odd, " "),
		},
		facts: []string{t.name},
	}
}

func drawSentences(d *dice) task {
	t := pick(d, withTraits)
	n := d.between(1, 3)
	said := append([]string{whatIs(t)}, some(d, details(t), 2)...)
	u := stranger(d, t)
	odd := append([]string{whatIs(t)}, some(d, details(u), 2)...)
	odd[0] = sentence(t.a(), "is", u.is())
	asked := numberWords[n] + " sentences"
	if n == 1 {
		asked = "one sentence"
	}
	var miscounted []string
	for m := 1; m <= 3; m++ {
		if m != n {
			miscounted = append(miscounted, strings.Join(said[:m], " "))
		}
	}
	return task{
		slots: []string{"n", asked, "a", t.a()},
		good:  []string{strings.Join(said[:n], " ")},
		wrong: []string{strings.Join(odd[:n], " ")},
		short: miscounted,
		facts: []string{t.name},
	}
}
