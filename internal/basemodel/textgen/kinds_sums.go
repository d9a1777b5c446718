package textgen

import "strconv"

// largest is the largest number to be added or taken away.
const largest = 12

var sumKinds = []kind{
	{"add", one(
		"What is {a} + {b}?", "What is {a} plus {b}?", "Add {a} and {b}.", "Please add {a} and {b}.", "How much is {a} + {b}?",
		"Can you add {a} and {b}?", "Find the sum of {a} and {b}.", "What do you get if you add {a} and {b}?",
	), drawAddition},
	{"subtract", one(
		"What is {a} - {b}?", "What is {a} minus {b}?", "Take {b} away from {a}.", "Please take {b} away from {a}.",
		"How much is {a} - {b}?", "Subtract {b} from {a}.", "What is left if you take {b} from {a}?",
	), drawSubtraction},
	{"word_problem", [][]string{{
		"{who} has {a} {x} and gets {b} more. How many {x} does {they} have now?",
		"{who} has {a} {x}. {friend} gives {them} {b} more. How many {x} does {who} have now?",
		"{who} had {a} {x} and found {b} more. How many {x} does {they} have?",
		"First {who} has {a} {x}. Then {they} gets {b} more. How many are there now?",
	}, {
		"{who} has {a} {x} and gives {b} away. How many {x} does {they} have now?",
		"{who} has {a} {x}. {They} gives {b} to {friend}. How many {x} are left?",
		"{who} had {a} {x} and lost {b}. How many {x} does {they} have?",
		"First {who} has {a} {x}. Then {they} loses {b}. How many are left now?",
	}}, drawWordProblem},
}

func drawAddition(d *dice) task {
	a, b := d.between(1, largest), d.between(1, largest)
	return drawSum(d, a, b, a+b, "+", "plus")
}

func drawSubtraction(d *dice) task {
	b := d.between(1, largest-1)
	a := d.between(b+1, largest+6)
	return drawSum(d, a, b, a-b, "-", "minus")
}

func drawSum(d *dice, a, b, c int, sign, word string) task {
	x, y := strconv.Itoa(a), strconv.Itoa(b)
	say := func(c int) []string {
		z := strconv.Itoa(c)
		return []string{
			"The answer is " + z + ".",
			x + " " + sign + " " + y + " = " + z + ".",
			x + " " + word + " " + y + " is " + z + ".",
			"It is " + z + ".",
			"The answer is " + z + ", because " + x + " " + word + " " + y + " is " + z + ".",
		}
	}
	return task{
		slots: []string{"a", x, "b", y},
		good:  say(c), wrong: append(say(near(d, c)), say(near(d, c))...), facts: []string{strconv.Itoa(c)},
	}
}

// near is a wrong number close to n, never negative.
func near(d *dice, n int) int {
	for {
		if m := n + d.between(-3, 3); m != n && m >= 0 {
			return m
		}
	}
}

func drawWordProblem(d *dice) task {
	p, q := two(d)
	x := pick(d, belongings)
	a, b := d.between(2, largest), d.between(1, largest)
	form, c := 0, a+b
	if d.chance(0.5) {
		b = d.between(1, a-1)
		form, c = 1, a-b
	}
	noun := func(n int) string {
		if n == 1 {
			return x.name
		}
		return x.more()
	}
	say := func(n int) []string {
		z := strconv.Itoa(n)
		said := []string{
			p.name + " has " + z + " " + noun(n) + " now.",
			capital(p.subject()) + " has " + z + " " + noun(n) + ".",
			"The answer is " + z + ".",
		}
		if form == 0 && n == c {
			said = append(said, strconv.Itoa(a)+" plus "+strconv.Itoa(b)+" is "+z+", so "+p.name+" has "+z+" "+noun(n)+".")
		} else if n == c {
			said = append(said, strconv.Itoa(a)+" minus "+strconv.Itoa(b)+" is "+z+", so "+p.name+" has "+z+" "+noun(n)+".")
		}
		return said
	}
	return task{
		form: form,
		slots: []string{"who", p.name, "a", strconv.Itoa(a), "b", strconv.Itoa(b), "x", x.more(), "friend", q.name,
			"they", p.subject(), "They", capital(p.subject()), "them", p.object()},
		good:  say(c),
		wrong: append(append(say(near(d, c)), say(a)...), p.name+" has some "+x.more()+"."),
		facts: []string{strconv.Itoa(c)},
	}
}
