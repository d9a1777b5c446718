// Package handlers holds one file per page or action, named resource_action.go: parse, call, render. Each file
// declares the small interface of what it calls; Store gathers those that the database fills. A handler returns its
// error; web turns it into a page or into JSON.
package handlers

import (
	"context"
	"net/http"
	"strings"

	"github.com/a-h/templ"
	"github.com/labstack/echo/v4"

	"rankloop/ranking"
)

// Store is everything that the handlers ask of the database, file by file.
type Store interface {
	accountStore
	homeStore
	guidelinesStore
	revisionStore
	linkStore
	questionStore
	quizStore
	rankingStore
	signInStore
}

// Sessions is the signed-in state of the browser that made a request, kept on the server.
type Sessions interface {
	// SignIn starts a session for the user under a fresh token, so that a token planted before is worth nothing.
	SignIn(c echo.Context, userID int64) error
	// SignOut forgets the session.
	SignOut(c echo.Context) error
}

type userKey struct{}

// WithUser returns a context in which user is signed in.
func WithUser(ctx context.Context, user *ranking.User) context.Context {
	return context.WithValue(ctx, userKey{}, user)
}

// CurrentUser is who is signed in, nil when nobody is. Behind a route that requires it, it is never nil.
func CurrentUser(ctx context.Context) *ranking.User {
	user, _ := ctx.Value(userKey{}).(*ranking.User)
	return user
}

// WantsJSON reports whether the answer goes to a program: below /api/, or asked for in Accept.
func WantsJSON(r *http.Request) bool {
	if strings.HasPrefix(r.URL.Path, "/api/") {
		return true
	}
	accept := r.Header.Get("Accept")
	return strings.Contains(accept, "application/json") && !strings.Contains(accept, "text/html")
}

// Render writes a page. It is rendered whole before the first byte leaves, so a failing view becomes an error page and
// never half a page.
func Render(c echo.Context, status int, page templ.Component) error {
	buffer := templ.GetBuffer()
	defer templ.ReleaseBuffer(buffer)
	if err := page.Render(c.Request().Context(), buffer); err != nil {
		return err
	}
	// Pages speak of one person at one moment.
	c.Response().Header().Set("Cache-Control", "no-store")
	return c.HTMLBlob(status, buffer.Bytes())
}

// redirect sends a browser on with GET after a form was accepted.
func redirect(c echo.Context, path string) error {
	return c.Redirect(http.StatusSeeOther, path)
}

// localPath returns next where it is a path of this site that a browser may be sent to, else "/".
func localPath(next string) string {
	if len(next) > 2048 || !strings.HasPrefix(next, "/") || strings.HasPrefix(next, "//") || strings.ContainsAny(next, "\\\r\n\t\x00") {
		return "/"
	}
	return next
}
