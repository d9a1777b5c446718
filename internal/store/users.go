package store

import (
	"context"
	"crypto/rand"
	"strings"

	"rankloop/internal/store/db"
	"rankloop/ranking"
)

// NewUser is a user to be made.
type NewUser = ranking.NewUser

// CreateUser makes a user. CodeConflict if the email address is taken.
func (s *Store) CreateUser(ctx context.Context, n NewUser) (ranking.User, error) {
	user, err := createUser(ctx, s.q, n)
	return user, explain("create user", err)
}

// pseudonymTries bounds the search for a free pseudonym; one of 33 million is drawn each time.
const pseudonymTries = 20

func createUser(ctx context.Context, q *db.Queries, n NewUser) (ranking.User, error) {
	if err := checkText("the email address", n.Email, emailMax); err != nil {
		return ranking.User{}, err
	}
	email := strings.ToLower(strings.TrimSpace(n.Email))
	if err := checkNewUser(email, n); err != nil {
		return ranking.User{}, err
	}
	if n.Locale == "" {
		n.Locale = "en"
	}
	for range pseudonymTries {
		rows, err := q.InsertUser(ctx, db.InsertUserParams{
			Email: email, Name: n.Name, Role: string(n.Role), Locale: n.Locale, Pseudonym: newPseudonym(n.Simulated),
			PasswordHash: n.PasswordHash, Simulated: n.Simulated,
		})
		if err != nil && !noRows(err) {
			return ranking.User{}, err
		}
		if err == nil {
			return user(rows), nil
		}
		if _, err := q.UserByEmail(ctx, email); err == nil {
			return ranking.User{}, ranking.Errorf(ranking.CodeConflict, "there is a user with the email address %s already", email)
		} else if !noRows(err) {
			return ranking.User{}, err
		}
	}
	return ranking.User{}, ranking.Errorf(ranking.CodeUnavailable, "no free pseudonym was found; try again")
}

func checkNewUser(email string, n NewUser) error {
	local, domain, found := strings.Cut(email, "@")
	if !found || local == "" || domain == "" || strings.ContainsAny(email, " \t\r\n<>,;\"") || strings.Contains(domain, "@") {
		return ranking.Errorf(ranking.CodeInvalid, "%q is not an email address", email)
	}
	if err := checkText("the name", n.Name, nameMax); err != nil {
		return err
	}
	if err := checkText("the locale", n.Locale, localeMax); err != nil {
		return err
	}
	switch n.Role {
	case ranking.RoleAnnotator, ranking.RoleResearcher, ranking.RoleAdmin:
		return nil
	}
	return ranking.Errorf(ranking.CodeInvalid, "%q is not a role: use annotator, researcher or admin", n.Role)
}

// newPseudonym draws what exports show in place of a name. A simulated annotator's says so.
func newPseudonym(simulated bool) string {
	prefix := "a-"
	if simulated {
		prefix = "sim-"
	}
	return prefix + strings.ToLower(rand.Text()[:5])
}

// UserByID returns a user. CodeNotFound if there is none.
func (s *Store) UserByID(ctx context.Context, id int64) (ranking.User, error) {
	row, err := s.q.UserByID(ctx, id)
	if err != nil {
		return ranking.User{}, missing("user by id", err, noUser())
	}
	return user(row), nil
}

// UserByEmail returns a user with the hash of their password, "" where none is set. CodeNotFound if there is none.
func (s *Store) UserByEmail(ctx context.Context, email string) (ranking.User, string, error) {
	if unstorable(email) != "" {
		return ranking.User{}, "", noUser()
	}
	email = strings.ToLower(strings.TrimSpace(email))
	row, err := s.q.UserByEmail(ctx, email)
	if err != nil {
		return ranking.User{}, "", missing("user by email", err, noUser())
	}
	hash := ""
	if row.PasswordHash != nil {
		hash = *row.PasswordHash
	}
	return user(row), hash, nil
}

// ListUsers returns everybody, oldest first.
func (s *Store) ListUsers(ctx context.Context) ([]ranking.User, error) {
	rows, err := s.q.ListUsers(ctx)
	if err != nil {
		return nil, explain("list users", err)
	}
	return users(rows), nil
}

// SetPasswordHash sets the hash of a user's password; empty takes it away. It ends the user's sessions. CodeNotFound if there is no such user.
func (s *Store) SetPasswordHash(ctx context.Context, userID int64, hash string) error {
	n, err := s.q.SetPasswordHash(ctx, db.SetPasswordHashParams{ID: userID, PasswordHash: hash})
	return changedUser("set password", n, err)
}

// SetLocale sets the language of a user's pages. CodeNotFound if there is no such user.
func (s *Store) SetLocale(ctx context.Context, userID int64, locale string) error {
	if err := checkText("the locale", locale, localeMax); err != nil {
		return err
	}
	n, err := s.q.SetLocale(ctx, db.SetLocaleParams{ID: userID, Locale: locale})
	return changedUser("set locale", n, err)
}

// SetUserDisabled keeps a user out, or lets them in again. CodeNotFound if there is no such user.
func (s *Store) SetUserDisabled(ctx context.Context, userID int64, disabled bool) error {
	n, err := s.q.SetUserDisabled(ctx, db.SetUserDisabledParams{ID: userID, Disabled: disabled})
	return changedUser("disable user", n, err)
}

// AdminExists says whether there is any admin.
func (s *Store) AdminExists(ctx context.Context) (bool, error) {
	exists, err := s.q.AdminExists(ctx)
	return exists, explain("look for an admin", err)
}

func changedUser(what string, rows int64, err error) error {
	if err == nil && rows == 0 {
		return noUser()
	}
	return explain(what, err)
}

func noUser() *ranking.Error { return ranking.Errorf(ranking.CodeNotFound, "there is no such user") }

func user(row db.User) ranking.User {
	return ranking.User{
		ID: row.ID, Email: row.Email, Name: row.Name, Role: ranking.Role(row.Role), Locale: row.Locale,
		Pseudonym: row.Pseudonym, Simulated: row.Simulated, CreatedAt: row.CreatedAt, Disabled: row.DisabledAt != nil,
		SessionEpoch: int(row.SessionEpoch),
	}
}

func users(rows []db.User) []ranking.User {
	all := make([]ranking.User, len(rows))
	for i, row := range rows {
		all[i] = user(row)
	}
	return all
}
