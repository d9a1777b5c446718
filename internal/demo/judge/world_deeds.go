package judge

import "strings"

// deedTable: what people do: base, past: endings.
const deedTable = `
walk, walked: to the park; to school; in the garden; to the station
go, went: to the market; to the library; to the beach; home
run, ran: to the bus; in the park; along the river
eat, ate: an apple; some bread; a bowl of soup; a piece of cake
drink, drank: a cup of tea; some milk; cold water
write, wrote: a letter; a story; a short note
sing, sang: a song; in the garden
see, saw: a bird; a rainbow; the moon; a big ship
buy, bought: a new hat; some fresh bread; a red bag
make, made: a cake; some soup; a kite
find, found: a key; a small shell; a good book
play, played: with a ball; the piano; in the park
help, helped: a friend; the teacher; the old man
cook, cooked: dinner; some rice; a big meal
clean, cleaned: the kitchen; the window; the floor
open, opened: the door; the window; a box
close, closed: the door; the book
paint, painted: a picture; the wall; a flower
visit, visited: a friend; the museum; the zoo
call, called: a friend; the doctor
wash, washed: the cup; the car; an apple
carry, carried: a heavy bag; the basket; a box
watch, watched: the stars; the birds; a play
plant, planted: a tree; a rose; some beans
bring, brought: some flowers; a basket of fruit
take, took: the bus; the train; a picture
ride, rode: a bike; a horse
draw, drew: a horse; a map; a small house
catch, caught: a fish; the ball
sleep, slept: on the sofa; in the warm bed
sit, sat: near the window; under a tree; on the beach
swim, swam: in the lake; in the sea
feed, fed: the cat; the hens; the horse
wear, wore: a warm coat; a blue shirt
bake, baked: some bread; a cake
build, built: a small house; a boat
lose, lost: a glove; the key
meet, met: a friend; the new teacher
wait, waited: at the station; near the door
learn, learned: a new song; a new word
leave, left: a key; a bag
have, had: a cat; a dog
be, was: in the park; at home
give, gave: a present; some food
`

// A deed is a verb with what may follow it.
type deed struct {
	base, past, third string
	ends              []string
}

// deeds holds every deed, deedByAny by its base, third person or past.
var deeds, deedByAny = parseDeeds(deedTable)

func parseDeeds(table string) ([]*deed, map[string]*deed) {
	var all []*deed
	byAny := map[string]*deed{}
	for _, line := range strings.Split(strings.TrimSpace(table), "\n") {
		head, ends, _ := strings.Cut(line, ": ")
		base, past, _ := strings.Cut(head, ", ")
		d := &deed{base: base, past: past, third: thirdPerson(base), ends: strings.Split(ends, "; ")}
		all = append(all, d)
		byAny[d.base], byAny[d.past], byAny[d.third] = d, d, d
	}
	return all, byAny
}

// thirdPerson returns the form after he or she: "catch" gives "catches".
func thirdPerson(base string) string {
	switch {
	case base == "have":
		return "has"
	case base == "be":
		return "is"
	case hasAnySuffix(base, "ch", "sh", "s", "x", "o"):
		return base + "es"
	case strings.HasSuffix(base, "y") && !hasAnySuffix(base, "ay", "ey", "oy", "uy"):
		return base[:len(base)-1] + "ies"
	}
	return base + "s"
}

// baseForm undoes thirdPerson: "catches" gives "catch".
func baseForm(third string) string {
	if d := deedByAny[third]; d != nil {
		return d.base
	}
	switch {
	case strings.HasSuffix(third, "ies") && len(third) > 4:
		return third[:len(third)-3] + "y"
	case hasAnySuffix(third, "ches", "shes", "sses", "xes", "oes"):
		return third[:len(third)-2]
	}
	return strings.TrimSuffix(third, "s")
}
