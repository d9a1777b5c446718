package handlers

import (
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"rankloop/ranking"
)

// DraftSave answers POST /api/leases/:token/draft: it keeps what has been answered so far, in place of what was kept.
// Of a task that is done it keeps nothing, and says so.
func DraftSave(store rankingStore) echo.HandlerFunc {
	return func(c echo.Context) error {
		ctx := c.Request().Context()
		token, err := leaseToken(c)
		if err != nil {
			return err
		}
		var draft ranking.Draft
		if err := bindJSON(c, &draft); err != nil {
			return err
		}
		draft.Comment = strings.TrimSpace(draft.Comment)
		if err := checkText("comment", draft.Comment, commentCharactersMax); err != nil {
			return err
		}
		savedAt, err := store.SaveDraft(ctx, token, CurrentUser(ctx).ID, draft)
		if ranking.ErrorCode(err) == ranking.CodeConflict {
			// Sent just before the answer itself, or by a second tab: there is nothing left to keep.
			return c.JSON(http.StatusOK, map[string]any{"done": true})
		}
		if err != nil {
			return err
		}
		return c.JSON(http.StatusOK, map[string]any{"saved_at": savedAt})
	}
}
