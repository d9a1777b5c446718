package handlers

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"rankloop/internal/i18n"
	"rankloop/ranking"
	"rankloop/views"
)

// playgroundTime is how long the replies of one request may take, from the moment it has its turn.
const playgroundTime = 2 * time.Minute

// playgroundWait is how long a request waits while somebody else's replies are written.
const playgroundWait = 20 * time.Second

// PlaygroundTimeout is how long the route of the form may take: waiting for a turn, and the replies.
const PlaygroundTimeout = playgroundTime + 2*playgroundWait

// playgroundStore is what trying a checkpoint needs.
type playgroundStore interface {
	// ListCheckpoints lists all, newest first.
	ListCheckpoints(ctx context.Context) ([]ranking.Checkpoint, error)
	// SampleReplies draws the replies that r asks for. onText, if not nil, is told each piece of text as it comes. When ctx
	// ends, so does the work, with its error.
	SampleReplies(ctx context.Context, r PlaygroundRequest, onText func(reply int, text string)) ([]views.PlaygroundReply, error)
	// ScoreReplies gives the rewards of replies to a prompt from a reward checkpoint.
	ScoreReplies(ctx context.Context, reward, prompt string, replies []string) ([]float64, error)
}

// PlaygroundRequest is what the form of the playground asks for, within its limits.
type PlaygroundRequest struct {
	Checkpoint, Reward string // Reward is "" for no scores
	Prompt             string // one user turn
	K                  int
	Temperature, TopP  float64
	MaxNew             int // tokens
	Seed               int64
}

// Playground answers the pages on which checkpoints are tried. It stores nothing.
type Playground struct {
	store playgroundStore
	turns *SamplingTurns
}

// NewPlayground makes the pages over store.
func NewPlayground(store playgroundStore, turns *SamplingTurns) *Playground {
	return &Playground{store, turns}
}

// Show answers GET /playground with the form, filled in from the query.
func (p *Playground) Show(c echo.Context) error {
	page, err := p.form(c, c.QueryParam)
	if err != nil {
		return err
	}
	return Render(c, http.StatusOK, views.PlaygroundPage(page))
}

// Create answers POST /playground with the finished replies below the form.
func (p *Playground) Create(c echo.Context) error {
	page, err := p.form(c, c.FormValue)
	if err != nil {
		return err
	}
	ctx := c.Request().Context()
	request := playgroundRequest(ctx, &page)
	if len(page.Errors) > 0 {
		return Render(c, http.StatusUnprocessableEntity, views.PlaygroundPage(page))
	}
	if err := p.play(ctx, request, &page, nil, nil); err != nil {
		if !shownBeside(err) && ranking.ErrorCode(err) != ranking.CodeUnavailable {
			return err
		}
		note(ctx, page.Errors, "", err)
		return Render(c, ErrorStatus(err), views.PlaygroundPage(page))
	}
	return Render(c, http.StatusOK, views.PlaygroundPage(page))
}

// Stream answers POST /playground/stream: the same form, answered by server-sent events as the replies are written.
//
//	event: text     data: {"reply":0,"text":"Once"}   the next piece of a reply
//	event: scoring  data: {}                          the replies are complete and are being scored
//	event: done     data: {"html":"<h2>…"}            the finished replies, as the page shows them
//	event: failed   data: {"message":"…"}             why they end here
//
// A form with faults is answered by 422 before the stream begins; POST /playground shows them beside the fields.
func (p *Playground) Stream(c echo.Context) error {
	page, err := p.form(c, c.FormValue)
	if err != nil {
		return err
	}
	ctx := c.Request().Context()
	request := playgroundRequest(ctx, &page)
	if len(page.Errors) > 0 {
		return ranking.Errorf(ranking.CodeInvalid, "the form of the playground has faults")
	}
	// A reader who takes nothing may not hold a turn for ever.
	_ = http.NewResponseController(c.Response()).SetWriteDeadline(time.Now().Add(PlaygroundTimeout))
	events, err := openEvents(c)
	if err != nil {
		return err
	}
	sent := 0
	send := func(event string, payload any) error {
		sent++
		return events.send(event, strconv.Itoa(sent), payload)
	}
	err = p.play(ctx, request, &page,
		func(reply int, text string) { _ = send("text", map[string]any{"reply": reply, "text": text}) }, // who has gone ends ctx
		func() { _ = send("scoring", struct{}{}) })
	switch {
	case ctx.Err() != nil:
		return nil // the browser or the server has gone
	case err != nil:
		return send("failed", map[string]string{"message": i18n.Error(ctx, err)})
	}
	var html strings.Builder
	if err := views.PlaygroundReplies(page).Render(ctx, &html); err != nil {
		return err
	}
	return send("done", map[string]string{"html": html.String()})
}

// play waits for a turn and puts the replies, with their scores, on the page. Replies that could not be scored are
// shown all the same.
func (p *Playground) play(ctx context.Context, r PlaygroundRequest, page *views.PlaygroundData, onText func(int, string), onScoring func()) error {
	ctx, leave, err := p.turns.enter(ctx, CurrentUser(ctx).ID, playgroundWait)
	if err != nil {
		return err
	}
	defer leave()
	late := ranking.Errorf(ranking.CodeUnavailable,
		"the replies were not finished within %d seconds; ask for fewer or shorter ones", int(playgroundTime.Seconds()))
	ctx, cancel := context.WithTimeoutCause(ctx, playgroundTime, late)
	defer cancel()
	if page.Replies, err = p.store.SampleReplies(ctx, r, onText); err != nil {
		return causeOf(ctx, err)
	}
	if r.Reward == "" {
		return nil
	}
	if onScoring != nil {
		onScoring()
	}
	texts := make([]string, len(page.Replies))
	for i, reply := range page.Replies {
		texts[i] = reply.Text
	}
	scores, err := p.store.ScoreReplies(ctx, r.Reward, r.Prompt, texts)
	if err = causeOf(ctx, err); err != nil {
		page.Unscored = i18n.Error(ctx, err)
		return nil
	}
	for i := range scores {
		page.Replies[i].Score = &scores[i]
	}
	return nil
}

// causeOf is why ctx ended, where err came of that and the reason is one to be read.
func causeOf(ctx context.Context, err error) error {
	var told *ranking.Error
	if err != nil && ctx.Err() != nil && errors.As(context.Cause(ctx), &told) {
		return told
	}
	return err
}
