// Package docs holds no program: its tests keep the documents true to the source.
package docs

import (
	"fmt"
	"go/ast"
	"go/constant"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

const root = ".."

// TestLimits: every value in the table of limits is that of the constant beside it.
func TestLimits(t *testing.T) {
	constants := map[string]map[string]ast.Expr{} // package → name → value
	for _, path := range sources(t) {
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		if constants[file.Name.Name] == nil {
			constants[file.Name.Name] = map[string]ast.Expr{}
		}
		for _, declaration := range file.Decls {
			list, ok := declaration.(*ast.GenDecl)
			if !ok || list.Tok != token.CONST {
				continue
			}
			for _, spec := range list.Specs {
				value := spec.(*ast.ValueSpec)
				for i, expression := range value.Values {
					constants[file.Name.Name][value.Names[i].Name] = expression
				}
			}
		}
	}
	rows := table(t, "limits")
	for _, row := range rows {
		shown, name := row[1], strings.Trim(row[2], "`")
		of, short, _ := strings.Cut(name, ".")
		expression := constants[of][short]
		if expression == nil {
			t.Errorf("the limit %q names %s, which does not exist", row[0], name)
			continue
		}
		want, err := strconv.ParseFloat(evaluate(t, expression).ExactString(), 64)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if got := quantity(t, shown); got != want {
			t.Errorf("the limit %q is given as %s, but %s is %g", row[0], shown, name, want)
		}
	}
	if len(rows) < 10 {
		t.Errorf("only %d limits", len(rows))
	}
}

// quantity reads a number with a unit: bytes, a duration in nanoseconds, or a plain count with separators.
func quantity(t *testing.T, text string) float64 {
	t.Helper()
	number, unit, _ := strings.Cut(text, " ")
	value, err := strconv.ParseFloat(strings.ReplaceAll(number, ",", ""), 64)
	if err != nil {
		t.Fatalf("%q is no quantity", text)
	}
	factor, ok := map[string]float64{
		"": 1, "B": 1, "KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30,
		"s": float64(time.Second), "min": float64(time.Minute), "h": float64(time.Hour), "d": float64(24 * time.Hour),
	}[unit]
	if !ok {
		t.Fatalf("%q has an unknown unit", text)
	}
	return value * factor
}

// evaluate computes a constant expression of literals and units of time.
func evaluate(t *testing.T, expression ast.Expr) constant.Value {
	t.Helper()
	switch e := expression.(type) {
	case *ast.BasicLit:
		return constant.MakeFromLiteral(e.Value, e.Kind, 0)
	case *ast.ParenExpr:
		return evaluate(t, e.X)
	case *ast.SelectorExpr:
		unit := map[string]time.Duration{"Millisecond": time.Millisecond, "Second": time.Second, "Minute": time.Minute, "Hour": time.Hour}
		return constant.MakeInt64(int64(unit[e.Sel.Name]))
	case *ast.BinaryExpr:
		x, y := evaluate(t, e.X), evaluate(t, e.Y)
		if e.Op == token.SHL {
			bits, _ := constant.Uint64Val(y)
			return constant.Shift(x, token.SHL, uint(bits))
		}
		return constant.BinaryOp(x, e.Op, y)
	}
	t.Fatalf("a limit is not made of literals: %T", expression)
	return nil
}

// TestEnvironment: every variable that the program reads is in the table, and no other.
func TestEnvironment(t *testing.T) {
	var documented, read []string
	for _, row := range table(t, "environment") {
		documented = append(documented, strings.Trim(row[0], "`"))
	}
	pattern := regexp.MustCompile(`(?:os\.(?:Getenv|LookupEnv)\(|\benv:)"([A-Z_]+)"`)
	for _, path := range sources(t) {
		if strings.Contains(path, "postgrestest") {
			continue // for tests
		}
		source, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, match := range pattern.FindAllStringSubmatch(string(source), -1) {
			if !slices.Contains(read, match[1]) {
				read = append(read, match[1])
			}
		}
	}
	slices.Sort(documented)
	slices.Sort(read)
	if !slices.Equal(documented, read) {
		t.Errorf("operations.md explains %v, the program reads %v", documented, read)
	}
}

// TestOutputKeys: every key that formats.md names in a table is a JSON key of the source.
func TestOutputKeys(t *testing.T) {
	tag := regexp.MustCompile(`json:"([a-z0-9_]+)`)
	known := map[string]bool{}
	for _, path := range sources(t) {
		for _, match := range tag.FindAllStringSubmatch(read(t, strings.TrimPrefix(path, root+"/")), -1) {
			known[match[1]] = true
		}
	}
	_, section, begun := strings.Cut(read(t, "docs/formats.md"), "## Standard output with `--json`")
	section, _, ended := strings.Cut(section, "\n## ")
	if !begun || !ended {
		t.Fatal("formats.md has no section on --json")
	}
	keys := 0
	for line := range strings.Lines(section) {
		row := strings.Split(line, "|")
		if len(row) != 4 || !strings.HasPrefix(row[1], " `") {
			continue
		}
		for _, match := range regexp.MustCompile("`([a-z0-9_]+)`").FindAllStringSubmatch(row[2], -1) {
			keys++
			if key := match[1]; !known[key] && key != "list" {
				t.Errorf("formats.md names the key %s of%s, which no type has", key, row[1])
			}
		}
	}
	if keys < 100 {
		t.Errorf("only %d keys found", keys)
	}
}

// TestLinks: what the documents link to inside of the repository exists, and so does the heading.
func TestLinks(t *testing.T) {
	documents := []string{"README.md", "CONTRIBUTING.md", "CHANGELOG.md"}
	for _, pattern := range []string{"docs/*.md", "docs/adr/*.md"} {
		found, err := filepath.Glob(filepath.Join(root, pattern))
		if err != nil {
			t.Fatal(err)
		}
		for _, path := range found {
			documents = append(documents, strings.TrimPrefix(path, root+"/"))
		}
	}
	link := regexp.MustCompile(`\]\(([^)\s]+)\)`)
	for _, document := range documents {
		for _, match := range link.FindAllStringSubmatch(read(t, document), -1) {
			target, heading, _ := strings.Cut(match[1], "#")
			if strings.Contains(target, "://") {
				continue
			}
			path := filepath.Join(filepath.Dir(document), target)
			if target == "" {
				path = document
			}
			if _, err := os.Stat(filepath.Join(root, path)); err != nil {
				t.Errorf("%s links to %s, which does not exist", document, match[1])
			} else if heading != "" && !slices.Contains(headings(read(t, path)), heading) {
				t.Errorf("%s links to %s, but that has no such heading", document, match[1])
			}
		}
	}
}

// headings are the anchors of a document as GitHub makes them.
func headings(text string) []string {
	dropped := regexp.MustCompile(`[^\p{L}\p{N} _-]`)
	var anchors []string
	for line := range strings.Lines(text) {
		if title := strings.TrimLeft(line, "#"); title != line {
			title = dropped.ReplaceAllString(strings.ToLower(strings.TrimSpace(title)), "")
			anchors = append(anchors, strings.ReplaceAll(title, " ", "-"))
		}
	}
	return anchors
}

// TestMakeTargets: every `make TARGET` that a document or a message names exists.
func TestMakeTargets(t *testing.T) {
	makefile := read(t, "Makefile")
	named := regexp.MustCompile("`make ([a-z-]+)|^make ([a-z-]+)")
	paths := []string{"README.md", "CONTRIBUTING.md", "docs/operations.md", "docs/training.md", "docs/base-model.md"}
	for _, path := range sources(t) {
		paths = append(paths, strings.TrimPrefix(path, root+"/"))
	}
	for _, path := range paths {
		for line := range strings.Lines(read(t, path)) {
			for _, match := range named.FindAllStringSubmatch(line, -1) {
				if target := match[1] + match[2]; !strings.Contains(makefile, "\n"+target+":") {
					t.Errorf("%s names make %s, which does not exist", path, target)
				}
			}
		}
	}
}

// TestMakeTest: `make test` runs the tests of every folder that has some.
func TestMakeTest(t *testing.T) {
	var patterns []string
	for line := range strings.Lines(read(t, "Makefile")) {
		if name, list, ok := strings.Cut(line, " = "); ok && strings.HasSuffix(name, "_PACKAGES") {
			patterns = append(patterns, strings.Fields(list)...)
		}
	}
	tested := 0
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !strings.HasSuffix(path, "_test.go") {
			return err
		}
		tested++
		folder := "./" + filepath.ToSlash(strings.TrimPrefix(filepath.Dir(path), root+"/")) + "/"
		if !slices.ContainsFunc(patterns, func(pattern string) bool { return strings.HasPrefix(folder, strings.TrimSuffix(pattern, "...")) }) {
			t.Errorf("%s is not among the packages of make test", path)
		}
		return nil
	})
	if err != nil || tested < 50 {
		t.Errorf("%d test files found: %v", tested, err)
	}
}

