package handlers

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"rankloop/views"
)

// CampaignList answers GET /campaigns.
func CampaignList(store campaignStore) echo.HandlerFunc {
	return func(c echo.Context) error {
		all, err := store.ListCampaigns(c.Request().Context())
		if err != nil {
			return err
		}
		return Render(c, http.StatusOK, views.CampaignsPage(views.CampaignsData{Campaigns: all}))
	}
}
