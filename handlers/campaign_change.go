package handlers

import (
	"net/http"
	"strconv"

	"github.com/labstack/echo/v4"

	"rankloop/internal/i18n"
	"rankloop/ranking"
	"rankloop/views"
)

// CampaignState answers POST /campaigns/:name/state: open, paused or closed.
func CampaignState(store campaignStore) echo.HandlerFunc {
	return func(c echo.Context) error {
		campaign, err := campaignOfPath(c, store)
		if err != nil {
			return err
		}
		state := ranking.CampaignState(c.FormValue("state"))
		if err := store.SetCampaignState(c.Request().Context(), campaign.ID, state); err != nil {
			return err
		}
		if err := audit(c, store, "campaign.state", campaign.Name, map[string]any{"state": state}); err != nil {
			return err
		}
		return done(c, campaign.Name, "state")
	}
}

// CampaignGuidelines answers POST /campaigns/:name/guidelines with a new version of the text.
func CampaignGuidelines(store campaignStore) echo.HandlerFunc {
	return func(c echo.Context) error {
		ctx := c.Request().Context()
		campaign, err := campaignOfPath(c, store)
		if err != nil {
			return err
		}
		text := lines(c, "text")
		err = checkText("guidelines", text, guidelinesCharactersMax)
		version := 0
		if err == nil {
			version, err = store.AddGuidelines(ctx, campaign.ID, text)
		}
		if err != nil && shownBeside(err) {
			page, loadErr := campaignData(ctx, store, campaign)
			if loadErr != nil {
				return loadErr
			}
			page.Draft, page.Errors["text"] = truncate(text, 4*guidelinesCharactersMax), i18n.Error(ctx, err)
			return Render(c, http.StatusUnprocessableEntity, views.CampaignPage(page))
		}
		if err != nil {
			return err
		}
		if version != campaign.GuidelineVersion {
			if err := audit(c, store, "campaign.guidelines", campaign.Name, map[string]any{"version": version}); err != nil {
				return err
			}
		}
		return done(c, campaign.Name, "guidelines")
	}
}

// CampaignMemberAdd answers POST /campaigns/:name/members.
func CampaignMemberAdd(store campaignStore) echo.HandlerFunc {
	return func(c echo.Context) error {
		ctx := c.Request().Context()
		campaign, user, err := memberOfForm(c, store)
		if err != nil {
			return err
		}
		if err := store.AddMember(ctx, campaign.ID, user.ID); err != nil {
			return err
		}
		if err := audit(c, store, "campaign.member_add", campaign.Name, map[string]any{"user": user.Email}); err != nil {
			return err
		}
		return done(c, campaign.Name, "members")
	}
}

// CampaignMemberRemove answers POST /campaigns/:name/members/remove. What the person judged stays.
func CampaignMemberRemove(store campaignStore) echo.HandlerFunc {
	return func(c echo.Context) error {
		ctx := c.Request().Context()
		campaign, user, err := memberOfForm(c, store)
		if err != nil {
			return err
		}
		if err := store.RemoveMember(ctx, campaign.ID, user.ID); err != nil {
			return err
		}
		if err := audit(c, store, "campaign.member_remove", campaign.Name, map[string]any{"user": user.Email}); err != nil {
			return err
		}
		return done(c, campaign.Name, "members")
	}
}

func memberOfForm(c echo.Context, store campaignStore) (ranking.Campaign, ranking.User, error) {
	campaign, err := campaignOfPath(c, store)
	if err != nil {
		return campaign, ranking.User{}, err
	}
	id, err := strconv.ParseInt(c.FormValue("user"), 10, 64)
	if err != nil {
		return campaign, ranking.User{}, ranking.Errorf(ranking.CodeInvalid, "choose one of the list")
	}
	user, err := store.UserByID(c.Request().Context(), id)
	return campaign, user, err
}

// CampaignGenerate answers POST /campaigns/:name/generate: it asks again for the responses that waiting tasks lack.
func CampaignGenerate(store campaignStore) echo.HandlerFunc {
	return func(c echo.Context) error {
		campaign, err := campaignOfPath(c, store)
		if err != nil {
			return err
		}
		prompts, err := store.GenerateWaiting(c.Request().Context(), campaign.ID)
		if err != nil {
			return err
		}
		details := map[string]any{"prompts": prompts, "generate_from": campaign.GenerateFrom}
		if err := audit(c, store, "campaign.generate", campaign.Name, details); err != nil {
			return err
		}
		return done(c, campaign.Name, "generate")
	}
}
