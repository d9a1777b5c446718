package handlers

import (
	"context"
	"maps"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"rankloop/internal/i18n"
	"rankloop/ranking"
	"rankloop/views"
)

// Limits on what comes with a ranking.
const (
	responsesMax         = 16
	commentCharactersMax = 5000
	activeMax            = 24 * time.Hour
	clockSkewMax         = 5 * time.Minute
)

// saveRanking checks a submission and stores it: the one way in for the form and for the JSON API.
func saveRanking(ctx context.Context, store rankingStore, s ranking.Submission) (ranking.Judgment, bool, error) {
	if err := checkAnswer(&s); err != nil {
		return ranking.Judgment{}, false, err
	}
	now := time.Now()
	if s.StartedAt.IsZero() {
		s.StartedAt = now.Add(-time.Duration(s.ActiveMS) * time.Millisecond)
	}
	if s.StartedAt.After(now.Add(clockSkewMax)) {
		return ranking.Judgment{}, false, ranking.Errorf(ranking.CodeInvalid, "the start of the task lies in the future")
	}
	if s.StartedAt.After(now) {
		s.StartedAt = now
	}
	return store.Submit(ctx, s)
}

// checkAnswer holds an answer to its limits, whether it is a task's first or a revision.
func checkAnswer(s *ranking.Submission) error {
	s.Comment = strings.TrimSpace(s.Comment)
	if err := checkText("comment", s.Comment, commentCharactersMax); err != nil {
		return err
	}
	if s.ActiveMS < 0 || s.ActiveMS > activeMax.Milliseconds() {
		return ranking.Errorf(ranking.CodeInvalid, "the active time must lie between 0 and %d hours", int(activeMax.Hours()))
	}
	responses := 0
	for _, tier := range s.Tiers {
		responses += len(tier)
	}
	if responses > responsesMax || len(s.Tiers) > responsesMax {
		return ranking.Errorf(ranking.CodeInvalid, "a ranking has at most %d responses", responsesMax)
	}
	return nil
}

// RankingSave answers POST /leases/:token/submit, the form of the board, and leads to the next task. A button of the
// form that goes to another step keeps the answers as a draft instead; an incomplete answer comes back with what was
// chosen.
func RankingSave(store rankingStore) echo.HandlerFunc {
	return func(c echo.Context) error {
		ctx := c.Request().Context()
		token, err := leaseToken(c)
		if err != nil {
			return err
		}
		form, err := c.FormParams()
		if err != nil {
			return err
		}
		submission, draft, err := answerFromForm(form)
		submission.LeaseToken, submission.UserID = token, CurrentUser(ctx).ID
		if form.Get("go") == goBreak {
			return takeBreak(c, store, token, draft)
		}
		var stored ranking.Judgment
		if form.Has("go") {
			if err == nil {
				_, err = store.SaveDraft(ctx, token, submission.UserID, draft)
			}
			if err == nil {
				return redirect(c, rankPath(form.Get("campaign"))+"?step="+url.QueryEscape(form.Get("go")))
			}
		} else if err == nil {
			if submission.KeptAsShown {
				submission.Tiers, err = orderShown(ctx, store, token, submission.UserID)
			}
			if err == nil && len(submission.Answers.Contradictions(submission.Tiers)) > 0 {
				page, err := boardAgain(c, store, draft, token)
				if err != nil {
					return err
				}
				if contradicts(form, submission, &page) {
					page.Step = 0
					return Render(c, http.StatusOK, views.TaskPage(page))
				}
			}
			if err == nil {
				stored, _, err = saveRanking(ctx, store, submission)
			}
		}
		if ranking.ErrorCode(err) == ranking.CodeInvalid {
			return showAgain(c, store, draft, token, err)
		}
		if err != nil {
			return err
		}
		if stored.ShowsKnown {
			return redirect(c, knownPath(stored))
		}
		return redirect(c, rankPath(form.Get("campaign")))
	}
}

// rankPath is the page of the campaign's next task; a name that cannot be one leads home.
func rankPath(campaign string) string {
	if campaign == "" || strings.ContainsAny(campaign, "/\\?#\r\n") {
		return "/"
	}
	return "/campaigns/" + url.PathEscape(campaign) + "/rank"
}

