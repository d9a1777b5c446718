package textgen

var noteKinds = []kind{
	{"invite", one(
		"Invite {who} to {x} {at} on {day}.", "Write an invitation to {who} for {x} {at} on {day}.", "Please invite {who} to {x} {at} on {day}.",
		"Ask {who} to come to {x} {at} on {day}.", "Can you invite {who} to {x} {at} on {day}?", "I have {x} {at} on {day}. Please invite {who}.",
		"Help me to invite {who} to {x} {at} on {day}.",
	), drawInvitation},
	{"note", one(
		"Write a short note to {who} about the {x} on {day}.", "Please write a note to {who} about the {x} on {day}.",
		"Tell {who} in a short note that the {x} is on {day}.", "Remind {who} of the {x} on {day}.",
		"Write to {who} that the {x} is on {day}.", "Can you remind {who} of the {x} on {day}?",
		"Send {who} a short note: the {x} is on {day}.",
	), drawNote},
}

func drawInvitation(d *dice) task {
	p, q := two(d)
	x, day := some(d, gatherings, 2), some(d, days, 2)
	at := pick(d, spots)
	say := func(p person, x, day string) []string {
		return []string{
			"Dear " + p.name + ", please come to " + withArticle(x) + " " + at + " on " + day + ".",
			"Dear " + p.name + ", I invite you to " + withArticle(x) + " " + at + " on " + day + ". I hope you can come!",
			"Hello " + p.name + ", would you like to come to " + withArticle(x) + " " + at + " on " + day + "?",
			"Hello " + p.name + "! There is " + withArticle(x) + " " + at + " on " + day + ". You are very welcome.",
		}
	}
	return task{
		slots: []string{"who", p.name, "x", withArticle(x[0]), "at", at, "day", day[0]},
		good:  say(p, x[0], day[0]),
		wrong: append(append(append(say(q, x[0], day[0]), say(p, x[0], day[1])...), say(p, x[1], day[0])...),
			"Dear "+p.name+", please come to "+withArticle(x[0])+".", "Dear "+p.name+", please come on "+day[0]+"."),
		facts: []string{p.name, x[0], at, day[0]},
	}
}

func drawNote(d *dice) task {
	p, q := two(d)
	x, day := some(d, gatherings, 2), some(d, days, 2)
	say := func(p person, x, day string) []string {
		return []string{
			"Dear " + p.name + ", the " + x + " is on " + day + ".",
			"Dear " + p.name + ", please do not forget the " + x + " on " + day + ".",
			"Hello " + p.name + ", the " + x + " is on " + day + ". See you there!",
			"Dear " + p.name + ", the " + x + " is on " + day + ". I hope to see you there. Have a good week!",
		}
	}
	return task{
		slots: []string{"who", p.name, "x", x[0], "day", day[0]},
		good:  say(p, x[0], day[0]),
		wrong: append(append(append(say(q, x[0], day[0]), say(p, x[0], day[1])...), say(p, x[1], day[0])...),
			"Dear "+p.name+", do not forget it.", "Dear "+p.name+", the "+x[0]+" is soon."),
		facts: []string{p.name, x[0], day[0]},
	}
}
