package handlers

import (
	"context"
	"net/http"

	"github.com/labstack/echo/v4"

	"rankloop/internal/i18n"
	"rankloop/ranking"
	"rankloop/views"
)

type inviter interface {
	auditor
	CreateInvitation(ctx context.Context, i ranking.Invitation) (token string, err error)
}

// invite makes an invitation and returns its address, which nobody can look up again.
func invite(c echo.Context, store inviter, role ranking.Role, campaign *ranking.Campaign) (string, error) {
	ctx := c.Request().Context()
	invitation := ranking.Invitation{Role: role, CreatedBy: CurrentUser(ctx).ID}
	details := map[string]any{"role": role}
	if campaign != nil {
		invitation.CampaignID = &campaign.ID
		details["campaign"] = campaign.Name
	}
	token, err := store.CreateInvitation(ctx, invitation)
	if err != nil {
		return "", err
	}
	if err := audit(c, store, "invitation.create", string(role), details); err != nil {
		return "", err
	}
	return absolute(c, LinkPath(token)), nil
}

// CampaignInvite answers POST /campaigns/:name/invitations with the campaign's page, which shows the link this once.
func CampaignInvite(store campaignStore) echo.HandlerFunc {
	return func(c echo.Context) error {
		ctx := c.Request().Context()
		campaign, err := campaignOfPath(c, store)
		if err != nil {
			return err
		}
		page, err := campaignData(ctx, store, campaign)
		if err != nil {
			return err
		}
		page.LinkRole = ranking.Role(c.FormValue("role"))
		page.Link, err = invite(c, store, page.LinkRole, &campaign)
		if err != nil && shownBeside(err) {
			page.Errors["role"] = i18n.Error(ctx, err)
			return Render(c, http.StatusUnprocessableEntity, views.CampaignPage(page))
		}
		if err != nil {
			return err
		}
		return Render(c, http.StatusCreated, views.CampaignPage(page))
	}
}
