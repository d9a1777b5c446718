package handlers

import (
	"context"
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"rankloop/internal/i18n"
	"rankloop/ranking"
	"rankloop/views"
)

type signInStore interface {
	// UserByEmail fails with CodeNotFound for an unknown address; the hash is "" where no password is set.
	UserByEmail(ctx context.Context, email string) (ranking.User, string, error)
}

// SignIn signs people in by address and password.
type SignIn struct {
	store    signInStore
	sessions Sessions
	attempts *attemptLimiter
}

// NewSignIn returns the sign-in page with its limiter of failed attempts.
func NewSignIn(store signInStore, sessions Sessions) *SignIn {
	return &SignIn{store: store, sessions: sessions, attempts: newAttemptLimiter()}
}

// Show answers GET /sign-in.
func (s *SignIn) Show(c echo.Context) error {
	next := localPath(c.QueryParam("next"))
	if CurrentUser(c.Request().Context()) != nil {
		return redirect(c, next)
	}
	return Render(c, http.StatusOK, views.SignInPage(views.SignInData{Next: next}))
}

// Submit answers POST /sign-in.
func (s *SignIn) Submit(c echo.Context) error {
	email, next := c.FormValue("email"), localPath(c.FormValue("next"))
	form, err := c.FormParams()
	if err != nil {
		return err
	}
	unsent := replayedForm(form)
	if _, err := s.signIn(c, email, c.FormValue("password")); err != nil {
		if ErrorStatus(err) >= http.StatusInternalServerError {
			return err
		}
		return Render(c, ErrorStatus(err), views.SignInPage(views.SignInData{
			Next: next, Email: email, Error: i18n.Error(c.Request().Context(), err), Unsent: unsent,
		}))
	}
	if unsent != nil {
		return Render(c, http.StatusOK, views.UnsentPage(views.SignInData{Next: next, Unsent: unsent}))
	}
	return redirect(c, next)
}

// SubmitJSON answers POST /api/sign-in.
func (s *SignIn) SubmitJSON(c echo.Context) error {
	var in struct {
		Email    string `json:"email"`
		Password string `json:"password"`
	}
	if err := bindJSON(c, &in); err != nil {
		return err
	}
	user, err := s.signIn(c, in.Email, in.Password)
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, map[string]any{"user": userJSON{user.ID, user.Email, user.Name, user.Role}})
}

type userJSON struct {
	ID    int64        `json:"id"`
	Email string       `json:"email"`
	Name  string       `json:"name"`
	Role  ranking.Role `json:"role"`
}

// signIn checks the password and starts a session. Which of address and password was wrong is not told.
func (s *SignIn) signIn(c echo.Context, email, password string) (ranking.User, error) {
	ctx := c.Request().Context()
	email = strings.ToLower(strings.TrimSpace(email))
	limits := map[string]int{
		"address " + c.RealIP():           failuresPerAddressMax,
		"account " + truncate(email, 254): failuresPerAccountMax,
	}
	if err := s.attempts.take(limits); err != nil {
		return ranking.User{}, err
	}
	user, hash, err := s.store.UserByEmail(ctx, email)
	if err != nil && ranking.ErrorCode(err) != ranking.CodeNotFound {
		s.attempts.giveBack(limits)
		return ranking.User{}, err
	}
	ok, checkErr := checkPassword(ctx, password, hash)
	if checkErr != nil {
		s.attempts.giveBack(limits)
		return ranking.User{}, checkErr
	}
	if err != nil || !ok || user.Disabled {
		return ranking.User{}, ranking.Errorf(ranking.CodeUnauthorized, "the address or the password is wrong")
	}
	s.attempts.giveBack(limits)
	return user, s.sessions.SignIn(c, user.ID)
}
