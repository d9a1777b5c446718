package textgen

import "strings"

// The defects that spoil a reply.
const (
	WrongFact  = "wrong fact"  // a wrong or missing fact
	OffTask    = "off task"    // an answer to another request, or none
	Repetition = "repetition"  // a word or a sentence said again
	SloppyForm = "sloppy form" // no capital, no full stop, trailing off
	Rambling   = "rambling"    // sentences that belong elsewhere
	Incomplete = "incomplete"  // less (or more) than was asked for
)

// Defects returns the names of all defects.
func Defects() []string {
	return []string{WrongFact, OffTask, Repetition, SloppyForm, Rambling, Incomplete}
}

// defectDeck holds each defect as often as it is wanted.
var defectDeck = []string{
	WrongFact, WrongFact, WrongFact, OffTask, OffTask,
	Repetition, Repetition, SloppyForm, SloppyForm, Rambling, Incomplete, Incomplete,
}

// formDefects can be laid over a reply that is spoiled already.
var formDefects = []string{Repetition, SloppyForm, Rambling}

// spoil turns a good reply into a mediocre one.
func (g *Generator) spoil(r request, reply string) (string, []string) {
	for {
		name := pick(g.dice, g.defects)
		spoiled, ok := g.apply(name, r, reply)
		if !ok || contains(r.task.good, spoiled) {
			continue
		}
		defects := []string{name}
		if g.dice.chance(secondDefect) {
			second := pickOther(g.dice, formDefects, name)
			if twice, ok := g.apply(second, r, spoiled); ok {
				return twice, append(defects, second)
			}
		}
		return spoiled, defects
	}
}

// apply makes one defect; false where the task has no such defect.
func (g *Generator) apply(name string, r request, reply string) (string, bool) {
	switch name {
	case WrongFact:
		return pickAny(g.dice, r.task.wrong)
	case Incomplete:
		return pickAny(g.dice, r.task.short)
	case OffTask:
		return g.offTask(r), true
	case Repetition:
		return repeat(g.dice, reply), true
	case SloppyForm:
		return sloppy(g.dice, reply), true
	}
	return ramble(g.dice, reply), true
}

func pickAny(d *dice, from []string) (string, bool) {
	if len(from) == 0 {
		return "", false
	}
	return pick(d, from), true
}

// evasions answer nothing.
var evasions = []string{
	"I do not know.", "That is a nice question.", "Thank you for asking.", "I am not sure about this.",
	"It is hard to say, and I do not want to say it now.", "Please ask me something else.",
}

func (g *Generator) offTask(r request) string {
	if g.dice.chance(0.3) {
		return pick(g.dice, evasions)
	}
	for {
		other := &kinds[g.dice.roll(len(kinds))]
		if other.name != r.kind.name {
			return pick(g.dice, other.draw(g.dice).good)
		}
	}
}

// repeat says a word or a sentence again.
func repeat(d *dice, reply string) string {
	said := sentences(reply)
	parts := strings.Fields(reply)
	switch {
	case d.chance(0.5):
		i := d.roll(len(said))
		again := append([]string{}, said[:i+1]...)
		for range d.between(1, 2) {
			again = append(again, said[i])
		}
		return strings.Join(append(again, said[i+1:]...), " ")
	case d.chance(0.5) && len(parts) > 2:
		i := 1 + d.roll(len(parts)-2)
		word := strings.TrimRight(parts[i], ".,!?:")
		return strings.Join(parts[:i], " ") + " " + word + " " + strings.Join(parts[i:], " ")
	}
	last := strings.TrimRight(parts[len(parts)-1], ".!?")
	end := reply[len(reply)-1:]
	if strings.Contains(".!?", end) {
		reply = reply[:len(reply)-1]
	} else {
		end = ""
	}
	return reply + strings.Repeat(" "+last, d.between(1, 3)) + end
}

// sloppy neglects capitals and full stops, or stops in the middle.
func sloppy(d *dice, reply string) string {
	bare := strings.TrimRight(reply, ".!?")
	parts := strings.Fields(bare)
	switch d.roll(4) {
	case 0:
		return strings.ToLower(bare)
	case 1:
		if len(parts) > 4 {
			cut := len(parts) - d.between(1, len(parts)/3)
			return strings.TrimRight(strings.Join(parts[:cut], " "), ".,!?:")
		}
	case 2:
		return bare
	}
	return lower(bare)
}

var fillers = []string{
	"Well, let me think about this.", "There is so much to say.", "I like to talk about many things.",
	"But that is not so important.", "And so it goes.", "Some people say this and some people say that.",
}

// ramble adds sentences that have nothing to do with the request.
func ramble(d *dice, reply string) string {
	aside := pick(d, fillers)
	if d.chance(0.7) {
		aside = pick(d, about(pick(d, withTraits)))
		if strings.HasPrefix(aside, "It ") || strings.HasPrefix(aside, "You can find it") ||
			strings.HasPrefix(aside, "People") {
			aside = pick(d, reasonsSaid)
		}
	}
	if d.chance(0.25) {
		return aside + " " + reply
	}
	return reply + " " + aside
}
