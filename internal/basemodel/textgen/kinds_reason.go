package textgen

import "strings"

var reasonKinds = []kind{
	{"reason", one(
		"Why do {who} {do}?", "Tell me why {who} {do}.", "Please explain why {who} {do}.", "What is the reason that {who} {do}?",
		"Can you tell me why {who} {do}?", "Give me one reason why {who} {do}.", "Explain why {who} {do}.",
	), drawReason},
	{"use", one(
		"What is {a} used for?", "What do people use {a} for?", "What can I do with {a}?", "Tell me what {a} is used for.",
		"Why would I need {a}?", "How do people use {a}?", "What is {a} good for?",
	), drawUse},
	{"where", one(
		"Where can I find {a}?", "Where do you find {a}?", "Tell me where I can find {a}.", "Please tell me where to find {a}.",
		"In which place can I see {a}?", "Where should I look for {a}?", "I am looking for {a}. Where is it?",
	), drawWhere},
	{"season", one(
		"In which season can {who} {do}?", "{who} wants to {do}. Which season is best?", "Which season is good to {do} with {who}?",
		"{who} would like to {do}. In which season can {they} do it?", "When in the year can {who} {do}?",
		"Name the season in which {who} can {do}.",
	), drawSeason},
}

// reasonsSaid are the reasons as statements.
var reasonsSaid = func() []string {
	said := make([]string, len(reasons))
	for i, r := range reasons {
		said[i] = sentence(r.who, r.do, "because", r.because)
	}
	return said
}()

func drawReason(d *dice) task {
	list := some(d, reasons, 2)
	r, other := list[0], list[1]
	for other.because == r.because {
		other = pick(d, reasons)
	}
	say := func(because string) []string {
		return []string{
			sentence(r.who, r.do, "because", because),
			sentence("because", because),
			sentence("they do it because", because),
			sentence("the reason is that", because),
		}
	}
	return task{
		slots: []string{"who", r.who, "do", r.do}, good: say(r.because),
		wrong: append(say(other.because), sentence(r.who, r.do), "They do it because they do it."),
	}
}

func drawUse(d *dice) task {
	var t, u thing
	for {
		t, u = pick(d, useful), pick(d, useful)
		if t.family != "place" && u.family != "place" && t.family != u.family && t.use != u.use {
			break
		}
	}
	say := func(use string) []string {
		return []string{
			sentence("people use", t.a(), "to", use),
			sentence("you can use", t.a(), "to", use),
			sentence(t.a(), "is used to", use),
			sentence("you use it to", use),
		}
	}
	good := say(t.use)
	good = append(good, good[0]+" "+sentence("it", third(pick(d, t.traits))))
	return task{
		slots: []string{"a", t.a()}, good: good,
		wrong: append(say(u.use), say(u.use)[0]+" "+sentence("it", third(pick(d, u.traits))), sentence("it is used for many things")),
	}
}

func drawWhere(d *dice) task {
	var t, u thing
	for {
		t, u = pick(d, placed), pick(d, placed)
		if t.place != u.place && t.family != u.family {
			break
		}
	}
	say := func(place string) []string {
		found := sentence("you can find", t.a(), place)
		return []string{
			found, whatIs(t) + " " + sentence("you can find it", place),
			found + " " + sentence(thingOrIt(t), third(t.traits[0])),
			sentence("you can find it", place),
			sentence("look for", t.a(), place),
			sentence("you can often see", t.a(), place),
		}
	}
	return task{
		slots: []string{"a", t.a()}, good: say(t.place),
		wrong: append(say(u.place), "You can find it nowhere.", sentence("look for", t.a())),
	}
}

func drawSeason(d *dice) task {
	s, p := pick(d, seasonal), pick(d, people)
	other := pickOther(d, seasons, s.season)
	say := func(season string) []string {
		return []string{
			sentence(p.name, "can", s.activity, "in", season),
			sentence("in", season),
			capital(season) + " is the best season to " + s.activity + ".",
			sentence(p.name, "can do it in", season+", because", s.reason),
		}
	}
	return task{
		slots: []string{"who", p.name, "they", p.subject(), "do", strings.TrimSpace(s.activity)},
		good:  say(s.season),
		wrong: append(say(other), sentence(p.name, "can", s.activity), "Every season is good."),
		facts: []string{s.season},
	}
}
