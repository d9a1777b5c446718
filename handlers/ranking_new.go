package handlers

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"rankloop/internal/i18n"
	"rankloop/ranking"
	"rankloop/views"
)

// RankingNew answers GET /campaigns/:name/rank: it leases a task and shows the board.
func RankingNew(store interface {
	rankingStore
	historyStore
}) echo.HandlerFunc {
	return func(c echo.Context) error {
		ctx := c.Request().Context()
		campaign := campaignFrom(ctx)
		lease, task, err := store.LeaseTask(ctx, campaign.ID, CurrentUser(ctx).ID)
		if ranking.ErrorCode(err) == ranking.CodeNotFound {
			return Render(c, http.StatusOK, views.RankingDonePage(views.RankingDoneData{Campaign: campaign.Name, State: campaign.State}))
		}
		if ranking.ErrorCode(err) == ranking.CodeUnread {
			return redirect(c, views.GuidelinesPath(campaign.Name))
		}
		if ranking.ErrorCode(err) == ranking.CodeUnqualified {
			return redirect(c, views.QuizPath(campaign.Name))
		}
		if ranking.ErrorCode(err) == ranking.CodeUncalibrated {
			return Render(c, http.StatusOK, views.CalibrationWaitPage(campaign.Name, i18n.Error(ctx, err)))
		}
		if err != nil {
			return err
		}
		draft, err := store.Draft(ctx, task.ID, lease.UserID)
		if err != nil {
			return err
		}
		page, err := taskData(ctx, store, campaign, lease, task, draft)
		if err != nil {
			return err
		}
		if page.Questions, err = store.MyQuestions(ctx, lease.UserID, task.ID, questionRowsMax); err != nil {
			return err
		}
		if _, err := store.NewestJudgment(ctx, campaign.ID, lease.UserID); ranking.ErrorCode(err) != ranking.CodeNotFound {
			if err != nil {
				return err
			}
			page.Judged = campaign.Kind.Revisable()
		}
		if err := addPace(c, store, campaign.ID, &page); err != nil {
			return err
		}
		if step, err := strconv.Atoi(c.QueryParam("step")); err == nil && lease.Schema.StageOne && step >= 0 && step <= len(page.Cards) {
			page.Step = step
		}
		return Render(c, http.StatusOK, views.TaskPage(page))
	}
}

// taskData lays a leased task out as its campaign's kind asks for it.
func taskData(ctx context.Context, store dialogueStore, campaign *ranking.Campaign, lease ranking.Lease, task ranking.Task, draft ranking.Draft) (views.RankingData, error) {
	page := rankingData(campaign, lease, task, draft)
	if !campaign.Kind.Talks() {
		return page, nil
	}
	talk, err := conversation(ctx, store, lease, task)
	if err != nil {
		return page, err
	}
	dialogueData(campaign, talk, draft, &page)
	if lease.Probe != nil {
		page.Probe = probeData(*lease.Probe, talk, draft.Answers.Mark)
		page.Restored = !draft.SavedAt.IsZero()
	}
	return page, nil
}

// rankingData lays a leased task out in the order in which the lease shows it, with what was answered before. It begins
// with the first response that lacks a score, or with the ranking.
func rankingData(campaign *ranking.Campaign, lease ranking.Lease, task ranking.Task, draft ranking.Draft) views.RankingData {
	page := views.RankingData{
		Schema: lease.Schema, PromptFlags: draft.Answers.PromptFlags, Comment: draft.Comment, KeptAsShown: draft.KeptAsShown, ActiveMS: draft.ActiveMS,
		Restored: !draft.SavedAt.IsZero(), Sensitive: task.Sensitive,
		Kind: campaign.Kind, Strength: draft.Answers.Strength, BothBad: draft.Answers.BothBad, Written: draft.Written,
		Campaign: campaign.Name, GuidelineVersion: lease.GuidelineVersion,
		LeaseToken: lease.Token, LeaseSeconds: campaign.LeaseSeconds, ExpiresAt: lease.ExpiresAt,
		TaskID: task.ID, UserID: lease.UserID, StartedAt: time.Now(), Calibration: task.Calibration,
	}
	for _, m := range task.Prompt.Messages {
		page.Turns = append(page.Turns, views.Turn{Role: m.Role, HTML: views.Markdown(m.Content)})
	}
	texts := responseTexts(task)
	for position, id := range lease.OrderShown {
		said := draft.Answers.Of(id)
		page.Cards = append(page.Cards, views.Card{
			Rank: draft.Ranks[id], Step: slices.Index(lease.OrderScored, id) + 1,
			Score: said.Score, Flags: said.Flags, Note: said.Comment,
			Letter: views.Letter(position), ResponseID: id, HTML: views.Markdown(texts[id]), Words: views.CountWords(texts[id]),
			Source: texts[id], Edit: draft.Edits[id],
		})
	}
	if lease.Schema.StageOne {
		page.Step = firstUnscored(page.Cards)
	}
	return page
}

