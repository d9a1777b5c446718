package handlers

import (
	"math"
	"net/http"
	"strconv"

	"github.com/labstack/echo/v4"

	"rankloop/internal/i18n"
	"rankloop/ranking"
	"rankloop/views"
)

// CampaignRevisions answers POST /campaigns/:name/revisions: which rankings their annotators may still change.
func CampaignRevisions(store campaignStore) echo.HandlerFunc {
	return func(c echo.Context) error {
		ctx := c.Request().Context()
		campaign, err := campaignOfPath(c, store)
		if err != nil {
			return err
		}
		window, err := windowOfForm(c)
		if err == nil {
			err = store.SetRevisionWindow(ctx, campaign.ID, window)
		}
		if err != nil && shownBeside(err) {
			page, loadErr := campaignData(ctx, store, campaign)
			if loadErr != nil {
				return loadErr
			}
			page.Revisions, page.Errors["revisions"] = window, i18n.Error(ctx, err)
			return Render(c, http.StatusUnprocessableEntity, views.CampaignPage(page))
		}
		if err != nil {
			return err
		}
		details := map[string]any{"seconds": window.Seconds, "last": window.Last}
		if err := audit(c, store, "campaign.revisions", campaign.Name, details); err != nil {
			return err
		}
		return done(c, campaign.Name, "revisions")
	}
}

func windowOfForm(c echo.Context) (w ranking.RevisionWindow, err error) {
	hours, errHours := strconv.ParseFloat(typed(c, "revise_hours"), 64)
	last, errLast := strconv.Atoi(typed(c, "revise_last"))
	if errHours != nil || errLast != nil || math.IsNaN(hours) || math.Abs(hours) > math.MaxInt32 {
		return w, ranking.Errorf(ranking.CodeInvalid, "a whole number from %d to %d", 0, ranking.RevisionLastMax)
	}
	w = ranking.RevisionWindow{Seconds: int(math.Round(hours * 3600)), Last: last}
	return w, w.Validate()
}
