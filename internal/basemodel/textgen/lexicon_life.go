package textgen

// reasons explain what people and animals do: "why do birds build nests?"
var reasons = []struct{ who, do, because string }{
	{"people", "use an umbrella", "they want to stay dry in the rain"},
	{"people", "wear a coat in winter", "they want to keep warm"},
	{"people", "drink water", "the body needs water"},
	{"people", "sleep at night", "the body needs rest"},
	{"people", "wash their hands", "they want to stay clean and well"},
	{"people", "brush their teeth", "they want to have clean teeth"},
	{"people", "wear a hat in summer", "the sun is strong"},
	{"people", "read books", "they want to learn new things"},
	{"people", "plant trees", "trees give clean air and shade"},
	{"people", "keep dogs", "a dog is a good friend"},
	{"people", "go to the doctor", "they feel sick"},
	{"people", "go to the market", "they want to buy fresh food"},
	{"people", "say thank you", "they want to be kind"},
	{"people", "light a candle", "they want some light"},
	{"people", "look at a clock", "they want to know the time"},
	{"people", "use a map", "they want to find the way"},
	{"people", "wear gloves in the snow", "they want to have warm hands"},
	{"people", "take the bus", "it is a cheap way to travel"},
	{"people", "ride a bike", "it is fun and good for the body"},
	{"people", "cook potatoes", "a raw potato is hard"},
	{"people", "keep milk cold", "warm milk goes bad fast"},
	{"people", "water their plants", "plants need water to grow"},
	{"birds", "build nests", "they need a safe place for their eggs"},
	{"birds", "fly south in autumn", "they look for a warm place"},
	{"bees", "visit flowers", "they need the sweet juice for honey"},
	{"bears", "sleep in winter", "there is little food in the snow"},
	{"cats", "sleep a lot", "they need rest for the hunt"},
	{"squirrels", "hide nuts", "they need food in winter"},
	{"spiders", "make webs", "they want to catch insects"},
	{"dogs", "guard the house", "they want to protect their family"},
	{"farmers", "get up early", "the animals need their food"},
	{"children", "go to school", "they want to learn"},
	{"plants", "need the sun", "light helps them grow"},
	{"ships", "have a light at night", "other ships must see them"},
	{"firefighters", "wear thick clothes", "fire is very hot"},
	{"gardeners", "cut the grass", "long grass is hard to walk on"},
}

// troubles are followed by advice; "my" turns into the pronoun of a name.
var troubles = []struct {
	feel   string // after "I": "feel cold"
	advice []string
}{
	{"feel cold", []string{"put on a warm coat", "drink some hot tea"}},
	{"feel hot", []string{"drink some cold water", "sit in the shade"}},
	{"feel tired", []string{"go to bed early", "rest for a while"}},
	{"feel hungry", []string{"eat some bread and fruit", "cook a warm soup"}},
	{"feel thirsty", []string{"drink a glass of water", "make a cup of tea"}},
	{"feel sad", []string{"talk to a good friend", "take a walk in the sun"}},
	{"feel sick", []string{"go to the doctor", "stay in bed and rest"}},
	{"feel bored", []string{"read a good book", "play a game with a friend"}},
	{"feel lonely", []string{"call a good friend", "visit the family"}},
	{"feel nervous before a test", []string{"take a deep breath", "sleep well the night before"}},
	{"cannot sleep", []string{"drink some warm milk", "turn off the phone"}},
	{"have a headache", []string{"drink some water", "rest in a quiet room"}},
	{"have wet shoes", []string{"put on dry socks", "dry the shoes near the door"}},
	{"have dirty hands", []string{"wash the hands with soap", "use warm water and soap"}},
	{"have a broken cup", []string{"buy a new cup", "throw away the sharp parts with care"}},
	{"have too many apples", []string{"bake an apple cake", "give some apples to a friend"}},
	{"have no bread", []string{"go to the bakery", "bake some bread at home"}},
	{"have a dry plant", []string{"give the plant some water", "put the plant in the shade"}},
	{"am late for the bus", []string{"run to the station", "take the next bus"}},
	{"am late for school", []string{"say sorry to the teacher", "get up early tomorrow"}},
	{"am lost in the city", []string{"look at a map", "ask a kind person for the way"}},
	{"am afraid of the dark", []string{"turn on a small lamp", "sing a happy song"}},
	{"want to learn the piano", []string{"find a good teacher", "play a little every day"}},
	{"want to make new friends", []string{"join a music class", "be kind and say hello"}},
	{"want to buy fresh fruit", []string{"go to the market", "go to the market in the morning"}},
	{"want to see wild animals", []string{"visit the zoo", "watch a film about animals"}},
	{"want to read more", []string{"go to the library", "read a few pages every night"}},
	{"lost my key", []string{"look in every pocket", "ask a friend for help"}},
}

// gifts are what one thanks for; deedsDone follow "for".
var thanksFor = []string{
	"the book", "the flowers", "the cake", "the warm scarf", "the nice letter", "the good advice",
	"the help", "the dinner", "the present", "the lovely picture", "the tea", "the music lesson",
}

// mishaps follow "sorry for".
var mishaps = []string{
	"being late", "breaking the cup", "losing the book", "the noise", "missing the party",
	"forgetting the key", "the long wait", "the dirty floor", "eating the cake", "taking the wrong bag",
}

// occasions with the wish that fits.
var occasions = []struct{ of, wish string }{
	{"birthday", "Happy birthday"}, {"new job", "Good luck with the new job"},
	{"test", "Good luck with the test"}, {"trip", "Have a good trip"},
	{"day at the beach", "Have a lovely day at the beach"},
	{"new house", "I wish you much joy in the new house"},
	{"concert", "Good luck with the concert"}, {"long flight", "Have a good flight"},
	{"holiday", "Have a lovely holiday"}, {"big game", "Good luck with the big game"},
}

// moments of the day with their greeting.
var moments = []struct{ when, hello string }{
	{"in the morning", "Good morning"}, {"in the afternoon", "Good afternoon"}, {"in the evening", "Good evening"},
}
