package handlers

import (
	"context"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"rankloop/internal/i18n"
	"rankloop/ranking"
	"rankloop/views"
)

// How long the suggestions of one turn may take once it is their turn, and how long they wait for it while those of others
// are written.
const (
	suggestionTime = 90 * time.Second
	suggestionWait = time.Minute
)

// probeDraws is how often a model may try to say something to an attempt to make it break a rule.
const probeDraws = 3

// DialogueTimeout is how long the routes may take that draw suggestions.
const DialogueTimeout = suggestionTime + suggestionWait + 10*time.Second

// draw gives the suggestions of the turn that is due: those that it has, or new ones, which are stored.
func (d *Dialogue) draw(ctx context.Context, token string, turn int, onText func(draw int, text string)) (ranking.Drawn, error) {
	lease, task, err := d.store.LeasedTask(ctx, token, CurrentUser(ctx).ID)
	if err != nil {
		return ranking.Drawn{}, err
	}
	campaign, err := d.store.CampaignByID(ctx, task.CampaignID)
	if err != nil {
		return ranking.Drawn{}, err
	}
	talk, err := conversation(ctx, d.store, lease, task)
	if err != nil {
		return ranking.Drawn{}, err
	}
	if drawn := talk.At(turn).Drawn; drawn.Checkpoint != "" {
		return drawn, nil
	}
	if next, says := talk.Next(); !campaign.Kind.Talks() || lease.Judges() || turn != next || says {
		return ranking.Drawn{}, ranking.Errorf(ranking.CodeConflict, "the conversation has moved on since this page was shown; open it again")
	}
	if campaign.GenerateFrom == views.GenerateNothing {
		return ranking.Drawn{}, ranking.Errorf(ranking.CodeInvalid, "nothing is suggested in this campaign: write the reply")
	}
	request := SuggestionRequest{
		Checkpoint: campaign.GenerateFrom, Messages: talk.Before(turn), K: campaign.K,
		Seed: ranking.SuggestionSeed(campaign.Seed, task.ID, lease.UserID, turn),
	}
	drawn, err := d.drawInTurn(ctx, request, onText)
	if campaign.Kind == ranking.KindProbe { // an empty reply is none
		for again := 1; err == nil && len(drawn.Suggestions) == 0 && again < probeDraws; again++ {
			request.Seed = ranking.SuggestionSeed(campaign.Seed+int64(again), task.ID, lease.UserID, turn)
			drawn, err = d.drawInTurn(ctx, request, onText)
		}
	}
	if err != nil {
		return ranking.Drawn{}, err
	}
	return d.store.AddSuggestions(ctx, token, lease.UserID, turn, drawn)
}

// drawInTurn waits until nobody else's replies are written. What went wrong is told without the checkpoint's name, which
// annotators must not see.
func (d *Dialogue) drawInTurn(ctx context.Context, r SuggestionRequest, onText func(int, string)) (ranking.Drawn, error) {
	ctx, leave, err := d.turns.enter(ctx, CurrentUser(ctx).ID, suggestionWait)
	if err != nil {
		return ranking.Drawn{}, err
	}
	defer leave()
	late := ranking.Errorf(ranking.CodeUnavailable, "the suggestions were not finished within %d seconds; try again, or write the reply yourself", int(suggestionTime.Seconds()))
	ctx, cancel := context.WithTimeoutCause(ctx, suggestionTime, late)
	defer cancel()
	drawn, err := d.store.DrawSuggestions(ctx, r, onText)
	if err == nil || ctx.Err() != nil {
		return drawn, causeOf(ctx, err)
	}
	return ranking.Drawn{}, ranking.Errorf(ranking.CodeUnavailable, "the model suggests nothing at the moment; write the reply yourself, or try again later").WithCause(err)
}

// SuggestionsJSON answers POST /api/leases/:token/turns/:turn/suggestions with the finished suggestions.
func (d *Dialogue) SuggestionsJSON(c echo.Context) error {
	token, turn, err := d.turnOfPath(c)
	if err != nil {
		return err
	}
	drawn, err := d.draw(c.Request().Context(), token, turn, nil)
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, map[string]any{"turn": turn, "suggestions": suggestionsJSON(drawn)})
}

