package store

import (
	"regexp"
	"strings"
	"unicode/utf8"

	"rankloop/ranking"
)

// Limits of what people type, in characters. The schema has them too.
const (
	nameMax       = 200
	emailMax      = 254 // RFC 5321
	localeMax     = 35  // RFC 5646, section 4.4.1
	commentMax    = 5000
	reasonMax     = 2000
	guidelinesMax = 200_000
)

// checkText refuses what Postgres cannot store (NUL bytes, broken UTF-8) and what is too long.
func checkText(what, text string, charactersMax int) error {
	if utf8.RuneCountInString(text) > charactersMax {
		return ranking.Errorf(ranking.CodeTooLarge, "%s is longer than %d characters", what, charactersMax)
	}
	if reason := unstorable(text); reason != "" {
		return ranking.Errorf(ranking.CodeInvalid, "%s %s", what, reason)
	}
	return nil
}

// unstorable says why a text cannot be stored, "" if it can.
func unstorable(text string) string {
	if strings.IndexByte(text, 0) >= 0 {
		return "holds a NUL byte"
	}
	if !utf8.ValidString(text) {
		return "is not valid UTF-8"
	}
	return ""
}

// unstorableValue is unstorable for all strings of a decoded JSON value.
func unstorableValue(value any) string {
	switch v := value.(type) {
	case string:
		return unstorable(v)
	case []any:
		for _, element := range v {
			if reason := unstorableValue(element); reason != "" {
				return reason
			}
		}
	case map[string]any:
		for key, element := range v {
			if reason := unstorable(key); reason != "" {
				return reason
			}
			if reason := unstorableValue(element); reason != "" {
				return reason
			}
		}
	}
	return ""
}

var (
	namePattern       = regexp.MustCompile(`^[a-z0-9][a-z0-9._-]{0,62}$`)
	checkpointPattern = regexp.MustCompile(`^[a-z0-9][a-z0-9._@-]{0,126}$`)
)

// checkName holds the names of campaigns, snapshots and runs to what is safe in a path and a URL.
func checkName(what, name string) error {
	if !namePattern.MatchString(name) {
		return ranking.Errorf(ranking.CodeInvalid,
			"%q is no name for a %s: use 1 to 63 lower-case letters, digits, dots, dashes and underscores, beginning with a letter or digit",
			name, what)
	}
	return nil
}
