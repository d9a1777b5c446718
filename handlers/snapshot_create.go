package handlers

import (
	"math"
	"net/http"
	"slices"
	"strconv"

	"github.com/labstack/echo/v4"

	"rankloop/ranking"
	"rankloop/views"
)

func emptySnapshotForm(campaigns []string) views.SnapshotFormData {
	return views.SnapshotFormData{
		Campaigns: campaigns, Chosen: map[string]bool{}, Validation: "0.1", Seed: "1", Errors: views.FormErrors{},
	}
}

// snapshotForm is an empty form with every campaign to choose from.
func snapshotForm(c echo.Context, store datasetStore) (views.SnapshotFormData, error) {
	all, err := store.ListCampaigns(c.Request().Context())
	var names []string
	for _, o := range all {
		names = append(names, o.Campaign.Name)
	}
	return emptySnapshotForm(names), err
}

// SnapshotNew answers GET /new/snapshot.
func SnapshotNew(store datasetStore) echo.HandlerFunc {
	return func(c echo.Context) error {
		form, err := snapshotForm(c, store)
		if err != nil {
			return err
		}
		return Render(c, http.StatusOK, views.SnapshotFormPage(form))
	}
}

// SnapshotCreate answers POST /snapshots and leads to the snapshot's page.
func SnapshotCreate(store datasetStore) echo.HandlerFunc {
	return func(c echo.Context) error {
		ctx := c.Request().Context()
		form, err := snapshotForm(c, store)
		if err != nil {
			return err
		}
		request, err := snapshotRequest(c, store, &form)
		if err != nil {
			return err
		}
		if len(form.Errors) == 0 {
			name, err := store.MakeSnapshot(ctx, request)
			switch {
			case err == nil:
				return snapshotMade(c, store, name, form)
			case ranking.ErrorCode(err) == ranking.CodeConflict:
				note(ctx, form.Errors, "name", err)
			case shownBeside(err):
				note(ctx, form.Errors, "", err)
			default:
				return err
			}
		}
		return Render(c, http.StatusUnprocessableEntity, views.SnapshotFormPage(form))
	}
}

func snapshotMade(c echo.Context, store datasetStore, name string, form views.SnapshotFormData) error {
	details := map[string]any{"seed": form.Seed, "validation": form.Validation}
	if err := audit(c, store, "snapshot.create", name, details); err != nil {
		return err
	}
	return redirect(c, views.SnapshotPath(name))
}

// snapshotRequest checks the form field by field.
func snapshotRequest(c echo.Context, store datasetStore, form *views.SnapshotFormData) (SnapshotRequest, error) {
	ctx := c.Request().Context()
	values, err := c.FormParams()
	if err != nil {
		return SnapshotRequest{}, err
	}
	form.Name, form.Validation, form.Seed = typed(c, "name"), typed(c, "validation"), typed(c, "seed")
	r := SnapshotRequest{Name: form.Name, CreatedBy: CurrentUser(ctx).ID}
	if form.Name != "" {
		note(ctx, form.Errors, "name", checkName(form.Name))
	}
	if r.ValidationShare, err = strconv.ParseFloat(form.Validation, 64); err != nil || math.IsNaN(r.ValidationShare) || r.ValidationShare < 0 || r.ValidationShare >= 1 {
		note(ctx, form.Errors, "validation", ranking.Errorf(ranking.CodeInvalid, "a number from 0 to less than 1"))
	}
	if r.Seed, err = strconv.ParseInt(form.Seed, 10, 64); err != nil {
		note(ctx, form.Errors, "seed", ranking.Errorf(ranking.CodeInvalid, "a whole number"))
	}
	for _, name := range values["campaign"] {
		if !slices.Contains(form.Campaigns, name) || form.Chosen[name] {
			continue
		}
		form.Chosen[name] = true
		campaign, err := store.CampaignByName(ctx, name)
		if err != nil {
			return r, err
		}
		r.Campaigns = append(r.Campaigns, campaign)
	}
	if len(r.Campaigns) == 0 {
		note(ctx, form.Errors, "campaign", ranking.Errorf(ranking.CodeInvalid, "choose at least one campaign"))
	}
	return r, nil
}
