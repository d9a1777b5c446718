package handlers

import (
	"context"
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"rankloop/ranking"
)

const skipReasonCharactersMax = 2000

// skipTask gives a task up for good with a reason; the annotator is not shown it again.
func skipTask(ctx context.Context, store rankingStore, token, reason string) error {
	reason = strings.TrimSpace(reason)
	if reason == "" {
		return ranking.Errorf(ranking.CodeInvalid, "please say why you skip this task")
	}
	if err := checkText("reason", reason, skipReasonCharactersMax); err != nil {
		return err
	}
	return store.Skip(ctx, token, CurrentUser(ctx).ID, reason)
}

// RankingSkip answers POST /leases/:token/skip: the kind of reason, with a note where there is one.
func RankingSkip(store rankingStore) echo.HandlerFunc {
	return func(c echo.Context) error {
		token, err := leaseToken(c)
		if err != nil {
			return err
		}
		reason := strings.TrimSpace(c.FormValue("reason"))
		if note := strings.TrimSpace(c.FormValue("note")); note != "" {
			reason = strings.TrimPrefix(reason+": "+note, ": ")
		}
		if err := skipTask(c.Request().Context(), store, token, reason); err != nil {
			return err
		}
		return redirect(c, rankPath(c.FormValue("campaign")))
	}
}

// RankingSkipJSON answers POST /api/leases/:token/skip.
func RankingSkipJSON(store rankingStore) echo.HandlerFunc {
	return func(c echo.Context) error {
		token, err := leaseToken(c)
		if err != nil {
			return err
		}
		var in struct {
			Reason string `json:"reason"`
		}
		if err := bindJSON(c, &in); err != nil {
			return err
		}
		if err := skipTask(c.Request().Context(), store, token, in.Reason); err != nil {
			return err
		}
		return c.JSON(http.StatusOK, map[string]any{"skipped": true})
	}
}
