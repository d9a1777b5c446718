package views

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"rankloop/ranking"
)

// PeopleData lists everybody, and the invitations that can still be used.
type PeopleData struct {
	Me           int64
	Users        []ranking.User
	Invitations  []ranking.OpenInvitation
	Campaigns    []string
	Link         string // just made, shown once
	LinkRole     ranking.Role
	LinkCampaign string
	SignInFor    string // whose sign-in link Link is; "" for an invitation
	Errors       FormErrors
	Notice       string // catalog key of what was just done
}

// userOptions are people to choose from.
func userOptions(users []ranking.User) []Option {
	options := make([]Option, len(users))
	for i, u := range users {
		text := u.Email
		if u.Name != "" {
			text = u.Name + " · " + u.Email
		}
		options[i] = Option{strconv.FormatInt(u.ID, 10), text}
	}
	return options
}

// nameOptions are names to choose from, after an empty choice.
func nameOptions(empty string, names []string) []Option {
	options := []Option{{"", empty}}
	for _, name := range names {
		options = append(options, Option{name, name})
	}
	return options
}

// AuditData is one page of what was done.
type AuditData struct {
	Rows      []AuditLine
	OlderThan int64 // 0 on the last page
	First     bool
}

// AuditLine is one thing that was done.
type AuditLine struct {
	At                           time.Time
	Who, Action, Object, Details string
}

// NewAuditLine lays a row of the log out on one line.
func NewAuditLine(row ranking.AuditRow) AuditLine {
	return AuditLine{At: row.At, Who: row.Email, Action: row.Action, Object: row.Object, Details: auditDetails(row.Details)}
}

// auditDetails writes a flat object as "key value · key value".
func auditDetails(encoded json.RawMessage) string {
	var details map[string]any
	if json.Unmarshal(encoded, &details) != nil {
		return excerpt(string(encoded), auditDetailsMax)
	}
	var parts []string
	for _, key := range slices.Sorted(maps.Keys(details)) {
		value := details[key]
		if number, ok := value.(float64); ok {
			value = strconv.FormatFloat(number, 'g', -1, 64)
		}
		parts = append(parts, fmt.Sprintf("%s %v", key, value))
	}
	return excerpt(strings.Join(parts, " · "), auditDetailsMax)
}

const auditDetailsMax = 300
