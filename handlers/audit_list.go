package handlers

import (
	"context"
	"net/http"
	"strconv"

	"github.com/labstack/echo/v4"

	"rankloop/ranking"
	"rankloop/views"
)

const auditPageRows = 100

type auditStore interface {
	// AuditPage lists rows below beforeID (0 for all), newest first.
	AuditPage(ctx context.Context, beforeID int64, limit int) ([]ranking.AuditRow, error)
}

// AuditList answers GET /audit.
func AuditList(store auditStore) echo.HandlerFunc {
	return func(c echo.Context) error {
		beforeID, _ := strconv.ParseInt(c.QueryParam("before"), 10, 64)
		rows, err := store.AuditPage(c.Request().Context(), max(beforeID, 0), auditPageRows+1)
		if err != nil {
			return err
		}
		page := views.AuditData{First: beforeID <= 0}
		if len(rows) > auditPageRows {
			rows = rows[:auditPageRows]
			page.OlderThan = rows[len(rows)-1].ID
		}
		for _, row := range rows {
			page.Rows = append(page.Rows, views.NewAuditLine(row))
		}
		return Render(c, http.StatusOK, views.AuditPage(page))
	}
}
