package handlers

import (
	"net/http"
	"strconv"

	"github.com/labstack/echo/v4"

	"rankloop/internal/i18n"
	"rankloop/ranking"
	"rankloop/views"
)

// A sample is a task as its annotators see it, shown to an admin. Nothing about it is stored: the answer is checked as
// theirs are and forgotten.
type sample struct {
	campaign ranking.Campaign
	lease    ranking.Lease
	task     ranking.Task
}

// SampleShow answers GET /campaigns/:name/try: the first task, or the next one behind ?after. A conversation goes on.
func SampleShow(store campaignStore, rehearsals *Rehearsals) echo.HandlerFunc {
	return func(c echo.Context) error {
		campaign, err := campaignOfPath(c, store)
		if err != nil {
			return err
		}
		if campaign.Kind.Talks() {
			return rehearsals.show(c, store, campaign)
		}
		after, err := strconv.ParseInt(c.QueryParam("after"), 10, 64)
		if err != nil {
			after = 0
		}
		s, err := readSample(c, store, after)
		if err != nil {
			return err
		}
		page := s.page(ranking.Draft{})
		page.Sample.Tried = c.QueryParam("tried") != ""
		if step, err := strconv.Atoi(c.QueryParam("step")); err == nil {
			s.goTo(&page, step)
		}
		return Render(c, http.StatusOK, views.TaskPage(page))
	}
}

// SampleSubmit answers POST /campaigns/:name/try/:task/submit, the form of the board. Without scripts its buttons lead
// to another step with what was answered.
func SampleSubmit(store campaignStore, rehearsals *Rehearsals) echo.HandlerFunc {
	return func(c echo.Context) error {
		ctx := c.Request().Context()
		s, err := sampleOfPath(c, store)
		if err != nil {
			return err
		}
		form, err := c.FormParams()
		if err != nil {
			return err
		}
		submission, draft, err := answerFromForm(form)
		if s.campaign.Kind.Talks() {
			if err == nil {
				err = rehearsals.submit(c, submission)
			}
			if ranking.ErrorCode(err) == ranking.CodeInvalid {
				return rehearsals.again(c, draft, c.Param("task"), err)
			}
			if err != nil {
				return err
			}
			return redirect(c, views.SamplePath(s.campaign.Name))
		}
		page := s.page(draft)
		if form.Has("go") {
			if step, err := strconv.Atoi(form.Get("go")); err == nil {
				s.goTo(&page, step)
			}
			return Render(c, http.StatusOK, views.TaskPage(page))
		}
		if err == nil {
			if submission.KeptAsShown {
				submission.Tiers = inOrder(s.lease.OrderShown)
			}
			err = s.check(submission)
		}
		if ranking.ErrorCode(err) == ranking.CodeInvalid {
			page.Error = i18n.Error(ctx, err)
			return Render(c, http.StatusUnprocessableEntity, views.TaskPage(page))
		}
		if err != nil {
			return err
		}
		return redirect(c, s.next("tried=1&"))
	}
}

// SampleSubmitJSON answers POST /api/campaigns/:name/try/:task/submit, which the board's script sends.
func SampleSubmitJSON(store campaignStore, rehearsals *Rehearsals) echo.HandlerFunc {
	return func(c echo.Context) error {
		s, err := sampleOfPath(c, store)
		if err != nil {
			return err
		}
		var in submissionJSON
		if err := bindJSON(c, &in); err != nil {
			return err
		}
		if s.campaign.Kind.Talks() {
			err = rehearsals.submit(c, in.submission())
		} else {
			err = s.check(in.submission())
		}
		if err != nil {
			return err
		}
		return c.JSON(http.StatusOK, map[string]any{"stored": false})
	}
}

// SamplePass answers the forms that skip a task and ask about it: it goes on to the next one.
func SamplePass(store campaignStore) echo.HandlerFunc {
	return func(c echo.Context) error {
		s, err := sampleOfPath(c, store)
		if err != nil {
			return err
		}
		return redirect(c, s.next(""))
	}
}

func readSample(c echo.Context, store campaignStore, after int64) (s sample, err error) {
	ctx := c.Request().Context()
	if s.campaign, err = campaignOfPath(c, store); err != nil {
		return s, err
	}
	s.lease, s.task, err = store.SampleTask(ctx, s.campaign.ID, CurrentUser(ctx).ID, after)
	return s, err
}

// sampleOfPath reads the task that the path names.
func sampleOfPath(c echo.Context, store campaignStore) (sample, error) {
	id, err := strconv.ParseInt(c.Param("task"), 10, 64)
	if err != nil || id < 1 {
		return sample{}, ranking.Errorf(ranking.CodeNotFound, "there is no such page")
	}
	s, err := readSample(c, store, id-1)
	if err == nil && s.task.ID != id {
		return s, ranking.Errorf(ranking.CodeNotFound, "there is no such page")
	}
	return s, err
}

// page is the task's page with what is answered so far.
func (s sample) page(draft ranking.Draft) views.RankingData {
	page := rankingData(&s.campaign, s.lease, s.task, draft)
	page.Sample = &views.Tryout{TaskID: s.task.ID}
	return page
}

// goTo shows a step of a page whose responses are scored one by one.
func (s sample) goTo(page *views.RankingData, step int) {
	if s.lease.Schema.StageOne && step >= 0 && step <= len(page.Cards) {
		page.Step = step
	}
}

func (s sample) next(query string) string {
	return views.SamplePath(s.campaign.Name) + "?" + query + "after=" + strconv.FormatInt(s.task.ID, 10)
}

// check holds an answer to what a stored one would be held to.
func (s sample) check(in ranking.Submission) error {
	if err := checkAnswer(&in); err != nil {
		return err
	}
	if err := in.Tiers.Validate(s.lease.OrderShown); err != nil {
		return err
	}
	if err := in.CheckKind(s.campaign.Kind); err != nil {
		return err
	}
	if err := in.Answers.Check(s.lease.Schema, s.lease.OrderShown); err != nil {
		return err
	}
	if err := in.Answers.Complete(s.lease.Schema, s.lease.OrderShown); err != nil {
		return err
	}
	_, err := in.Edited(responseTexts(s.task))
	return err
}
