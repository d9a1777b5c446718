package judge

import "strings"

// The first names that the requests use; the pronoun must fit the name.
const (
	maleNames   = "amir ben david felix henry jack leo noah omar oscar paul ravi sam tom"
	femaleNames = "anna clara emma grace iris kate lena maria mia nina rosa tina yuki zoe"
)

// pronouns holds "he" or "she" for each known name.
var pronouns = func() map[string]string {
	all := map[string]string{}
	for _, n := range strings.Fields(maleNames) {
		all[n] = "he"
	}
	for _, n := range strings.Fields(femaleNames) {
		all[n] = "she"
	}
	return all
}()

// pronounsOf returns how a sentence may call a person: by "he" or "she", or
// either of them for a name that the judge does not know.
func pronounsOf(name string) []string {
	if p := pronouns[name]; p != "" {
		return []string{p}
	}
	return []string{"he", "she"}
}

// objectsOf is pronounsOf in the object's form.
func objectsOf(name string) []string {
	switch pronouns[name] {
	case "he":
		return []string{"him"}
	case "she":
		return []string{"her"}
	}
	return []string{"him", "her"}
}

// properNames are the words that take a capital everywhere.
var properNames = func() map[string]bool {
	all := map[string]bool{"africa": true, "australia": true, "i": true}
	for n := range pronouns {
		all[n] = true
	}
	for _, list := range [][]string{dayNames, monthNames} {
		for _, w := range list {
			all[w] = true
		}
	}
	return all
}()

func isProper(word string) bool { return properNames[word] }

// needsCapital is isProper without the months that are also common words.
func needsCapital(word string) bool {
	return properNames[word] && word != "may" && word != "march"
}
