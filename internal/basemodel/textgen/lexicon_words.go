package textgen

// opposites are read in both directions; every word occurs once.
var opposites = [][2]string{
	{"hot", "cold"}, {"big", "small"}, {"happy", "sad"}, {"fast", "slow"}, {"up", "down"},
	{"day", "night"}, {"open", "closed"}, {"full", "empty"}, {"old", "young"}, {"long", "short"},
	{"high", "low"}, {"light", "dark"}, {"wet", "dry"}, {"hard", "soft"}, {"clean", "dirty"},
	{"early", "late"}, {"good", "bad"}, {"rich", "poor"}, {"strong", "weak"}, {"loud", "quiet"},
	{"near", "far"}, {"left", "right"}, {"in", "out"}, {"first", "last"}, {"sweet", "sour"},
	{"thick", "thin"}, {"wide", "narrow"}, {"begin", "end"}, {"come", "go"}, {"give", "take"},
	{"buy", "sell"}, {"win", "lose"}, {"push", "pull"}, {"love", "hate"}, {"ask", "answer"},
	{"black", "white"}, {"summer", "winter"}, {"inside", "outside"}, {"before", "after"}, {"always", "never"},
	{"easy", "difficult"}, {"cheap", "expensive"}, {"friend", "enemy"}, {"top", "bottom"}, {"asleep", "awake"},
	{"true", "false"}, {"north", "south"}, {"east", "west"}, {"yes", "no"}, {"more", "less"},
}

// opposed maps each word to its opposite, in a fixed order.
var opposed = both(opposites)

// synonyms mean nearly the same; every word occurs once.
var synonyms = [][2]string{
	{"big", "large"}, {"small", "little"}, {"happy", "glad"}, {"fast", "quick"}, {"begin", "start"},
	{"end", "finish"}, {"pretty", "beautiful"}, {"clever", "smart"}, {"sick", "ill"}, {"quiet", "silent"},
	{"shop", "store"}, {"road", "street"}, {"stone", "rock"}, {"present", "gift"}, {"close", "shut"},
	{"angry", "mad"}, {"speak", "talk"}, {"jump", "leap"}, {"kind", "nice"}, {"sad", "unhappy"},
	{"home", "house"}, {"forest", "woods"}, {"difficult", "hard"}, {"easy", "simple"}, {"funny", "amusing"},
	{"choose", "pick"}, {"sofa", "couch"}, {"bike", "bicycle"}, {"plane", "airplane"}, {"look", "see"},
	{"sea", "ocean"}, {"huge", "giant"}, {"job", "work"}, {"reply", "answer"}, {"error", "mistake"},
	{"trip", "journey"}, {"rich", "wealthy"}, {"calm", "peaceful"}, {"cold", "chilly"}, {"tired", "sleepy"},
}

var alike = both(synonyms)

func both(pairs [][2]string) [][2]string {
	var all [][2]string
	for _, p := range pairs {
		all = append(all, p, [2]string{p[1], p[0]})
	}
	return all
}

// irregulars are nouns whose plural must be learned.
var irregulars = [][2]string{
	{"child", "children"}, {"man", "men"}, {"woman", "women"}, {"foot", "feet"}, {"tooth", "teeth"},
	{"mouse", "mice"}, {"goose", "geese"}, {"leaf", "leaves"}, {"knife", "knives"}, {"wolf", "wolves"},
	{"shelf", "shelves"}, {"sheep", "sheep"}, {"deer", "deer"}, {"potato", "potatoes"}, {"scarf", "scarves"},
}

// spelled are short words that the spelling kinds ask about.
var spelled = []string{
	"cat", "dog", "cow", "hen", "pig", "fox", "bee", "ant", "owl", "sun", "moon", "star", "rain", "snow", "wind",
	"tree", "rose", "oak", "pine", "apple", "pear", "plum", "lemon", "bean", "milk", "tea", "bread", "cake", "egg",
	"cup", "pot", "pan", "fork", "bed", "desk", "hat", "coat", "shoe", "sock", "pen", "book", "bag", "map", "drum",
	"ball", "kite", "key", "lamp", "clock", "car", "bus", "train", "bike", "boat", "ship", "plane", "park", "farm",
	"zoo", "hand", "foot", "nose", "red", "blue", "green", "white", "black", "one", "two", "ten", "day", "night",
	"big", "small", "hot", "cold", "happy", "friend", "house", "water", "horse", "sheep", "duck", "frog", "bear", "lion",
}

// seasonal activities with the season that fits.
var seasonal = []struct{ activity, season, reason string }{
	{"build a snowman", "winter", "there is snow"},
	{"ride on a sled", "winter", "there is snow"},
	{"walk on a frozen lake", "winter", "it is very cold"},
	{"swim in the sea", "summer", "the water is warm"},
	{"sleep in a tent", "summer", "the nights are warm"},
	{"eat ice cream on the beach", "summer", "it is hot"},
	{"see the first flowers", "spring", "the flowers begin to bloom"},
	{"see young lambs", "spring", "many lambs are born"},
	{"plant seeds", "spring", "the plants begin to grow"},
	{"collect red and brown leaves", "autumn", "the leaves fall"},
	{"pick ripe apples", "autumn", "the apples are ripe"},
	{"find nuts in the forest", "autumn", "the nuts fall from the trees"},
}

// seasonFacts follow "In <season>".
var seasonFacts = []struct{ season, fact string }{
	{"winter", "the days are short and cold"}, {"winter", "snow covers the fields"},
	{"winter", "many animals sleep"}, {"spring", "the days get longer"},
	{"spring", "the trees get new leaves"}, {"spring", "many flowers bloom"},
	{"summer", "the days are long and warm"}, {"summer", "people go to the beach"},
	{"summer", "the sun is high in the sky"}, {"autumn", "the leaves turn red and brown"},
	{"autumn", "farmers bring in the food"}, {"autumn", "the days get shorter"},
}
