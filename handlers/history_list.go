package handlers

import (
	"context"
	"net/http"
	"strconv"

	"github.com/labstack/echo/v4"

	"rankloop/ranking"
	"rankloop/views"
)

const historyPageRows = 50

type historyStore interface {
	// History lists the user's judgments newest first, those with an id below beforeID (0 for all).
	History(ctx context.Context, userID, beforeID int64, limit int) ([]ranking.HistoryRow, error)
}

// HistoryList answers GET /history: one's own judgments, newest first.
func HistoryList(store historyStore) echo.HandlerFunc {
	return func(c echo.Context) error {
		ctx := c.Request().Context()
		beforeID, _ := strconv.ParseInt(c.QueryParam("before"), 10, 64)
		rows, err := store.History(ctx, CurrentUser(ctx).ID, max(beforeID, 0), historyPageRows+1)
		if err != nil {
			return err
		}
		page := views.HistoryData{First: beforeID <= 0}
		if len(rows) > historyPageRows {
			rows = rows[:historyPageRows]
			page.OlderThan = rows[len(rows)-1].JudgmentID
		}
		for _, row := range rows {
			page.Rows = append(page.Rows, views.NewHistoryLine(row))
		}
		return Render(c, http.StatusOK, views.HistoryPage(page))
	}
}
