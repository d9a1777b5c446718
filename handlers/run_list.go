package handlers

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"rankloop/views"
)

// RunList answers GET /runs.
func RunList(store runStore) echo.HandlerFunc {
	return func(c echo.Context) error {
		runs, err := store.ListRuns(c.Request().Context())
		if err != nil {
			return err
		}
		return Render(c, http.StatusOK, views.RunsPage(views.RunsData{Runs: runs}))
	}
}
