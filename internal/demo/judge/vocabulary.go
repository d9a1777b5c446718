package judge

import "strings"

// vocabulary holds the words that a reply may use besides those of the request:
// all words of the judge's frames and tables, and the common words below.
var vocabulary = map[string]bool{}

const commonWords = `i you he she it we they me him her us them my your his its our their a an the this that these those
is are was were be been has have had do does did can could will would should may might cannot not no yes and or but so because if when
then there here who what where which how why of in on at to for from with without near by under over into about after before until
all any some many much more most few little very too also both each every other others another one two than as like just only again
back away home today tomorrow yesterday now soon late early always never often usually once day week summer morning afternoon evening
good kind nice happy glad great please thank thanks sorry dear hello hi goodbye bye welcome hope see meet come go know think say said says
tell told ask answer word words letter letters sentence list items item thing things order right correct shorter opposite opposites
plural plurals synonym meaning means same place first last text colour number numbers minus plus equals spelled spell reason old young small
big sunny alone walked went saw found met heard sound gave was happy friend friends became played stayed showed followed way tree grass
suddenly last belonged made kept warm spoke soft voice water food long lonely hungry thirsty lost afraid cold tired laughed smiled ran end
odd belong belongs fit fits out group could job work well wish luck enjoy joy much many count left take care yourself safe trip wonderful time
angry happen forgive mistake forget remember fun difference different bigger smaller heavier lighter faster slower biggest smallest heaviest
lightest fastest slowest hear better feel gets everything picture fine best love lovely asking sure idea talk things important something else depends question birthday holiday flight concert party game test`

func known(word string) bool {
	if vocabulary[word] || isMark(word) || allDigits(word) || isProper(word) {
		return true
	}
	if strings.Contains(word, "-") || strings.HasSuffix(word, "'s") {
		return true // spelled letter by letter, or somebody's
	}
	return len(word) > 1 && (vocabulary[strings.TrimSuffix(word, "s")] || vocabulary[thirdPerson(word)])
}

func learn(text string) {
	for _, w := range wordsOf(text) {
		vocabulary[strings.Trim(w, "|()")] = true
	}
}

func init() {
	learn(commonWords)
	for _, table := range []string{animalsTable, foodTable, plantsTable, toolsTable, homeTable, placesTable, peopleTable, natureTable, classTable, deedTable, reasonTable, seasonTable, adviceTable, wishTable} {
		learn(table)
	}
	for _, r := range []relation{opposites, synonyms} {
		for a := range r {
			vocabulary[a] = true
		}
	}
	for noun := range things {
		vocabulary[plural(noun)] = true
	}
	for _, p := range irregularPlurals {
		vocabulary[p] = true
	}
	for _, d := range deeds {
		vocabulary[d.base], vocabulary[d.past], vocabulary[d.third] = true, true, true
	}
	for _, w := range numberWords {
		vocabulary[w] = true
	}
}
