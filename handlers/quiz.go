package handlers

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"rankloop/internal/i18n"
	"rankloop/ranking"
	"rankloop/views"
)

// quizStore is the quiz as those see it who have to pass it.
type quizStore interface {
	GuidelinesRead(ctx context.Context, campaignID, userID int64) (ranking.GuidelinesReading, error)
	QuizStanding(ctx context.Context, campaignID, userID int64) (ranking.QuizStanding, error)
	// SubmitQuiz stores an attempt once; duplicate is true for a resend. CodeConflict: the quiz has changed or was passed
	// already; CodeForbidden: no attempt is left; CodeUnread: the guidelines come first.
	SubmitQuiz(ctx context.Context, in ranking.QuizSubmission) (attempt ranking.QuizAttempt, duplicate bool, err error)
	QuizAttempt(ctx context.Context, campaignID, userID int64, number int) (ranking.QuizAttempt, ranking.Quiz, error)
}

// QuizShow answers GET /campaigns/:name/quiz: the quiz, or how it went where nothing is left to answer.
func QuizShow(store quizStore) echo.HandlerFunc {
	return func(c echo.Context) error {
		ctx := c.Request().Context()
		campaign := campaignFrom(ctx)
		user := CurrentUser(ctx)
		read, err := store.GuidelinesRead(ctx, campaign.ID, user.ID)
		if err != nil {
			return err
		}
		standing, err := store.QuizStanding(ctx, campaign.ID, user.ID)
		switch {
		case err != nil:
			return err
		case standing.Version == 0:
			return ranking.Errorf(ranking.CodeNotFound, "this campaign has no quiz")
		case (standing.Passed || standing.Left() == 0) && standing.Last != nil:
			return redirect(c, views.QuizAttemptPath(campaign.Name, standing.Last.Number))
		case campaign.Guidelines != "" && read.Version < campaign.GuidelineVersion:
			return redirect(c, views.GuidelinesPath(campaign.Name))
		}
		return Render(c, http.StatusOK, views.QuizPage(quizData(campaign, user.ID, standing)))
	}
}

func quizData(campaign *ranking.Campaign, userID int64, standing ranking.QuizStanding) views.QuizData {
	return views.QuizData{
		Campaign: campaign.Name, Quiz: standing.Quiz, Version: standing.Version, Number: standing.Next, Left: standing.Left(),
		Last: standing.Last, Orders: quizOrders(standing.Quiz, campaign.Seed, userID, standing.Next),
	}
}

// QuizSubmit answers POST /campaigns/:name/quiz, the form, and leads to the result.
func QuizSubmit(store quizStore) echo.HandlerFunc {
	return func(c echo.Context) error {
		ctx := c.Request().Context()
		campaign := campaignFrom(ctx)
		user := CurrentUser(ctx)
		form, err := c.FormParams()
		if err != nil {
			return err
		}
		standing, err := store.QuizStanding(ctx, campaign.ID, user.ID)
		if err != nil {
			return err
		}
		in := ranking.QuizSubmission{CampaignID: campaign.ID, UserID: user.ID, Answers: quizAnswers(form, standing.Quiz)}
		in.Version, _ = strconv.Atoi(form.Get("version"))
		in.Number, _ = strconv.Atoi(form.Get("number"))
		attempt, _, err := store.SubmitQuiz(ctx, in)
		switch ranking.ErrorCode(err) {
		case "":
			return redirect(c, views.QuizAttemptPath(campaign.Name, attempt.Number))
		case ranking.CodeUnread:
			return redirect(c, views.GuidelinesPath(campaign.Name))
		case ranking.CodeForbidden, ranking.CodeConflict:
			if standing.Version > 0 && (standing.Passed || standing.Left() == 0) {
				return redirect(c, views.QuizPath(campaign.Name)) // which says how it went
			}
		case ranking.CodeInvalid:
		default:
			return err
		}
		page := quizData(campaign, user.ID, standing)
		page.Error = i18n.Error(ctx, err)
		if in.Version == standing.Version {
			page.Answers = in.Answers
		}
		return Render(c, http.StatusUnprocessableEntity, views.QuizPage(page))
	}
}

// quizAnswers reads the form of a quiz.
func quizAnswers(form url.Values, quiz ranking.Quiz) []ranking.QuizAnswer {
	answers := make([]ranking.QuizAnswer, len(quiz.Items))
	for i, item := range quiz.Items {
		for _, chosen := range form["choice_"+strconv.Itoa(i)] {
			if place, err := strconv.Atoi(chosen); err == nil && len(answers[i].Chosen) < ranking.QuizOptionsMax {
				answers[i].Chosen = append(answers[i].Chosen, place)
			}
		}
		for place := range item.Responses {
			rank, _ := strconv.Atoi(form.Get("rank_" + strconv.Itoa(i) + "_" + strconv.Itoa(place)))
			answers[i].Ranks = append(answers[i].Ranks, rank) // 0 is refused where the quiz is graded
		}
	}
	return answers
}

