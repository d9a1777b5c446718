package handlers

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"rankloop/internal/i18n"
	"rankloop/ranking"
	"rankloop/views"
)

// CampaignSchema answers POST /campaigns/:name/schema with a new version of what is asked beside the ranking.
func CampaignSchema(store campaignStore) echo.HandlerFunc {
	return func(c echo.Context) error {
		ctx := c.Request().Context()
		campaign, err := campaignOfPath(c, store)
		if err != nil {
			return err
		}
		text := lines(c, "schema")
		schema, err := ranking.ReadSchema([]byte(text))
		version := 0
		if err == nil {
			version, err = store.AddSchema(ctx, campaign.ID, schema)
		}
		if err != nil && shownBeside(err) {
			page, loadErr := campaignData(ctx, store, campaign)
			if loadErr != nil {
				return loadErr
			}
			page.SchemaDraft, page.Errors["schema"] = truncate(text, ranking.SchemaBytesMax), i18n.Error(ctx, err)
			return Render(c, http.StatusUnprocessableEntity, views.CampaignPage(page))
		}
		if err != nil {
			return err
		}
		if version != campaign.SchemaVersion {
			if err := audit(c, store, "campaign.schema", campaign.Name, map[string]any{"version": version}); err != nil {
				return err
			}
		}
		return done(c, campaign.Name, "schema")
	}
}
