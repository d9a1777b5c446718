// Package views draws the pages: templ components that take view structs and never query. Every string comes from the
// catalogs of internal/i18n; nothing is inline, neither script nor style, as the Content-Security-Policy demands.
package views

import (
	"context"

	"github.com/a-h/templ"

	"rankloop/ranking"
)

// Theme is the choice of colours.
type Theme string

// The themes. System follows the device.
const (
	ThemeSystem Theme = "system"
	ThemeLight  Theme = "light"
	ThemeDark   Theme = "dark"
)

// ParseTheme reads a theme; anything unknown is ThemeSystem.
func ParseTheme(s string) Theme {
	switch t := Theme(s); t {
	case ThemeLight, ThemeDark:
		return t
	}
	return ThemeSystem
}

// Shell is what every page's frame needs, beside the page itself. It travels in the context.
type Shell struct {
	Assets string // public folder of the assets, "/assets/<hash>"
	Path   string // path and query of this page: where a form of the frame leads back to
	Theme  Theme
	Guide  bool          // the guidelines are open beside tasks
	User   *ranking.User // nil when nobody is signed in
}

type shellKey struct{}

// WithShell returns a context whose pages are framed by s.
func WithShell(ctx context.Context, s Shell) context.Context {
	return context.WithValue(ctx, shellKey{}, s)
}

// ShellFrom is the frame of ctx.
func ShellFrom(ctx context.Context) Shell {
	s, _ := ctx.Value(shellKey{}).(Shell)
	return s
}

// Page is what one page tells its frame.
type Page struct {
	Title  string          // of the window, before the site's name
	Crumb  string          // shown beside the brand: where one is
	Script string          // module below assets/js that the page runs, without ".js"; "" for none
	Styles []string        // further sheets below assets/css, without ".css"
	Bare   bool            // no navigation: signing in, the board
	Extra  templ.Component // further items of the bar; nil for none
}

// asset is the public path of a file below assets/.
func asset(ctx context.Context, path string) string { return ShellFrom(ctx).Assets + "/" + path }
