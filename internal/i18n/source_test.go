package i18n_test

import (
	"go/ast"
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

	"rankloop/internal/i18n"
)

const root = "../.."

// parseTree calls f with every Go file below the given folders of the repository, tests left out.
func parseTree(t *testing.T, f func(path string, file *ast.File), folders ...string) {
	t.Helper()
	files := token.NewFileSet()
	for _, folder := range folders {
		err := filepath.WalkDir(filepath.Join(root, folder), func(path string, entry fs.DirEntry, err error) error {
			if err != nil {
				return err
			}
			if name := entry.Name(); entry.IsDir() && len(name) > 2 && strings.HasPrefix(name, ".") || name == "bin" || name == "data" {
				return filepath.SkipDir
			}
			if entry.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
				return nil
			}
			source, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			file, err := parser.ParseFile(files, path, source, parser.SkipObjectResolution)
			if err != nil {
				return err
			}
			relative, err := filepath.Rel(root, path)
			f(filepath.ToSlash(relative), file)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

// stringValue is the value of a string literal or of literals added up; ok is false for anything else.
func stringValue(e ast.Expr) (value string, ok bool) {
	switch e := e.(type) {
	case *ast.BasicLit:
		if e.Kind != token.STRING {
			return "", false
		}
		value, err := strconv.Unquote(e.Value)
		return value, err == nil
	case *ast.BinaryExpr:
		left, okLeft := stringValue(e.X)
		right, okRight := stringValue(e.Y)
		return left + right, okLeft && okRight
	}
	return "", false
}

var keyPattern = regexp.MustCompile(`^[a-z][a-z0-9_]*\.[a-z0-9_]*$`)

// Every string in pages and handlers that looks like a key of the catalog is one, or, ending before its last word
// ("role."), begins one; and every key of the catalog is used.
func TestKeysOfPages(t *testing.T) {
	keys, groups := map[string]bool{}, map[string]bool{}
	for _, key := range i18n.Keys(i18n.English) {
		keys[key] = true
		group, _, _ := strings.Cut(key, ".")
		groups[group] = true
	}
	used := map[string]bool{}
	parseTree(t, func(path string, file *ast.File) {
		ast.Inspect(file, func(n ast.Node) bool {
			literal, ok := n.(*ast.BasicLit)
			if !ok {
				return true
			}
			text, ok := stringValue(literal)
			group, rest, _ := strings.Cut(text, ".")
			if !ok || !keyPattern.MatchString(text) || !groups[group] || rest == "templ" { // generated code names its source
				return true
			}
			if keys[text] {
				used[text] = true
				return true
			}
			begins := 0
			for key := range keys {
				if strings.HasPrefix(key, text) {
					used[key] = true
					begins++
				}
			}
			if begins == 0 || rest != "" && !strings.HasSuffix(rest, "_") {
				t.Errorf("%s: no catalog has the key %q", path, text)
			}
			return true
		})
	}, "views", "handlers", "web", "internal/i18n")
	for key := range keys {
		if !used[key] {
			t.Errorf("the catalogs have %q, which no page uses", key)
		}
	}
}

// Packages whose errors are read on a terminal only, which speaks English: the command line, what only it calls, and
// starting the database. model has no errors of this kind.
var terminalOnly = []string{
	"internal/cli/", "internal/simulate/", "internal/demo/", "internal/basemodel/", "internal/bench/", "internal/hub/", "internal/postgres/",
}

// Every message of a ranking.Error that a page may show is translated. A helper that hands a parameter called format on
// to ranking.Errorf is checked where it is called.
func TestErrorsAreTranslated(t *testing.T) {
	type source struct {
		path string
		file *ast.File
	}
	var sources []source
	helpers := map[string]int{} // "package folder.name" → which argument is the format
	parseTree(t, func(path string, file *ast.File) {
		if slices.ContainsFunc(terminalOnly, func(prefix string) bool { return strings.HasPrefix(path, prefix) }) {
			return
		}
		sources = append(sources, source{path, file})
	}, "ranking", "web", "handlers", "views", "trainer", "internal")
	for range 3 { // a helper may call a helper that calls one
		for _, s := range sources {
			for _, declaration := range s.file.Decls {
				if name, index, ok := formatHelper(declaration, filepath.Dir(s.path), helpers); ok {
					helpers[filepath.Dir(s.path)+"."+name] = index
				}
			}
		}
	}

	reported := map[string]bool{}
	for _, s := range sources {
		ast.Inspect(s.file, func(n ast.Node) bool {
			format, found := errorFormat(n, s.file.Name.Name == "ranking")
			if call, ok := n.(*ast.CallExpr); ok && !found {
				if index, ok := helpers[filepath.Dir(s.path)+"."+calledName(call)]; ok && index < len(call.Args) {
					format, found = call.Args[index], true
				}
			}
			if identifier, ok := format.(*ast.Ident); !found || ok && identifier.Name == "format" {
				return true
			}
			text, ok := stringValue(format)
			if !ok {
				t.Errorf("%s: the format of an error must be a literal, so that it can be translated", s.path)
				return true
			}
			for _, l := range i18n.Locales()[1:] {
				if !i18n.HasError(l, text) && !reported[text] {
					reported[text] = true
					t.Errorf("%s: %s lacks the error %q", s.path, l, text)
				}
			}
			return true
		})
	}
}

// formatHelper recognizes a function with a string parameter called format that it hands on to ranking.Errorf, or to a
// helper of its own folder.
func formatHelper(declaration ast.Decl, folder string, helpers map[string]int) (name string, index int, ok bool) {
	function, isFunction := declaration.(*ast.FuncDecl)
	if !isFunction || function.Body == nil || folder == "ranking" && function.Name.Name == "Errorf" { // itself, and fmt's
		return "", 0, false
	}
	index = -1
	position := 0
	for _, field := range function.Type.Params.List {
		for _, parameter := range field.Names {
			if parameter.Name == "format" {
				index = position
			}
			position++
		}
	}
	ast.Inspect(function.Body, func(n ast.Node) bool {
		format, found := errorFormat(n, folder == "ranking")
		if call, isCall := n.(*ast.CallExpr); isCall && !found {
			if at, known := helpers[folder+"."+calledName(call)]; known && at < len(call.Args) {
				format, found = call.Args[at], true
			}
		}
		if found {
			identifier, isName := format.(*ast.Ident)
			ok = ok || isName && identifier.Name == "format"
		}
		return true
	})
	return function.Name.Name, index, ok && index >= 0
}

// calledName is the name of the function or method that a call calls.
func calledName(call *ast.CallExpr) string {
	switch f := call.Fun.(type) {
	case *ast.Ident:
		return f.Name
	case *ast.SelectorExpr:
		return f.Sel.Name
	}
	return ""
}

// errorFormat finds the format in ranking.Errorf(code, format, …) and ranking.Error{Format: …}; within package ranking
// the names stand alone.
func errorFormat(n ast.Node, inRanking bool) (ast.Expr, bool) {
	named := func(e ast.Expr, name string) bool {
		if selector, ok := e.(*ast.SelectorExpr); ok {
			of, ok := selector.X.(*ast.Ident)
			return ok && of.Name == "ranking" && selector.Sel.Name == name
		}
		identifier, ok := e.(*ast.Ident)
		return ok && inRanking && identifier.Name == name
	}
	switch n := n.(type) {
	case *ast.CallExpr:
		if named(n.Fun, "Errorf") && len(n.Args) >= 2 {
			return n.Args[1], true
		}
	case *ast.CompositeLit:
		if !named(n.Type, "Error") {
			return nil, false
		}
		for _, element := range n.Elts {
			if pair, ok := element.(*ast.KeyValueExpr); ok {
				if key, ok := pair.Key.(*ast.Ident); ok && key.Name == "Format" {
					return pair.Value, true
				}
			}
		}
	}
	return nil, false
}
