package textgen

var socialKinds = []kind{
	{"greet", one(
		"Say hello to {who} {when}.", "Greet {who} {when}.", "Please greet {who} {when}.", "How do I greet {who} {when}?",
		"Write a greeting for {who} {when}.", "I meet {who} {when}. What can I say?", "Give {who} a kind greeting {when}.",
	), drawGreeting},
	{"goodbye", one(
		"Say goodbye to {who}, who is going {to}.", "{who} is going {to}. Say goodbye.", "Please say goodbye to {who}, who is going {to}.",
		"Write a goodbye to {who}, who is going {to}.", "{who} is going {to}. How do I say goodbye?",
		"{who} is leaving and is going {to}. What can I say?",
	), drawGoodbye},
	{"thank", one(
		"Thank {who} for {x}.", "Please thank {who} for {x}.", "Say thank you to {who} for {x}.", "How can I thank {who} for {x}?",
		"Write a thank you note to {who} for {x}.", "I want to thank {who} for {x}.", "Help me to thank {who} for {x}.",
	), drawThanks},
	{"sorry", one(
		"Say sorry to {who} for {x}.", "Please say sorry to {who} for {x}.", "Write an apology to {who} for {x}.",
		"How do I say sorry to {who} for {x}?", "I want to say sorry to {who} for {x}.", "Help me to say sorry to {who} for {x}.",
	), drawSorry},
	{"wish", one(
		"{who} has a {x}. What can I say?", "Write a wish to {who} for the {x}.", "Please write a kind wish to {who} for the {x}.",
		"What do I say to {who} for the {x}?", "Wish {who} well for the {x}.", "Send {who} a good wish for the {x}.",
	), drawWish},
	{"advice", [][]string{{
		"I {feel}. What should I do?", "I {feel}. Can you help me?", "What can I do? I {feel}.", "Please give me advice. I {feel}.",
		"I {feel}. Do you have an idea?", "Give me a tip. I {feel}.",
	}, {
		"{who} {feels}. What should {they} do?", "{who} {feels}. Give {them} some advice.", "What can {who} do? {They} {feels}.",
		"{who} {feels}. Can you help {them}?", "{who} {feels}. Do you have a tip for {them}?", "Please help {who}. {They} {feels}.",
	}}, drawAdvice},
}

// two draws two different people.
func two(d *dice) (person, person) {
	p := some(d, people, 2)
	return p[0], p[1]
}

func drawGreeting(d *dice) task {
	p, q := two(d)
	m := some(d, moments, 2)
	say := func(p person, hello string) []string {
		return []string{
			hello + ", " + p.name + "!",
			hello + ", " + p.name + "! How are you today?",
			hello + ", " + p.name + ". It is nice to see you.",
			hello + ", dear " + p.name + "! I hope you are well.",
		}
	}
	return task{
		slots: []string{"who", p.name, "when", m[0].when},
		good:  say(p, m[0].hello),
		wrong: append(append(say(q, m[0].hello), say(p, m[1].hello)...), m[0].hello+"!", "Goodbye, "+p.name+"!"),
		facts: []string{p.name, m[0].hello},
	}
}

// goals are where people go.
var goals = []string{
	"to school", "to the beach", "to the library", "to the market", "home", "to the mountains", "to the city",
	"to the zoo", "to the farm", "to the lake", "to the airport", "to the theatre", "to work", "to the museum",
}

func drawGoodbye(d *dice) task {
	p, q := two(d)
	to := pick(d, goals)
	other := pickOther(d, goals, to)
	say := func(p person, to string) []string {
		return []string{
			"Goodbye, " + p.name + "! Have a good time.",
			"Goodbye, " + p.name + ". Have a safe trip " + to + ".",
			"Goodbye, dear " + p.name + "! I hope to see you again soon.",
			"Goodbye, " + p.name + "! Take care of yourself on the way " + to + ".",
		}
	}
	return task{
		slots: []string{"who", p.name, "to", to},
		good:  say(p, to),
		wrong: append(say(q, to), "Hello, "+p.name+"! Come in.", "Goodbye!", "Goodbye, "+p.name+". Have a safe trip "+other+"."),
		facts: []string{p.name},
	}
}

func drawThanks(d *dice) task {
	p, q := two(d)
	x := pick(d, thanksFor)
	other := pickOther(d, thanksFor, x)
	say := func(p person, x string) []string {
		return []string{
			"Thank you for " + x + ", " + p.name + "!",
			"Dear " + p.name + ", thank you very much for " + x + ".",
			"Dear " + p.name + ", many thanks for " + x + ". You are very kind.",
			"Thank you so much for " + x + ", " + p.name + ". It made me very happy.",
		}
	}
	return task{
		slots: []string{"who", p.name, "x", x},
		good:  say(p, x),
		wrong: append(append(say(q, x), say(p, other)...), "Thank you!", "Dear "+p.name+", I do not like "+x+"."),
		facts: []string{p.name, x},
	}
}

func drawSorry(d *dice) task {
	p, q := two(d)
	x := pick(d, mishaps)
	other := pickOther(d, mishaps, x)
	say := func(p person, x string) []string {
		return []string{
			"I am sorry for " + x + ", " + p.name + ".",
			"Dear " + p.name + ", I am very sorry for " + x + ".",
			"Dear " + p.name + ", I am sorry for " + x + ". It will not happen again.",
			"I am so sorry for " + x + ", " + p.name + ". I hope you are not angry.",
		}
	}
	return task{
		slots: []string{"who", p.name, "x", x},
		good:  say(p, x),
		wrong: append(append(say(q, x), say(p, other)...), "I am not sorry, "+p.name+".", "Sorry."),
		facts: []string{p.name, x},
	}
}

func drawWish(d *dice) task {
	p, q := two(d)
	o := some(d, occasions, 2)
	say := func(p person, wish string) []string {
		return []string{
			wish + ", " + p.name + "!",
			wish + ", dear " + p.name + "! I am thinking of you.",
			"Dear " + p.name + ", " + lowerWish(wish) + "! All the best from me.",
			wish + ", " + p.name + "! I hope it will be wonderful.",
		}
	}
	return task{
		slots: []string{"who", p.name, "x", o[0].of},
		good:  say(p, o[0].wish),
		wrong: append(append(say(q, o[0].wish), say(p, o[1].wish)...), o[0].wish+"!", "Dear "+p.name+", that is bad."),
		facts: []string{p.name, o[0].wish},
	}
}

// lowerWish goes on behind a comma; "I" stays as it is.
func lowerWish(wish string) string {
	if wish[:2] == "I " {
		return wish
	}
	return lower(wish)
}