// sources are the program's own Go files, without tests and what is generated.
func sources(t *testing.T) []string {
	t.Helper()
	var paths []string
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name := entry.Name()
		if entry.IsDir() && path != root && (strings.HasPrefix(name, ".") || name == "bin" || name == "db") {
			return filepath.SkipDir
		}
		if strings.HasSuffix(name, ".go") && !strings.HasSuffix(name, "_test.go") && !strings.HasSuffix(name, "_templ.go") {
			paths = append(paths, path)
		}
		return nil
	})
	if err != nil || len(paths) < 50 {
		t.Fatalf("%d sources found: %v", len(paths), err)
	}
	return paths
}

// table returns the rows below the header of the table between a section's marks in operations.md.
func table(t *testing.T, section string) [][]string {
	t.Helper()
	_, rest, begun := strings.Cut(read(t, "docs/operations.md"), fmt.Sprintf("<!-- %s -->\n", section))
	part, _, ended := strings.Cut(rest, "<!-- end -->\n")
	if !begun || !ended {
		t.Fatalf("operations.md has no part %q", section)
	}
	var rows [][]string
	for line := range strings.Lines(part) {
		row := strings.Split(strings.Trim(strings.TrimSpace(line), "|"), "|")
		for i := range row {
			row[i] = strings.TrimSpace(row[i])
		}
		rows = append(rows, row)
	}
	return rows[2:]
}

func read(t *testing.T, path string) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(root, path))
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}
