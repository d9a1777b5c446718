package handlers

import (
	"context"
	"net/http"
	"slices"
	"strconv"

	"github.com/labstack/echo/v4"

	"rankloop/ranking"
	"rankloop/views"
)

// The bounds of a campaign, as the store has them.
const (
	overlapMin, overlapMax           = 1, 100
	leaseMinutesMin, leaseMinutesMax = 1, 24 * 60
	guidelinesCharactersMax          = 200_000
	campaignSeed                     = 1 // as on the command line
)

// CampaignNew answers GET /new/campaign with an empty form.
func CampaignNew(store campaignStore) echo.HandlerFunc {
	return func(c echo.Context) error {
		names, err := writers(c.Request().Context(), store)
		if err != nil {
			return err
		}
		form := views.CampaignFormData{Kind: string(ranking.KindRanking), K: "4", Overlap: "1", LeaseMinutes: "30", Schema: views.SchemaStaged, Conversations: "100", Calibration: "0", Writers: names}
		if len(names) > 0 {
			form.GenerateFrom = names[0]
		}
		if slices.Contains(names, "base") {
			form.GenerateFrom = "base"
		}
		return Render(c, http.StatusOK, views.CampaignFormPage(form))
	}
}

// CampaignCreate answers POST /campaigns and leads to the new campaign's page.
func CampaignCreate(store campaignStore) echo.HandlerFunc {
	return func(c echo.Context) error {
		ctx := c.Request().Context()
		names, err := writers(ctx, store)
		if err != nil {
			return err
		}
		form := views.CampaignFormData{
			Name: typed(c, "name"), Kind: typed(c, "kind"), K: typed(c, "k"), Overlap: typed(c, "overlap"), LeaseMinutes: typed(c, "lease_minutes"),
			GenerateFrom: typed(c, "generate_from"), Guidelines: lines(c, "guidelines"), Schema: typed(c, "schema"), Rules: lines(c, "rules"), Conversations: typed(c, "conversations"), Writers: names, Errors: views.FormErrors{},
			Calibration: typed(c, "calibration"), CalibrationApproval: c.FormValue("calibration_approval") != "",
		}
		n := newCampaign(ctx, &form)
		if len(form.Errors) == 0 {
			campaign, err := store.CreateCampaign(ctx, n)
			switch {
			case err == nil:
				return created(c, store, campaign)
			case ranking.ErrorCode(err) == ranking.CodeConflict:
				note(ctx, form.Errors, "name", err)
			case shownBeside(err):
				note(ctx, form.Errors, "", err)
			default:
				return err
			}
		}
		return Render(c, http.StatusUnprocessableEntity, views.CampaignFormPage(form))
	}
}

func created(c echo.Context, store campaignStore, campaign ranking.Campaign) error {
	err := audit(c, store, "campaign.create", campaign.Name, map[string]any{
		"kind": campaign.Kind, "k": campaign.K, "overlap": campaign.Overlap, "generate_from": campaign.GenerateFrom, "lease_s": campaign.LeaseSeconds,
	})
	if err != nil {
		return err
	}
	return redirect(c, views.CampaignPath(campaign.Name))
}

// newCampaign checks the form field by field.
func newCampaign(ctx context.Context, form *views.CampaignFormData) ranking.NewCampaign {
	number := func(field, value string, low, high int) int {
		n, err := strconv.Atoi(value)
		if err != nil || n < low || n > high {
			note(ctx, form.Errors, field, ranking.Errorf(ranking.CodeInvalid, "a whole number from %d to %d", low, high))
		}
		return n
	}
	if form.Kind == "" {
		form.Kind = string(ranking.KindRanking)
	}
	kind := ranking.CampaignKind(form.Kind)
	if !slices.Contains(ranking.CampaignKinds(), kind) {
		note(ctx, form.Errors, "kind", ranking.Errorf(ranking.CodeInvalid, "choose one of the list"))
	}
	low, high, k := kind.Shown()
	if low < high { // else there is nothing to choose, and the field is passed over
		k = number("k", form.K, low, high)
	}
	n := ranking.NewCampaign{
		Name: form.Name, Kind: kind, Guidelines: form.Guidelines, GenerateFrom: form.GenerateFrom, Seed: campaignSeed,
		K:            k,
		Overlap:      number("overlap", form.Overlap, overlapMin, overlapMax),
		LeaseSeconds: 60 * number("lease_minutes", form.LeaseMinutes, leaseMinutesMin, leaseMinutesMax),
	}
	switch form.Schema {
	case views.SchemaStaged:
		n.Schema = kind.DefaultSchema()
	case views.SchemaRanking:
	default:
		note(ctx, form.Errors, "schema", ranking.Errorf(ranking.CodeInvalid, "choose one of the list"))
	}
	if kind == ranking.KindProbe {
		var err error
		n.Schema.Rules, err = ranking.ReadRules("", form.Rules)
		note(ctx, form.Errors, "rules", err)
		n.Conversations = number("conversations", form.Conversations, 0, ranking.ConversationsMax)
	}
	if form.Calibration != "" { // forms of programs may leave it out
		n.Calibration = ranking.CalibrationChoice{First: number("calibration", form.Calibration, 0, ranking.CalibrationMax), Approval: form.CalibrationApproval}
		note(ctx, form.Errors, "calibration", kind.CheckCalibration(n.Calibration))
	}
	note(ctx, form.Errors, "name", checkName(form.Name))
	note(ctx, form.Errors, "guidelines", checkText("guidelines", form.Guidelines, guidelinesCharactersMax))
	if form.GenerateFrom != views.GenerateNothing && !slices.Contains(form.Writers, form.GenerateFrom) {
		note(ctx, form.Errors, "generate_from", ranking.Errorf(ranking.CodeInvalid, "choose one of the list"))
	}
	return n
}
