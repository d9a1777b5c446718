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

// quizAdminStore is what admins do about a campaign's quiz.
type quizAdminStore interface {
	// Quiz is what is asked now, with its version; version 0 where nothing is.
	Quiz(ctx context.Context, campaignID int64) (quiz ranking.Quiz, version int, err error)
	// SetQuiz returns the number of the new version, or of the present one for the same quiz. Where everybody has to pass
	// it, those who passed an earlier one are not qualified any more.
	SetQuiz(ctx context.Context, campaignID int64, quiz ranking.Quiz, everybody bool) (version int, err error)
	RemoveQuiz(ctx context.Context, campaignID int64) error
	// QuizResults are those of the members and of the items of the version that is asked.
	QuizResults(ctx context.Context, campaignID int64) ([]ranking.QuizResult, []ranking.QuizItemResult, error)
	// ResetQuiz lets somebody start over. CodeNotFound where no attempt of theirs counts.
	ResetQuiz(ctx context.Context, campaignID, userID int64) error
}

// quizNotices are what the page of results may say was just done.
var quizNotices = map[string]string{"quiz": "quiz.saved", "reset": "quiz.saved_reset", "removed": "quiz.saved_removed"}

// QuizResults answers GET /campaigns/:name/quiz/results.
func QuizResults(store campaignStore) echo.HandlerFunc {
	return func(c echo.Context) error {
		ctx := c.Request().Context()
		campaign, err := campaignOfPath(c, store)
		if err != nil {
			return err
		}
		page := views.QuizResultsData{Campaign: campaign.Name, Notice: quizNotices[c.QueryParam("done")]}
		if page.Quiz, page.Version, err = store.Quiz(ctx, campaign.ID); err != nil {
			return err
		}
		if page.Version > 0 {
			if page.People, page.Items, err = store.QuizResults(ctx, campaign.ID); err != nil {
				return err
			}
		}
		return Render(c, http.StatusOK, views.QuizResultsPage(page))
	}
}

// QuizReset answers POST /campaigns/:name/quiz/reset: somebody starts over.
func QuizReset(store campaignStore) echo.HandlerFunc {
	return func(c echo.Context) error {
		campaign, user, err := memberOfForm(c, store)
		if err != nil {
			return err
		}
		if err := store.ResetQuiz(c.Request().Context(), campaign.ID, user.ID); err != nil {
			return err
		}
		if err := audit(c, store, "campaign.quiz_reset", campaign.Name, map[string]any{"user": user.Email}); err != nil {
			return err
		}
		return redirect(c, views.QuizResultsPath(campaign.Name)+"?done=reset")
	}
}

// QuizRemove answers POST /campaigns/:name/quiz/remove: no quiz is asked any more.
func QuizRemove(store campaignStore) echo.HandlerFunc {
	return func(c echo.Context) error {
		campaign, err := campaignOfPath(c, store)
		if err != nil {
			return err
		}
		if err := store.RemoveQuiz(c.Request().Context(), campaign.ID); err != nil {
			return err
		}
		if err := audit(c, store, "campaign.quiz_remove", campaign.Name, map[string]any{}); err != nil {
			return err
		}
		return redirect(c, views.QuizResultsPath(campaign.Name)+"?done=removed")
	}
}

// QuizEdit answers GET /campaigns/:name/quiz/edit.
func QuizEdit(store campaignStore) echo.HandlerFunc {
	return func(c echo.Context) error {
		campaign, err := campaignOfPath(c, store)
		if err != nil {
			return err
		}
		quiz, version, err := store.Quiz(c.Request().Context(), campaign.ID)
		if err != nil {
			return err
		}
		return Render(c, http.StatusOK, views.QuizEditPage(quizForm(campaign.Name, quiz, version)))
	}
}

// QuizSave answers POST /campaigns/:name/quiz/edit: it saves the quiz, or brings the form back changed.
func QuizSave(store campaignStore) echo.HandlerFunc {
	return func(c echo.Context) error {
		ctx := c.Request().Context()
		campaign, err := campaignOfPath(c, store)
		if err != nil {
			return err
		}
		form, err := c.FormParams()
		if err != nil {
			return err
		}
		_, version, err := store.Quiz(ctx, campaign.ID)
		if err != nil {
			return err
		}
		page := quizFormOf(form)
		page.Campaign, page.Version = campaign.Name, version
		if do := form.Get("do"); do != "" && do != views.QuizDoSave {
			changeQuizForm(&page, do)
			return Render(c, http.StatusOK, views.QuizEditPage(page))
		}
		err = saveQuiz(c, store, campaign, version, quizOfForm(page), page.Everybody)
		if err != nil && shownBeside(err) {
			page.Error = i18n.Error(ctx, err)
			return Render(c, http.StatusUnprocessableEntity, views.QuizEditPage(page))
		}
		return err
	}
}

