package textgen

import (
	"fmt"
	"os"
	"sort"
	"strings"
	"testing"
)

const (
	docPath   = "../../../docs/base-model.md"
	tableMark = "<!-- From the tables: TEXTGEN_WRITE_DOC=1 go test ./internal/basemodel/textgen -run Doc writes all below. -->\n"
)

// TestDocMatchesTables keeps docs/base-model.md true: every kind is in its
// table, and all below the mark is what the tables say.
func TestDocMatchesTables(t *testing.T) {
	raw, err := os.ReadFile(docPath)
	if err != nil {
		t.Fatal(err)
	}
	prose, written, found := strings.Cut(string(raw), tableMark)
	if !found {
		t.Fatalf("%s has no line %s", docPath, tableMark)
	}
	for _, name := range Kinds() {
		if !strings.Contains(prose, "| `"+name+"` |") {
			t.Errorf("kind %s is not in the table of kinds", name)
		}
	}
	want := "\n" + wordingsDoc() + worldDoc()
	if written == want {
		return
	}
	if os.Getenv("TEXTGEN_WRITE_DOC") == "" {
		t.Fatalf("%s is behind the tables; write it anew with TEXTGEN_WRITE_DOC=1", docPath)
	}
	if err := os.WriteFile(docPath, []byte(prose+tableMark+want), 0o644); err != nil {
		t.Fatal(err)
	}
}

func wordingsDoc() string {
	var b strings.Builder
	b.WriteString("## Wordings\n\nWords in braces are filled in: `{a}`, `{b}`, `{x}`, `{y}` a thing or word, `{who}` a person, `{l}` a list,\n" +
		"`{s}` a sentence, `{t}` a text of two or three sentences, `{n}` and `{c}` how many of what, `{h}` hints;\n" +
		"`{q}` and `{p}` as the table of kinds shows. Before any of them may stand: " + strings.TrimSpace(strings.Join(openers, "")) + "\n")
	for _, k := range kinds {
		fmt.Fprintf(&b, "\n- **%s**\n", k.name)
		for _, phrasings := range k.forms {
			for _, p := range phrasings {
				fmt.Fprintf(&b, "  - %s\n", p)
			}
		}
	}
	return b.String()
}

func worldDoc() string {
	var b strings.Builder
	b.WriteString("\n## Classes and their members\n\nA hen is also an animal, and so is a bee; either class is true.\n\n| Class | Members |\n|---|---|\n")
	for _, c := range categories {
		fmt.Fprintf(&b, "| %s | %s |\n", c.many, strings.Join(c.members, ", "))
	}
	b.WriteString("\n## Things and what is true of them\n\n")
	for _, t := range things {
		fmt.Fprintf(&b, "- %s: %s", t.name, t.is())
		for _, trait := range t.traits {
			b.WriteString("; " + third(trait))
		}
		for _, extra := range [][2]string{{"; colour: ", t.colour}, {"; used to ", t.use}, {"; found ", t.place}} {
			if extra[1] != "" {
				b.WriteString(extra[0] + extra[1])
			}
		}
		if t.legs > 0 {
			fmt.Fprintf(&b, "; %d legs", t.legs)
		}
		b.WriteString("\n")
	}
	fmt.Fprintf(&b, "\nAsked about flying: %s can fly; %s cannot.\n", strings.Join(flyers, ", "), strings.Join(walkers, ", "))
	fmt.Fprintf(&b, "\n## Opposites\n\n%s\n\n## Synonyms\n\n%s\n", pairsDoc(opposites), pairsDoc(synonyms))
	b.WriteString("\n## Ranks\n\nThings further right are bigger and heavier, or faster; those with equal or neighbouring ranks are never compared.\n\n")
	for _, family := range []string{"animal", "food", "vehicle"} {
		fmt.Fprintf(&b, "- size of each %s: %s\n", family, ranksDoc(family, bySize))
	}
	for _, family := range []string{"animal", "vehicle"} {
		fmt.Fprintf(&b, "- speed of each %s: %s\n", family, ranksDoc(family, bySpeed))
	}
	b.WriteString("\n## Reasons\n\n")
	for _, r := range reasons {
		fmt.Fprintf(&b, "- %s %s because %s\n", r.who, r.do, r.because)
	}
	b.WriteString("\n## Seasons\n\n")
	for _, s := range seasonal {
		fmt.Fprintf(&b, "- %s: %s\n", s.activity, s.season)
	}
	b.WriteString("\n## Advice\n\nOther advice that helps is as good.\n\n")
	for _, t := range troubles {
		fmt.Fprintf(&b, "- I %s: %s\n", t.feel, strings.Join(t.advice, "; "))
	}
	b.WriteString("\n## Occasions and wishes\n\n")
	for _, o := range occasions {
		fmt.Fprintf(&b, "- %s: %s\n", o.of, o.wish)
	}
	b.WriteString("\n## Deeds and their past\n\n")
	for _, a := range actions {
		fmt.Fprintf(&b, "- %s, %s: %s\n", a.verb, a.past, strings.Join(a.rests, ", "))
	}
	return b.String()
}

func pairsDoc(pairs [][2]string) string {
	said := make([]string, len(pairs))
	for i, p := range pairs {
		said[i] = p[0] + "/" + p[1]
	}
	return strings.Join(said, ", ")
}

// ranksDoc lists things by rank: "1: ant, bee; 2: snail".
func ranksDoc(family string, rank func(thing) int) string {
	list := such(ofFamily(things, family), func(t thing) bool { return rank(t) > 0 })
	sort.SliceStable(list, func(i, j int) bool { return rank(list[i]) < rank(list[j]) })
	var b strings.Builder
	for i, t := range list {
		switch {
		case i == 0:
			fmt.Fprintf(&b, "%d: %s", rank(t), t.name)
		case rank(t) == rank(list[i-1]):
			b.WriteString(", " + t.name)
		default:
			fmt.Fprintf(&b, "; %d: %s", rank(t), t.name)
		}
	}
	return b.String()
}
