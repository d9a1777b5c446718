package handlers

import (
	"context"
	"net/http"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"rankloop/internal/i18n"
	"rankloop/ranking"
	"rankloop/views"
)

// promptListBytesMax bounds the ids that name a calibration batch, as on the command line.
const promptListBytesMax = 64 << 10

// calibrationStore is what admins do about a campaign's calibration batch.
type calibrationStore interface {
	// CalibrationChoice is how the batch was chosen, with the ids of its prompts.
	CalibrationChoice(ctx context.Context, campaignID int64) (ranking.CalibrationChoice, error)
	// CalibrationReport says what everybody made of the batch.
	CalibrationReport(ctx context.Context, campaignID int64) (ranking.CalibrationReport, error)
	// SetCalibration returns how many tasks the batch has now. CodeInvalid for prompts that the campaign lacks.
	SetCalibration(ctx context.Context, campaignID int64, c ranking.CalibrationChoice) (tasks int, err error)
	// ApproveMember lets somebody go on behind the batch, or takes that back.
	ApproveMember(ctx context.Context, campaignID, userID int64, approved bool) error
}

// calibrationNotices are what the page may say was just done.
var calibrationNotices = map[string]string{
	"saved": "calibration.saved", "approved": "calibration.saved_approved", "held": "calibration.saved_held",
}

// CalibrationShow answers GET /campaigns/:name/calibration.
func CalibrationShow(store campaignStore) echo.HandlerFunc {
	return func(c echo.Context) error {
		campaign, err := campaignOfPath(c, store)
		if err != nil {
			return err
		}
		page, err := calibrationData(c.Request().Context(), store, campaign)
		if err != nil {
			return err
		}
		page.Notice = calibrationNotices[c.QueryParam("done")]
		return Render(c, http.StatusOK, views.CalibrationPage(page))
	}
}

// CalibrationSave answers POST /campaigns/:name/calibration: it chooses the batch.
func CalibrationSave(store campaignStore) echo.HandlerFunc {
	return func(c echo.Context) error {
		ctx := c.Request().Context()
		campaign, err := campaignOfPath(c, store)
		if err != nil {
			return err
		}
		first, text := typed(c, "first"), lines(c, "prompts")
		choice := ranking.CalibrationChoice{Prompts: ranking.ReadCalibrationPrompts(text), Approval: c.FormValue("approval") != ""}
		field, tasks := "prompts", 0
		switch choice.First, err = strconv.Atoi(first); {
		case first == "":
			err = nil
		case err != nil || choice.First < 0 || choice.First > ranking.CalibrationMax:
			field, err = "first", ranking.Errorf(ranking.CodeInvalid, "a whole number from %d to %d", 0, ranking.CalibrationMax)
		}
		if err == nil && len(text) > promptListBytesMax {
			err = ranking.Errorf(ranking.CodeTooLarge, "a calibration batch has at most %d prompts, not %d", ranking.CalibrationMax, len(choice.Prompts))
		}
		if err == nil {
			tasks, err = store.SetCalibration(ctx, campaign.ID, choice)
		}
		if err != nil && shownBeside(err) {
			page, loadErr := calibrationData(ctx, store, campaign)
			if loadErr != nil {
				return loadErr
			}
			page.First, page.Prompts, page.Approval = first, truncate(text, promptListBytesMax), choice.Approval
			page.Errors[field] = i18n.Error(ctx, err)
			return Render(c, http.StatusUnprocessableEntity, views.CalibrationPage(page))
		}
		if err != nil {
			return err
		}
		details := map[string]any{"first": choice.First, "tasks": tasks, "approval": choice.Approval}
		if err := audit(c, store, "campaign.calibration", campaign.Name, details); err != nil {
			return err
		}
		return redirect(c, views.CalibrationPath(campaign.Name)+"?done=saved")
	}
}

// CalibrationApprove answers POST /campaigns/:name/calibration/approve: somebody may go on, or waits again.
func CalibrationApprove(store campaignStore) echo.HandlerFunc {
	return func(c echo.Context) error {
		campaign, user, err := memberOfForm(c, store)
		if err != nil {
			return err
		}
		approved, done := c.FormValue("approved") != "", "held"
		if approved {
			done = "approved"
		}
		if err := store.ApproveMember(c.Request().Context(), campaign.ID, user.ID, approved); err != nil {
			return err
		}
		if err := audit(c, store, "campaign.calibration_approve", campaign.Name, map[string]any{"user": user.Email, "approved": approved}); err != nil {
			return err
		}
		return redirect(c, views.CalibrationPath(campaign.Name)+"?done="+done)
	}
}

// calibrationData gathers the page of a campaign's batch. Where it is the first prompts, none is named.
func calibrationData(ctx context.Context, store campaignStore, campaign ranking.Campaign) (d views.CalibrationData, err error) {
	d = views.CalibrationData{Campaign: campaign.Name, Errors: views.FormErrors{}}
	if d.Report, err = store.CalibrationReport(ctx, campaign.ID); err != nil {
		return d, err
	}
	d.First, d.Approval = strconv.Itoa(d.Report.First), d.Report.Approval
	if d.Report.First == 0 {
		var ids []string
		for _, task := range d.Report.Tasks {
			ids = append(ids, task.PromptID)
		}
		d.Prompts = strings.Join(ids, "\n")
	}
	return d, nil
}