// orderShown is the ranking of one who confirms the order of the page.
func orderShown(ctx context.Context, store rankingStore, token string, userID int64) (ranking.Tiers, error) {
	lease, _, err := store.LeasedTask(ctx, token, userID)
	return inOrder(lease.OrderShown), err
}

// inOrder ranks responses as they come, without ties.
func inOrder(ids []int64) (tiers ranking.Tiers) {
	for _, id := range ids {
		tiers = append(tiers, []int64{id})
	}
	return tiers
}

// boardAgain is the page of a leased task with what its form had.
func boardAgain(c echo.Context, store rankingStore, draft ranking.Draft, token string) (page views.RankingData, err error) {
	ctx := c.Request().Context()
	lease, task, err := store.LeasedTask(ctx, token, CurrentUser(ctx).ID)
	if err != nil {
		return page, err
	}
	campaign, err := store.CampaignByID(ctx, task.CampaignID)
	if err != nil {
		return page, err
	}
	if page, err = taskData(ctx, store, &campaign, lease, task, draft); err != nil {
		return page, err
	}
	return page, addPace(c, store, campaign.ID, &page)
}

// showAgain renders the board with what the form had and with what is wrong about it.
func showAgain(c echo.Context, store rankingStore, draft ranking.Draft, token string, cause error) error {
	page, err := boardAgain(c, store, draft, token)
	if err != nil {
		return err
	}
	page.Error = i18n.Error(c.Request().Context(), cause)
	return Render(c, ErrorStatus(cause), views.TaskPage(page))
}

// submissionJSON is an answer as a program sends it.
type submissionJSON struct {
	Tiers       ranking.Tiers    `json:"tiers"`
	KeptAsShown bool             `json:"kept_as_shown"`
	ActiveMS    int64            `json:"active_ms"`
	StartedAt   time.Time        `json:"started_at"`
	Comment     string           `json:"comment"`
	Answers     ranking.Answers  `json:"answers"`
	Edits       map[int64]string `json:"edits"`   // comparisons: the better response's id → its text as edited
	Written     string           `json:"written"` // demonstrations
	Next        string           `json:"next"`    // the lease ahead that is to begin when this answer is stored
}

func (in submissionJSON) submission() ranking.Submission {
	return ranking.Submission{
		Tiers: in.Tiers, KeptAsShown: in.KeptAsShown, Comment: in.Comment, Answers: in.Answers, Edits: in.Edits, Written: in.Written,
		ActiveMS: in.ActiveMS, StartedAt: in.StartedAt,
	}
}

// RankingSaveJSON answers POST /api/leases/:token/submit: 201 for a stored judgment, 200 for a resend. Where the answer
// names the lease ahead, it says whether its task has begun.
func RankingSaveJSON(store rankingStore) echo.HandlerFunc {
	return func(c echo.Context) error {
		ctx := c.Request().Context()
		token, err := leaseToken(c)
		if err != nil {
			return err
		}
		var in submissionJSON
		if err := bindJSON(c, &in); err != nil {
			return err
		}
		submission := in.submission()
		submission.LeaseToken, submission.UserID = token, CurrentUser(ctx).ID
		judgment, duplicate, err := saveRanking(ctx, store, submission)
		if err != nil {
			return err
		}
		if judgment.ShowsKnown {
			return stored(c, judgment, duplicate, map[string]any{"known": knownPath(judgment)})
		}
		if in.Next == "" {
			return stored(c, judgment, duplicate, nil)
		}
		begun, err := store.BeginAhead(ctx, in.Next, submission.UserID)
		if err != nil {
			begun = false // the judgment is stored, whatever comes next
		}
		return stored(c, judgment, duplicate, map[string]any{"next": begun})
	}
}

// stored tells a program which judgment its answer became, whether it had been stored before, and what else there is.
func stored(c echo.Context, j ranking.Judgment, duplicate bool, more map[string]any) error {
	status, answer := http.StatusCreated, map[string]any{"judgment": j.ID}
	if duplicate {
		status, answer["duplicate"] = http.StatusOK, true
	}
	maps.Copy(answer, more)
	return c.JSON(status, answer)
}
