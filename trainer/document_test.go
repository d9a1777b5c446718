package trainer

import (
	"encoding/json"
	"flag"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// document is what a researcher reads about settings, metrics and warnings. These tests keep its tables true; what a
// row means is written by hand, values and sources come from the presets (go test ./trainer -run Document -update).
const document = "../docs/training.md"

var update = flag.Bool("update", false, "write the presets' values and sources into docs/training.md")

func TestDocumentSettings(t *testing.T) {
	text := readDocument(t)
	for _, kind := range Kinds {
		old := documentTable(t, text, "settings "+kind)
		meaning := make(map[string]string)
		for _, row := range old[2:] {
			meaning[row[0]] = row[len(row)-2]
		}
		want := settingsTable(t, kind, meaning)
		for _, row := range want[2:] {
			if row[len(row)-2] == "" {
				t.Errorf("%s of %s is not explained in %s", row[0], kind, document)
			}
		}
		if slices.EqualFunc(old, want, slices.Equal) {
			continue
		}
		if !*update {
			t.Errorf("the settings of %s in %s are not those of the presets; run: go test ./trainer -run Document -update", kind, document)
			continue
		}
		before, rest, _ := strings.Cut(text, mark("settings "+kind))
		_, after, _ := strings.Cut(rest, endMark)
		text = before + mark("settings "+kind) + joinTable(want) + endMark + after
	}
	if *update {
		if err := os.WriteFile(document, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// TestDocumentMetrics: every metric of metrics.go is explained, and nothing else is.
func TestDocumentMetrics(t *testing.T) {
	compareDocumented(t, "metrics", stringsInSource(t, func(node ast.Node) (string, bool) {
		spec, ok := node.(*ast.ValueSpec)
		if !ok || !strings.HasPrefix(spec.Names[0].Name, "metric") || len(spec.Values) != 1 {
			return "", false
		}
		return literal(spec.Values[0])
	}))
}

// TestDocumentWarnings: every warning that a run may give is explained, and no other.
func TestDocumentWarnings(t *testing.T) {
	compareDocumented(t, "warnings", stringsInSource(t, func(node ast.Node) (string, bool) {
		call, ok := node.(*ast.CallExpr)
		if !ok || len(call.Args) < 2 {
			return "", false
		}
		method, ok := call.Fun.(*ast.SelectorExpr)
		if !ok || !slices.Contains([]string{"warn", "warnOnce", "warnAfter"}, method.Sel.Name) {
			return "", false
		}
		return literal(call.Args[0])
	}))
}

// compareDocumented wants the first column of the tables of a section to name exactly these, each in code quotes.
func compareDocumented(t *testing.T, section string, names []string) {
	t.Helper()
	var documented []string
	for _, row := range documentTable(t, readDocument(t), section) {
		if !strings.HasPrefix(row[0], "`") {
			continue
		}
		documented = append(documented, strings.Trim(row[0], "`"))
		if row[1] == "" {
			t.Errorf("%s is not explained in %s", row[0], document)
		}
	}
	if len(names) < 5 {
		t.Fatalf("the source has only %q as %s", names, section)
	}
	for _, name := range names {
		if !slices.Contains(documented, name) {
			t.Errorf("%s lacks %q among the %s", document, name, section)
		}
	}
	for i, name := range documented {
		if !slices.Contains(names, name) || slices.Contains(documented[:i], name) {
			t.Errorf("%s explains %q, which is not among the %s, or is there twice", document, name, section)
		}
	}
}

// settingsTable is the table of a kind with the given explanations.
func settingsTable(t *testing.T, kind string, meaning map[string]string) [][]string {
	t.Helper()
	header := []string{"setting"}
	header = append(header, Presets(kind)...)
	table := [][]string{append(header, "what it does", "where the values come from")}
	line := make([]string, len(table[0]))
	for i := range line {
		line[i] = "---"
	}
	table = append(table, line)
	for at := range presetKeys(t, kind, Presets(kind)[0]) {
		var row, sources []string
		presetsOf := make(map[string][]string) // by source
		for _, preset := range Presets(kind) {
			key := presetKeys(t, kind, preset)[at]
			if row == nil {
				row = []string{"`" + key.Name + "`"}
			}
			row = append(row, plainValue(t, key.Value))
			if presetsOf[key.Source] == nil {
				sources = append(sources, key.Source)
			}
			presetsOf[key.Source] = append(presetsOf[key.Source], preset)
		}
		if len(sources) > 1 {
			for i, source := range sources {
				sources[i] = strings.Join(presetsOf[source], ", ") + ": " + source
			}
		}
		table = append(table, append(row, meaning[row[0]], strings.Join(sources, " · ")))
	}
	return table
}

func presetKeys(t *testing.T, kind, preset string) []Key {
	t.Helper()
	keys, err := PresetKeys(kind, preset)
	if err != nil {
		t.Fatal(err)
	}
	return keys
}

// plainValue is a JSON value as one would write it after --set.
func plainValue(t *testing.T, data json.RawMessage) string {
	t.Helper()
	var value any
	if err := json.Unmarshal(data, &value); err != nil {
		t.Fatal(err)
	}
	return fmt.Sprint(value)
}

func readDocument(t *testing.T) string {
	t.Helper()
	data, err := os.ReadFile(document)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// Marks around the parts of the document that the tests read; a reader does not see them.
func mark(section string) string { return "<!-- " + section + " -->\n" }

const endMark = "<!-- end -->\n"

// documentTable returns the rows of the tables between a section's marks.
func documentTable(t *testing.T, text, section string) [][]string {
	t.Helper()
	_, rest, begun := strings.Cut(text, mark(section))
	part, _, ended := strings.Cut(rest, endMark)
	if !begun || !ended {
		t.Fatalf("%s has no part %s", document, section)
	}
	var table [][]string
	for line := range strings.Lines(part) {
		line = strings.TrimSpace(line)
		if !strings.HasPrefix(line, "|") {
			continue
		}
		row := strings.Split(strings.Trim(line, "|"), "|")
		for i := range row {
			row[i] = strings.TrimSpace(row[i])
		}
		table = append(table, row)
	}
	if len(table) < 3 {
		t.Fatalf("%s has no table in <!-- %s -->", document, section)
	}
	return table
}

func joinTable(table [][]string) string {
	var b strings.Builder
	for _, row := range table {
		b.WriteString("| " + strings.Join(row, " | ") + " |\n")
	}
	return b.String()
}

// stringsInSource collects what pick finds in this package's own files.
func stringsInSource(t *testing.T, pick func(ast.Node) (string, bool)) []string {
	t.Helper()
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	var found []string
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(parsed, func(node ast.Node) bool {
			if text, ok := pick(node); ok && !slices.Contains(found, text) {
				found = append(found, text)
			}
			return true
		})
	}
	return found
}

func literal(expression ast.Expr) (string, bool) {
	basic, ok := expression.(*ast.BasicLit)
	if !ok || basic.Kind != token.STRING {
		return "", false
	}
	text, err := strconv.Unquote(basic.Value)
	return text, err == nil
}
