package textgen

// thing is a noun with what is true of it. Verb phrases are bare infinitives,
// so that one entry serves "it catches mice" and "they catch mice".
type thing struct {
	name   string
	plural string   // irregular plural; empty: regular
	mass   bool     // takes no article and has no plural: "milk"
	unique bool     // takes "the": "the sun"
	family string   // widest class, for telling odd ones out; set by its table
	groups []string // classes it belongs to, the usual one first
	adj    string   // what fits between "a" and the class: "a small animal"
	what   string   // says what it is where adjective and class do not
	colour string   // the typical colour, where there is one
	traits []string // verb phrases true of it
	place  string   // where one finds it: "in the kitchen"
	use    string   // verb phrase that it is used for
	legs   int
	size   int // rank within its family; two apart is beyond dispute
	speed  int // likewise
}

// a names one such thing: "a cat", "milk", "the sun".
func (t thing) a() string {
	switch {
	case t.mass:
		return t.name
	case t.unique:
		return "the " + t.name
	}
	return withArticle(t.name)
}

// the names the thing at hand: "the cat".
func (t thing) the() string { return "the " + t.name }

// more is the plural.
func (t thing) more() string {
	if t.plural != "" {
		return t.plural
	}
	return addS(t.name)
}

// is says what the thing is: "a small animal".
func (t thing) is() string {
	if t.what != "" {
		return t.what
	}
	group := t.groups[0]
	if t.mass {
		return kindOf(t.adj, group)
	}
	if t.adj == "" {
		return withArticle(group)
	}
	return withArticle(t.adj + " " + group)
}

func kindOf(adj, group string) string {
	if group == "food" {
		return withArticle(adj + " kind of food")
	}
	return withArticle(adj + " " + group)
}

func (t thing) in(group string) bool { return contains(t.groups, group) }

func (t thing) countable() bool { return !t.mass && !t.unique }

// things holds every table's entries, in a fixed order.
var things = join(animals, foods, plants, tools, kitchenThings, furniture,
	clothes, schoolThings, instruments, toys, houseThings, vehicles, places, jobs, nature)

func join(tables ...[]thing) []thing {
	var all []thing
	for _, table := range tables {
		all = append(all, table...)
	}
	return all
}

// table sets the family of its entries.
func table(family string, entries ...thing) []thing {
	for i := range entries {
		entries[i].family = family
	}
	return entries
}

// such returns the things that satisfy a condition, in table order.
func such(from []thing, condition func(thing) bool) []thing {
	var out []thing
	for _, t := range from {
		if condition(t) {
			out = append(out, t)
		}
	}
	return out
}

// Selections that several kinds draw from.
var (
	counted    = such(things, func(t thing) bool { return t.countable() })
	placed     = such(things, func(t thing) bool { return t.place != "" && t.family != "job" })
	useful     = such(things, func(t thing) bool { return t.use != "" })
	coloured   = such(things, func(t thing) bool { return t.colour != "" })
	withTraits = such(things, func(t thing) bool { return len(t.traits) > 0 })
	sized      = such(things, func(t thing) bool { return t.size > 0 })
	fast       = such(things, func(t thing) bool { return t.speed > 0 })
	legged     = such(animals, func(t thing) bool { return t.legs > 0 })
	handy      = join(schoolThings, clothes, such(houseThings, func(t thing) bool { return t.countable() }))
	friendly   = such(animals, func(t thing) bool { return t.in("pet") || t.in("farm animal") })
	pieces     = such(foods, func(t thing) bool { return t.in("fruit") })
	belongings = join(handy, pieces, friendly, toys)
)

// ofFamily returns the things of one family.
func ofFamily(from []thing, family string) []thing {
	return such(from, func(t thing) bool { return t.family == family })
}
