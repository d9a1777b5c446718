package web

import (
	"strings"

	"rankloop/handlers"
)

// HashPassword returns the hash that sign-in checks, an argon2id PHC string; CodeInvalid says which rule the password
// breaks.
func HashPassword(password string) (string, error) { return handlers.HashPassword(password) }

// LinkURL is the address of a single-use link on the site at base, such as "http://127.0.0.1:8080".
func LinkURL(base, token string) string {
	return strings.TrimSuffix(base, "/") + handlers.LinkPath(token)
}
