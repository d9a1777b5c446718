package handlers

import (
	"net/http"
	"strconv"
	"strings"

	"github.com/labstack/echo/v4"

	"rankloop/internal/i18n"
	"rankloop/ranking"
	"rankloop/views"
)

// NewRehearsal makes the steps of conversations that admins try out.
func NewRehearsal(rehearsals *Rehearsals, turns *SamplingTurns) *Dialogue {
	return &Dialogue{rehearsals, turns, talkPages{
		token: taskOfPath,
		next:  func(c echo.Context) string { return views.SamplePath(c.Param("name")) },
		again: func(c echo.Context, draft ranking.Draft, token string, cause error) error {
			return rehearsals.again(c, draft, token, cause)
		},
	}}
}

// taskOfPath names a conversation that is tried out by its task.
func taskOfPath(c echo.Context) (string, error) {
	id, err := strconv.ParseInt(c.Param("task"), 10, 64)
	if err != nil || id < 1 {
		return "", ranking.Errorf(ranking.CodeNotFound, "there is no such page")
	}
	return strconv.FormatInt(id, 10), nil
}

// show is the page of the step that is due in the conversation that the person tries out: the one at hand, or a new one.
// Behind ?after, and after one that was ended, it is one on the next task.
func (r *Rehearsals) show(c echo.Context, store campaignStore, campaign ranking.Campaign) error {
	user := CurrentUser(c.Request().Context())
	held := r.of(user.ID, campaign.ID)
	tried := held != nil && held.over
	after, err := strconv.ParseInt(c.QueryParam("after"), 10, 64)
	switch {
	case err == nil:
	case held != nil && !held.over:
		return Render(c, http.StatusOK, views.TaskPage(held.page(held.draft)))
	case tried:
		after = held.task.ID
	}
	s, err := readSample(c, store, after)
	if err != nil {
		return err
	}
	r.begin(s)
	page := r.of(user.ID, campaign.ID).page(ranking.Draft{})
	page.Sample.Tried = tried
	return Render(c, http.StatusOK, views.TaskPage(page))
}

// page is the step that is due, with what is answered of it.
func (h *rehearsal) page(draft ranking.Draft) views.RankingData {
	page := sample{h.campaign, h.lease, h.task}.page(draft)
	talk := h.dialogue()
	dialogueData(&h.campaign, talk, draft, &page)
	if h.lease.Probe != nil {
		page.Probe = probeData(*h.lease.Probe, talk, draft.Answers.Mark)
	}
	page.Restored = false // a draft that is found again is for those who lost it
	return page
}

// again shows a step with what its form had and with what is wrong about it.
func (r *Rehearsals) again(c echo.Context, draft ranking.Draft, token string, cause error) error {
	var page views.RankingData
	err := r.with(token, CurrentUser(c.Request().Context()).ID, func(held *rehearsal) error {
		page = held.page(draft)
		return nil
	})
	if err != nil {
		return err
	}
	page.Error = i18n.Error(c.Request().Context(), cause)
	return Render(c, ErrorStatus(cause), views.TaskPage(page))
}

// submit checks the end of a conversation as that of a stored one is checked, and forgets it.
func (r *Rehearsals) submit(c echo.Context, in ranking.Submission) error {
	userID := CurrentUser(c.Request().Context()).ID
	token, err := taskOfPath(c)
	if err != nil {
		return err
	}
	err = r.with(token, userID, func(held *rehearsal) error {
		if err := (sample{held.campaign, held.lease, held.task}).check(in); err != nil {
			return err
		}
		talk := held.dialogue()
		if held.campaign.Kind == ranking.KindProbe {
			_, err := talk.CheckMark(*in.Answers.Mark) // it is complete
			return err
		}
		return talk.CheckEnd()
	})
	if err != nil {
		return err
	}
	return r.end(token, userID)
}

// DraftSave answers POST /api/campaigns/:name/try/:task/draft, which the scripts of a conversation send: a mark outlives the
// next message.
func (r *Rehearsals) DraftSave(c echo.Context) error {
	ctx := c.Request().Context()
	token, err := taskOfPath(c)
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
	if _, err := r.SaveDraft(ctx, token, CurrentUser(ctx).ID, draft); err != nil {
		return err
	}
	return c.JSON(http.StatusOK, map[string]any{"stored": false})
}
