package judge

import "strings"

// A request is a prompt understood: its kind and the checker of its replies.
type request struct {
	kind    string
	checker checker
	low     string // the words of the prompt
	closed  bool   // the words of a reply are known
	letters bool   // replies name single letters: "a" is no article
}

// A checker grades what a reply says.
type checker interface{ grade(r reply) grade }

// A grade is a checker's finding. Answers and facts lie between 0 and 1; rich
// says how full a good reply is; repeats is what repeated facts or items cost.
type grade struct {
	answers, facts, rich, repeats float64
}

// A prompt is a request in the forms in which the rules read it.
type prompt struct {
	text      string     // without neutral openers
	sentences []sentence // of the text
	words     []string   // of all sentences, lower case
	low       string     // words joined with spaces
	head      string     // the words before the first ":" or "?" that has text after it, else low
	tail      string     // that text as written, else ""
}

// openers may stand before any request and say nothing.
var openers = []string{"Hello!", "Hi!", "I need some help.", "Here is a small task.", "One more thing."}

func readPrompt(text string) *prompt {
	text = strings.TrimSpace(text)
	for again := true; again; {
		again = false
		for _, o := range openers {
			if rest, ok := strings.CutPrefix(text, o); ok && strings.TrimSpace(rest) != "" {
				text, again = strings.TrimSpace(rest), true
			}
		}
	}
	p := &prompt{text: text, sentences: splitSentences(text)}
	for _, s := range p.sentences {
		p.words = append(p.words, s.words...)
	}
	p.low = strings.Join(p.words, " ")
	p.head = p.low
	for i := 0; i+2 < len(text); i++ {
		if (text[i] == ':' || text[i] == '?') && text[i+1] == ' ' {
			p.head, p.tail = strings.Join(wordsOf(text[:i]), " "), strings.TrimSpace(text[i+2:])
			break
		}
	}
	return p
}

// has says whether the prompt holds one of the phrases.
func (p *prompt) has(phrases ...string) bool { return holdsAny(p.low, phrases) }

// asks says whether the part before the colon or question mark holds one.
func (p *prompt) asks(phrases ...string) bool { return holdsAny(p.head, phrases) }

func holdsAny(text string, phrases []string) bool {
	for _, x := range phrases {
		if holdsPhrase(text, x) {
			return true
		}
	}
	return false
}

// after returns the words behind the last place where one of the phrases
// stands; the first phrase that is there counts.
func (p *prompt) after(phrases ...string) []string {
	for _, x := range phrases {
		if i := strings.LastIndex(" "+p.low+" ", " "+x+" "); i >= 0 {
			rest := (" " + p.low + " ")[i+len(x)+2:]
			return strings.Fields(rest)
		}
	}
	return nil
}

// name returns the first word with a capital that is no sentence's ordinary
// beginning: the person whom the request is about, in lower case.
func (p *prompt) name() string {
	for _, s := range p.sentences {
		for i, w := range s.words {
			w = strings.TrimSuffix(w, "'s")
			if pronouns[w] != "" {
				return w
			}
			if i > 0 && isUpper(s.raw[i][0]) && !isProper(w) && w != "i" && s.words[i-1] != ":" {
				return w
			}
		}
	}
	return ""
}

// items returns the enumeration in the prompt's tail or after the phrase.
func (p *prompt) items() []string {
	text := p.tail
	if i := strings.LastIndexAny(text, ":?"); i >= 0 && i+1 < len(text) {
		text = text[i+1:]
	}
	return splitItems(wordsOf(text))
}

// payload returns the sentence that the request hands over, as words.
func (p *prompt) payload() []string {
	text := p.tail
	if rest, ok := strings.CutPrefix(text, "Fix it: "); ok {
		text = rest
	}
	return wordsOf(text)
}

// A rule recognises one kind of request: it returns nil for all others.
type rule struct {
	kind string
	read func(p *prompt) checker
}

// recognise finds the kind of a request. The first rule that fits counts, so
// the order of the rules matters: the more particular come first.
func recognise(text string) request {
	p := readPrompt(text)
	for _, r := range rules {
		if c := r.read(p); c != nil {
			return request{kind: r.kind, checker: c, low: p.low, closed: true, letters: r.kind == "letter" || r.kind == "spell"}
		}
	}
	return request{kind: "other", checker: generic{p}, low: p.low}
}

// rules lists all kinds.
var rules []rule

func init() {
	rules = []rule{
		{"polite", readPolite}, {"past", readPast}, {"shorten", readShorten}, {"fix", readFix},
		{"count_words", readCountWords}, {"question", readQuestion}, {"complete", readComplete},
		{"riddle", readRiddle}, {"odd_one_out", readOddOneOut}, {"count_items", readCountItems},
		{"sort_numbers", readSortNumbers}, {"sort_words", readSortWords},
		{"spell", readSpell}, {"letter", readLetter},
		{"opposite", readOpposite}, {"synonym", readSynonym}, {"plural", readPlural},
		{"text_where", readTextWhere}, {"text_who", readTextWho}, {"text_colour", readTextColour},
		{"text_how_many", readTextHowMany}, {"text_when", readTextWhen}, {"text_what", readTextWhat},
		{"word_problem", readWordProblem}, {"add", readAdd}, {"subtract", readSubtract},
		{"greet", readGreet}, {"goodbye", readGoodbye}, {"sorry", readSorry}, {"thank", readThank},
		{"wish", readWish}, {"invite", readInvite}, {"note", readNote}, {"story", readStory},
		{"advice", readAdvice}, {"most", readMost}, {"which", readWhich}, {"compare", readCompare},
		{"next", readNext}, {"season", readSeason}, {"use", readUse}, {"yes_no", readYesNo}, {"reason", readReason},
		{"colour", readColour}, {"category", readCategory}, {"job", readJob}, {"list", readList},
		{"where", readWhere}, {"sentences", readSentences}, {"describe", readDescribe},
	}
}
