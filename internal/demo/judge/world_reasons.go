package judge

import "strings"

// reasonTable: why people and animals do what they do. Any reason behind the
// arrow is true.
const reasonTable = `
people use an umbrella -> they want to stay dry in the rain; they do not want to get wet; it keeps them dry
people wear a coat in winter -> they want to keep warm; it is cold; winter is cold; it is very cold
people drink water -> the body needs water; water is good for all living things; they are thirsty; water is good for the body
people sleep at night -> the body needs rest; they are tired; they need rest
people wash their hands -> they want to stay clean and well; they want to have clean hands; they want to stay clean
people brush their teeth -> they want to have clean teeth; they want to stay clean and well; they want to stay clean
people wear a hat in summer -> the sun is strong; a hat keeps the sun away; it is hot; it keeps the sun away
people read books -> they want to learn new things; it is fun; books are fun; they like to learn; they like to read
people plant trees -> trees give clean air and shade; trees give fruit; trees are good for the city; they want clean air
people keep dogs -> a dog is a good friend; dogs guard the house; a dog guards the house; they like dogs
people go to the doctor -> they feel sick; they are sick; they want to get well; they want to stay clean and well; the doctor helps sick people; a doctor helps sick people
people go to the market -> they want to buy fresh food; the market sells fresh fruit; they want fresh fruit; they need food
people say thank you -> they want to be kind; they are happy; they are kind
people light a candle -> they want some light; it is dark; a candle gives warm light; a candle gives light; they want light
people look at a clock -> they want to know the time; a clock shows the time
people use a map -> they want to find the way; a map shows roads and towns; they are lost
people wear gloves in the snow -> they want to have warm hands; they want to keep warm; snow is very cold; snow is cold; it is cold; it is very cold
people take the bus -> it is a cheap way to travel; the bus is cheap; they want to go to work; it is cheap; they want to go to school or work
people ride a bike -> it is fun and good for the body; it is a cheap way to travel; it is fun; it is good for the body
people cook potatoes -> a raw potato is hard; a cooked potato is soft; they are hungry
people keep milk cold -> warm milk goes bad fast; milk goes bad fast; cold milk is good
people water their plants -> plants need water to grow; the plants need water; plants need water; the plants are dry
birds build nests -> they need a safe place for their eggs; they lay eggs; they need a safe place
birds fly south in autumn -> they look for a warm place; it is cold in winter; the winter is cold; they need a warm place; it is warm in the south
bees visit flowers -> they need the sweet juice for honey; they make honey; they need the sweet juice; they want to make honey
bears sleep in winter -> there is little food in the snow; there is little food in winter; it is cold; they need rest
cats sleep a lot -> they need rest for the hunt; they need rest; they hunt at night
squirrels hide nuts -> they need food in winter; there is little food in winter; there is little food in the snow; they need food
spiders make webs -> they want to catch insects; they want to catch food; they eat insects; they need food
dogs guard the house -> they want to protect their family; they are good friends; they love their family
farmers get up early -> the animals need their food; they have a lot of work; the animals are hungry; they need to feed the animals
children go to school -> they want to learn; they want to learn new things; they learn new things there
plants need the sun -> light helps them grow; they need light to grow; the sun helps them grow; they need light
ships have a light at night -> other ships must see them; it is dark; it is dark at night
firefighters wear thick clothes -> fire is very hot; a fire is very hot; fire is hot; they work near the fire
gardeners cut the grass -> long grass is hard to walk on; the grass is long; long grass is hard to walk in; they take care of plants
`

// reasons holds the true reasons of each deed: reasons["people drink water"].
var reasons = parseMany(reasonTable)

// seasonTable: when one does what, and what a sentence may give as the reason.
const seasonTable = `
build a snowman -> winter; there is snow; it is very cold; it is cold; there is a lot of snow
ride on a sled -> winter; there is snow; it is very cold; it is cold; there is a lot of snow
walk on a frozen lake -> winter; it is very cold; it is cold; the lake is frozen
swim in the sea -> summer; the water is warm; it is hot; it is warm; the sun is strong
sleep in a tent -> summer; the nights are warm; it is warm; it is hot
eat ice cream on the beach -> summer; it is hot; it is warm; the sun is strong
see the first flowers -> spring; the flowers begin to bloom; it gets warm; the plants begin to grow
see young lambs -> spring; many lambs are born
plant seeds -> spring; the plants begin to grow; it gets warm
collect red and brown leaves -> autumn; the leaves fall; the leaves are red and brown
pick ripe apples -> autumn; the apples are ripe
find nuts in the forest -> autumn; the nuts fall from the trees; the nuts are ripe
`

// seasonDeeds holds, for each deed, its season and then true reasons.
var seasonDeeds = parseMany(seasonTable)

// parseMany reads lines of the form "key -> value; value".
func parseMany(table string) map[string][]string {
	all := map[string][]string{}
	for _, line := range strings.Split(strings.TrimSpace(table), "\n") {
		key, values, _ := strings.Cut(line, " -> ")
		all[key] = strings.Split(values, "; ")
	}
	return all
}

// keysOf returns the keys of such a table in order.
func keysOf(table string) []string {
	var keys []string
	for _, line := range strings.Split(strings.TrimSpace(table), "\n") {
		key, _, _ := strings.Cut(line, " -> ")
		keys = append(keys, key)
	}
	return keys
}
