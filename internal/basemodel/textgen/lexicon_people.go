package textgen

// person is a first name with its pronouns.
type person struct {
	name string
	she  bool
}

func (p person) subject() string {
	if p.she {
		return "she"
	}
	return "he"
}

func (p person) object() string {
	if p.she {
		return "her"
	}
	return "him"
}

func (p person) own() string {
	if p.she {
		return "her"
	}
	return "his"
}

var people = []person{
	{"Anna", true}, {"Ben", false}, {"Clara", true}, {"David", false}, {"Emma", true},
	{"Felix", false}, {"Grace", true}, {"Henry", false}, {"Iris", true}, {"Jack", false},
	{"Kate", true}, {"Leo", false}, {"Mia", true}, {"Noah", false}, {"Nina", true},
	{"Oscar", false}, {"Rosa", true}, {"Paul", false}, {"Tina", true}, {"Sam", false},
	{"Maria", true}, {"Tom", false}, {"Lena", true}, {"Omar", false}, {"Zoe", true},
	{"Ravi", false}, {"Yuki", true}, {"Amir", false},
}

// action is something people do: bare verb, past, and what may follow.
type action struct {
	verb, past string
	rests      []string
}

// actions leave out verbs whose past looks like the present (read, put, cut).
var actions = []action{
	{"walk", "walked", []string{"to the park", "to school", "in the garden", "to the station"}},
	{"go", "went", []string{"to the market", "to the library", "to the beach", "home"}},
	{"run", "ran", []string{"to the bus", "in the park", "along the river"}},
	{"eat", "ate", []string{"an apple", "some bread", "a bowl of soup", "a piece of cake"}},
	{"drink", "drank", []string{"a cup of tea", "some milk", "cold water"}},
	{"write", "wrote", []string{"a letter", "a story", "a short note"}},
	{"sing", "sang", []string{"a song", "in the garden"}},
	{"see", "saw", []string{"a bird", "a rainbow", "the moon", "a big ship"}},
	{"buy", "bought", []string{"a new hat", "some fresh bread", "a red bag"}},
	{"make", "made", []string{"a cake", "some soup", "a kite"}},
	{"find", "found", []string{"a key", "a small shell", "a good book"}},
	{"play", "played", []string{"with a ball", "the piano", "in the park"}},
	{"help", "helped", []string{"a friend", "the teacher", "the old man"}},
	{"cook", "cooked", []string{"dinner", "some rice", "a big meal"}},
	{"clean", "cleaned", []string{"the kitchen", "the window", "the floor"}},
	{"open", "opened", []string{"the door", "the window", "a box"}},
	{"close", "closed", []string{"the door", "the book"}},
	{"paint", "painted", []string{"a picture", "the wall", "a flower"}},
	{"visit", "visited", []string{"a friend", "the museum", "the zoo"}},
	{"call", "called", []string{"a friend", "the doctor"}},
	{"wash", "washed", []string{"the cup", "the car", "an apple"}},
	{"carry", "carried", []string{"a heavy bag", "the basket", "a box"}},
	{"watch", "watched", []string{"the stars", "the birds", "a play"}},
	{"plant", "planted", []string{"a tree", "a rose", "some beans"}},
	{"bring", "brought", []string{"some flowers", "a basket of fruit"}},
	{"take", "took", []string{"the bus", "the train", "a picture"}},
	{"ride", "rode", []string{"a bike", "a horse"}},
	{"draw", "drew", []string{"a horse", "a map", "a small house"}},
	{"catch", "caught", []string{"a fish", "the ball"}},
	{"sleep", "slept", []string{"on the sofa", "in the warm bed"}},
	{"sit", "sat", []string{"near the window", "under a tree", "on the beach"}},
	{"swim", "swam", []string{"in the lake", "in the sea"}},
	{"feed", "fed", []string{"the cat", "the hens", "the horse"}},
	{"wear", "wore", []string{"a warm coat", "a blue shirt"}},
	{"bake", "baked", []string{"some bread", "a cake"}},
	{"build", "built", []string{"a small house", "a boat"}},
	{"lose", "lost", []string{"a glove", "the key"}},
	{"meet", "met", []string{"a friend", "the new teacher"}},
	{"wait", "waited", []string{"at the station", "near the door"}},
	{"learn", "learned", []string{"a new song", "a new word"}},
}

// deed is one action with one ending.
type deed struct{ verb, past, rest string }

var deeds = func() []deed {
	var all []deed
	for _, a := range actions {
		for _, rest := range a.rests {
			all = append(all, deed{a.verb, a.past, rest})
		}
	}
	return all
}()

func (a deed) present() string { return thirdVerb(a.verb) + " " + a.rest }
func (a deed) before() string  { return a.past + " " + a.rest }
func (a deed) bare() string    { return a.verb + " " + a.rest }

// spots are where people of a text are.
var spots = []string{
	"in the park", "in the library", "at the market", "in the kitchen", "at the station",
	"in the garden", "at school", "on the beach", "at the zoo", "in the museum",
	"at the bakery", "in the hospital", "at the airport", "in the cafe", "on the farm",
	"in the office", "near the river", "at the theatre",
}

var (
	days = []string{"Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"}

	months = []string{"January", "February", "March", "April", "May", "June", "July",
		"August", "September", "October", "November", "December"}

	seasons = []string{"spring", "summer", "autumn", "winter"}

	colours = []string{"red", "blue", "green", "yellow", "orange", "purple", "brown", "black", "white", "grey", "pink"}

	bodyParts = []string{"hand", "foot", "head", "arm", "leg", "nose", "mouth", "ear", "eye", "neck"}

	gatherings = []string{"party", "picnic", "game", "concert", "dinner", "trip", "dance class", "music lesson", "play", "birthday party"}
)
