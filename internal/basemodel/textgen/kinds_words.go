package textgen

var wordKinds = []kind{
	{"opposite", [][]string{{
		"What is the opposite of {x}?", "Give me the opposite of {x}.", "Please tell me the opposite of {x}.", "Name the opposite of {x}.",
		"What is the opposite of the word {x}?", "Can you tell me the opposite of {x}?", "I need the opposite of {x}.",
	}, {
		"What are the opposites of {x} and {y}?", "Give me the opposites of {x} and {y}.", "Please name the opposites of {x} and {y}.",
		"Tell me the opposite of {x} and of {y}.", "Name the opposites of these words: {x}, {y}.", "Can you name the opposites of {x} and {y}?",
	}}, drawOpposite},
	{"synonym", [][]string{{
		"Give me another word for {x}.", "What is another word for {x}?", "What is a synonym of {x}?", "Please name a synonym of {x}.",
		"Which word means the same as {x}?", "Can you tell me a synonym of {x}?", "I need another word for {x}.",
	}, {
		"Give me other words for {x} and {y}.", "What are synonyms of {x} and {y}?", "Please name synonyms of {x} and {y}.",
		"Which words mean the same as {x} and {y}?", "Name synonyms of these words: {x}, {y}.", "I need other words for {x} and {y}.",
	}}, drawSynonym},
	{"plural", [][]string{{
		"What is the plural of {x}?", "Give me the plural of {x}.", "Please tell me the plural of {x}.", "Write the plural of {x}.",
		"One {x}, two what?", "How do I say {x} in the plural?", "Can you give me the plural of {x}?",
	}, {
		"What are the plurals of {x} and {y}?", "Give me the plurals of {x} and {y}.", "Please write the plurals of {x} and {y}.",
		"Tell me the plural of {x} and of {y}.", "Write the plurals of these words: {x}, {y}.", "I need the plurals of {x} and {y}.",
	}}, drawPlural},
	{"next", one(
		"What comes {after} {x}?", "Which one comes {after} {x}?", "Tell me what comes {after} {x}.", "Please tell me what comes {after} {x}.",
		"Do you know what comes {after} {x}?", "Can you say what comes {after} {x}?",
	), drawNext},
}

// wordPairs is a table of words with their answers.
type wordPairs = [][2]string

// drawWords asks for the answer to one word or to two.
func drawWords(d *dice, table wordPairs, oneWord, twoWords func(x, y [2]string) []string) task {
	list := some(d, table, 4)
	x, y := list[0], list[1]
	for y[0] == x[1] {
		y = pick(d, table)
	}
	wrongX, wrongY := [2]string{x[0], list[2][1]}, [2]string{y[0], list[3][1]}
	if wrongX[1] == x[1] || wrongY[1] == y[1] {
		return drawWords(d, table, oneWord, twoWords)
	}
	if d.chance(0.5) {
		return task{
			form: 0, slots: []string{"x", x[0]}, good: oneWord(x, y), facts: []string{x[1]},
			wrong: append(oneWord(wrongX, y), oneWord([2]string{x[0], x[0]}, y)...),
		}
	}
	return task{
		form: 1, slots: []string{"x", x[0], "y", y[0]}, good: twoWords(x, y), facts: []string{x[1], y[1]},
		wrong: append(twoWords(wrongX, y), twoWords(x, wrongY)...), short: oneWord(x, y),
	}
}

func drawOpposite(d *dice) task {
	return drawWords(d, opposed,
		func(x, _ [2]string) []string {
			return []string{
				"The opposite of " + x[0] + " is " + x[1] + ".", capital(x[1]) + " is the opposite of " + x[0] + ".",
				"The opposite is " + x[1] + ".", capital(x[0]) + " and " + x[1] + " are opposites.",
			}
		},
		func(x, y [2]string) []string {
			return []string{
				"The opposite of " + x[0] + " is " + x[1] + ", and the opposite of " + y[0] + " is " + y[1] + ".",
				"The opposites are " + x[1] + " and " + y[1] + ".",
				"The opposite of " + x[0] + " is " + x[1] + ". The opposite of " + y[0] + " is " + y[1] + ".",
			}
		})
}

func drawSynonym(d *dice) task {
	return drawWords(d, alike,
		func(x, _ [2]string) []string {
			return []string{
				"Another word for " + x[0] + " is " + x[1] + ".", capital(x[1]) + " means the same as " + x[0] + ".",
				"A synonym of " + x[0] + " is " + x[1] + ".", "You can say " + x[1] + ".",
			}
		},
		func(x, y [2]string) []string {
			return []string{
				"Another word for " + x[0] + " is " + x[1] + ", and another word for " + y[0] + " is " + y[1] + ".",
				"You can say " + x[1] + " and " + y[1] + ".",
				"A synonym of " + x[0] + " is " + x[1] + ". A synonym of " + y[0] + " is " + y[1] + ".",
			}
		})
}

// pluralTable holds every countable noun once.
var pluralTable = func() wordPairs {
	var all wordPairs
	seen := map[string]bool{}
	add := func(singular, plural string) {
		if !seen[singular] {
			seen[singular] = true
			all = append(all, [2]string{singular, plural})
		}
	}
	for _, p := range irregulars {
		add(p[0], p[1])
	}
	for _, t := range counted {
		add(t.name, t.more())
	}
	return all
}()

func drawPlural(d *dice) task {
	return drawWords(d, pluralTable,
		func(x, _ [2]string) []string {
			return []string{
				"The plural of " + x[0] + " is " + x[1] + ".", "The plural is " + x[1] + ".",
				"One " + x[0] + ", two " + x[1] + ".", "It is " + x[1] + ".",
			}
		},
		func(x, y [2]string) []string {
			return []string{
				"The plural of " + x[0] + " is " + x[1] + ", and the plural of " + y[0] + " is " + y[1] + ".",
				"The plurals are " + x[1] + " and " + y[1] + ".",
				"One " + x[0] + ", two " + x[1] + ". One " + y[0] + ", two " + y[1] + ".",
			}
		})
}

// rounds are orders that start again at their end.
var rounds = [][]string{days, months, seasons}

func drawNext(d *dice) task {
	var x, good, bad, behind string
	behind = pick(d, []string{"after", "before"})
	step := 1
	if behind == "before" {
		step = -1
	}
	if d.chance(0.3) {
		n := d.between(2, 11)
		x, good, bad = numberWords[n], numberWords[n+step], numberWords[n-step]
		if d.chance(0.5) {
			bad = pickOther(d, numberWords, good, x)
		}
	} else {
		round := pick(d, rounds)
		i := d.roll(len(round))
		at := func(j int) string { return round[(j+len(round))%len(round)] }
		x, good, bad = at(i), at(i+step), at(i-step)
		if d.chance(0.5) {
			bad = pickOther(d, round, good, x)
		}
	}
	say := func(y string) []string {
		return []string{
			capital(y) + " comes " + behind + " " + x + ".", "It is " + y + ".", capital(behind) + " " + x + " it is " + y + ".",
		}
	}
	if behind == "after" {
		sayAfter := say
		say = func(y string) []string { return append(sayAfter(y), "After "+x+" comes "+y+".") }
	}
	return task{slots: []string{"after", behind, "x", x}, good: say(good), wrong: say(bad), facts: []string{good}}
}