// QuizSaveFile answers POST /campaigns/:name/quiz/file: a whole quiz in the format of its file.
func QuizSaveFile(store campaignStore) echo.HandlerFunc {
	return func(c echo.Context) error {
		ctx := c.Request().Context()
		campaign, err := campaignOfPath(c, store)
		if err != nil {
			return err
		}
		now, version, err := store.Quiz(ctx, campaign.ID)
		if err != nil {
			return err
		}
		text, everybody := lines(c, "file"), c.FormValue("everybody") != ""
		quiz, err := ranking.ReadQuiz([]byte(text))
		if err == nil {
			err = saveQuiz(c, store, campaign, version, quiz, everybody)
		}
		if err != nil && shownBeside(err) {
			page := quizForm(campaign.Name, now, version)
			page.FileError, page.File, page.Everybody = i18n.Error(ctx, err), truncate(text, ranking.QuizBytesMax), everybody
			return Render(c, http.StatusUnprocessableEntity, views.QuizEditPage(page))
		}
		return err
	}
}

func saveQuiz(c echo.Context, store campaignStore, campaign ranking.Campaign, before int, quiz ranking.Quiz, everybody bool) error {
	version, err := store.SetQuiz(c.Request().Context(), campaign.ID, quiz, everybody)
	if err != nil {
		return err
	}
	if version != before {
		details := map[string]any{"version": version, "items": len(quiz.Items), "everybody": everybody}
		if err := audit(c, store, "campaign.quiz", campaign.Name, details); err != nil {
			return err
		}
	}
	return redirect(c, views.QuizResultsPath(campaign.Name)+"?done=quiz")
}

// QuizSampleShow answers GET /campaigns/:name/try/quiz: the quiz as those see it who have to pass it.
func QuizSampleShow(store campaignStore) echo.HandlerFunc {
	return func(c echo.Context) error {
		campaign, quiz, version, err := quizOfPath(c, store)
		if err != nil {
			return err
		}
		return Render(c, http.StatusOK, views.QuizPage(quizSample(c, campaign, quiz, version)))
	}
}

// QuizSampleSubmit answers POST /campaigns/:name/try/quiz: how it would have gone. Nothing is stored.
func QuizSampleSubmit(store campaignStore) echo.HandlerFunc {
	return func(c echo.Context) error {
		ctx := c.Request().Context()
		campaign, quiz, version, err := quizOfPath(c, store)
		if err != nil {
			return err
		}
		form, err := c.FormParams()
		if err != nil {
			return err
		}
		answers := quizAnswers(form, quiz)
		marks, err := quiz.Grade(answers)
		if err != nil {
			page := quizSample(c, campaign, quiz, version)
			page.Answers, page.Error = answers, i18n.Error(ctx, err)
			return Render(c, http.StatusUnprocessableEntity, views.QuizPage(page))
		}
		return Render(c, http.StatusOK, views.QuizResultPage(views.QuizResultData{
			Campaign: campaign.Name, Kind: campaign.Kind, Quiz: quiz, Sample: true,
			Orders:  quizOrders(quiz, campaign.Seed, CurrentUser(ctx).ID, 1),
			Attempt: ranking.QuizAttempt{Number: 1, Version: version, Answers: answers, Marks: marks, Passed: quiz.Passes(marks)},
		}))
	}
}

func quizSample(c echo.Context, campaign ranking.Campaign, quiz ranking.Quiz, version int) views.QuizData {
	user := CurrentUser(c.Request().Context())
	return views.QuizData{
		Campaign: campaign.Name, Quiz: quiz, Version: version, Number: 1, Sample: true,
		Orders: quizOrders(quiz, campaign.Seed, user.ID, 1),
	}
}

// quizOfPath reads the quiz of the campaign that the path names.
func quizOfPath(c echo.Context, store campaignStore) (campaign ranking.Campaign, quiz ranking.Quiz, version int, err error) {
	if campaign, err = campaignOfPath(c, store); err != nil {
		return campaign, quiz, 0, err
	}
	quiz, version, err = store.Quiz(c.Request().Context(), campaign.ID)
	if err == nil && version == 0 {
		err = ranking.Errorf(ranking.CodeNotFound, "this campaign has no quiz")
	}
	return campaign, quiz, version, err
}

// percent writes a share as the form has it.
func percent(share float64) string { return strconv.FormatFloat(100*share, 'g', 4, 64) }
