package textgen

// Size and speed ranks are coarse on purpose: only animals two ranks apart are
// ever compared.
var animals = table("animal",
	thing{name: "cat", groups: []string{"animal", "pet"}, adj: "small", traits: []string{"have soft fur", "catch mice"}, place: "in a house", legs: 4, size: 5, speed: 6},
	thing{name: "dog", groups: []string{"animal", "pet"}, adj: "friendly", traits: []string{"have a good nose", "guard the house"}, place: "in a house", legs: 4, size: 6, speed: 6},
	thing{name: "horse", groups: []string{"animal", "farm animal"}, adj: "big", traits: []string{"have long legs", "run very fast"}, place: "on a farm", legs: 4, size: 9, speed: 8},
	thing{name: "cow", groups: []string{"animal", "farm animal"}, adj: "big", traits: []string{"give milk", "eat grass"}, place: "on a farm", legs: 4, size: 9, speed: 5},
	thing{name: "sheep", plural: "sheep", groups: []string{"animal", "farm animal"}, adj: "gentle", traits: []string{"give wool", "eat grass"}, place: "on a farm", legs: 4, size: 7, speed: 5},
	thing{name: "pig", groups: []string{"animal", "farm animal"}, adj: "clever", traits: []string{"have a flat nose", "like to roll in mud"}, place: "on a farm", legs: 4, size: 8, speed: 4},
	thing{name: "goat", groups: []string{"animal", "farm animal"}, adj: "strong", traits: []string{"can climb rocks", "give milk"}, place: "on a farm", legs: 4, size: 7, speed: 5},
	thing{name: "hen", groups: []string{"bird", "farm animal"}, adj: "small", traits: []string{"lay eggs", "eat seeds"}, place: "on a farm", legs: 2, size: 4, speed: 4},
	thing{name: "duck", groups: []string{"bird"}, adj: "small", traits: []string{"have flat feet", "can swim well"}, place: "on a pond", legs: 2, size: 4},
	thing{name: "swan", groups: []string{"bird"}, adj: "big", colour: "white", traits: []string{"have a long neck", "can swim well"}, place: "on a lake", legs: 2, size: 6},
	thing{name: "rabbit", groups: []string{"animal", "pet"}, adj: "small", traits: []string{"have long ears", "eat grass"}, place: "in a field", legs: 4, size: 5, speed: 6},
	thing{name: "mouse", plural: "mice", groups: []string{"animal"}, adj: "tiny", traits: []string{"have a long tail", "eat seeds"}, place: "in a field", legs: 4, size: 3, speed: 4},
	thing{name: "squirrel", groups: []string{"animal"}, adj: "small", traits: []string{"climb trees", "eat nuts"}, place: "in a tree", legs: 4, size: 4, speed: 5},
	thing{name: "lion", groups: []string{"animal", "wild animal"}, adj: "strong", traits: []string{"have big teeth", "hunt other animals"}, place: "in Africa", legs: 4, size: 9, speed: 8},
	thing{name: "tiger", groups: []string{"animal", "wild animal"}, adj: "strong", colour: "orange and black", traits: []string{"have black stripes", "hunt other animals"}, place: "in the forest", legs: 4, size: 9, speed: 8},
	thing{name: "elephant", groups: []string{"animal", "wild animal"}, adj: "huge", colour: "grey", traits: []string{"have a long trunk", "eat leaves"}, place: "in Africa", legs: 4, size: 11, speed: 6},
	thing{name: "giraffe", groups: []string{"animal", "wild animal"}, adj: "tall", traits: []string{"have a very long neck", "eat leaves"}, place: "in Africa", legs: 4, size: 10},
	thing{name: "zebra", groups: []string{"animal", "wild animal"}, adj: "wild", colour: "black and white", traits: []string{"have black and white stripes", "eat grass"}, place: "in Africa", legs: 4, size: 9, speed: 8},
	thing{name: "monkey", groups: []string{"animal", "wild animal"}, adj: "clever", traits: []string{"climb trees", "eat fruit"}, place: "in a warm forest", size: 6},
	thing{name: "bear", groups: []string{"animal", "wild animal"}, adj: "big", traits: []string{"have thick fur", "like honey"}, place: "in the forest", legs: 4, size: 9},
	thing{name: "wolf", plural: "wolves", groups: []string{"animal", "wild animal"}, adj: "wild", traits: []string{"live in a group", "hunt other animals"}, place: "in the forest", legs: 4, size: 7, speed: 7},
	thing{name: "fox", groups: []string{"animal", "wild animal"}, adj: "clever", traits: []string{"have a thick tail", "hunt at night"}, place: "in the forest", legs: 4, size: 6, speed: 6},
	thing{name: "deer", plural: "deer", groups: []string{"animal", "wild animal"}, adj: "gentle", traits: []string{"have thin legs", "eat leaves"}, place: "in the forest", legs: 4, size: 8, speed: 7},
	thing{name: "camel", groups: []string{"animal"}, adj: "tall", traits: []string{"carry people over the sand", "can live without water for days"}, place: "in the desert", legs: 4, size: 9},
	thing{name: "kangaroo", groups: []string{"animal", "wild animal"}, adj: "strong", traits: []string{"have a long tail", "can jump far"}, place: "in Australia", size: 7},
	thing{name: "whale", groups: []string{"animal"}, adj: "huge", traits: []string{"live in the sea", "can dive deep"}, place: "in the sea", size: 13},
	thing{name: "dolphin", groups: []string{"animal"}, adj: "clever", traits: []string{"live in the sea", "can jump out of the water"}, place: "in the sea", size: 9},
	thing{name: "shark", groups: []string{"fish"}, adj: "big", traits: []string{"have sharp teeth", "hunt other fish"}, place: "in the sea", size: 9},
	thing{name: "goldfish", plural: "goldfish", groups: []string{"fish", "pet"}, adj: "tiny", colour: "orange", traits: []string{"live in water", "can swim well"}, place: "in a bowl of water", size: 3},
	thing{name: "frog", groups: []string{"animal"}, adj: "small", colour: "green", traits: []string{"can jump far", "eat insects"}, place: "near a pond", legs: 4, size: 3, speed: 4},
	thing{name: "snake", groups: []string{"animal"}, adj: "long", traits: []string{"have no legs", "can climb trees"}, place: "in the grass"},
	thing{name: "turtle", groups: []string{"animal"}, adj: "slow", traits: []string{"have a hard shell", "can live very long"}, place: "near the water", legs: 4, size: 5, speed: 2},
	thing{name: "snail", groups: []string{"animal"}, adj: "small", traits: []string{"have a round shell", "move very slowly"}, place: "in the garden", size: 2, speed: 1},
	thing{name: "bee", groups: []string{"insect"}, adj: "tiny", traits: []string{"make honey", "visit flowers"}, place: "in the garden", legs: 6, size: 1},
	thing{name: "ant", groups: []string{"insect"}, adj: "tiny", traits: []string{"carry heavy things", "live in a big group"}, place: "under the ground", legs: 6, size: 1, speed: 2},
	thing{name: "butterfly", groups: []string{"insect"}, adj: "light", traits: []string{"have four wings", "visit flowers"}, place: "in the garden", legs: 6, size: 2},
	thing{name: "beetle", groups: []string{"insect"}, adj: "small", traits: []string{"have hard wings", "have six legs"}, place: "in the garden", legs: 6, size: 1},
	thing{name: "ladybug", groups: []string{"insect"}, adj: "tiny", colour: "red and black", traits: []string{"have black spots", "can fly"}, place: "in the garden", legs: 6, size: 1},
	thing{name: "spider", groups: []string{"animal"}, adj: "small", traits: []string{"have eight legs", "make webs"}, place: "in a dark corner", legs: 8, size: 1},
	thing{name: "owl", groups: []string{"bird"}, adj: "quiet", traits: []string{"have big eyes", "hunt at night"}, place: "in the forest", legs: 2, size: 4},
	thing{name: "eagle", groups: []string{"bird"}, adj: "big", traits: []string{"have sharp eyes", "can fly very high"}, place: "in the mountains", legs: 2, size: 5, speed: 9},
	thing{name: "penguin", groups: []string{"bird"}, adj: "funny", colour: "black and white", traits: []string{"cannot fly", "can swim well"}, place: "on a cold coast", legs: 2, size: 6},
	thing{name: "parrot", groups: []string{"bird"}, adj: "clever", traits: []string{"can say words", "eat seeds"}, place: "in a warm forest", legs: 2, size: 4},
	thing{name: "pigeon", groups: []string{"bird"}, adj: "grey", colour: "grey", traits: []string{"can find the way home", "eat seeds"}, place: "in the city", legs: 2, size: 4},
)

// flyers can fly; walkers cannot. The rest is never asked about.
var (
	flyers  = []string{"eagle", "owl", "pigeon", "parrot", "bee", "butterfly", "ladybug", "swan", "duck"}
	walkers = []string{"cat", "dog", "horse", "cow", "pig", "elephant", "penguin", "rabbit", "lion", "snail", "frog", "sheep", "bear"}
)
