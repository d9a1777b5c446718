package handlers

import (
	"net/http"
	"strconv"

	"github.com/labstack/echo/v4"

	"rankloop/internal/i18n"
	"rankloop/ranking"
	"rankloop/views"
)

// CampaignRules answers POST /campaigns/:name/rules with a new version of the rules that are probed.
func CampaignRules(store campaignStore) echo.HandlerFunc {
	return func(c echo.Context) error {
		ctx := c.Request().Context()
		campaign, err := campaignOfPath(c, store)
		if err != nil {
			return err
		}
		text := lines(c, "rules")
		schema, version := campaign.Schema, 0
		if schema.Rules, err = ranking.ReadRules("", text); err == nil {
			version, err = store.AddSchema(ctx, campaign.ID, schema)
		}
		if err != nil {
			return rulesAgain(c, store, campaign, err, func(page *views.CampaignData) {
				page.RulesDraft, page.Errors["rules"] = truncate(text, ranking.RulesBytesMax), i18n.Error(ctx, err)
			})
		}
		if version != campaign.SchemaVersion {
			if err := audit(c, store, "campaign.rules", campaign.Name, map[string]any{"version": version, "rules": len(schema.Rules)}); err != nil {
				return err
			}
		}
		return done(c, campaign.Name, "rules")
	}
}

// CampaignConversations answers POST /campaigns/:name/conversations: it adds tasks in which the person has the first word.
func CampaignConversations(store campaignStore) echo.HandlerFunc {
	return func(c echo.Context) error {
		ctx := c.Request().Context()
		campaign, err := campaignOfPath(c, store)
		if err != nil {
			return err
		}
		n, err := strconv.Atoi(typed(c, "conversations"))
		if err != nil || n < 1 || n > ranking.ConversationsMax {
			err = ranking.Errorf(ranking.CodeInvalid, "a whole number from %d to %d", 1, ranking.ConversationsMax)
		} else {
			err = store.AddConversations(ctx, campaign.ID, n)
		}
		if err != nil {
			return rulesAgain(c, store, campaign, err, func(page *views.CampaignData) {
				page.Errors["conversations"] = i18n.Error(ctx, err)
			})
		}
		if err := audit(c, store, "campaign.conversations", campaign.Name, map[string]any{"added": n}); err != nil {
			return err
		}
		return done(c, campaign.Name, "conversations")
	}
}

// rulesAgain shows the campaign's page with what is wrong about a form.
func rulesAgain(c echo.Context, store campaignStore, campaign ranking.Campaign, cause error, note func(page *views.CampaignData)) error {
	if !shownBeside(cause) {
		return cause
	}
	page, err := campaignData(c.Request().Context(), store, campaign)
	if err != nil {
		return err
	}
	note(&page)
	return Render(c, http.StatusUnprocessableEntity, views.CampaignPage(page))
}
