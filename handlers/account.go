package handlers

import (
	"context"
	"net/http"

	"github.com/labstack/echo/v4"

	"rankloop/internal/i18n"
	"rankloop/ranking"
	"rankloop/views"
)

type accountStore interface {
	preferencesStore
	UserByEmail(ctx context.Context, email string) (ranking.User, string, error)
	SetPasswordHash(ctx context.Context, userID int64, hash string) error
	// OptOuts are the sensitive categories that the user does not want to see.
	OptOuts(ctx context.Context, userID int64) ([]string, error)
	SetOptOuts(ctx context.Context, userID int64, categories []string) error
	// SuggestsBreaks reports whether the user wants breaks to be suggested.
	SuggestsBreaks(ctx context.Context, userID int64) (bool, error)
	SetSuggestsBreaks(ctx context.Context, userID int64, wants bool) error
}

// AccountShow answers GET /account.
func AccountShow(store accountStore) echo.HandlerFunc {
	return func(c echo.Context) error {
		return showAccount(c, store, http.StatusOK, views.AccountData{
			Saved: c.QueryParam("saved") == "1", SensitiveSaved: c.QueryParam("saved") == "sensitive",
			BreaksSaved: c.QueryParam("saved") == "breaks",
		})
	}
}

func showAccount(c echo.Context, store accountStore, status int, page views.AccountData) (err error) {
	ctx := c.Request().Context()
	page.User = *CurrentUser(ctx)
	if page.OptedOut, err = store.OptOuts(ctx, page.User.ID); err != nil {
		return err
	}
	if page.SuggestsBreaks, err = store.SuggestsBreaks(ctx, page.User.ID); err != nil {
		return err
	}
	return Render(c, status, views.AccountPage(page))
}

// AccountSensitive answers POST /account/sensitive: which kinds of sensitive tasks one does not want.
func AccountSensitive(store accountStore) echo.HandlerFunc {
	return func(c echo.Context) error {
		ctx := c.Request().Context()
		form, err := c.FormParams()
		if err != nil {
			return err
		}
		if err := store.SetOptOuts(ctx, CurrentUser(ctx).ID, form["category"]); err != nil {
			return err
		}
		return redirect(c, "/account?saved=sensitive")
	}
}

// AccountBreaks answers POST /account/breaks: whether breaks are suggested to one.
func AccountBreaks(store accountStore) echo.HandlerFunc {
	return func(c echo.Context) error {
		ctx := c.Request().Context()
		if err := store.SetSuggestsBreaks(ctx, CurrentUser(ctx).ID, c.FormValue("suggest") != ""); err != nil {
			return err
		}
		return redirect(c, "/account?saved=breaks")
	}
}

// AccountPassword answers POST /account/password. The present password is asked for where one is set; people who came
// by a sign-in link set their first one without.
// The person's other sessions end.
func AccountPassword(store accountStore, sessions Sessions) echo.HandlerFunc {
	attempts := newAttemptLimiter()
	return func(c echo.Context) error {
		ctx := c.Request().Context()
		user := CurrentUser(ctx)
		err := changePassword(c, store, attempts, user)
		if status := ErrorStatus(err); err != nil && status < http.StatusInternalServerError {
			return showAccount(c, store, status, views.AccountData{Error: i18n.Error(ctx, err)})
		}
		if err != nil {
			return err
		}
		if err := sessions.SignIn(c, user.ID); err != nil {
			return err
		}
		return redirect(c, "/account?saved=1")
	}
}

func changePassword(c echo.Context, store accountStore, attempts *attemptLimiter, user *ranking.User) error {
	ctx := c.Request().Context()
	_, present, err := store.UserByEmail(ctx, user.Email)
	if err != nil {
		return err
	}
	if present != "" {
		limits := map[string]int{"account " + user.Email: failuresPerAccountMax}
		if err := attempts.take(limits); err != nil {
			return err
		}
		ok, err := checkPassword(ctx, c.FormValue("present"), present)
		if err != nil {
			return err
		}
		if !ok {
			return ranking.Errorf(ranking.CodeInvalid, "the present password is wrong")
		}
		attempts.giveBack(limits)
	}
	hash, err := HashPassword(c.FormValue("password"))
	if err != nil {
		return err
	}
	return store.SetPasswordHash(ctx, user.ID, hash)
}
