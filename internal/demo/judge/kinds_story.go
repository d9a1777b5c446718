package judge

import "strings"

// Short stories: three to five sentences in the past tense about a person and a
// thing. Each sentence has a place in the story, and the places come in order.

type storyTask struct {
	who   string
	t     *thing
	given string
}

// The places of a sentence in a story, in their order.
const (
	opening = iota // when and where
	meeting        // the thing comes in
	trouble        // what is the matter
	rescue         // what the person does
	ending
)

// A scene is a group of frames for one place.
type scene struct {
	place  int
	frames []frame
	animal bool // only with animals
	object bool // only with things that somebody can own
}

const (
	storyTime  = "(one day|once|last week|last summer|last year|last winter|yesterday|one morning|one evening|one summer day|in the morning|early in the morning|on a sunny day|it was a sunny day , and|it was a warm day , and|it was a cold day , and|) "
	storyWhere = "(|there|suddenly|then|in the grass|near a tree|under a tree|on the way|after some time|soon) "
	storySub   = "({who}|{pro}) "
)

var scenes = []scene{
	{place: opening, frames: frames(0, storyTime+"{who} (walked|went|ran|came) to {where}", storyTime+"{who} was (alone near|near|alone at|at|alone in|in) {where}", storyTime+"{who} was alone", "{who} lived near {where}", storyTime+"{who} {past} {end}")},
	{place: meeting, frames: frames(0, storyWhere+storySub+"(saw|met|found|heard|heard a sound and found|heard a sound and saw) (a|an) {kind} {t}", storyWhere+storySub+"(saw|met|found|heard|heard a sound and found|heard a sound and saw) (a|an) {t}", storyTime+"{who} (saw|met|found) (a|an) {t}", storyTime+"{who} (saw|met|found) (a|an) {kind} {t}")},
	{place: trouble, animal: true, frames: frames(0, "the {t} was {state}", "it was {state}", "the {t} was (very|all) {state}")},
	{place: rescue, animal: true, frames: frames(0, "(the {t}|it) was {state} , so {who} {help}", "(the {t}|it) was {state} , so {pro} {help}", "{who} {help}", "{pro} {help}", "so {who} {help}")},
	{place: trouble, object: true, frames: frames(0, "the {t} belonged to {other}", "it belonged to {other}", "it was the {t} of {other}", "{other} had lost (the {t}|it)")},
	{place: rescue, object: true, frames: frames(0, storySub+"gave (the {t}|it) back , and {other} was (very|) happy", storySub+"gave (the {t}|it) back to {other}", storySub+"gave (the {t}|it) to {other}", storySub+"(took|brought) (the {t}|it) home", storySub+"gave (the {t}|it) back")},
	{place: ending, object: true, frames: frames(0, "{other} said thank you and made some tea", "{other} said thank you", "{other} was (very|) happy", "they laughed and walked home", "from that day on they were good friends", "in the end they were both happy", "from that day on {who} and {other} were good friends")},
	{place: ending, animal: true, frames: frames(0, "the {t} was happy and followed {obj} home", "it was happy and followed {obj} home", "the {t} was (very|) happy", "the {t} followed {obj} home", "after that , {who} came back every day", "after that , {pro} came back every day", "they played until the evening and became friends", "from that day on they were good friends", "in the end they were both happy", "they became (good|) friends", "they laughed and walked home", "they played all day", "then they went home")},
	{place: ending, frames: frames(0, "(in the end|then|after that ,|) "+storySub+"(went|walked) home", "(in the end|) "+storySub+"was (very|) happy")},
}

// helpTable: what helps against which trouble.
const helpTable = `
hungry -> gave it some food; gave it food; gave it an apple; gave it some bread
thirsty -> gave it some water; gave it water; gave it some milk
lonely -> stayed with it all day; played with it; spoke to it in a soft voice; sang a song; took it home
lost -> showed it the way home; took it home; brought it home
afraid -> spoke to it in a soft voice; stayed with it all day; sang a song; kept it warm
cold -> kept it warm; took it home; gave it a warm blanket
tired -> took it home; stayed with it all day; carried it home; let it rest
sad -> spoke to it in a soft voice; stayed with it all day; played with it; sang a song
sick -> took it home; stayed with it all day; gave it some water; kept it warm
`

