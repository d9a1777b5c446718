package judge

import "strings"

// Requests to write a sentence in another way. The sentence is the payload.

var (
	politeFrames = join(
		frames(.2, "please {s}", "{s} , please", "{s} please"),
		frames(.6, "(could|can|would|will) you {s}", "(could|can|would|will) you please {s}", "(could|can|would|will) you {s} please", "(could|can|would|will) you {s} , please", "(could|can|would|will) you kindly {s}"),
		frames(.9, "would you be so kind as to {s}", "would you please be so kind as to {s}", "i would be happy if you could {s}"))
	politeExtras = frames(.4, "thank you", "thank you very much", "thanks", "many thanks", "that would be very kind", "thank you so much")
)

func readPolite(p *prompt) checker {
	if !p.asks("politely", "polite") || p.tail == "" {
		return nil
	}
	core := p.payload()
	if len(core) == 0 {
		return nil
	}
	s := strings.Join(core, " ")
	return answer{
		frames: politeFrames, extras: politeExtras, bind: binding{"s": {s}},
		must: factWords(core), given: p.low,
	}
}

// factWords returns the words that carry the content of a sentence.
func factWords(words []string) []string {
	var out []string
	for _, w := range words {
		switch w {
		case "a", "an", "the", "some", "of", "to", "in", "at", "on", ",", "and":
		default:
			out = append(out, w)
		}
	}
	return out
}

// A rewrite asks for one certain sentence.
type rewrite struct {
	lead  []frame
	want  string // the sentence asked for, lower case
	must  []string
	wrong string // the sentence as it was: no answer at all
	// loose accepts other versions: it returns the credit and the richness.
	loose func(words []string) (share, rich float64)
}

func (t rewrite) grade(r reply) grade {
	var g grade
	waste, found := 0, 0
	for _, s := range r.sentences {
		m, ok := fit(t.lead, s.words, binding{"s": {t.want}})
		if ok {
			if found > 0 {
				g.repeats += firstRepeat
			}
			found++
			g.answers, g.rich = 1, max(g.rich, m.rich)
			continue
		}
		said := s.words
		if m, ok := fit(t.lead, s.words, nil); ok {
			said = strings.Fields(m.gap("s"))
		}
		share, rich := 0.0, 0.0
		if text := strings.Join(said, " "); text != t.wrong {
			share = overlap(said, strings.Fields(t.want)) * 0.5
			if t.loose != nil {
				if s, rc := t.loose(said); s > share {
					share, rich = s, rc
				}
			}
		}
		if share < 0.25 {
			waste++
			continue
		}
		found++
		g.answers, g.rich = max(g.answers, share), max(g.rich, rich)
	}
	n := float64(len(r.sentences))
	g.answers *= (n - float64(waste)) / n
	if found > 1 {
		g.answers /= float64(found)
	}
	g.facts = share(r.low, t.must)
	return g
}

// overlap returns how alike two sentences are: shared words over all words.
func overlap(a, b []string) float64 {
	shared := 0
	used := make([]bool, len(b))
	for _, w := range a {
		for i, v := range b {
			if !used[i] && v == w {
				used[i] = true
				shared++
				break
			}
		}
	}
	if len(a)+len(b) == 0 {
		return 0
	}
	return 2 * float64(shared) / float64(len(a)+len(b))
}

var (
	pastLead    = join(frames(.3, "{s}"), frames(1, "in the past tense : {s}", "in the past : {s}", "the past tense is : {s}", "the sentence in the past tense is : {s}"), frames(.6, "yesterday {s}", "last (week|summer|year|night) {s}", "{s} yesterday", "{s} last (week|summer|year)"))
	shortLead   = join(frames(.5, "{s}"), frames(1, "shorter : {s}", "in short : {s}", "a shorter version is : {s}", "the short version is : {s}"))
	correctLead = join(frames(.5, "{s}"), frames(1, "the correct sentence is : {s}", "correct : {s}", "the right sentence is : {s}", "the correct form is : {s}"))
)

func readPast(p *prompt) checker {
	if !p.asks("past", "past tense") || p.tail == "" {
		return nil
	}
	words := p.payload()
	at := verbAt(words)
	if at < 1 {
		return nil
	}
	past := append([]string(nil), words...)
	past[at] = deedByAny[words[at]].past
	must := append([]string(nil), factWords(words[:at])...)
	must = append(must, factWords(words[at+1:])...)
	return rewrite{lead: pastLead, want: strings.Join(past, " "), wrong: strings.Join(words, " "), must: must}
}

// verbAt returns where the verb in the third person stands; -1: nowhere.
func verbAt(words []string) int {
	for i, w := range words {
		if d := deedByAny[w]; d != nil && i > 0 && d.third == w {
			return i
		}
	}
	return -1
}