// firstUnscored is the step of the first response without a score, 0 when all have one.
func firstUnscored(cards []views.Card) int {
	first := 0
	for _, card := range cards {
		if card.Score == 0 && (first == 0 || card.Step < first) {
			first = card.Step
		}
	}
	return first
}

func responseTexts(task ranking.Task) map[int64]string {
	texts := make(map[int64]string, len(task.Responses))
	for _, r := range task.Responses {
		texts[r.ID] = r.Text
	}
	return texts
}

// nextJSON is a leased task for a program. It says no more than the page shows: no model names, no file order.
type nextJSON struct {
	Lease            string               `json:"lease"`
	ExpiresAt        time.Time            `json:"expires_at"`
	Order            []int64              `json:"order"` // response ids as shown: position 0 is card A
	Prompt           promptJSON           `json:"prompt"`
	Responses        []responseJSON       `json:"responses"` // in the order shown
	GuidelineVersion int                  `json:"guideline_version"`
	SchemaVersion    int                  `json:"schema_version"`
	Kind             ranking.CampaignKind `json:"kind"`
	Schema           ranking.Schema       `json:"schema"`       // what is asked beside the ranking
	OrderScored      []int64              `json:"order_scored"` // in which to show the responses one by one, where the schema asks for scores
	K                int                  `json:"k"`            // how many responses this task has
	Calibration      *calibrationJSON     `json:"calibration,omitempty"`
}

// calibrationJSON is where a task stands in its campaign's calibration batch.
type calibrationJSON struct {
	Place int `json:"place"` // 1 is the first
	Of    int `json:"of"`
}

type promptJSON struct {
	ID       string            `json:"id"` // the prompt set's id
	Messages []ranking.Message `json:"messages"`
}

type responseJSON struct {
	ID   int64  `json:"id"`
	Text string `json:"text"`
}

// RankingNext answers GET /api/campaigns/:name/next: the next task, or 204 when nothing is left.
func RankingNext(store rankingStore) echo.HandlerFunc {
	return func(c echo.Context) error {
		ctx := c.Request().Context()
		campaign := campaignFrom(ctx)
		lease, task, err := store.LeaseTask(ctx, campaign.ID, CurrentUser(ctx).ID)
		if ranking.ErrorCode(err) == ranking.CodeNotFound {
			return c.NoContent(http.StatusNoContent)
		}
		if err != nil {
			return err
		}
		out := nextJSON{
			Lease: lease.Token, ExpiresAt: lease.ExpiresAt, Order: lease.OrderShown,
			Prompt:           promptJSON{task.Prompt.ExternalID, task.Prompt.Messages},
			GuidelineVersion: lease.GuidelineVersion, K: len(lease.OrderShown),
			Kind: campaign.Kind, SchemaVersion: lease.SchemaVersion, Schema: lease.Schema, OrderScored: lease.OrderScored,
		}
		if place := task.Calibration; place != nil {
			out.Calibration = &calibrationJSON{place.Place, place.Of}
		}
		texts := responseTexts(task)
		for _, id := range lease.OrderShown {
			out.Responses = append(out.Responses, responseJSON{id, texts[id]})
		}
		c.Response().Header().Set("Cache-Control", "no-store")
		return c.JSON(http.StatusOK, out)
	}
}
