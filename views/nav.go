package views

import (
	"context"
	"strings"

	"rankloop/internal/i18n"
	"rankloop/ranking"
)

// navInline is how many links fit beside the brand on a phone, in any language.
const navInline = 2

// navItem is one link of the bar, for the roles that may follow it.
type navItem struct {
	Key   string // of the catalog
	Path  string
	Roles []ranking.Role
}

var (
	everybody = []ranking.Role{ranking.RoleAnnotator, ranking.RoleResearcher, ranking.RoleAdmin}
	admins    = []ranking.Role{ranking.RoleAdmin}
	data      = []ranking.Role{ranking.RoleResearcher, ranking.RoleAdmin}
)

// navItems is the bar, in the order shown.
var navItems = []navItem{
	{"nav.home", "/", everybody},
	{"nav.history", "/history", everybody},
	{"nav.campaigns", "/campaigns", admins},
	{"nav.people", "/people", admins},
	{"nav.datasets", "/datasets", data},
	{"nav.runs", "/runs", data},
	{"nav.checkpoints", "/checkpoints", data},
	{"nav.playground", "/playground", data},
}

// navFor is the bar for a role.
func navFor(role ranking.Role) []navItem {
	var items []navItem
	for _, item := range navItems {
		for _, r := range item.Roles {
			if r == role {
				items = append(items, item)
			}
		}
	}
	return items
}

// navAt names the part of the site that the page belongs to; one that belongs to none is told that there is a menu.
func navAt(ctx context.Context, items []navItem) string {
	for _, item := range items {
		if item.current(ShellFrom(ctx).Path) {
			return i18n.T(ctx, item.Key)
		}
	}
	return i18n.T(ctx, "frame.menu")
}

// current reports whether the page at path belongs to the item.
func (i navItem) current(path string) bool {
	path, _, _ = strings.Cut(path, "?")
	return path == i.Path || i.Path != "/" && strings.HasPrefix(path, i.Path+"/")
}

// sectionsFor is the bar for a role without what everybody has.
func sectionsFor(role ranking.Role) []navItem {
	var items []navItem
	for _, item := range navFor(role) {
		if len(item.Roles) < len(everybody) {
			items = append(items, item)
		}
	}
	return items
}
