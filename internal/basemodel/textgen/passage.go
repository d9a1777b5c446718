package textgen

import (
	"strconv"
	"strings"
)

// Passage returns the next piece of plain text: one to six true sentences.
func (g *Generator) Passage() string {
	if g.dice.chance(0.12) {
		return g.dialogue()
	}
	d := g.dice
	return pick(d, passages)(d)
}

// dialogue is a request and its good answer in plain form. It obeys the split.
func (g *Generator) dialogue() string {
	r := g.request()
	return "Question: " + r.prompt + " Answer: " + pick(g.dice, r.task.good)
}

// passages are the sorts of plain text; what carries more facts occurs more
// than once.
var passages = []func(*dice) string{
	portrait, portrait, portrait, portrait, portrait, portrait, crowd, purpose, whereabouts,
	members, members, hues, legCounts, contrast, contrast, ranking, ranking,
	opposition, opposition, sameness, sameness, plurals, plurals, sums, sums, sums, counting, calendar,
	spelling, spelling, explanations, seasonTalk, working, scene, scene, tenses, tenses, tale, tale,
	alphabet, numberOrder, counsel, letter,
}

func portrait(d *dice) string {
	said := about(pick(d, withTraits))
	n := min(len(said), d.between(2, 5))
	return strings.Join(append(said[:1:1], some(d, said[1:], n-1)...), " ")
}

// crowd speaks of animals in the plural.
func crowd(d *dice) string {
	t := pick(d, animals)
	said := []string{sentence(t.more(), "are", groupOf(t))}
	for _, trait := range t.traits {
		said = append(said, sentence(t.more(), many(trait)))
	}
	if t.place != "" {
		said = append(said, sentence("you can find", t.more(), t.place))
	}
	return strings.Join(said, " ")
}

func purpose(d *dice) string {
	var said []string
	for _, t := range some(d, useful, d.between(1, 3)) {
		if t.family == "place" {
			said = append(said, sentence("people go to", t.the(), "to", t.use))
			continue
		}
		said = append(said, pick(d, []string{
			sentence("people use", t.a(), "to", t.use), sentence(t.a(), "is used to", t.use), sentence("you can use", t.a(), "to", t.use),
		}))
	}
	return strings.Join(said, " ")
}

func whereabouts(d *dice) string {
	var said []string
	for _, t := range some(d, placed, d.between(1, 3)) {
		said = append(said, pick(d, []string{
			sentence("you can find", t.a(), t.place), sentence("you can often see", t.a(), t.place), sentence("look for", t.a(), t.place),
		}))
	}
	return strings.Join(said, " ")
}

func members(d *dice) string {
	c := pick(d, categories)
	items := some(d, c.members, d.between(2, min(5, len(c.members))))
	return pick(d, []string{
		capital(numberWords[len(items)]) + " " + c.many + " are " + and(items) + ".",
		"Here are " + numberWords[len(items)] + " " + c.many + ": " + and(items) + ".",
		capital(and(items)) + " are " + c.many + ".",
	})
}

func hues(d *dice) string {
	var said []string
	for _, t := range some(d, coloured, d.between(1, 3)) {
		said = append(said, pick(d, []string{sentence(t.a(), "is", t.colour), sentence("the colour of", t.a(), "is", t.colour)}))
	}
	return strings.Join(said, " ")
}

func legCounts(d *dice) string {
	if d.chance(0.4) {
		return sentence(withArticle(pick(d, flyers)), "can fly") + " " + sentence(withArticle(pick(d, walkers)), "cannot fly")
	}
	t, u := pick(d, legged), pick(d, legged)
	return sentence(t.a(), "has", numberWords[t.legs], "legs") + " " + sentence(u.a(), "has", numberWords[u.legs], "legs")
}

func contrast(d *dice) string {
	for {
		pair := some(d, ofFamily(counted, pick(d, comparable)), 2)
		if pair[0].adj != pair[1].adj && pair[0].adj != "" && pair[1].adj != "" {
			return pick(d, comparison(pair[0], pair[1]))
		}
	}
}

// ranking steps through things from one end of a measure to the other, so that
// the order of two that never met follows.
func ranking(d *dice) string {
	m := pick(d, measures)
	list := ranked(d, m, d.between(2, 3))
	if len(list) == 2 {
		return sentence(list[0].a(), "is", m.more, "than", list[1].a())
	}
	second, third := list[1], list[2]
	if m.up == (m.rank(third) > m.rank(second)) {
		second, third = third, second
	}
	return sentence(list[0].a(), "is", m.more, "than", second.a()+", and", second.a(), "is", m.more, "than", third.a())
}

func opposition(d *dice) string {
	var said []string
	for _, p := range some(d, opposed, d.between(1, 3)) {
		said = append(said, pick(d, []string{
			"The opposite of " + p[0] + " is " + p[1] + ".", capital(p[0]) + " and " + p[1] + " are opposites.",
			capital(p[1]) + " is the opposite of " + p[0] + ".",
		}))
	}
	return strings.Join(said, " ")
}

