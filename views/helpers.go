package views

import (
	"net/http"
	"strings"
	"unicode/utf8"

	"rankloop/ranking"
)

// displayName is how the pages call somebody.
func displayName(user ranking.User) string {
	if user.Name != "" {
		return user.Name
	}
	return user.Email
}

// initials are one or two characters that stand for somebody: of the first and the last word, or the first character
// of a name in one word.
func initials(user ranking.User) string {
	words := strings.Fields(displayName(user))
	if len(words) == 0 {
		return "?"
	}
	first, _ := utf8.DecodeRuneInString(words[0])
	if len(words) == 1 {
		return strings.ToUpper(string(first))
	}
	last, _ := utf8.DecodeRuneInString(words[len(words)-1])
	return strings.ToUpper(string(first) + string(last))
}

// pressed is the value of aria-pressed.
func pressed(yes bool) string {
	if yes {
		return "true"
	}
	return "false"
}

// errorHeading is the catalog key of an error page's heading.
func errorHeading(status int) string {
	switch status {
	case http.StatusNotFound:
		return "errors.not_found"
	case http.StatusForbidden:
		return "errors.forbidden"
	case http.StatusGone:
		return "errors.expired"
	case http.StatusServiceUnavailable, http.StatusTooManyRequests:
		return "errors.unavailable"
	}
	if status >= http.StatusInternalServerError {
		return "errors.broken"
	}
	return "errors.refused"
}
