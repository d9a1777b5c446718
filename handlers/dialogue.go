package handlers

import (
	"net/http"
	"net/url"
	"strconv"

	"github.com/labstack/echo/v4"

	"rankloop/ranking"
)

// Dialogue answers the steps of conversations: what the person says, what the model suggests, what becomes the reply.
type Dialogue struct {
	store talkStore
	turns *SamplingTurns
	pages talkPages
}

// NewDialogue makes the steps of conversations that are held under leases.
func NewDialogue(store rankingStore, turns *SamplingTurns) *Dialogue {
	return &Dialogue{store, turns, talkPages{
		token: leaseToken,
		next:  func(c echo.Context) string { return rankPath(c.FormValue("campaign")) },
		again: func(c echo.Context, draft ranking.Draft, token string, cause error) error {
			return showAgain(c, store, draft, token, cause)
		},
	}}
}

// Say answers POST /leases/:token/turns/:turn/say, the form of the person's message as the user. Without scripts the
// suggestions are drawn before the next page comes; where they cannot be, that page says so.
func (d *Dialogue) Say(c echo.Context) error {
	return d.step(c, func(token string, turn int, s ranking.Submission, _ ranking.Draft) error {
		ctx := c.Request().Context()
		if err := d.store.SayTurn(ctx, token, s.UserID, turn, s.Written, s.ActiveMS); err != nil {
			return err
		}
		_, _ = d.draw(ctx, token, turn, nil)
		return nil
	})
}

// Suggestions answers POST /leases/:token/turns/:turn/suggestions: it draws them, keeps what was answered so far, and shows
// the page again.
func (d *Dialogue) Suggestions(c echo.Context) error {
	ctx := c.Request().Context()
	token, turn, err := d.turnOfPath(c)
	if err != nil {
		return err
	}
	form, err := c.FormParams()
	if err != nil {
		return err
	}
	_, draft, err := answerFromForm(form)
	if err == nil {
		_, err = d.store.SaveDraft(ctx, token, CurrentUser(ctx).ID, draft)
	}
	if err == nil {
		_, err = d.draw(ctx, token, turn, nil)
	}
	switch ranking.ErrorCode(err) {
	case "":
		return redirect(c, d.pages.next(c))
	case ranking.CodeInvalid, ranking.CodeUnavailable:
		return d.pages.again(c, draft, token, err)
	}
	return err
}

// Reply answers POST /leases/:token/turns/:turn/reply, the form of the reply. Its buttons that take a suggestion put it
// into the field of the reply instead.
func (d *Dialogue) Reply(c echo.Context) error {
	return d.step(c, func(token string, turn int, s ranking.Submission, draft ranking.Draft) error {
		ctx := c.Request().Context()
		return d.store.ReplyTurn(ctx, token, s.UserID, ranking.DialogueReply{
			Turn: turn, Tiers: s.Tiers, From: draft.From, Text: s.Written, ActiveMS: s.ActiveMS,
		})
	})
}

// Back answers POST /leases/:token/turns/:turn/back: it takes the last step back.
func (d *Dialogue) Back(c echo.Context) error {
	token, turn, err := d.turnOfPath(c)
	if err != nil {
		return err
	}
	ctx := c.Request().Context()
	if err := d.store.TakeBackTurn(ctx, token, CurrentUser(ctx).ID, turn); err != nil {
		return err
	}
	return redirect(c, d.pages.next(c))
}

// step reads the form of a step and stores it. What is wrong with it is said on the page that comes back; what it says
// beside the step stays in the draft.
func (d *Dialogue) step(c echo.Context, save func(token string, turn int, s ranking.Submission, draft ranking.Draft) error) error {
	ctx := c.Request().Context()
	token, turn, err := d.turnOfPath(c)
	if err != nil {
		return err
	}
	form, err := c.FormParams()
	if err != nil {
		return err
	}
	s, draft, err := answerFromForm(form)
	s.UserID = CurrentUser(ctx).ID
	if err == nil && form.Has("take") {
		return d.take(c, token, form, draft)
	}
	if err == nil {
		err = checkAnswer(&s)
	}
	if err == nil {
		err = save(token, turn, s, draft)
	}
	if ranking.ErrorCode(err) == ranking.CodeInvalid {
		return d.pages.again(c, draft, token, err)
	}
	if err != nil {
		return err
	}
	beside := ranking.Draft{Comment: draft.Comment, Answers: ranking.Answers{PromptFlags: draft.Answers.PromptFlags, Mark: draft.Answers.Mark}, ActiveMS: s.ActiveMS}
	if _, err := d.store.SaveDraft(ctx, token, s.UserID, beside); err != nil {
		return err
	}
	return redirect(c, d.pages.next(c))
}

