package e2e

import (
	"context"
	"fmt"
	"html/template"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"unicode"

	"github.com/chromedp/chromedp"
)

// picturesFolder is where pictures of every page go; "" where none are asked for. `make screenshots` sets it.
func picturesFolder() string { return os.Getenv("RANKLOOP_SCREENSHOTS") }

// pictureBook is what has been pictured.
type pictureBook struct {
	mu    sync.Mutex
	names []string
	paths map[string]bool // of pages that are in a picture
}

var pictures = pictureBook{paths: map[string]bool{}}

// screens are the two that every page is made for.
var screens = []struct {
	width, height int64
	options       []chromedp.EmulateViewportOption
}{
	{1440, 900, nil},
	{360, 740, []chromedp.EmulateViewportOption{chromedp.EmulateMobile}},
}

const pictureHeightMax = 5000

// takePictures takes the tab's page, all of it, in both themes on both screens.
func (b *tab) takePictures(name, locale string) {
	b.t.Helper()
	name = slug(strings.TrimPrefix(b.t.Name(), "Test") + " " + name)
	for _, screen := range screens {
		b.do("a screen", chromedp.EmulateViewport(screen.width, screen.height, screen.options...))
		if wide := eval[int64](b, `document.documentElement.scrollWidth`); wide > screen.width {
			b.t.Errorf("%s: %d pixels wide on a screen of %d", name, wide, screen.width)
		}
		// A screen as high as the page has what sticks to its edges where it belongs.
		high := eval[int64](b, `document.documentElement.scrollHeight`)
		b.do("all of the page", chromedp.EmulateViewport(screen.width, min(max(high, screen.height), pictureHeightMax), screen.options...))
		for _, theme := range []string{"light", "dark"} {
			b.setTheme(theme)
			b.picture(picturesFolder(), pictureFile(name, locale, theme, screen.width), chromedp.CaptureScreenshot())
		}
	}
	b.do("a desk", chromedp.EmulateViewport(1280, 900))
	path := eval[string](b, `location.pathname`)
	pictures.mu.Lock()
	defer pictures.mu.Unlock()
	pictures.paths[path] = true
	if !slices.Contains(pictures.names, name) {
		pictures.names = append(pictures.names, name)
	}
}

// picture writes what a capture takes of the tab.
func (b *tab) picture(folder, name string, capture chromedp.Action[[]byte]) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, longWait)
	defer cancel()
	png, err := chromedp.Run(ctx, capture)
	if err != nil {
		b.t.Fatalf("%s: %v", name, err)
	}
	if err := os.WriteFile(filepath.Join(folder, name), png, 0o644); err != nil {
		b.t.Fatal(err)
	}
}

func pictureFile(name, locale, theme string, width int64) string {
	return fmt.Sprintf("%s.%s.%s.%d.png", name, locale, theme, width)
}

func slug(text string) string {
	return strings.Join(strings.FieldsFunc(strings.ToLower(text), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }), "-")
}

var album = template.Must(template.New("").Parse(`<!doctype html>
<html lang="en"><meta charset="utf-8"><title>Every page of Rankloop</title>
<style>body { font: 16px system-ui; margin: 24px } div { display: flex; flex-wrap: wrap; gap: 12px; align-items: start } img { border: 1px solid #888; max-width: 46vw }</style>
{{range .}}<h2>{{.Name}}</h2><div>{{range .Files}}<a href="{{.}}"><img src="{{.}}" loading="lazy" alt="{{.}}"></a>{{end}}</div>
{{end}}</html>
`))

// bind writes the page that shows all pictures, and says which pages of the route table are in none.
func (p *pictureBook) bind(folder string) error {
	type page struct {
		Name  string
		Files []string
	}
	var pages []page
	slices.Sort(p.names)
	for _, name := range p.names {
		shown := page{Name: name}
		for _, screen := range screens {
			for _, locale := range locales {
				for _, theme := range []string{"light", "dark"} {
					shown.Files = append(shown.Files, pictureFile(name, locale, theme, screen.width))
				}
			}
		}
		pages = append(pages, shown)
	}
	file, err := os.Create(filepath.Join(folder, "index.html"))
	if err != nil {
		return err
	}
	defer file.Close()
	if err := album.Execute(file, pages); err != nil {
		return err
	}
	routes, err := pageRoutes()
	if err != nil {
		return err
	}
	for path := range p.paths {
		delete(routes, routeOf(routes, path))
	}
	if len(routes) > 0 {
		return fmt.Errorf("no picture shows these pages; add them to a list of views: %v", sorted(routes))
	}
	return file.Close()
}

var getRoute = regexp.MustCompile(`Method: get, Path: "([^"]+)"`)

// notPages are the routes that answer with something else than a page of their own.
var notPages = regexp.MustCompile(`^/(healthz|readyz|api/.*)$|/(export|events|last|[^/]*\.csv)$`)

// pageRoutes reads the paths of all pages from the route table.
func pageRoutes() (map[string]bool, error) {
	source, err := os.ReadFile(filepath.Join("..", "..", "web", "routes.go"))
	if err != nil {
		return nil, err
	}
	routes := map[string]bool{}
	for _, found := range getRoute.FindAllStringSubmatch(string(source), -1) {
		if !notPages.MatchString(found[1]) {
			routes[found[1]] = true
		}
	}
	if len(routes) == 0 {
		return nil, fmt.Errorf("no page is found in web/routes.go")
	}
	return routes, nil
}

// routeOf is the route that a path is of, one without parameters first.
func routeOf(routes map[string]bool, path string) string {
	if routes[path] {
		return path
	}
	for route := range routes {
		if matches(strings.Split(route, "/"), strings.Split(path, "/")) {
			return route
		}
	}
	return ""
}

func matches(pattern, parts []string) bool {
	if len(pattern) != len(parts) {
		return false
	}
	for i, part := range pattern {
		if !strings.HasPrefix(part, ":") && part != parts[i] {
			return false
		}
	}
	return true
}

func sorted(set map[string]bool) []string {
	var list []string
	for key := range set {
		list = append(list, key)
	}
	slices.Sort(list)
	return list
}
