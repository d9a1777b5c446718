package handlers

import (
	"context"
	"net/http"
	"strconv"

	"github.com/labstack/echo/v4"

	"rankloop/ranking"
	"rankloop/views"
)

type guidelinesStore interface {
	CampaignByName(ctx context.Context, name string) (ranking.Campaign, error)
	Guidelines(ctx context.Context, campaignID int64, version int) (string, error)
	IsMember(ctx context.Context, campaignID, userID int64) (bool, error)
}

// GuidelinesShow answers GET /campaigns/:name/guidelines, the newest version or ?version=n.
func GuidelinesShow(store guidelinesStore) echo.HandlerFunc {
	return func(c echo.Context) error {
		ctx := c.Request().Context()
		campaign, err := store.CampaignByName(ctx, c.Param("name"))
		if err != nil {
			return err
		}
		member, err := store.IsMember(ctx, campaign.ID, CurrentUser(ctx).ID)
		if err != nil {
			return err
		}
		version, text := campaign.GuidelineVersion, campaign.Guidelines
		if asked, err := strconv.Atoi(c.QueryParam("version")); err == nil && asked != version {
			if asked < 1 || asked > campaign.GuidelineVersion {
				return ranking.Errorf(ranking.CodeNotFound, "there is no version %d of these guidelines", asked)
			}
			version = asked
			if text, err = store.Guidelines(ctx, campaign.ID, asked); err != nil {
				return err
			}
		}
		return Render(c, http.StatusOK, views.GuidelinesPage(views.GuidelinesData{
			Campaign: campaign.Name, Kind: campaign.Kind, Version: version, Newest: campaign.GuidelineVersion,
			HTML: views.Markdown(text), Empty: text == "", MayRank: member && campaign.State == ranking.CampaignOpen,
		}))
	}
}
