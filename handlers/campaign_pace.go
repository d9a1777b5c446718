package handlers

import (
	"net/http"
	"strconv"

	"github.com/labstack/echo/v4"

	"rankloop/internal/i18n"
	"rankloop/ranking"
	"rankloop/views"
)

// CampaignPace answers POST /campaigns/:name/pace: when breaks are suggested, and whether right answers are shown.
func CampaignPace(store campaignStore) echo.HandlerFunc {
	return func(c echo.Context) error {
		ctx := c.Request().Context()
		campaign, err := campaignOfPath(c, store)
		if err != nil {
			return err
		}
		settings := ranking.PaceSettings{ShowKnown: c.FormValue("show_known") != ""}
		if settings.BreakMinutes, err = strconv.Atoi(typed(c, "break_minutes")); err != nil {
			err = ranking.Errorf(ranking.CodeInvalid, "a whole number from %d to %d", 0, ranking.BreakMinutesMax)
		} else {
			err = store.SetPaceSettings(ctx, campaign.ID, settings)
		}
		if err != nil && shownBeside(err) {
			page, loadErr := campaignData(ctx, store, campaign)
			if loadErr != nil {
				return loadErr
			}
			page.Pace, page.Errors["pace"] = settings, i18n.Error(ctx, err)
			return Render(c, http.StatusUnprocessableEntity, views.CampaignPage(page))
		}
		if err != nil {
			return err
		}
		details := map[string]any{"break_minutes": settings.BreakMinutes, "show_known": settings.ShowKnown}
		if err := audit(c, store, "campaign.pace", campaign.Name, details); err != nil {
			return err
		}
		return done(c, campaign.Name, "pace")
	}
}
