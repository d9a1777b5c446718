package textgen

import "strings"

// withArticle puts "a" or "an" before a noun phrase of the closed vocabulary,
// where the first letter decides for all but "useful".
func withArticle(noun string) string {
	if !strings.HasPrefix(noun, "use") && strings.ContainsRune("aeiou", rune(noun[0])) {
		return "an " + noun
	}
	return "a " + noun
}

// capital raises the first letter of a sentence.
func capital(s string) string {
	if s == "" {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:]
}

// lower undoes capital.
func lower(s string) string {
	if s == "" {
		return s
	}
	return strings.ToLower(s[:1]) + s[1:]
}

// sentence makes a sentence of its parts: one space between, a capital first
// letter, a full stop.
func sentence(parts ...string) string { return capital(strings.Join(parts, " ")) + "." }

// third puts the verb phrase of a bare infinitive into the third person
// singular: "have soft fur" becomes "has soft fur".
func third(phrase string) string {
	verb, rest, _ := strings.Cut(phrase, " ")
	if rest != "" {
		rest = " " + rest
	}
	return thirdVerb(verb) + rest
}

func thirdVerb(verb string) string {
	switch verb {
	case "have":
		return "has"
	case "be":
		return "is"
	case "do", "go":
		return verb + "es"
	case "can", "cannot", "may":
		return verb
	}
	return addS(verb)
}

// many puts the same phrase into the plural: only "be" changes.
func many(phrase string) string {
	if rest, found := strings.CutPrefix(phrase, "be "); found {
		return "are " + rest
	}
	return phrase
}

// addS spells the regular s of plurals and verbs.
func addS(word string) string {
	last := word[len(word)-1]
	switch {
	case last == 'y' && !strings.ContainsRune("aeiou", rune(word[len(word)-2])):
		return word[:len(word)-1] + "ies"
	case strings.HasSuffix(word, "ch"), strings.HasSuffix(word, "sh"),
		last == 's', last == 'x', last == 'z':
		return word + "es"
	}
	return word + "s"
}

// and joins items as English does: "a, b and c".
func and(items []string) string { return joinLast(items, " and ") }

func or(items []string) string { return joinLast(items, " or ") }

func joinLast(items []string, last string) string {
	if len(items) == 1 {
		return items[0]
	}
	n := len(items) - 1
	return strings.Join(items[:n], ", ") + last + items[n]
}

// sentences cuts a text behind each sentence-ending mark that a space follows.
func sentences(text string) []string {
	var out []string
	start := 0
	for i := 0; i+1 < len(text); i++ {
		if strings.IndexByte(".!?", text[i]) >= 0 && text[i+1] == ' ' {
			out = append(out, text[start:i+1])
			start = i + 2
		}
	}
	return append(out, text[start:])
}

// fill replaces {name} by its value; slots are name, value pairs.
func fill(template string, slots []string) string {
	pairs := make([]string, len(slots))
	for i := 0; i < len(slots); i += 2 {
		pairs[i], pairs[i+1] = "{"+slots[i]+"}", slots[i+1]
	}
	return strings.NewReplacer(pairs...).Replace(template)
}

// numberWords spells 0 to 12.
var numberWords = []string{
	"zero", "one", "two", "three", "four", "five", "six",
	"seven", "eight", "nine", "ten", "eleven", "twelve",
}
