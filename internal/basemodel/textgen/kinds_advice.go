package textgen

import "strings"

// feels turns what follows "I" into what follows a name.
func feels(feel string, p person) string {
	feel = strings.ReplaceAll(feel, " my ", " "+p.own()+" ")
	switch {
	case strings.HasPrefix(feel, "am "):
		return "is " + feel[len("am "):]
	case strings.HasPrefix(feel, "lost "):
		return feel
	}
	return third(feel)
}

func drawAdvice(d *dice) task {
	list := some(d, troubles, 2)
	t, other := list[0], list[1]
	for strings.Fields(t.advice[0])[0] == strings.Fields(other.advice[0])[0] {
		other = pick(d, troubles)
	}
	p := pick(d, people)
	if d.chance(0.5) {
		return task{
			form:  0,
			slots: []string{"feel", t.feel},
			good:  advise("you", "You", t.advice),
			wrong: append(advise("you", "You", other.advice)[1:], "That is good.", "You "+t.feel+"."),
		}
	}
	return task{
		form:  1,
		slots: []string{"who", p.name, "feels", feels(t.feel, p), "they", p.subject(), "They", capital(p.subject()), "them", p.object()},
		good:  advise(p.subject(), p.name, t.advice),
		wrong: append(advise(p.subject(), p.name, other.advice)[1:], "That is good.", p.name+" is happy now."),
	}
}

// advise says what somebody should do; who is the pronoun and name the subject
// of the first sentence.
func advise(who, name string, advice []string) []string {
	said := []string{
		name + " could " + advice[0] + ".",
		name + " could " + advice[1] + ".",
		name + " should " + advice[0] + " or " + advice[1] + ".",
		name + " could " + advice[0] + ". After that, " + who + " could " + advice[1] + ".",
		"I think " + lowerYou(name) + " should " + advice[0] + ". I hope it gets better soon.",
	}
	if name == "You" {
		said = append(said, "I am sorry to hear that. You could "+advice[1]+".")
	}
	return said
}

func lowerYou(name string) string {
	if name == "You" {
		return "you"
	}
	return name
}
