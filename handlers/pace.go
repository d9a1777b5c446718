package handlers

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"rankloop/ranking"
	"rankloop/views"
)

// paceStore says how people come along.
type paceStore interface {
	// Pace is that of a user in a campaign; today began at a moment, current is the active time of the task at hand.
	Pace(ctx context.Context, campaignID, userID int64, today time.Time, current time.Duration) (ranking.Pace, error)
}

// addPace puts on a task's page how its person comes along.
func addPace(c echo.Context, store paceStore, campaignID int64, page *views.RankingData) (err error) {
	current := time.Duration(page.ActiveMS) * time.Millisecond
	page.Pace, err = store.Pace(c.Request().Context(), campaignID, page.UserID, today(c.Request()), current)
	return err
}

// goBreak is the step to which the board's form goes for a break.
const goBreak = "break"

// takeBreak keeps what a form says as the draft, whatever is missing from it, and the task for its person.
func takeBreak(c echo.Context, store rankingStore, token string, draft ranking.Draft) error {
	ctx := c.Request().Context()
	user := CurrentUser(ctx).ID
	if _, err := store.SaveDraft(ctx, token, user, draft); err != nil {
		return err
	}
	if _, err := store.RenewLease(ctx, token, user); err != nil && ranking.ErrorCode(err) != ranking.CodeExpired {
		return err
	}
	return redirect(c, "/leases/"+token+"/break")
}

// LeaseBreak answers GET /leases/:token/break: the page of a break, for browsers without scripts.
func LeaseBreak(store rankingStore) echo.HandlerFunc {
	return func(c echo.Context) error {
		ctx := c.Request().Context()
		token, err := leaseToken(c)
		if err != nil {
			return err
		}
		lease, task, err := store.LeasedTask(ctx, token, CurrentUser(ctx).ID)
		if err != nil {
			return err
		}
		campaign, err := store.CampaignByID(ctx, task.CampaignID)
		if err != nil {
			return err
		}
		return Render(c, http.StatusOK, views.BreakPage(views.BreakData{Campaign: campaign.Name, LeaseToken: token, Until: lease.ExpiresAt}))
	}
}

// knownPath is the page of a judgment that was just stored, beside the right answer.
func knownPath(j ranking.Judgment) string { return views.JudgmentPath(j.ID) + "?answered=1" }

// contradicts reports whether a form's ranking stands against its scores and nobody has said yet that it is meant so. What
// is said is said about these pairs: others are asked about again. Where scripts run, the page warns by itself.
func contradicts(form url.Values, s ranking.Submission, page *views.RankingData) bool {
	letters := map[int64]string{}
	for _, card := range page.Cards {
		letters[card.ResponseID] = card.Letter
	}
	for _, pair := range s.Answers.Contradictions(s.Tiers) {
		page.Against = append(page.Against, letters[pair.Winner]+" › "+letters[pair.Loser])
	}
	return len(page.Against) > 0 && form.Get("against") != strings.Join(page.Against, ", ")
}
