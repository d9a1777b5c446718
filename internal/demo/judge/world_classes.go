package judge

import "strings"

// A class is a group of things with its name in the singular and the plural.
type class struct {
	one, many string
	members   []string
	has       map[string]bool
}

// classTable: singular, plural: members.
const classTable = `
animal, animals: cat dog horse cow sheep pig goat hen duck swan rabbit mouse squirrel lion tiger elephant giraffe zebra monkey bear wolf fox deer camel kangaroo whale dolphin shark goldfish frog snake turtle snail bee ant butterfly beetle ladybug spider owl eagle penguin parrot pigeon
bird, birds: hen duck swan owl eagle penguin parrot pigeon
insect, insects: bee ant butterfly beetle ladybug
fish, fish: shark goldfish
farm animal, farm animals: horse cow sheep pig goat hen duck
wild animal, wild animals: lion tiger elephant giraffe zebra monkey bear wolf fox deer kangaroo camel eagle owl shark whale dolphin
pet, pets: cat dog rabbit goldfish parrot
fruit, fruits: apple banana lemon orange pear cherry strawberry grape peach plum melon
vegetable, vegetables: carrot potato onion cabbage pea bean cucumber leek
drink, drinks: water milk tea coffee juice lemonade
kind of food, kinds of food: bread cheese honey rice soup butter sugar chocolate cake egg salt apple banana lemon orange pear cherry strawberry grape peach plum melon carrot potato onion cabbage pea bean cucumber leek
food, foods: bread cheese honey rice soup butter sugar chocolate cake egg salt
flower, flowers: rose tulip daisy sunflower violet
plant, plants: rose tulip daisy sunflower violet oak pine birch willow palm grass
tree, trees: oak pine birch willow palm
tool, tools: hammer saw spade rake ladder needle rope
piece of clothing, pieces of clothing: hat coat scarf glove shoe boot sock shirt sweater
piece of furniture, pieces of furniture: table chair bed sofa desk shelf wardrobe
vehicle, vehicles: car bus train tram bike boat ship plane truck tractor
instrument, instruments: drum piano guitar violin flute trumpet
thing for the kitchen, things for the kitchen: spoon fork knife cup plate pot pan oven kettle
thing for school, things for school: pen pencil book ruler bag notebook map
thing for the house, things for the house: umbrella clock key phone candle lamp mirror soap towel broom blanket pillow basket
toy, toys: ball doll kite puzzle swing
job, jobs: teacher doctor nurse farmer baker cook driver pilot painter singer builder gardener dentist tailor sailor firefighter
person, people: teacher doctor nurse farmer baker cook driver pilot painter singer builder gardener dentist tailor sailor firefighter
place, places: school library park market farm beach hospital station bakery museum zoo cafe airport theatre
colour, colours: red blue green yellow orange purple brown black white grey pink
day of the week, days of the week: monday tuesday wednesday thursday friday saturday sunday
day, days: monday tuesday wednesday thursday friday saturday sunday
month, months: january february march april may june july august september october november december
part of the body, parts of the body: hand foot head arm leg nose mouth ear eye neck
season, seasons: spring summer autumn winter
`

var classes, classesByName = parseClasses(classTable)

func parseClasses(table string) ([]*class, map[string]*class) {
	var all []*class
	byName := map[string]*class{}
	for _, line := range strings.Split(strings.TrimSpace(table), "\n") {
		head, members, _ := strings.Cut(line, ": ")
		one, many, _ := strings.Cut(head, ", ")
		c := &class{one: one, many: many, members: strings.Fields(members), has: map[string]bool{}}
		for _, m := range c.members {
			c.has[m] = true
		}
		all = append(all, c)
		byName[one], byName[many] = c, c
	}
	return all, byName
}

// inClass says whether a word belongs to the class of the name, singular or
// plural. An unknown class has no members.
func inClass(word, name string) bool {
	c := classesByName[name]
	return c != nil && c.has[word]
}

// classed says whether the judge knows a class of the word.
func classed(word string) bool {
	for _, c := range classes {
		if c.has[word] {
			return true
		}
	}
	return false
}

// nameOf returns how a sentence names a word: "a cat", "milk", "Sunday" in
// lower case; several where several are right.
func nameOf(word string) []string {
	if t := things[word]; t != nil {
		if inClass(word, "colours") {
			return append([]string{word}, t.names...)
		}
		return t.names
	}
	if inClass(word, "parts of the body") {
		return []string{article(word) + " " + word, "the " + word}
	}
	if inClass(word, "days") || inClass(word, "months") || inClass(word, "seasons") || inClass(word, "colours") {
		return []string{word}
	}
	return []string{article(word) + " " + word, "the " + word, word}
}

// dedupe of allNames: the word with and without an article.
func anyName(word string) []string {
	return append([]string{word}, nameOf(word)...)
}
