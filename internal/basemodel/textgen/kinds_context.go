package textgen

import "strings"

// reading words a question about a text.
func reading(question string) [][]string {
	return one(
		"{t} "+question, "Read this: {t} "+question, "Read the text and answer. {t} "+question,
		"Text: {t} Question: "+question, "Here is a text. {t} "+question, "Use the text to answer. {t} "+question,
		"Please read this and answer. {t} "+question,
	)
}

var contextKinds = []kind{
	{"text_where", reading("Where is {who}?"), drawTextWhere},
	{"text_who", reading("Who is {place}?"), drawTextWho},
	{"text_colour", reading("What colour is the {x}?"), drawTextColour},
	{"text_how_many", reading("How many {x} does {who} have?"), drawTextHowMany},
	{"text_when", reading("When will {who} {do}?"), drawTextWhen},
	{"text_what", reading("What did {who} {verb}?"), drawTextWhat},
}

// shuffledText puts the sentences of a text in random order.
func shuffledText(d *dice, said ...string) string {
	return strings.Join(some(d, said, len(said)), " ")
}

// quoting answers with the text as its witness.
func quoting(parts ...string) string {
	return "The text says that " + strings.Join(parts, " ") + "."
}

// besides are sentences about a person that answer no question here.
func besides(d *dice, p person) string {
	return sentence(p.name, pick(d, []string{"likes music", "is happy today", "has a good friend", "is kind", "likes to read", "sings well"}))
}

func drawTextWhere(d *dice) task {
	p, at := some(d, people, 3), some(d, spots, 3)
	said := []string{sentence(p[0].name, "is", at[0]), sentence(p[1].name, "is", at[1])}
	if d.chance(0.5) {
		said = append(said, besides(d, p[0]))
	}
	say := func(p person, at string) []string {
		return []string{sentence(p.name, "is", at), sentence(p.subject(), "is", at), sentence(at), quoting(p.name, "is", at)}
	}
	return task{
		slots: []string{"t", shuffledText(d, said...), "who", p[0].name},
		good:  say(p[0], at[0]),
		wrong: append(append(say(p[0], at[1]), say(p[0], at[2])...), sentence(p[1].name, "is", at[1])),
		facts: []string{at[0]},
	}
}

func drawTextWho(d *dice) task {
	p, at := some(d, people, 3), some(d, spots, 2)
	said := []string{sentence(p[0].name, "is", at[0]), sentence(p[1].name, "is", at[1])}
	if d.chance(0.5) {
		said = append(said, besides(d, p[1]))
	}
	say := func(p person) []string {
		return []string{sentence(p.name, "is", at[0]), sentence(p.name, "is there"), sentence("it is", p.name), quoting(p.name, "is", at[0])}
	}
	return task{
		slots: []string{"t", shuffledText(d, said...), "place", at[0]},
		good:  say(p[0]),
		wrong: append(append(say(p[1]), say(p[2])...), sentence("somebody is", at[0])),
		facts: []string{p[0].name},
	}
}

func drawTextColour(d *dice) task {
	p, hue, x := pick(d, people), some(d, colours, 3), some(d, handy, 2)
	var said []string
	if d.chance(0.5) {
		said = []string{sentence(p.name, "has", withArticle(hue[0]+" "+x[0].name), "and", withArticle(hue[1]+" "+x[1].name))}
	} else {
		said = []string{sentence(p.name+"'s", x[0].name, "is", hue[0]), sentence(p.own(), x[1].name, "is", hue[1])}
	}
	said = append(said, besides(d, p))
	say := func(x thing, hue string) []string {
		return []string{sentence("the", x.name, "is", hue), sentence("it is", hue), sentence("the colour of the", x.name, "is", hue), quoting("the", x.name, "is", hue)}
	}
	return task{
		slots: []string{"t", strings.Join(said, " "), "x", x[0].name},
		good:  say(x[0], hue[0]),
		wrong: append(append(say(x[0], hue[1]), say(x[0], hue[2])...), sentence(p.name, "has", x[0].a())),
		facts: []string{hue[0]},
	}
}

func drawTextHowMany(d *dice) task {
	p, x := some(d, people, 2), some(d, belongings, 2)
	n := some(d, []int{2, 3, 4, 5, 6, 7, 8, 9}, 3)
	var text string
	if d.chance(0.5) {
		text = sentence(p[0].name, "has", numberWords[n[0]], x[0].more(), "and", numberWords[n[1]], x[1].more()) + " " + besides(d, p[0])
	} else {
		text = shuffledText(d, sentence(p[0].name, "has", numberWords[n[0]], x[0].more()), sentence(p[1].name, "has", numberWords[n[1]], x[0].more()))
	}
	say := func(n int) []string {
		return []string{
			sentence(p[0].name, "has", numberWords[n], x[0].more()),
			sentence(p[0].subject(), "has", numberWords[n], x[0].more()),
			sentence(p[0].name, "has", numberWords[n]),
			quoting(p[0].name, "has", numberWords[n], x[0].more()),
		}
	}
	return task{
		slots: []string{"t", text, "x", x[0].more(), "who", p[0].name},
		good:  say(n[0]),
		wrong: append(append(say(n[1]), say(n[2])...), sentence(p[0].name, "has", x[0].more())),
		facts: []string{numberWords[n[0]]},
	}
}

func drawTextWhen(d *dice) task {
	p, day := some(d, people, 2), some(d, days, 3)
	x, y := twoDeeds(d)
	text := shuffledText(d, sentence(p[0].name, "will", x.bare(), "on", day[0]), sentence(p[1].name, "will", y.bare(), "on", day[1]))
	say := func(p person, day string) []string {
		return []string{
			sentence(p.name, "will", x.bare(), "on", day),
			sentence(p.subject(), "will do it on", day),
			sentence("on", day),
			quoting(p.name, "will", x.bare(), "on", day),
		}
	}
	return task{
		slots: []string{"t", text, "who", p[0].name, "do", x.bare()},
		good:  say(p[0], day[0]),
		wrong: append(append(say(p[0], day[1]), say(p[0], day[2])...), sentence(p[0].name, "will", x.bare())),
		facts: []string{day[0]},
	}
}

// gettings are verbs with their past that take any thing.
var gettings = [][2]string{{"buy", "bought"}, {"find", "found"}, {"see", "saw"}, {"lose", "lost"}, {"leave", "left"}}

func drawTextWhat(d *dice) task {
	p, x, at := some(d, people, 2), some(d, handy, 3), some(d, spots, 2)
	verb := pick(d, gettings)
	text := shuffledText(d, sentence(p[0].name, verb[1], x[0].a(), at[0]), sentence(p[1].name, verb[1], x[1].a(), at[1]))
	say := func(p person, x thing) []string {
		return []string{
			sentence(p.name, verb[1], x.a()),
			sentence(p.subject(), verb[1], x.a()),
			sentence(p.name, verb[1], x.a(), at[0]),
			quoting(p.name, verb[1], x.a(), at[0]),
		}
	}
	return task{
		slots: []string{"t", text, "who", p[0].name, "verb", verb[0]},
		good:  say(p[0], x[0]),
		wrong: append(append(say(p[0], x[1]), say(p[0], x[2])...), sentence(p[0].name, "was", at[0])),
		facts: []string{x[0].name},
	}
}
