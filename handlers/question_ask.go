package handlers

import (
	"context"
	"net/http"

	"github.com/labstack/echo/v4"
)

// QuestionAsk answers POST /leases/:token/question: a question to the admins about the task, which goes on.
func QuestionAsk(store questionStore) echo.HandlerFunc {
	return func(c echo.Context) error {
		token, err := leaseToken(c)
		if err != nil {
			return err
		}
		ctx := c.Request().Context()
		if err := store.Ask(ctx, token, CurrentUser(ctx).ID, lines(c, "question")); err != nil {
			return err
		}
		return redirect(c, rankPath(c.FormValue("campaign")))
	}
}

// QuestionAskJSON answers POST /api/leases/:token/question.
func QuestionAskJSON(store questionStore) echo.HandlerFunc {
	return func(c echo.Context) error {
		token, err := leaseToken(c)
		if err != nil {
			return err
		}
		var in struct {
			Question string `json:"question"`
		}
		if err := bindJSON(c, &in); err != nil {
			return err
		}
		ctx := c.Request().Context()
		if err := store.Ask(ctx, token, CurrentUser(ctx).ID, in.Question); err != nil {
			return err
		}
		return c.JSON(http.StatusCreated, map[string]any{"asked": true})
	}
}

// questionStore is what annotators ask.
type questionStore interface {
	// Ask stores a question about the task of a lease of the user.
	Ask(ctx context.Context, leaseToken string, userID int64, text string) error
	myQuestions
}
