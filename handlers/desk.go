package handlers

import (
	"context"
	"regexp"
	"strings"

	"github.com/labstack/echo/v4"

	"rankloop/internal/i18n"
	"rankloop/ranking"
	"rankloop/views"
)

// Desk is everything that the admin's and the researcher's pages ask of the program, file by file. The database fills
// most of it; app adds what ties it to files, jobs and training.
type Desk interface {
	auditStore
	campaignStore
	peopleStore
	datasetStore
	runStore
	uploadStore
	playgroundStore
}

// auditor writes down what an admin or a researcher changed.
type auditor interface {
	// Audit's details must not hold secrets or what annotators wrote.
	Audit(ctx context.Context, userID *int64, action, object string, details any) error
}

// audit notes what the person who is signed in has done.
func audit(c echo.Context, store auditor, action, object string, details map[string]any) error {
	ctx := c.Request().Context()
	return store.Audit(ctx, &CurrentUser(ctx).ID, action, object, details)
}

// shownBeside reports whether an error is about what was typed, so that it belongs on the form and not on a page of
// its own.
func shownBeside(err error) bool {
	switch ranking.ErrorCode(err) {
	case ranking.CodeInvalid, ranking.CodeConflict, ranking.CodeTooLarge, ranking.CodeNotFound:
		return true
	}
	return false
}

// note puts an error beside a field, unless the field has one already.
func note(ctx context.Context, errors views.FormErrors, field string, err error) {
	if _, taken := errors[field]; err != nil && !taken {
		errors[field] = i18n.Error(ctx, err)
	}
}

// namePattern is what campaigns, snapshots and runs may be called.
var namePattern = regexp.MustCompile(`^[a-z0-9][a-z0-9._-]{0,62}$`)

func checkName(name string) error {
	if !namePattern.MatchString(name) {
		return ranking.Errorf(ranking.CodeInvalid, "a name has 1 to 63 lower-case letters, digits, dots, dashes and underscores, and begins with a letter or a digit")
	}
	return nil
}

// typed reads one line that somebody typed into a form.
func typed(c echo.Context, field string) string { return strings.TrimSpace(c.FormValue(field)) }

// lines reads a text of a form with the line ends that files have.
func lines(c echo.Context, field string) string {
	return strings.ReplaceAll(c.FormValue(field), "\r\n", "\n")
}

// absolute is the address of a path of this site as the browser sees it.
func absolute(c echo.Context, path string) string {
	return c.Scheme() + "://" + c.Request().Host + path
}