var (
	helps  = parseMany(helpTable)
	states = append(keysOf(helpTable), "happy", "small", "old", "friendly", "alone")
)

var (
	storyPlaces = strings.Split("the beach; the farm; the forest; the garden; the lake; the market; the park; the river; the sea; the city; the zoo; school; the school; the library; the museum; the mountains; the station; the house; the theatre; the airport; the bakery; the cafe; the hospital", "; ")
	storyKinds  = strings.Fields("small old little big young new lost pretty beautiful lonely red white black brown")
)

func readStory(p *prompt) checker {
	found := findThings(p.words)
	who := p.name()
	if !p.has("story") || who == "" || len(found) == 0 {
		return nil
	}
	return storyTask{who, found[len(found)-1], p.low}
}

// The length of a story in sentences.
const (
	fewestScenes = 3
	mostScenes   = 6
	fullScenes   = 5
)

func (t storyTask) grade(r reply) grade {
	b := binding{
		"who": anyone(t.who), "pro": pronounsOf(t.who), "obj": objectsOf(t.who), "where": storyPlaces,
		"kind": storyKinds, "state": states, "help": allHelp, "t": thingNames, "other": anyone(t.who), "past": storyPast, "end": storyEnds,
	}
	var g grade
	good, wrong, last, jumps := 0, 0, opening, 0
	met, introduced := false, false
	other, state := "", ""
	for i, s := range r.sentences {
		m, sc, ok := t.scene(s.words, b, last)
		if !ok {
			continue
		}
		if i == 0 && sc.place > meeting || sc.place < last || sc.place > meeting && !met {
			jumps++
		}
		last = max(last, sc.place)
		if !t.coherent(m, sc, &other, &state) {
			wrong++
			continue
		}
		good++
		met = met || sc.place == meeting
		introduced = introduced || m.gap("who") == t.who
	}
	n := len(r.sentences)
	g.answers = (float64(good) + 0.5*float64(wrong)) / float64(max(n, fewestScenes))
	if n > mostScenes {
		g.answers *= float64(mostScenes) / float64(n)
	}
	if jumps > 0 {
		g.answers *= 0.8
	}
	if !met || !introduced {
		g.answers *= 0.7
	}
	g.facts = share(r.low, []string{t.who, t.t.name})
	if wrong > 0 {
		g.facts *= float64(good) / float64(good+wrong)
	}
	g.rich = float64(min(n, fullScenes)-fewestScenes)/float64(fullScenes-fewestScenes)*0.8 + 0.2*truth(last == ending)
	return g
}

// scene finds the place of a sentence: the earliest that comes no sooner than
// the last one, or else any.
func (t storyTask) scene(words []string, b binding, last int) (match, scene, bool) {
	var found match
	var at scene
	any := false
	for _, sc := range scenes {
		isAnimal := inClass(t.t.name, "animals")
		if sc.animal && !isAnimal || sc.object && isAnimal && sc.place != ending {
			continue
		}
		m, ok := fit(sc.frames, words, b)
		if ok && sc.place >= last {
			return m, sc, true
		}
		if ok && !any {
			found, at, any = m, sc, true
		}
	}
	return found, at, any
}

// coherent checks a sentence against the request and against the sentences
// before it: the same person and thing, one friend, help that helps.
func (t storyTask) coherent(m match, sc scene, other, state *string) bool {
	if who := m.gap("who"); who != "" && who != t.who {
		return false
	}
	if thing := m.gap("t"); thing != "" && thing != t.t.name {
		return false
	}
	if o := m.gap("other"); o != "" {
		if o == t.who || *other != "" && *other != o {
			return false
		}
		*other = o
	}
	if s := m.gap("state"); s != "" {
		*state = s
	}
	help := m.gap("help")
	return help == "" || *state == "" || contains(helps[*state], help)
}

var allHelp = func() []string {
	var all []string
	for _, s := range keysOf(helpTable) {
		all = append(all, helps[s]...)
	}
	return all
}()

// storyPast and storyEnds are what else a person may have done.
var storyPast, storyEnds = func() (past, ends []string) {
	for _, line := range strings.Split(strings.TrimSpace(deedTable), "\n") {
		head, tail, _ := strings.Cut(line, ": ")
		_, p, _ := strings.Cut(head, ", ")
		past = append(past, p)
		ends = append(ends, strings.Split(tail, "; ")...)
	}
	return past, ends
}()
