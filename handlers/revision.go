package handlers

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"rankloop/internal/i18n"
	"rankloop/ranking"
	"rankloop/views"
)

// revisionStore changes what somebody submitted before: always a new revision.
type revisionStore interface {
	historyStore
	// Revise fails with CodeConflict where the judgment was changed elsewhere or is closed to changes, with CodeExpired
	// outside of the campaign's window; duplicate is true for a resend and for what changes nothing.
	Revise(ctx context.Context, r ranking.Revision) (j ranking.Judgment, duplicate bool, err error)
	SaveRevisionDraft(ctx context.Context, judgmentID, userID int64, draft ranking.Draft) (savedAt time.Time, err error)
	// RevisionDraft is what would replace a judgment; the zero draft where nothing is kept.
	RevisionDraft(ctx context.Context, j ranking.Judgment) (ranking.Draft, error)
}

// RevisionLast answers GET /campaigns/:name/last: to the page of what one answered last there, and then back to work.
func RevisionLast(store revisionStore) echo.HandlerFunc {
	return func(c echo.Context) error {
		ctx := c.Request().Context()
		campaign := campaignFrom(ctx)
		id, err := store.NewestJudgment(ctx, campaign.ID, CurrentUser(ctx).ID)
		if err != nil {
			return err
		}
		return redirect(c, revisionPath(id, url.Values{"next": {rankPath(campaign.Name)}}))
	}
}

func revisionPath(id int64, query url.Values) string {
	return views.JudgmentPath(id) + "/edit?" + query.Encode()
}

// RevisionNew answers GET /history/judgments/:id/edit: the task with what was submitted, or with the draft that would
// replace it.
func RevisionNew(store revisionStore) echo.HandlerFunc {
	return func(c echo.Context) error {
		past, err := pastJudgment(c, store)
		if err != nil {
			return err
		}
		if past.Fixed != nil {
			return past.Fixed
		}
		draft, err := store.RevisionDraft(c.Request().Context(), past.Judgment)
		if err != nil {
			return err
		}
		if draft.SavedAt.IsZero() {
			draft = draftOf(past)
		}
		page := revisionBoard(past, draft, c.QueryParam("next"))
		if step, err := strconv.Atoi(c.QueryParam("step")); err == nil && past.Schema.StageOne && step >= 0 && step <= len(page.Cards) {
			page.Step = step
		}
		return Render(c, http.StatusOK, views.TaskPage(page))
	}
}

// revisionBoard is the board of a judgment that is being changed; next is the page that comes after, "" for the history.
func revisionBoard(past ranking.PastJudgment, draft ranking.Draft, next string) views.RankingData {
	page := pastBoard(past, draft)
	page.Revises = &views.Revising{
		JudgmentID: past.Judgment.ID, Revision: past.Judgment.Revision, At: past.Judgment.SubmittedAt,
		Next: localPath(next), Back: localPath(next),
	}
	if page.Revises.Next == "/" {
		page.Revises.Next, page.Revises.Back = "/history?saved=1", views.JudgmentPath(past.Judgment.ID)
	}
	return page
}

// RevisionSave answers POST /history/judgments/:id, the form of the board: as RankingSave, of a revision.
func RevisionSave(store revisionStore) echo.HandlerFunc {
	return func(c echo.Context) error {
		ctx := c.Request().Context()
		past, err := pastJudgment(c, store)
		if err != nil {
			return err
		}
		form, err := c.FormParams()
		if err != nil {
			return err
		}
		s, draft, err := answerFromForm(form)
		next := form.Get("next")
		if form.Has("go") {
			if err == nil {
				_, err = store.SaveRevisionDraft(ctx, past.Judgment.ID, past.Judgment.UserID, draft)
			}
			if err == nil {
				return redirect(c, revisionPath(past.Judgment.ID, url.Values{"step": {form.Get("go")}, "next": {localPath(next)}}))
			}
		} else if err == nil {
			if s.KeptAsShown {
				s.Tiers = inOrder(past.Judgment.OrderShown)
			}
			if page := revisionBoard(past, draft, next); contradicts(form, s, &page) {
				page.Step = 0
				return Render(c, http.StatusOK, views.TaskPage(page))
			}
			_, _, err = saveRevision(ctx, store, past.Judgment, s)
		}
		if ranking.ErrorCode(err) == ranking.CodeInvalid {
			page := revisionBoard(past, draft, next)
			page.Error = i18n.Error(ctx, err)
			return Render(c, http.StatusUnprocessableEntity, views.TaskPage(page))
		}
		if err != nil {
			return err
		}
		return redirect(c, revisionBoard(past, draft, next).Revises.Next)
	}
}

// saveRevision checks what came in as saveRanking does and stores it.
func saveRevision(ctx context.Context, store revisionStore, old ranking.Judgment, s ranking.Submission) (ranking.Judgment, bool, error) {
	if err := checkAnswer(&s); err != nil {
		return ranking.Judgment{}, false, err
	}
	return store.Revise(ctx, ranking.Revision{
		JudgmentID: old.ID, UserID: old.UserID, Tiers: s.Tiers, KeptAsShown: s.KeptAsShown, Answers: s.Answers,
		Comment: s.Comment, Edits: s.Edits, Written: s.Written, ActiveMS: s.ActiveMS,
	})
}

// RevisionSaveJSON answers POST /api/judgments/:id/submit: 201 for a stored revision, 200 for a resend.
func RevisionSaveJSON(store revisionStore) echo.HandlerFunc {
	return func(c echo.Context) error {
		past, err := pastJudgment(c, store)
		if err != nil {
			return err
		}
		var in submissionJSON
		if err := bindJSON(c, &in); err != nil {
			return err
		}
		judgment, duplicate, err := saveRevision(c.Request().Context(), store, past.Judgment, in.submission())
		if err != nil {
			return err
		}
		return stored(c, judgment, duplicate, nil)
	}
}

// RevisionDraftSave answers POST /api/judgments/:id/draft.
func RevisionDraftSave(store revisionStore) echo.HandlerFunc {
	return func(c echo.Context) error {
		ctx := c.Request().Context()
		id, err := pathID(c)
		if err != nil {
			return err
		}
		var draft ranking.Draft
		if err := bindJSON(c, &draft); err != nil {
			return err
		}
		draft.Comment = strings.TrimSpace(draft.Comment)
		if err := checkText("comment", draft.Comment, commentCharactersMax); err != nil {
			return err
		}
		savedAt, err := store.SaveRevisionDraft(ctx, id, CurrentUser(ctx).ID, draft)
		if err != nil {
			return err
		}
		return c.JSON(http.StatusOK, map[string]any{"saved_at": savedAt})
	}
}