func readShorten(p *prompt) checker {
	if !p.asks("shorter", "shorten", "fewer words", "cut this sentence down") || p.tail == "" {
		return nil
	}
	words := p.payload()
	who := p.name()
	at := deedAt(words)
	if at < 0 {
		return nil
	}
	end := at + 1 + longestEnd(deedByAny[words[at]], words[at+1:])
	core := words[at:end]
	subject := []string{who}
	if who == "" {
		return nil
	}
	want := strings.Join(append(subject, core...), " ")
	return rewrite{
		lead: shortLead, want: want, wrong: strings.Join(words, " "), must: factWords(strings.Fields(want)),
		loose: func(said []string) (float64, float64) {
			text := strings.Join(said, " ")
			if len(said) < len(words) && isSubsequence(said, words) && holdsPhrase(text, who) && holdsPhrase(text, strings.Join(core, " ")) && sameParts(said, words, want) {
				return 1, 0.2
			}
			return 0, 0
		},
	}
}

// deedAt finds a verb in the third person that one of its own endings follows.
func deedAt(words []string) int {
	for i, w := range words {
		if d := deedByAny[w]; d != nil && d.third == w && longestEnd(d, words[i+1:]) > 0 {
			return i
		}
	}
	return -1
}

// longestEnd returns the number of words of the verb's longest ending that
// begins the words.
func longestEnd(d *deed, words []string) int {
	best := 0
	for _, e := range d.ends {
		if rest, ok := cutWords(words, e); ok {
			best = max(best, len(words)-len(rest))
		}
	}
	return best
}

func isSubsequence(short, long []string) bool {
	i := 0
	for _, w := range long {
		if i < len(short) && short[i] == w {
			i++
		}
	}
	return i == len(short)
}

// sameParts says whether a shortened sentence leaves out whole parts of the
// long one, which commas and "and", "as" or "because" divide, and no bits of them.
func sameParts(said, long []string, core string) bool {
	text := strings.Join(said, " ")
	for _, part := range splitParts(long) {
		text = strings.Replace(" "+text+" ", " "+part+" ", " ", 1)
		text = strings.TrimSpace(text)
	}
	text = strings.TrimSpace(strings.ReplaceAll(" "+text+" ", " , ", " "))
	return text == "" || strings.Trim(text, " ,") == core
}

func splitParts(words []string) []string {
	var parts []string
	var now []string
	for _, w := range words {
		if w == "," || w == "and" && len(now) > 2 || w == "as" && len(now) > 2 || w == "because" {
			if len(now) > 0 {
				parts = append(parts, strings.Join(now, " "))
			}
			now = nil
			if w == "," {
				continue
			}
		}
		now = append(now, w)
	}
	return append(parts, strings.Join(now, " "))
}

func readFix(p *prompt) checker {
	if !p.asks("mistake", "fix", "correct") || p.tail == "" {
		return nil
	}
	words := p.payload()
	if len(words) < 3 {
		return nil
	}
	want := corrected(words)
	must := factWords(want)
	return rewrite{lead: correctLead, want: strings.Join(want, " "), wrong: wrongUnless(words, want), must: must}
}

// wrongUnless returns the sentence as it was, unless only its capital and full
// stop were missing.
func wrongUnless(words, want []string) string {
	if strings.Join(words, " ") == strings.Join(want, " ") {
		return ""
	}
	return strings.Join(words, " ")
}

// corrected mends what can be wrong in a simple sentence: a word twice, the
// article, a plural without its ending, a verb without its -s.
func corrected(words []string) []string {
	clean, _ := dropRepeats(sentence{words: words, raw: words})
	out := append([]string(nil), clean.words...)
	for i := range out {
		if i+1 < len(out) && (out[i] == "a" || out[i] == "an") {
			out[i] = article(out[i+1])
		}
		if i > 0 && numberOf(out[i-1]) > 1 && things[out[i]] != nil {
			out[i] = plural(out[i])
		}
	}
	at := 1 // the verb follows a name, or an article and a noun
	if out[0] == "the" {
		at = 2
	}
	if at < len(out) {
		if d := deedByAny[out[at]]; d != nil && d.base == out[at] {
			out[at] = d.third
		}
	}
	return out
}

func readQuestion(p *prompt) checker {
	if !p.asks("a question", "as a question", "into a question") || p.asks("i have a question") || p.tail == "" {
		return nil
	}
	words := p.payload()
	if len(words) < 3 {
		return nil
	}
	who, rest := words[:1], words[1:]
	if words[0] == "the" {
		who, rest = words[:2], words[2:]
	}
	if len(rest) < 2 {
		return nil
	}
	subject, end := strings.Join(who, " "), strings.Join(rest[1:], " ")
	b := binding{"who": {subject}, "end": {end}}
	var fs []frame
	if rest[0] == "is" {
		fs = questionIs
	} else {
		d := deedByAny[rest[0]]
		if d == nil {
			return nil
		}
		b["do"], b["does"] = []string{d.base}, []string{d.third}
		fs = questionDoes
	}
	return asking{answer{frames: fs, bind: b, must: []string{subject}, given: p.low}}
}

var (
	questionIs   = join(frames(1, "is {who} {end}"), frames(.4, "where is {who}"), frames(.5, "who is {end}"))
	questionDoes = join(frames(1, "does {who} {do} {end}"), frames(.4, "what does {who} do"), frames(.5, "what does {who} {do}", "who {does} {end}", "where does {who} {do}"))
)

// asking wants a question mark at the end.
type asking struct{ answer }

func (a asking) grade(r reply) grade {
	g := a.answer.grade(r)
	if r.sentences[len(r.sentences)-1].end != '?' {
		g.answers *= 0.7
	}
	return g
}
