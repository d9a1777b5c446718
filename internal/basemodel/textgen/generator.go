package textgen

// Example is one request with one reply.
type Example struct {
	Kind   string
	Prompt string
	Reply  string
	// Defects names what is wrong with the reply; empty: it is good.
	Defects []string
	// Facts are the strings that a good reply contains, whatever the case of
	// its letters.
	Facts []string
}

// Options of a generator; the zero value is the training stream.
type Options struct {
	// GoodShare is the share of good replies in (0, 1]; 0 means
	// DefaultGoodShare.
	GoodShare float64
	// HeldOut draws only held-out prompts; otherwise only the others are drawn.
	HeldOut bool
	// Kinds keeps to some kinds of request; nil draws all of them.
	Kinds []string
	// Defects are drawn from evenly, a name twice counting double; nil draws all
	// of them in the usual mixture.
	Defects []string
}

// DefaultGoodShare leaves enough mediocre replies that samples of a tuned
// model differ in quality.
const DefaultGoodShare = 0.72

// secondDefect is the chance that a spoiled reply is spoiled twice.
const secondDefect = 0.2

// Generator draws requests and replies from one seed. It is not safe for
// concurrent use.
type Generator struct {
	dice      *dice
	goodShare float64
	heldOut   bool
	kinds     []*kind
	defects   []string
}

// New returns the generator of a seed. It panics where opts.GoodShare is
// outside [0, 1] or a kind or defect is unknown.
func New(seed uint64, opts Options) *Generator {
	share := opts.GoodShare
	if share == 0 {
		share = DefaultGoodShare
	}
	if !(share > 0 && share <= 1) {
		panic("textgen: the share of good replies must lie in (0, 1]")
	}
	g := &Generator{dice: newDice(seed), goodShare: share, heldOut: opts.HeldOut, defects: opts.Defects}
	if len(g.defects) == 0 {
		g.defects = defectDeck
	}
	for _, name := range g.defects {
		if !contains(Defects(), name) {
			panic("textgen: there is no defect " + name)
		}
	}
	g.kinds = kindsNamed(opts.Kinds)
	return g
}

// Example returns the next request with a reply, good or spoiled.
func (g *Generator) Example() Example {
	r := g.request()
	e := Example{Kind: r.kind.name, Prompt: r.prompt, Facts: r.task.facts}
	e.Reply = pick(g.dice, r.task.good)
	if !g.dice.chance(g.goodShare) {
		e.Reply, e.Defects = g.spoil(r, e.Reply)
	}
	return e
}

// Prompt returns the next request alone.
func (g *Generator) Prompt() (kind, prompt string) {
	r := g.request()
	return r.kind.name, r.prompt
}

// request is a worded task.
type request struct {
	kind     *kind
	phrasing string
	prompt   string
	task     task
}

// drawLimit bounds the search for a prompt of the wanted side within one kind;
// another kind is tried behind it, since a kind with few contents may have
// none on that side.
const drawLimit = 200

func (g *Generator) request() request {
	for {
		k := g.kinds[g.dice.roll(len(g.kinds))]
		for range drawLimit {
			r := g.word(k, k.draw(g.dice))
			if HeldOut(r.prompt) == g.heldOut {
				return r
			}
		}
	}
}

// word phrases a task.
func (g *Generator) word(k *kind, t task) request {
	phrasing := pick(g.dice, k.forms[t.form])
	prompt := fill(phrasing, t.slots)
	if g.dice.chance(0.08) {
		prompt = pick(g.dice, openers) + prompt
	}
	return request{k, phrasing, prompt, t}
}
