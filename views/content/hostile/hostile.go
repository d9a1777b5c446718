// Package hostile holds texts that are made to run, load, style, lead away, overlay or hang something, for the tests of
// what shows texts; and the list of what may stand in their HTML. The program itself does not import it.
package hostile

import (
	_ "embed"
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

//go:embed corpus.txt
var corpus string

// Text is one of the texts.
type Text struct {
	Name, Source string
}

var header = regexp.MustCompile(`(?m)^-- ([^:\n]+)(?:: ([a-z0-9, ]+))? --\n`)

// Texts are all of them, those of corpus.txt and some that are quicker made than written.
func Texts() []Text {
	var texts []Text
	heads := header.FindAllStringSubmatchIndex(corpus, -1)
	for i, h := range heads {
		end := len(corpus)
		if i+1 < len(heads) {
			end = heads[i+1][0]
		}
		name, source := corpus[h[2]:h[3]], strings.TrimSuffix(corpus[h[1]:end], "\n")
		if h[4] >= 0 {
			for directive := range strings.SplitSeq(corpus[h[4]:h[5]], ", ") {
				source = apply(name, directive, source)
			}
		}
		texts = append(texts, Text{name, source})
	}
	return append(texts, made()...)
}

func apply(name, directive, source string) string {
	if directive == "quoted" {
		unquoted, err := strconv.Unquote(`"` + strings.NewReplacer("\n", `\n`, `"`, `\"`).Replace(source) + `"`)
		if err != nil {
			panic(fmt.Sprintf("%s: %v", name, err)) // the corpus is part of the program
		}
		return unquoted
	}
	count, err := strconv.Atoi(strings.TrimPrefix(directive, "repeat "))
	if err != nil {
		panic(fmt.Sprintf("%s: %v", name, err))
	}
	return strings.Repeat(source, count)
}

// made are texts with a structure.
func made() []Text {
	var lists, quotes, fences, ladder, columns strings.Builder
	for i := range 120 {
		fmt.Fprintf(&lists, "%s- %d\n", strings.Repeat("  ", i), i)
		fmt.Fprintf(&quotes, "%s %d\n", strings.Repeat(">", i+1), i)
		fmt.Fprintf(&fences, "%s\n", strings.Repeat("`", i+3))
		fmt.Fprintf(&ladder, "%s%s %d\n\n", strings.Repeat("#", i%6+1), strings.Repeat("*", i), i)
		fmt.Fprintf(&columns, "|%d", i)
	}
	long := "https://example.org/" + strings.Repeat("a", 1900)
	return []Text{
		{"lists by indentation", lists.String()},
		{"quotes by lines", quotes.String()},
		{"fences that grow", fences.String()},
		{"headings and stars", ladder.String()},
		{"table filled up", strings.Repeat("|a", 4000) + "\n" + strings.Repeat("|-", 4000) + "\n" + strings.Repeat("|\n", 8000)},
		{"table of many columns", columns.String() + "\n" + strings.Repeat("|-", 120) + "\n" + strings.Repeat(columns.String()+"\n", 30)},
		{"table of long words", "|a|b|\n|-|-|\n|" + strings.Repeat("a", 5000) + "|" + strings.Repeat("b", 5000) + "|\n"},
		{"references to a long address", "[x]: " + long + "\n\n" + strings.Repeat("[x]", 10000)},
		{"emphasis within emphasis", strings.Repeat("*a **b ", 2000) + strings.Repeat("b** a*", 2000)},
		{"links within emphasis", strings.Repeat("**[a](https://example.org) *", 800)},
		{"formula of a megabyte", "$$" + strings.Repeat("x+", 1<<19) + "$$"},
		{"formulas that grow", "$" + strings.Repeat(`\frac{1}{`, 400) + "x" + strings.Repeat("}", 400) + "$"},
		{"matrix filled up", "$$\\begin{matrix}" + strings.Repeat("&", 1000) + strings.Repeat(`\\`, 1000) + "\\end{matrix}$$"},
		{"code of a megabyte", "```go\n" + strings.Repeat("func f() { return \"x\" } // y\n", 40000) + "```\n"},
		{"words of code", "```sql\n" + strings.Repeat("select 1 ", 6000) + "\n```\n"},
	}
}
