package handlers

import (
	"net/http"
	"slices"
	"strconv"

	"github.com/labstack/echo/v4"

	"rankloop/internal/i18n"
	"rankloop/ranking"
	"rankloop/views"
)

// HistoryJudgment answers GET /history/judgments/:id: one of one's own judgments as it was made, to be read.
func HistoryJudgment(store historyStore) echo.HandlerFunc {
	return func(c echo.Context) error {
		ctx := c.Request().Context()
		past, err := pastJudgment(c, store)
		if err != nil {
			return err
		}
		page := views.PastData{
			Board: pastBoard(past, draftOf(past)), Expression: views.Expression(past.Judgment.Tiers, past.Judgment.OrderShown),
			At: past.Judgment.SubmittedAt, Revision: past.Judgment.Revision,
		}
		page.Board.Step = 0
		if past.Written != "" {
			written := views.Markdown(past.Written)
			page.Written = &written
		}
		if past.Kind.Talks() {
			showTalk(&page, past)
		}
		if past.Probe != nil {
			page.Probe = probeData(*past.Probe, ranking.NewDialogue(past.Task.Prompt, past.Turns), past.Judgment.Answers.Mark)
			page.Talk = nil
		}
		if past.Known != nil {
			page.Known = knownData(past)
		}
		if c.QueryParam("answered") != "" {
			page.Next = rankPath(past.Campaign)
		}
		if past.Fixed == nil {
			page.EditPath = views.JudgmentPath(past.Judgment.ID) + "/edit"
		} else {
			page.Fixed = i18n.Error(ctx, past.Fixed)
		}
		for _, r := range past.Revisions {
			page.Revisions = append(page.Revisions, views.PastRevision{
				Path: views.JudgmentPath(r.JudgmentID), Revision: r.Revision, At: r.SubmittedAt,
				Expression: views.Expression(r.Tiers, past.Judgment.OrderShown), Shown: r.JudgmentID == past.Judgment.ID,
			})
		}
		return Render(c, http.StatusOK, views.PastPage(page))
	}
}

// showTalk puts a conversation's turns on its page, and beside them what it began with.
func showTalk(page *views.PastData, past ranking.PastJudgment) {
	talk := ranking.NewDialogue(past.Task.Prompt, past.Turns)
	page.Board.Turns = nil
	for _, m := range talk.Opening {
		page.Board.Turns = append(page.Board.Turns, views.Turn{Role: m.Role, HTML: views.Markdown(m.Content)})
	}
	if talk.Scenario != "" {
		page.Board.Turns = append(page.Board.Turns, views.Turn{Role: "system", HTML: views.Markdown(talk.Scenario)})
	}
	for _, t := range talk.Turns[:talk.Replies()] {
		turn := views.PastTurn{Cards: suggestionCards(t.Drawn, ranking.Draft{}), Reply: views.Markdown(t.Reply), Kept: t.Survival}
		if t.Said != "" {
			said := views.Markdown(t.Said)
			turn.Said = &said
		}
		var shown []int64
		for _, card := range turn.Cards {
			if shown = append(shown, card.ResponseID); card.ResponseID == t.From {
				turn.From = card.Letter
			}
		}
		if len(t.Tiers) > 1 || len(t.Tiers) == 1 && len(t.Tiers[0]) > 1 {
			turn.Expression = views.Expression(t.Tiers, shown)
		}
		page.Talk = append(page.Talk, turn)
	}
}

// knownData lays the right answer beside a judgment.
func knownData(past ranking.PastJudgment) *views.PastKnown {
	j := past.Judgment
	known := views.PastKnown{Expression: views.Expression(past.Known.Tiers, j.OrderShown)}
	known.Own = views.Expression(j.Tiers.Only(j.OrderShown), j.OrderShown)
	known.Alike, known.Pairs = ranking.Agreement(past.Known.Tiers, j.Tiers)
	if past.Known.Explanation != "" {
		explanation := views.Markdown(past.Known.Explanation)
		known.Explanation = &explanation
	}
	return &known
}

// HistorySkip answers GET /history/skips/:id: a task that one skipped.
func HistorySkip(store historyStore) echo.HandlerFunc {
	return func(c echo.Context) error {
		ctx := c.Request().Context()
		id, err := pathID(c)
		if err != nil {
			return err
		}
		skip, err := store.PastSkip(ctx, id, CurrentUser(ctx).ID)
		if err != nil {
			return err
		}
		campaign := &ranking.Campaign{Name: skip.Campaign}
		lease := ranking.Lease{UserID: CurrentUser(ctx).ID, TaskID: skip.Task.ID, OrderShown: skip.OrderShown, OrderScored: skip.OrderShown}
		return Render(c, http.StatusOK, views.PastPage(views.PastData{
			Board: rankingData(campaign, lease, skip.Task, ranking.Draft{}), SkipReason: skip.Reason, At: skip.SkippedAt,
		}))
	}
}

// pathID reads the number at the end of a path.
func pathID(c echo.Context) (int64, error) {
	id, err := strconv.ParseInt(c.Param("id"), 10, 64)
	if err != nil {
		return 0, ranking.Errorf(ranking.CodeNotFound, "there is no such page")
	}
	return id, nil
}

// pastJudgment reads the judgment of the path.
func pastJudgment(c echo.Context, store historyStore) (ranking.PastJudgment, error) {
	id, err := pathID(c)
	if err != nil {
		return ranking.PastJudgment{}, err
	}
	ctx := c.Request().Context()
	return store.PastJudgment(ctx, id, CurrentUser(ctx).ID)
}

// pastBoard lays a judged task out as it was when it was judged, with the answers of a draft.
func pastBoard(past ranking.PastJudgment, draft ranking.Draft) views.RankingData {
	j := past.Judgment
	return rankingData(
		&ranking.Campaign{Name: past.Campaign, Kind: past.Kind},
		ranking.Lease{GuidelineVersion: past.GuidelineVersion, UserID: j.UserID, TaskID: j.TaskID, OrderShown: j.OrderShown, OrderScored: j.OrderScored, Schema: past.Schema},
		past.Task, draft)
}

// draftOf is the draft that a judgment would have been sent from.
func draftOf(past ranking.PastJudgment) ranking.Draft {
	j := past.Judgment
	draft := ranking.Draft{
		Ranks: map[int64]int{}, KeptAsShown: j.KeptAsShown, Answers: j.Answers, Comment: j.Comment, ActiveMS: j.ActiveMS,
	}
	for rank, tier := range j.Tiers {
		for _, id := range tier {
			if slices.Contains(j.OrderShown, id) { // and not what the person wrote
				draft.Ranks[id] = rank + 1
			}
		}
	}
	switch past.Kind {
	case ranking.KindDemonstration:
		draft.Written = past.Written
	case ranking.KindComparison:
		if past.Written != "" { // an edit stands above the response that it is of
			draft.Edits = map[int64]string{j.Tiers[1][0]: past.Written}
		}
	}
	return draft
}
