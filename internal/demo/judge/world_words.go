package judge

import "strings"

// oppositeTable: words on the two sides of a slash are opposites.
const oppositeTable = `hot/cold,chilly big,large,huge,giant/small,little,tiny happy,glad/sad,unhappy fast,quick/slow up/down day/night open/closed,shut full/empty old/young,new long/short high/low light,bright/dark light/heavy wet/dry hard/soft hard,difficult/easy,simple clean/dirty early/late good/bad rich,wealthy/poor strong/weak loud/quiet,silent near/far left/right in/out first/last sweet/sour thick/thin wide/narrow begin,start/end,finish,stop come/go give/take buy/sell win/lose push/pull love,like/hate ask/answer black/white summer/winter inside/outside before/after always/never cheap/expensive friend/enemy top/bottom asleep/awake true/false right/wrong north/south east/west yes/no more/less kind,nice/mean,unkind calm/angry,wild tall/short open/close sick,ill/well,healthy find/lose`

// synonymTable: words of one group mean nearly the same.
const synonymTable = `big,large small,little,tiny big,huge,giant,large happy,glad fast,quick begin,start end,finish,stop pretty,beautiful,lovely clever,smart sick,ill quiet,silent,calm shop,store road,street stone,rock present,gift close,shut angry,mad speak,talk jump,leap kind,nice,friendly sad,unhappy home,house forest,woods difficult,hard easy,simple funny,amusing choose,pick sofa,couch bike,bicycle plane,airplane look,see,watch sea,ocean huge,giant job,work reply,answer error,mistake trip,journey rich,wealthy calm,peaceful cold,chilly tired,sleepy`

// A relation says which words answer a word.
type relation map[string]map[string]bool

func (r relation) add(a, b string) {
	if a == b {
		return
	}
	if r[a] == nil {
		r[a] = map[string]bool{}
	}
	r[a][b] = true
}

var opposites, synonyms = parseRelations()

func parseRelations() (opp, syn relation) {
	opp, syn = relation{}, relation{}
	for _, entry := range strings.Fields(oppositeTable) {
		left, right, _ := strings.Cut(entry, "/")
		for _, a := range strings.Split(left, ",") {
			for _, b := range strings.Split(right, ",") {
				opp.add(a, b)
				opp.add(b, a)
			}
		}
	}
	for _, group := range strings.Fields(synonymTable) {
		words := strings.Split(group, ",")
		for _, a := range words {
			for _, b := range words {
				syn.add(a, b)
			}
		}
	}
	return opp, syn
}

// irregularPlurals: those that no rule gives.
var irregularPlurals = map[string]string{
	"man": "men", "woman": "women", "child": "children", "foot": "feet", "tooth": "teeth", "mouse": "mice",
	"sheep": "sheep", "deer": "deer", "fish": "fish", "goldfish": "goldfish", "knife": "knives", "shelf": "shelves",
	"scarf": "scarves", "leaf": "leaves", "wolf": "wolves", "person": "people", "loaf": "loaves", "life": "lives", "wife": "wives", "half": "halves", "goose": "geese",
	"piano": "pianos", "photo": "photos", "kangaroo": "kangaroos", "zoo": "zoos",
}

// plural returns the plural of a noun.
func plural(noun string) string {
	if p, ok := irregularPlurals[noun]; ok {
		return p
	}
	n := len(noun)
	switch {
	case n > 1 && noun[n-1] == 'y' && strings.IndexByte("aeiou", noun[n-2]) < 0:
		return noun[:n-1] + "ies"
	case hasAnySuffix(noun, "s", "x", "z", "ch", "sh", "o"):
		return noun + "es"
	}
	return noun + "s"
}

func hasAnySuffix(s string, suffixes ...string) bool {
	for _, x := range suffixes {
		if strings.HasSuffix(s, x) {
			return true
		}
	}
	return false
}

// numberWords are the numbers in words, by their value.
var numberWords = strings.Fields("zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen twenty")

func numberWord(n int) string {
	if n < 0 || n >= len(numberWords) {
		return ""
	}
	return numberWords[n]
}

// numberOf reads a number in digits or words; -1: it is none.
func numberOf(word string) int {
	if allDigits(word) && len(word) < 6 {
		n := 0
		for _, c := range []byte(word) {
			n = 10*n + int(c-'0')
		}
		return n
	}
	for n, w := range numberWords {
		if w == word {
			return n
		}
	}
	return -1
}

// Series whose members follow each other.
var (
	dayNames    = strings.Fields("monday tuesday wednesday thursday friday saturday sunday")
	monthNames  = strings.Fields("january february march april may june july august september october november december")
	seasonNames = strings.Fields("spring summer autumn winter")
	colourNames = strings.Fields("red blue green yellow orange purple brown black white grey pink")
)

// neighbour returns what comes right after a member of a series (step 1) or
// right before it (step -1); "" where nothing does.
func neighbour(word string, step int) string {
	for _, series := range [][]string{dayNames, monthNames, seasonNames} {
		for i, w := range series {
			if w == word {
				return series[(i+step+len(series))%len(series)]
			}
		}
	}
	if n := numberOf(word); n >= 0 && !allDigits(word) {
		return numberWord(n + step)
	}
	return ""
}
