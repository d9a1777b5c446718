package handlers

import (
	"context"
	"net/http"
	"strconv"

	"github.com/labstack/echo/v4"

	"rankloop/internal/i18n"
	"rankloop/ranking"
	"rankloop/views"
)

const questionRowsMax = 200

// myQuestions is what somebody asked, and how much of it was answered since they looked.
type myQuestions interface {
	// MyQuestions lists the user's questions about a task, or about all (taskID 0), newest first.
	MyQuestions(ctx context.Context, userID, taskID int64, limit int) ([]ranking.Question, error)
	UnreadAnswers(ctx context.Context, userID int64) (int, error)
	ReadAnswers(ctx context.Context, userID int64) error
}

// QuestionMine answers GET /questions: one's own questions with their answers, which count as read from then on.
func QuestionMine(store myQuestions) echo.HandlerFunc {
	return func(c echo.Context) error {
		ctx := c.Request().Context()
		user := CurrentUser(ctx)
		asked, err := store.MyQuestions(ctx, user.ID, 0, questionRowsMax)
		if err != nil {
			return err
		}
		if err := store.ReadAnswers(ctx, user.ID); err != nil {
			return err
		}
		return Render(c, http.StatusOK, views.MyQuestionsPage(views.QuestionsData{Questions: asked}))
	}
}

// campaignQuestions is what admins do about questions.
type campaignQuestions interface {
	// Questions lists what was asked in a campaign: what waits for an answer first.
	Questions(ctx context.Context, campaignID int64, limit int) ([]ranking.Question, error)
	AnswerQuestion(ctx context.Context, campaignID, id, adminID int64, answer string) error
	// WithdrawTask hands a task out no more. CodeConflict for one that is complete.
	WithdrawTask(ctx context.Context, campaignID, taskID int64) error
}

// QuestionList answers GET /campaigns/:name/questions.
func QuestionList(store campaignStore) echo.HandlerFunc {
	return func(c echo.Context) error {
		return showQuestions(c, store, http.StatusOK, nil)
	}
}

// showQuestions renders a campaign's questions, with what was wrong about an answer.
func showQuestions(c echo.Context, store campaignStore, status int, cause error) error {
	ctx := c.Request().Context()
	campaign, err := campaignOfPath(c, store)
	if err != nil {
		return err
	}
	asked, err := store.Questions(ctx, campaign.ID, questionRowsMax)
	if err != nil {
		return err
	}
	page := views.QuestionsData{Campaign: campaign.Name, Questions: asked}
	if cause != nil {
		page.Error, page.Draft = i18n.Error(ctx, cause), truncate(lines(c, "answer"), 1<<15)
		page.DraftOf, _ = strconv.ParseInt(c.FormValue("question"), 10, 64)
	}
	return Render(c, status, views.QuestionsPage(page))
}

// QuestionAnswer answers POST /campaigns/:name/questions with an admin's answer.
func QuestionAnswer(store campaignStore) echo.HandlerFunc {
	return func(c echo.Context) error {
		ctx := c.Request().Context()
		campaign, err := campaignOfPath(c, store)
		if err != nil {
			return err
		}
		id, err := strconv.ParseInt(c.FormValue("question"), 10, 64)
		if err == nil {
			err = store.AnswerQuestion(ctx, campaign.ID, id, CurrentUser(ctx).ID, lines(c, "answer"))
		} else {
			err = ranking.Errorf(ranking.CodeInvalid, "choose one of the list")
		}
		if err != nil && shownBeside(err) {
			return showQuestions(c, store, http.StatusUnprocessableEntity, err)
		}
		if err != nil {
			return err
		}
		return redirect(c, views.CampaignPath(campaign.Name)+"/questions")
	}
}

// TaskWithdraw answers POST /campaigns/:name/withdraw: a broken task is handed out no more.
func TaskWithdraw(store campaignStore) echo.HandlerFunc {
	return func(c echo.Context) error {
		ctx := c.Request().Context()
		campaign, err := campaignOfPath(c, store)
		if err != nil {
			return err
		}
		id, err := strconv.ParseInt(c.FormValue("task"), 10, 64)
		if err != nil {
			return ranking.Errorf(ranking.CodeInvalid, "choose one of the list")
		}
		if err := store.WithdrawTask(ctx, campaign.ID, id); err != nil {
			return err
		}
		if err := audit(c, store, "task.withdraw", campaign.Name, map[string]any{"task": id}); err != nil {
			return err
		}
		return redirect(c, views.CampaignPath(campaign.Name)+"/questions")
	}
}
