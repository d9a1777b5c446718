package handlers

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"rankloop/ranking"
	"rankloop/views"
)

const historyPageRows = 50

// historyStore is one's own work as it was.
type historyStore interface {
	// History is a page of the user's judgments and skips, newest first.
	History(ctx context.Context, userID int64, query ranking.HistoryQuery) ([]ranking.HistoryRow, error)
	// CampaignsOfUser names the campaigns that the user works on or has worked on.
	CampaignsOfUser(ctx context.Context, userID int64) ([]string, error)
	// WorkedHours is the user's active time by day and campaign, oldest first.
	WorkedHours(ctx context.Context, userID int64, zone string) ([]ranking.WorkedHours, error)
	// PastJudgment and PastSkip fail with CodeNotFound for somebody else's.
	PastJudgment(ctx context.Context, id, userID int64) (ranking.PastJudgment, error)
	PastSkip(ctx context.Context, id, userID int64) (ranking.PastSkip, error)
	// NewestJudgment is what the user ranked last in a campaign. CodeNotFound: nothing.
	NewestJudgment(ctx context.Context, campaignID, userID int64) (id int64, err error)
}

// HistoryList answers GET /history: one's own judgments and skips, newest first.
func HistoryList(store historyStore) echo.HandlerFunc {
	return func(c echo.Context) error {
		ctx := c.Request().Context()
		userID := CurrentUser(ctx).ID
		query := ranking.HistoryQuery{Campaign: c.QueryParam("campaign"), Before: historyCursor(c.QueryParam("before")), Limit: historyPageRows + 1}
		switch kind := ranking.HistoryKind(c.QueryParam("kind")); kind {
		case ranking.HistoryJudged, ranking.HistoryRevised, ranking.HistorySkipped:
			query.Kind = kind
		}
		rows, err := store.History(ctx, userID, query)
		if err != nil {
			return err
		}
		page := views.HistoryData{Kind: query.Kind, Campaign: query.Campaign, First: query.Before.At.IsZero(), Saved: c.QueryParam("saved") != "", Zone: zoneOf(c.Request()).String()}
		if page.Campaigns, err = store.CampaignsOfUser(ctx, userID); err != nil {
			return err
		}
		if len(rows) > historyPageRows {
			rows = rows[:historyPageRows]
			last := rows[len(rows)-1]
			page.Older = fmt.Sprintf("%d.%d", last.SubmittedAt.UnixMicro(), last.ID)
		}
		for _, row := range rows {
			page.Rows = append(page.Rows, views.NewHistoryLine(row))
		}
		return Render(c, http.StatusOK, views.HistoryPage(page))
	}
}

// historyCursor reads "<microseconds of Unix time>.<id>"; anything else is the beginning.
func historyCursor(text string) ranking.HistoryCursor {
	at, id, _ := strings.Cut(text, ".")
	micros, errAt := strconv.ParseInt(at, 10, 64)
	number, errID := strconv.ParseInt(id, 10, 64)
	if errAt != nil || errID != nil || micros <= 0 || micros > historyMicrosMax {
		return ranking.HistoryCursor{}
	}
	return ranking.HistoryCursor{At: time.UnixMicro(micros), ID: number}
}

// historyMicrosMax is the end of the year 9999, behind which a database may have no dates.
const historyMicrosMax = 253_402_300_799_000_000
