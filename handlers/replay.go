package handlers

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"rankloop/views"
)

// A form that was sent after its session had ended is not lost: the sign-in page carries what it said in hidden fields,
// and after signing in one more press sends it. Nothing is sent unasked, since another person may sign in.
const (
	replayPath   = "replay_path"
	replayPrefix = "replay."

	passwordPath = "/account/password"

	replayBytesMax = 512 << 10 // of names and values
)

// unsentForm is the form of a request as the sign-in page keeps it, nil where there is none that can be kept: it was sent
// by a script, holds a file, or is too large.
func unsentForm(c echo.Context) *views.UnsentForm {
	r := c.Request()
	if r.Method != http.MethodPost || !strings.HasPrefix(r.Header.Get(echo.HeaderContentType), echo.MIMEApplicationForm) {
		return nil
	}
	form, err := c.FormParams()
	if err != nil {
		return nil
	}
	return newUnsentForm(r.URL.Path, form, "")
}

// replayedForm is what the sign-in page carried along.
func replayedForm(form url.Values) *views.UnsentForm {
	return newUnsentForm(form.Get(replayPath), form, replayPrefix)
}

// newUnsentForm keeps the fields whose names begin with a prefix, in a fixed order.
func newUnsentForm(path string, form url.Values, prefix string) *views.UnsentForm {
	if path = localPath(path); path == "/" || path == passwordPath { // passwords go into no page
		return nil
	}
	kept, bytes := &views.UnsentForm{Path: path}, 0
	for name, values := range form {
		short, ok := strings.CutPrefix(name, prefix)
		if !ok {
			continue
		}
		for _, value := range values {
			kept.Fields = append(kept.Fields, views.FormValue{Name: short, Value: value})
			bytes += len(short) + len(value)
		}
	}
	if bytes > replayBytesMax {
		return nil
	}
	slices.SortStableFunc(kept.Fields, func(a, b views.FormValue) int { return strings.Compare(a.Name, b.Name) })
	return kept
}

// SignInAgain answers a page's request whose session is over: it asks to sign in, and leads back to the same place with
// what a form said.
func SignInAgain(c echo.Context) error {
	r := c.Request()
	unsent := unsentForm(c)
	next := refererPath(r)
	if r.Method == http.MethodGet {
		next = localPath(r.URL.RequestURI())
	}
	if unsent == nil {
		if next == "/" {
			return redirect(c, "/sign-in")
		}
		return redirect(c, "/sign-in?next="+url.QueryEscape(next))
	}
	return Render(c, http.StatusUnauthorized, views.SignInPage(views.SignInData{Next: next, Unsent: unsent}))
}

// refererPath is the page of this site that a form was on.
func refererPath(r *http.Request) string {
	from, err := url.Parse(r.Referer())
	if err != nil || from.Host != r.Host {
		return "/"
	}
	return localPath(from.RequestURI())
}