// QuizAttempt answers GET /campaigns/:name/quiz/attempts/:number: how an attempt of one's own went.
func QuizAttempt(store quizStore) echo.HandlerFunc {
	return func(c echo.Context) error {
		ctx := c.Request().Context()
		campaign := campaignFrom(ctx)
		user := CurrentUser(ctx)
		number, err := strconv.Atoi(c.Param("number"))
		if err != nil {
			return ranking.Errorf(ranking.CodeNotFound, "there is no such page")
		}
		attempt, quiz, err := store.QuizAttempt(ctx, campaign.ID, user.ID, number)
		if err != nil {
			return err
		}
		standing, err := store.QuizStanding(ctx, campaign.ID, user.ID)
		if err != nil {
			return err
		}
		return Render(c, http.StatusOK, views.QuizResultPage(views.QuizResultData{
			Campaign: campaign.Name, Kind: campaign.Kind, Quiz: quiz, Attempt: attempt, Left: standing.Left(),
			Orders: quizOrders(quiz, campaign.Seed, user.ID, number),
			Passed: standing.Passed || standing.Version == 0, MayRank: campaign.State == ranking.CampaignOpen,
		}))
	}
}

// quizJSON is a quiz for a program. It does not say what is right.
type quizJSON struct {
	Version      int            `json:"version"`
	Number       int            `json:"number"` // of the next attempt
	PassMark     float64        `json:"pass_mark"`
	AttemptsLeft int            `json:"attempts_left"`
	Passed       bool           `json:"passed"`
	Items        []quizItemJSON `json:"items"`
}

type quizItemJSON struct {
	Text      string   `json:"text"`
	Options   []string `json:"options,omitempty"`
	Several   bool     `json:"several,omitempty"` // more than one option is right
	Responses []string `json:"responses,omitempty"`
}

// QuizJSON answers GET /api/campaigns/:name/quiz.
func QuizJSON(store quizStore) echo.HandlerFunc {
	return func(c echo.Context) error {
		ctx := c.Request().Context()
		standing, err := store.QuizStanding(ctx, campaignFrom(ctx).ID, CurrentUser(ctx).ID)
		if err != nil {
			return err
		}
		if standing.Version == 0 {
			return ranking.Errorf(ranking.CodeNotFound, "this campaign has no quiz")
		}
		out := quizJSON{
			Version: standing.Version, Number: standing.Next, PassMark: standing.Quiz.PassMark,
			AttemptsLeft: standing.Left(), Passed: standing.Passed,
		}
		for _, item := range standing.Quiz.Items {
			shown := quizItemJSON{Text: item.Text, Several: item.SeveralRight()}
			for _, o := range item.Options {
				shown.Options = append(shown.Options, o.Text)
			}
			for _, r := range item.Responses {
				shown.Responses = append(shown.Responses, r.Text)
			}
			out.Items = append(out.Items, shown)
		}
		c.Response().Header().Set("Cache-Control", "no-store")
		return c.JSON(http.StatusOK, out)
	}
}

// quizResultJSON is a graded attempt.
type quizResultJSON struct {
	Number       int                  `json:"number"`
	Version      int                  `json:"version"`
	Passed       bool                 `json:"passed"`
	Right        int                  `json:"right"`
	AttemptsLeft int                  `json:"attempts_left"`
	Duplicate    bool                 `json:"duplicate"`
	At           time.Time            `json:"at"`
	Items        []quizResultItemJSON `json:"items"`
}

type quizResultItemJSON struct {
	Right       bool   `json:"right"`
	Explanation string `json:"explanation"`
}

// QuizSubmitJSON answers POST /api/campaigns/:name/quiz.
func QuizSubmitJSON(store quizStore) echo.HandlerFunc {
	return func(c echo.Context) error {
		ctx := c.Request().Context()
		campaign, user := campaignFrom(ctx), CurrentUser(ctx)
		var body struct {
			Version int                  `json:"version"`
			Number  int                  `json:"number"`
			Answers []ranking.QuizAnswer `json:"answers"`
		}
		if err := bindJSON(c, &body); err != nil {
			return err
		}
		_, duplicate, err := store.SubmitQuiz(ctx, ranking.QuizSubmission{
			CampaignID: campaign.ID, UserID: user.ID, Version: body.Version, Number: body.Number, Answers: body.Answers,
		})
		if err != nil {
			return err
		}
		attempt, quiz, err := store.QuizAttempt(ctx, campaign.ID, user.ID, body.Number)
		if err != nil {
			return err
		}
		standing, err := store.QuizStanding(ctx, campaign.ID, user.ID)
		if err != nil {
			return err
		}
		out := quizResultJSON{
			Number: attempt.Number, Version: attempt.Version, Passed: attempt.Passed, Right: attempt.Right(),
			AttemptsLeft: standing.Left(), Duplicate: duplicate, At: attempt.At,
		}
		for i, right := range attempt.Marks {
			out.Items = append(out.Items, quizResultItemJSON{right, quiz.Items[i].Explanation})
		}
		return c.JSON(http.StatusOK, out)
	}
}