// Stream answers POST /leases/:token/turns/:turn/suggestions/stream by server-sent events as the suggestions are written.
//
//	event: text    data: {"draw":0,"text":"Once"}   the next piece of a suggestion
//	event: done    data: {"html":"<article …"}      the finished suggestions, as the page shows them
//	event: failed  data: {"message":"…"}            why there are none
func (d *Dialogue) Stream(c echo.Context) error {
	token, turn, err := d.turnOfPath(c)
	if err != nil {
		return err
	}
	ctx := c.Request().Context()
	// A reader who takes nothing may not hold a turn for ever.
	_ = http.NewResponseController(c.Response()).SetWriteDeadline(time.Now().Add(DialogueTimeout))
	events, err := openEvents(c)
	if err != nil {
		return err
	}
	sent := 0
	send := func(event string, payload any) error {
		sent++
		return events.send(event, strconv.Itoa(sent), payload)
	}
	drawn, err := d.draw(ctx, token, turn, func(draw int, text string) {
		_ = send("text", map[string]any{"draw": draw, "text": text}) // who has gone ends ctx
	})
	switch {
	case ctx.Err() != nil:
		return nil // the browser or the server has gone
	case err != nil:
		return send("failed", map[string]string{"message": i18n.Error(ctx, err)})
	}
	if len(drawn.Suggestions) > 0 && c.QueryParam("reply") != "" { // it is the reply, which the next page shows
		return send("done", map[string]string{"html": ""})
	}
	var html strings.Builder
	if err := views.Suggestions(suggestionCards(drawn, ranking.Draft{}), drawn.Trimmed).Render(ctx, &html); err != nil {
		return err
	}
	return send("done", map[string]string{"html": html.String()})
}

// suggestionCards are suggestions as the page shows them, with the ranks of a draft.
func suggestionCards(drawn ranking.Drawn, draft ranking.Draft) []views.Card {
	cards := make([]views.Card, len(drawn.Suggestions))
	for i, s := range drawn.Suggestions {
		cards[i] = views.Card{
			Letter: views.Letter(i), ResponseID: s.ID, HTML: views.Markdown(s.Text), Words: views.CountWords(s.Text), Source: s.Text, Rank: draft.Ranks[s.ID],
		}
	}
	return cards
}

// dialogueData lays a conversation out as it stands, with what was answered before.
func dialogueData(campaign *ranking.Campaign, talk ranking.Dialogue, draft ranking.Draft, page *views.RankingData) {
	turn, says := talk.Next()
	drawn := talk.At(turn).Drawn
	if draft.Step != talk.Step() { // it is about a step before
		draft.Written, draft.From, draft.Ranks = "", 0, nil
		page.Restored = false
	}
	data := views.DialogueData{
		Turn: turn, Says: says, Step: talk.Step(), From: draft.From, Full: talk.Full(), Replies: talk.Replies(), Trimmed: drawn.Trimmed,
		Drawn: drawn.Checkpoint != "", Cards: suggestionCards(drawn, draft),
	}
	if campaign.Kind == ranking.KindProbe {
		data.Cards = nil
	}
	if talk.Scenario != "" {
		scenario := views.Markdown(talk.Scenario)
		data.Scenario = &scenario
	}
	if !says && !data.Drawn && campaign.GenerateFrom != views.GenerateNothing {
		data.Draws = campaign.K
	}
	if last := len(talk.Turns); last > 0 && (talk.At(last).Reply != "" || talk.At(last).Said != "") {
		data.TakeBack = last
	}
	page.Written, page.Dialogue, page.Turns = draft.Written, &data, nil
	for _, m := range talk.Before(turn) {
		page.Turns = append(page.Turns, views.Turn{Role: m.Role, HTML: views.Markdown(m.Content)})
	}
	if last := talk.At(len(talk.Turns)).ActiveMS; last > page.ActiveMS {
		page.ActiveMS = last
	}
}
