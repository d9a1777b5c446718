package handlers

import (
	"encoding/csv"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"
)

// HistoryHours answers GET /history/hours.csv: one's own active time by campaign and day, in the time zone of the browser
// or in ?zone=.
func HistoryHours(store historyStore) echo.HandlerFunc {
	return func(c echo.Context) error {
		ctx := c.Request().Context()
		zone := zoneOf(c.Request())
		if name := c.QueryParam("zone"); name != "" {
			var err error
			if zone, err = zoneNamed(name); err != nil {
				return err
			}
		}
		hours, err := store.WorkedHours(ctx, CurrentUser(ctx).ID, zone.String())
		if err != nil {
			return err
		}
		var text strings.Builder
		table := csv.NewWriter(&text)
		rows := [][]string{{"day", "time_zone", "campaign", "judgments", "changes", "active_h"}}
		for _, h := range hours {
			rows = append(rows, []string{
				h.Day.Format(time.DateOnly), zone.String(), h.Campaign, strconv.Itoa(h.Judgments), strconv.Itoa(h.Changes),
				strconv.FormatFloat(time.Duration(h.ActiveMS*int64(time.Millisecond)).Hours(), 'f', 4, 64),
			})
		}
		if err := table.WriteAll(rows); err != nil {
			return err
		}
		header := c.Response().Header()
		header.Set(echo.HeaderContentDisposition, `attachment; filename="hours.csv"`)
		header.Set("Cache-Control", "no-store")
		return c.Blob(http.StatusOK, "text/csv; charset=utf-8", []byte(text.String()))
	}
}
