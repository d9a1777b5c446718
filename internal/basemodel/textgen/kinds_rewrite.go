package textgen

import "strings"

// orderVerbs and a thing make a rude request.
var orderVerbs = []string{"give me", "bring me", "pass me", "show me", "fetch", "clean", "carry", "find", "take", "hold", "move", "lend me"}

// orderPhrases need no thing.
var orderPhrases = []string{
	"open the door", "close the window", "come here", "wait for me", "be quiet", "help me", "sit down",
	"call me back", "turn on the light", "make some tea", "speak slowly", "tell me the time",
}

var orderTails = []string{"", " now", " today", " this morning", " before dinner"}

var rewriteKinds = []kind{
	{"polite", one(
		"Rewrite this politely: {s}", "Please rewrite this politely: {s}", "Make this more polite: {s}",
		"Say this in a polite way: {s}", "How can I say this politely? {s}", "Turn this into a polite request: {s}",
		"Can you make this polite? {s}",
	), drawPolite},
	{"past", one(
		"Rewrite this in the past tense: {s}", "Put this sentence in the past tense: {s}",
		"Please put this in the past tense: {s}", "Change this to the past: {s}",
		"Say this in the past tense: {s}", "What is the past tense of this sentence? {s}",
		"Can you put this in the past? {s}",
	), drawPast},
	{"shorten", one(
		"Make this sentence shorter: {s}", "Please make this shorter: {s}", "Shorten this sentence: {s}",
		"Say this with fewer words: {s}", "Can you make this sentence shorter? {s}", "Cut this sentence down: {s}",
		"Write a shorter version: {s}",
	), drawShorten},
	{"fix", one(
		"Fix the mistake in this sentence: {s}", "Please fix this sentence: {s}", "Correct this sentence: {s}",
		"There is a mistake in this sentence. Fix it: {s}", "Can you correct this? {s}",
		"What is the correct form of this sentence? {s}", "Please correct the mistake: {s}",
	), drawFix},
}

func drawPolite(d *dice) task {
	order := func() string {
		if d.chance(0.2) {
			return pick(d, orderPhrases)
		}
		return pick(d, orderVerbs) + " the " + pick(d, handy).name
	}
	s, other := order(), order()
	for other == s {
		other = order()
	}
	tail := pick(d, orderTails)
	return task{
		slots: []string{"s", capital(s) + tail + "."},
		good:  politely(s + tail),
		wrong: append([]string{capital(s) + tail + "!", capital(s) + tail + " or go away."}, politely(other)...),
		facts: []string{s},
	}
}

func politely(s string) []string {
	return []string{
		"Please " + s + ".",
		"Could you please " + s + "?",
		"Would you " + s + ", please?",
		"Could you please " + s + "? Thank you very much.",
		"Would you be so kind as to " + s + "?",
	}
}

// subject of a sentence: a name or a person at work.
func subject(d *dice) string {
	if d.chance(0.75) {
		return pick(d, people).name
	}
	return pick(d, jobs).the()
}

// twoDeeds draws deeds that differ in verb.
func twoDeeds(d *dice) (deed, deed) {
	first, second := pick(d, deeds), pick(d, deeds)
	for second.verb == first.verb {
		second = pick(d, deeds)
	}
	return first, second
}

func drawPast(d *dice) task {
	who, x := subject(d), pick(d, deeds)
	_, y := twoDeeds(d)
	good := sentence(who, x.before())
	return task{
		slots: []string{"s", sentence(who, x.present())},
		good:  []string{good, "In the past tense: " + good, "Yesterday " + who + " " + x.before() + "."},
		wrong: []string{
			sentence(who, x.present()), sentence(who, "will", x.bare()), sentence(who, x.bare()),
			sentence(subjectBut(d, who), x.before()), sentence(who, y.before()),
		},
		facts: []string{who, x.past, x.rest},
	}
}

func subjectBut(d *dice, who string) string {
	for {
		if other := subject(d); other != who {
			return other
		}
	}
}

// padding makes a sentence long without adding to it.
var (
	paddingFront  = []string{"As you may know, ", "On a warm and sunny day, ", "In the early morning, ", "If I remember it well, ", "After a long and busy week, "}
	paddingMiddle = []string{", who is a very kind person,", ", as we all know,", ", with a happy smile,", ", who likes to be busy,"}
	paddingBack   = []string{" and is very happy about it", " because it is a lot of fun", " as on every other day", " and thinks about many things"}
)

func drawShorten(d *dice) task {
	who, x := pick(d, people).name, pick(d, deeds)
	front, middle, back := pick(d, paddingFront), pick(d, paddingMiddle), pick(d, paddingBack)
	switch d.roll(4) {
	case 0:
		front = ""
	case 1:
		middle = ""
	case 2:
		back = ""
	}
	core := sentence(who, x.present())
	return task{
		slots: []string{"s", capital(front+who+middle+" "+x.present()+back) + "."},
		good:  []string{core, core, "Shorter: " + core},
		wrong: []string{
			sentence(subjectBut(d, who), x.present()), sentence(who, pick(d, deeds).present()),
			capital(front+who+middle+" "+x.present()+back) + ".",
			"As I said before, " + who + middle + " " + x.present() + back + " and much more.",
			who + ".",
		},
		facts: []string{who, x.rest},
	}
}

func drawFix(d *dice) task {
	who, x := subject(d), pick(d, deeds)
	right := sentence(who, x.present())
	var broken string
	switch d.roll(5) {
	case 0:
		broken = sentence(who, x.bare())
	case 1:
		broken = strings.TrimSuffix(lower(right), ".")
	case 2:
		broken = sentence(who, thirdVerb(x.verb), thirdVerb(x.verb), x.rest)
	case 3:
		t := pick(d, belongings)
		right = sentence(who, "has", t.a())
		broken = sentence(who, "has", misArticle(t.name))
	default:
		t, n := pick(d, belongings), d.between(2, 9)
		for t.more() == t.name {
			t = pick(d, belongings)
		}
		right = sentence(who, "has", numberWords[n], t.more())
		broken = sentence(who, "has", numberWords[n], t.name)
	}
	return task{
		slots: []string{"s", broken},
		good:  []string{right, right, "The correct sentence is: " + right},
		wrong: []string{broken, sentence(subjectBut(d, who), x.present()), "The correct sentence is: " + broken, sentence(who, "is right")},
		facts: []string{who},
	}
}

// misArticle takes the wrong one of "a" and "an".
func misArticle(noun string) string {
	if withArticle(noun) == "a "+noun {
		return "an " + noun
	}
	return "a " + noun
}
