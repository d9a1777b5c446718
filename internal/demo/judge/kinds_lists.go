package judge

import (
	"sort"
	"strconv"
	"strings"
)

// Lists: members of a class, the odd one out, counting and sorting.

// A listTask asks for n different members of a class.
type listTask struct {
	n     int
	class *class
}

var listFrames = join(
	frames(.8, "{n} {c} are {v}", "{v} are {n} {c}", "the {n} {c} are {v}", "you can say {v}"),
	frames(1, "here are {n} {c} : {v}", "i know {n} {c} : {v}", "i know these {n} {c} : {v}", "here is a list of {n} {c} : {v}"),
	frames(.6, "here are some {c} : {v}", "here are {n} : {v}", "some {c} are {v}", "{c} : {v}"),
	frames(0, "{v}"))

func (t listTask) grade(r reply) grade {
	var g grade
	waste := 0
	b := binding{"n": {numberWord(t.n), strconv.Itoa(t.n)}, "c": {t.class.many}}
	seen := map[string]bool{}
	total, items := 0, 0
	for i, s := range r.sentences {
		m, ok := fit(listFrames, s.words, b)
		if i > 0 && m.rich == 0 || !ok {
			waste++
			continue
		}
		g.rich = max(g.rich, m.rich)
		for _, item := range splitItems(strings.Fields(m.gap("v"))) {
			items++
			if seen[item] {
				g.repeats += firstRepeat
				continue
			}
			if t.class.has[item] || t.class.has[strings.TrimSuffix(item, "s")] {
				seen[item] = true
				total++
			}
		}
	}
	n := float64(len(r.sentences))
	g.answers = float64(total) / float64(max(t.n, items)) * (n - float64(waste)) / n
	g.facts = float64(min(total, t.n)) / float64(max(items, t.n))
	return g
}

func readList(p *prompt) checker {
	for i, w := range p.words {
		n := numberOf(w)
		if n < 1 {
			continue
		}
		rest := strings.TrimSuffix(strings.Join(p.words[i+1:], " "), " do you know")
		if c := classesByName[rest]; c != nil && c.many == rest {
			return listTask{n, c}
		}
	}
	return nil
}

var oddFrames = join(
	frames(0, "{v}", "it is {v}"), frames(.3, "the answer is {v}"),
	frames(.4, "{v} does not (belong|fit)", "{v} does not (belong|fit) here", "{v} is different", "the odd one is {v}", "{v} is the odd one"),
	frames(.6, "{v} is the odd one out", "the odd one out is {v}"),
	frames(1, "{v} does not (belong|fit) , because the others are {c}", "{v} is the odd one out , because the others are {c}", "the odd one out is {v} , because the others are {c}", "{v} is different , because the others are {c}"))

var oddExtras = frames(.4, "(all|) the others are {c}", "the other words are {c}", "they are {c}")

func readOddOneOut(p *prompt) checker {
	if !p.has("odd one out", "does not belong", "does not fit", "is different") || p.has("compare", "how") {
		return nil
	}
	items := p.items()
	if len(items) < 3 {
		return nil
	}
	odd, names := oddOnes(items)
	if len(odd) == 0 {
		return nil
	}
	var right []string
	for _, o := range odd {
		right = append(right, anyName(o)...)
		right = append(right, "the "+o, "the word "+o)
	}
	return answer{
		frames: oddFrames, extras: oddExtras, bind: binding{"c": names},
		right: valueIs(right...), given: p.low, support: aboutAny(odd),
	}
}

// oddOnes returns the words outside a class that holds all the others, and the
// names of such classes.
func oddOnes(items []string) (odd, names []string) {
	for _, c := range classes {
		out := ""
		n := 0
		for _, w := range items {
			if !c.has[w] {
				out = w
				n++
			}
		}
		if n == 1 {
			names = append(names, c.many)
			if !contains(odd, out) {
				odd = append(odd, out)
			}
		}
	}
	return odd, names
}

// aboutAny judges statements about things by their names.
func aboutAny(names []string) func([]string) claim {
	return func(words []string) claim {
		for _, n := range names {
			if t := things[n]; t != nil {
				if c := t.claimOf(words); c.about {
					return c
				}
			}
		}
		return claim{}
	}
}

