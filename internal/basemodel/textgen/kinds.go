package textgen

// kind is one sort of request: ways to word it and a way to draw what it is
// about.
type kind struct {
	name string
	// forms are sets of phrasings with {slots}; a task names the set that it
	// fits. Most kinds have one.
	forms [][]string
	draw  func(d *dice) task
}

// task is one request before it is worded, with replies to it.
type task struct {
	form  int
	slots []string // name, value pairs for the phrasings
	good  []string // complete good replies, terse and fuller
	wrong []string // the right kind of reply with a wrong or missing fact
	short []string // replies that leave out part of what was asked for
	facts []string // what a good reply must contain, whatever the case of letters
}

// kinds is the registry, in the order that Kinds reports.
var kinds = joinKinds(describeKinds, listKinds, rewriteKinds, compareKinds, contextKinds,
	socialKinds, storyKinds, sumKinds, wordKinds, spellingKinds, reasonKinds, factKinds,
	orderKinds, noteKinds, questionKinds)

func joinKinds(families ...[]kind) []kind {
	var all []kind
	for _, family := range families {
		all = append(all, family...)
	}
	return all
}

// Kinds returns the names of all kinds of request, in a fixed order.
func Kinds() []string {
	names := make([]string, len(kinds))
	for i, k := range kinds {
		names[i] = k.name
	}
	return names
}

// kindsNamed finds kinds by name; no names are all of them.
func kindsNamed(names []string) []*kind {
	var found []*kind
	for i := range kinds {
		if len(names) == 0 || contains(names, kinds[i].name) {
			found = append(found, &kinds[i])
		}
	}
	if len(names) > 0 && len(found) != len(names) {
		panic("textgen: a kind of request is unknown or named twice")
	}
	return found
}

// one wraps a single set of phrasings.
func one(phrasings ...string) [][]string { return [][]string{phrasings} }

// openers go before a phrasing now and then; they ask for nothing.
var openers = []string{"Hello! ", "I need some help. ", "Here is a small task. ", "Hi! ", "One more thing. "}