// take puts a suggestion into the field of the reply, as a draft.
func (d *Dialogue) take(c echo.Context, token string, form url.Values, draft ranking.Draft) error {
	ctx := c.Request().Context()
	lease, task, err := d.store.LeasedTask(ctx, token, CurrentUser(ctx).ID)
	if err != nil {
		return err
	}
	talk, err := conversation(ctx, d.store, lease, task)
	if err != nil {
		return err
	}
	turn, _ := talk.Next()
	draft.From, _ = strconv.ParseInt(form.Get("take"), 10, 64)
	draft.Written = talk.At(turn).Drawn.Text(draft.From)
	if _, err := d.store.SaveDraft(ctx, token, lease.UserID, draft); err != nil {
		return err
	}
	return redirect(c, d.pages.next(c))
}

// SayJSON answers POST /api/leases/:token/turns/:turn/say.
func (d *Dialogue) SayJSON(c echo.Context) error {
	var in struct {
		Text     string `json:"text"`
		ActiveMS int64  `json:"active_ms"`
	}
	return d.stepJSON(c, &in, func(token string, turn int, userID int64) error {
		return d.store.SayTurn(c.Request().Context(), token, userID, turn, in.Text, in.ActiveMS)
	})
}

// ReplyJSON answers POST /api/leases/:token/turns/:turn/reply. tiers hold ids of suggestions: none, the one taken, or all,
// best first; from is the one that text began as, 0 for none; without text it is the reply as it was suggested.
func (d *Dialogue) ReplyJSON(c echo.Context) error {
	var in struct {
		Tiers    ranking.Tiers `json:"tiers"`
		From     int64         `json:"from"`
		Text     string        `json:"text"`
		ActiveMS int64         `json:"active_ms"`
	}
	return d.stepJSON(c, &in, func(token string, turn int, userID int64) error {
		return d.store.ReplyTurn(c.Request().Context(), token, userID, ranking.DialogueReply{
			Turn: turn, Tiers: in.Tiers, From: in.From, Text: in.Text, ActiveMS: in.ActiveMS,
		})
	})
}

// BackJSON answers POST /api/leases/:token/turns/:turn/back.
func (d *Dialogue) BackJSON(c echo.Context) error {
	return d.stepJSON(c, &struct{}{}, func(token string, turn int, userID int64) error {
		return d.store.TakeBackTurn(c.Request().Context(), token, userID, turn)
	})
}

// stepJSON reads a step into in, stores it, and answers with the turn.
func (d *Dialogue) stepJSON(c echo.Context, in any, save func(token string, turn int, userID int64) error) error {
	token, turn, err := d.turnOfPath(c)
	if err != nil {
		return err
	}
	if err := bindJSON(c, in); err != nil {
		return err
	}
	if err := save(token, turn, CurrentUser(c.Request().Context()).ID); err != nil {
		return err
	}
	return c.JSON(http.StatusOK, map[string]any{"turn": turn})
}

// dialogueJSON is a conversation for a program. It says no more than the page shows: no checkpoint, no seed.
type dialogueJSON struct {
	Messages    []ranking.Message `json:"messages"`           // so far, the turn's own user message included
	Scenario    string            `json:"scenario,omitempty"` // what to talk about
	Turn        int               `json:"turn"`
	Due         string            `json:"due"`             // "say": the person's message as the user; "reply": the assistant's; "judge": nothing but the judgment
	Suggestions []responseJSON    `json:"suggestions"`     // of the turn, where they were drawn already
	Replies     int               `json:"replies"`         // with one or more, the task can be submitted, which ends the conversation
	Rule        *ranking.Rule     `json:"rule,omitempty"`  // that is probed
	Judge       bool              `json:"judge,omitempty"` // it is somebody else's and over: it can only be judged
}

// Show answers GET /api/leases/:token/dialogue.
func (d *Dialogue) Show(c echo.Context) error {
	ctx := c.Request().Context()
	token, err := d.pages.token(c)
	if err != nil {
		return err
	}
	lease, task, err := d.store.LeasedTask(ctx, token, CurrentUser(ctx).ID)
	if err != nil {
		return err
	}
	talk, err := conversation(ctx, d.store, lease, task)
	if err != nil {
		return err
	}
	turn, says := talk.Next()
	out := dialogueJSON{
		Messages: talk.Before(turn), Scenario: talk.Scenario, Turn: turn, Due: "reply", Replies: talk.Replies(),
		Suggestions: suggestionsJSON(talk.At(turn).Drawn),
	}
	if says {
		out.Due = "say"
	}
	if lease.Probe != nil {
		out.Rule, out.Judge = &lease.Probe.Rule, lease.Judges()
	}
	if out.Judge {
		out.Due = "judge"
	}
	if out.Messages == nil {
		out.Messages = []ranking.Message{}
	}
	c.Response().Header().Set("Cache-Control", "no-store")
	return c.JSON(http.StatusOK, out)
}

func suggestionsJSON(drawn ranking.Drawn) []responseJSON {
	all := make([]responseJSON, len(drawn.Suggestions))
	for i, s := range drawn.Suggestions {
		all[i] = responseJSON{s.ID, s.Text}
	}
	return all
}