var countItemsFrames = join(
	frames(0, "{v}", "{v} items", "it is {v}"), frames(.4, "there are {v}", "i count {v}"),
	frames(.7, "there are {v} (items|words|things)", "i count {v} (items|words|things)", "the list has {v}", "it has {v} (items|words|things)"),
	frames(.9, "there are {v} (items|words|things) (in the list|in this list|here)", "(the|this) list has {v} (items|words|things)", "(the|this) list is {v} (items|words|things) long"),
	frames(1, "i count {v} (items|words|things) : {l}", "there are {v} (items|words|things) : {l}", "the list has {v} (items|words|things) : {l}"))

func readCountItems(p *prompt) checker {
	if !p.asks("how many items", "how many items there are", "count the items", "how many things are here", "how long is this list", "the items in this list") {
		return nil
	}
	items := p.items()
	if len(items) == 0 || numberWord(len(items)) == "" {
		return nil
	}
	word, digit := numberWord(len(items)), strconv.Itoa(len(items))
	return answer{
		frames: countItemsFrames, given: p.low + " " + word + " " + digit,
		right: func(m match) float64 {
			if v := m.gap("v"); v != word && v != digit {
				return 0
			}
			if l := m.gap("l"); l != "" && !sameSet(splitItems(strings.Fields(l)), items) {
				return 0.5
			}
			return 1
		},
	}
}

// A sortTask asks for the items in their order.
type sortTask struct{ want []string }

var sortFrames = join(
	frames(.9, "in the right order : {v}", "the order is {v}", "the right order is {v}", "the order is : {v}", "in order : {v}", "sorted : {v}"),
	frames(1, "in (alphabetical|the alphabetical) order : {v}", "the alphabetical order is {v}", "the words in order are {v}", "the numbers in order are {v}"),
	frames(.2, "{v}"))

func (t sortTask) grade(r reply) grade {
	var g grade
	n := float64(len(r.sentences))
	waste := n
	for _, s := range r.sentences {
		m, ok := fit(sortFrames, s.words, nil)
		items := splitItems(strings.Fields(m.gap("v")))
		if !ok || !anyOf(items, t.want) {
			continue
		}
		waste--
		if waste < n-1 {
			continue
		}
		g.rich = m.rich
		kept, extra := 0, 0
		for i, item := range items {
			switch {
			case contains(items[:i], item):
				g.repeats += firstRepeat
			case contains(t.want, item):
				kept++
			default:
				extra++
			}
		}
		g.facts = float64(kept) / float64(len(t.want)+extra)
		g.answers = g.facts * inOrder(items, t.want)
	}
	if waste == n {
		return grade{}
	}
	g.answers *= (n - waste) / n
	if n-waste > 1 {
		g.answers /= n - waste
	}
	return g
}

func anyOf(items, want []string) bool {
	for _, i := range items {
		if contains(want, i) {
			return true
		}
	}
	return false
}

// inOrder returns the share of pairs of items that stand as wanted.
func inOrder(items, want []string) float64 {
	place := map[string]int{}
	for i, w := range want {
		place[w] = i
	}
	right, pairs := 0, 0
	for i := range items {
		for j := range items[:i] {
			a, okA := place[items[j]]
			b, okB := place[items[i]]
			if okA && okB && a != b {
				pairs++
				if a < b {
					right++
				}
			}
		}
	}
	if pairs == 0 {
		return 0
	}
	return float64(right) / float64(pairs)
}

func readSortWords(p *prompt) checker {
	if !p.asks("alphabet", "alphabetical", "from a to z") {
		return nil
	}
	items := p.items()
	if len(items) < 2 {
		return nil
	}
	sort.Strings(items)
	return sortTask{items}
}

func readSortNumbers(p *prompt) checker {
	if !p.asks("numbers") || !p.asks("sort", "order") {
		return nil
	}
	items := p.items()
	ns := digits(items)
	if len(ns) < 2 || len(ns) != len(items) {
		return nil
	}
	sort.Ints(ns)
	want := make([]string, len(ns))
	for i, n := range ns {
		want[i] = strconv.Itoa(n)
		if p.asks("from big to small") {
			want[i] = strconv.Itoa(ns[len(ns)-1-i])
		}
	}
	return sortTask{want}
}
