package handlers

import (
	"context"
	"net/http"

	"github.com/labstack/echo/v4"

	"rankloop/internal/i18n"
	"rankloop/views"
)

// The cookies of the language, the theme, and of the guidelines beside tasks. All are plain words that scripts may read:
// the latter two are set without a request where scripts run.
const (
	LocaleCookie = "rankloop_locale"
	ThemeCookie  = "rankloop_theme"
	GuideCookie  = "rankloop_guide" // "open"
)

const preferenceSeconds = 365 * 24 * 60 * 60

type preferencesStore interface {
	SetLocale(ctx context.Context, userID int64, locale string) error
}

// PreferencesSave answers POST /preferences: the language or the theme, for this browser and, the language, for the
// account. Anybody may choose, signed in or not.
func PreferencesSave(store preferencesStore) echo.HandlerFunc {
	return func(c echo.Context) error {
		ctx := c.Request().Context()
		if locale := i18n.Locale(c.FormValue("locale")); locale.Valid() {
			setPreference(c, LocaleCookie, string(locale))
			if user := CurrentUser(ctx); user != nil {
				if err := store.SetLocale(ctx, user.ID, string(locale)); err != nil {
					return err
				}
			}
		}
		if theme := c.FormValue("theme"); theme != "" {
			setPreference(c, ThemeCookie, string(views.ParseTheme(theme)))
		}
		return redirect(c, localPath(c.FormValue("next")))
	}
}

func setPreference(c echo.Context, name, value string) {
	c.SetCookie(&http.Cookie{Name: name, Value: value, Path: "/", MaxAge: preferenceSeconds, SameSite: http.SameSiteLaxMode})
}
