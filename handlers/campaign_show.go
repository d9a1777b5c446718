package handlers

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"rankloop/views"
)

// campaignNotices are what a campaign's page may say was just done: a word of the query → a key of the catalog.
var campaignNotices = map[string]string{
	"state": "campaigns.saved_state", "guidelines": "campaigns.saved_guidelines", "schema": "campaigns.saved_schema", "rules": "probe.saved_rules", "conversations": "probe.saved_conversations", "members": "campaigns.saved_members",
	"revisions": "campaigns.saved_revisions", "pace": "pace.saved",
	"generate": "campaigns.saved_generate", "import": "campaigns.saved_import", "dropped": "campaigns.saved_dropped",
}

// CampaignShow answers GET /campaigns/:name.
func CampaignShow(store campaignStore) echo.HandlerFunc {
	return func(c echo.Context) error {
		campaign, err := campaignOfPath(c, store)
		if err != nil {
			return err
		}
		page, err := campaignData(c.Request().Context(), store, campaign)
		if err != nil {
			return err
		}
		page.Notice = campaignNotices[c.QueryParam("done")]
		return Render(c, http.StatusOK, views.CampaignPage(page))
	}
}

// done leads back to a campaign's page, which says what was done.
func done(c echo.Context, campaign, what string) error {
	return redirect(c, views.CampaignPath(campaign)+"?done="+what)
}
