package textgen

var questionKinds = []kind{
	{"question", one(
		"Make a question from this sentence: {s}", "Turn this into a question: {s}", "Please make a question from this: {s}",
		"Change this sentence to a question: {s}", "How can I ask this as a question? {s}", "Write this as a question: {s}",
	), drawQuestion},
	{"count_words", one(
		"How many words are in this sentence: {s}", "Count the words: {s}", "Please count the words in this sentence: {s}",
		"How many words do you see? {s}", "Tell me how many words this sentence has: {s}", "How long is this sentence in words? {s}",
	), drawCountWords},
}

func drawQuestion(d *dice) task {
	who, x := subject(d), pick(d, deeds)
	other := subjectBut(d, who)
	if d.chance(0.35) {
		at := pick(d, spots)
		return task{
			slots: []string{"s", sentence(who, "is", at)},
			good:  []string{"Is " + who + " " + at + "?", "Is " + who + " " + at + "?", "Where is " + who + "?"},
			wrong: []string{sentence(who, "is", at), "Is " + other + " " + at + "?", "Yes, " + who + " is " + at + ".", "Is " + who + " at home?"},
			facts: []string{who},
		}
	}
	return task{
		slots: []string{"s", sentence(who, x.present())},
		good:  []string{"Does " + who + " " + x.bare() + "?", "Does " + who + " " + x.bare() + "?", "What does " + who + " do?"},
		wrong: []string{
			sentence(who, x.present()), "Does " + other + " " + x.bare() + "?", "Does " + who + " " + x.present() + "?",
			"Yes, " + who + " does.", "Does " + who + " " + pick(d, deeds).bare() + "?",
		},
		facts: []string{who},
	}
}

func drawCountWords(d *dice) task {
	who, x := subject(d), pick(d, deeds)
	s := sentence(who, x.present())
	n := len(words(s))
	say := func(n int) []string {
		return []string{
			"The sentence has " + numberWords[n] + " words.",
			"There are " + numberWords[n] + " words.",
			"There are " + numberWords[n] + " words in the sentence.",
		}
	}
	return task{slots: []string{"s", s}, good: say(n), wrong: append(say(n+1), say(n-1)...), facts: []string{numberWords[n]}}
}