func sameness(d *dice) string {
	var said []string
	for _, p := range some(d, alike, d.between(1, 3)) {
		said = append(said, pick(d, []string{
			"Another word for " + p[0] + " is " + p[1] + ".", capital(p[1]) + " means the same as " + p[0] + ".",
			"A synonym of " + p[0] + " is " + p[1] + ".",
		}))
	}
	return strings.Join(said, " ")
}

func plurals(d *dice) string {
	var said []string
	for _, p := range some(d, pluralTable, d.between(1, 3)) {
		said = append(said, pick(d, []string{
			"The plural of " + p[0] + " is " + p[1] + ".", "One " + p[0] + ", two " + p[1] + ".",
			"Here is one " + p[0] + ", and there are " + numberWords[d.between(2, 9)] + " " + p[1] + ".",
		}))
	}
	return strings.Join(said, " ")
}

func sums(d *dice) string {
	var said []string
	for range d.between(1, 4) {
		a, b := d.between(1, largest), d.between(1, largest)
		x, y, z := strconv.Itoa(a), strconv.Itoa(b), strconv.Itoa(a+b)
		said = append(said, pick(d, []string{
			x + " plus " + y + " is " + z + ".", x + " + " + y + " = " + z + ".",
			z + " minus " + y + " is " + x + ".", z + " - " + y + " = " + x + ".",
		}))
	}
	return strings.Join(said, " ")
}

func counting(d *dice) string {
	n := d.between(3, 8)
	start := d.between(1, 12)
	list := make([]int, n)
	for i := range list {
		list[i] = start + i
	}
	if d.chance(0.5) && start+n <= len(numberWords) {
		spelledOut := make([]string, n)
		for i, v := range list {
			spelledOut[i] = numberWords[v]
		}
		return "Count with me: " + strings.Join(spelledOut, ", ") + "."
	}
	return "Count with me: " + strings.Join(texts(list), ", ") + "."
}

func calendar(d *dice) string {
	round := pick(d, rounds)
	i := d.roll(len(round))
	before, after := round[i], round[(i+1)%len(round)]
	return pick(d, []string{
		capital(after) + " comes after " + before + ".", capital(before) + " comes before " + after + ".",
		"After " + before + " comes " + after + ".", "The order is " + strings.Join(round, ", ") + ".",
	})
}

func spelling(d *dice) string {
	var said []string
	for range d.between(1, 3) {
		word := pick(d, spelled)
		said = append(said, pick(d, []string{
			capital(word) + " is spelled " + apartLetters(word) + ".",
			"The first letter of " + word + " is " + word[:1] + ".", "The last letter of " + word + " is " + word[len(word)-1:] + ".",
		}))
	}
	return strings.Join(said, " ")
}

func explanations(d *dice) string { return strings.Join(some(d, reasonsSaid, d.between(1, 2)), " ") }

func seasonTalk(d *dice) string {
	if d.chance(0.5) {
		f := pick(d, seasonFacts)
		return sentence("in", f.season, f.fact)
	}
	s := pick(d, seasonal)
	return sentence("in", s.season, "people can", s.activity+", because", s.reason)
}

func working(d *dice) string {
	t := pick(d, jobs)
	return sentence(t.a(), "is", t.is()) + " " + sentence("the job of", t.a(), "is to", t.traits[0]) + " " + sentence(t.a(), third(t.traits[1]))
}

func scene(d *dice) string {
	p, q := two(d)
	at := some(d, spots, 2)
	x, y := twoDeeds(d)
	said := []string{sentence(p.name, "is", at[0]), sentence(q.name, "is", at[1])}
	if d.chance(0.5) {
		said = append(said, sentence("yesterday", p.subject(), x.before()), sentence(p.name, "likes", q.name))
		said[1], said[2] = said[2], said[1]
	} else {
		said = append(said, sentence("tomorrow", p.name, "will", x.bare()), sentence(q.name, "will", y.bare()))
	}
	if d.chance(0.5) {
		t := pick(d, handy)
		said = append(said, sentence(p.name, "has", withArticle(pick(d, colours)+" "+t.name)))
	}
	return strings.Join(said[:d.between(2, len(said))], " ")
}

func tenses(d *dice) string {
	who, x := subject(d), pick(d, deeds)
	return pick(d, []string{
		sentence("today", who, x.present()) + " " + sentence("yesterday", who, x.before()),
		sentence("yesterday", who, x.before()) + " " + sentence("tomorrow", who, "will", x.bare()),
		sentence(who, x.present()) + " Does " + who + " " + x.bare() + "? Yes, " + who + " does.",
	})
}

func tale(d *dice) string { return pick(d, drawStory(d).good) }

func alphabet(d *dice) string { return pick(d, drawSortWords(d).good[1:]) }

func numberOrder(d *dice) string { return pick(d, drawSortNumbers(d).good[1:]) }

func counsel(d *dice) string {
	t, p := pick(d, troubles), pick(d, people)
	return sentence(p.name, feels(t.feel, p)) + " " + pick(d, advise(p.subject(), p.name, t.advice))
}

func letter(d *dice) string {
	draw := pick(d, []func(*dice) task{drawInvitation, drawNote, drawThanks, drawSorry, drawGreeting, drawGoodbye, drawWish})
	return pick(d, draw(d).good)
}
