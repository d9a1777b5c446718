package handlers

import (
	"context"
	"net/http"
	"time"

	"github.com/labstack/echo/v4"

	"rankloop/ranking"
	"rankloop/views"
)

type homeStore interface {
	Assignments(ctx context.Context, userID int64, today time.Time) ([]ranking.Assignment, error)
	UnreadAnswers(ctx context.Context, userID int64) (int, error)
	FirstSteps(ctx context.Context) (ranking.FirstSteps, error)
}

// Home answers GET /: what to do next. Whoever may judge sees their campaigns; researchers and admins also see where
// their own work is, and admins what is still to be set up.
func Home(store homeStore) echo.HandlerFunc {
	return func(c echo.Context) error {
		ctx := c.Request().Context()
		user := CurrentUser(ctx)
		assignments, err := store.Assignments(ctx, user.ID, today(c.Request()))
		if err != nil {
			return err
		}
		unread, err := store.UnreadAnswers(ctx, user.ID)
		if err != nil {
			return err
		}
		page := views.HomeData{User: *user, Assignments: assignments, UnreadAnswers: unread}
		if user.Role == ranking.RoleAdmin {
			steps, err := store.FirstSteps(ctx)
			if err != nil {
				return err
			}
			page.FirstSteps = &steps
		}
		return Render(c, http.StatusOK, views.HomePage(page))
	}
}
