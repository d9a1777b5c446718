package textgen

import "strings"

var spellingKinds = []kind{
	{"spell", one(
		"How do you spell {x}?", "Spell the word {x}.", "Please spell {x}.", "Can you spell {x}?", "Spell {x} for me.",
		"Spell this word, letter by letter: {x}.",
	), drawSpelling},
	{"letter", one(
		"What is the {q} letter of {x}?", "Which letter does {x} have in the {q} place?", "Tell me the {q} letter of {x}.",
		"Please name the {q} letter of {x}.", "Give me the {q} letter of the word {x}.", "Find the {q} letter of {x}.",
	), drawLetter},
}

// apartLetters writes c-a-t.
func apartLetters(word string) string { return strings.Join(strings.Split(word, ""), "-") }

func drawSpelling(d *dice) task {
	word := pick(d, spelled)
	i := d.roll(len(word))
	missing := word[:i] + word[i+1:]
	doubled := word[:i] + word[i:i+1] + word[i:]
	say := func(letters string) []string {
		return []string{
			capital(word) + " is spelled " + apartLetters(letters) + ".",
			"You spell it " + apartLetters(letters) + ".",
			"It is " + apartLetters(letters) + ".",
			capital(word) + " has " + numberWords[len(word)] + " letters: " + apartLetters(letters) + ".",
		}
	}
	return task{
		slots: []string{"x", word}, good: say(word),
		wrong: append(say(missing), say(doubled)...), facts: []string{apartLetters(word)},
	}
}

func drawLetter(d *dice) task {
	word := pick(d, spelled)
	which, letter, other := "first", word[:1], word[len(word)-1:]
	if d.chance(0.4) {
		which, letter, other = "last", other, letter
	}
	if other == letter {
		other = pickOther(d, strings.Split("abcdefghilmnoprst", ""), letter)
	}
	say := func(letter string) []string {
		return []string{
			"The " + which + " letter of " + word + " is " + letter + ".",
			"The " + which + " letter is " + letter + ".",
			"The word " + word + " has the letter " + letter + " in the " + which + " place.",
		}
	}
	return task{
		slots: []string{"q", which, "x", word}, good: say(letter), wrong: say(other),
		facts: []string{" " + letter},
	}
}
