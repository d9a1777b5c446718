package handlers

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"rankloop/ranking"
	"rankloop/views"
)

// LeaseAhead answers POST /api/leases/:token/next with the page of the task that comes after the one of the lease, so
// that it can be shown the moment this one is stored; 204 where there is none. The task is held until then, and begun by
// the submit that names it.
func LeaseAhead(store rankingStore) echo.HandlerFunc {
	return func(c echo.Context) error {
		ctx := c.Request().Context()
		token, err := leaseToken(c)
		if err != nil {
			return err
		}
		lease, task, err := store.LeaseAhead(ctx, token, CurrentUser(ctx).ID)
		switch ranking.ErrorCode(err) {
		case ranking.CodeNotFound, ranking.CodeExpired: // expired: the task was done in another tab
			return c.NoContent(http.StatusNoContent)
		}
		if err != nil {
			return err
		}
		campaign, err := store.CampaignByID(ctx, task.CampaignID)
		if err != nil {
			return err
		}
		draft, err := store.Draft(ctx, task.ID, lease.UserID)
		if err != nil {
			return err
		}
		page := rankingData(&campaign, lease, task, draft)
		if page.Questions, err = store.MyQuestions(ctx, lease.UserID, task.ID, questionRowsMax); err != nil {
			return err
		}
		page.Judged = campaign.Kind.Revisable() // by then one is
		if err := addPace(c, store, campaign.ID, &page); err != nil {
			return err
		}
		page.Pace.Today++ // the task before it
		return Render(c, http.StatusOK, views.TaskPage(page))
	}
}
