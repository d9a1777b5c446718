package handlers

import (
	"context"
	"time"

	"github.com/labstack/echo/v4"

	"rankloop/ranking"
)

// dialogueStore keeps conversations. Its methods fail with CodeConflict where the conversation has moved on or its task is
// done; what is sent twice is stored once.
type dialogueStore interface {
	DialogueTurns(ctx context.Context, taskID, userID int64) ([]ranking.DialogueTurn, error)
	SayTurn(ctx context.Context, leaseToken string, userID int64, turn int, text string, activeMS int64) error
	ReplyTurn(ctx context.Context, leaseToken string, userID int64, r ranking.DialogueReply) error
	// TakeBackTurn undoes the last step, where turn is the last.
	TakeBackTurn(ctx context.Context, leaseToken string, userID int64, turn int) error
	// AddSuggestions returns what the turn has then: what was stored first stays. Under a rule that is probed it is the reply.
	AddSuggestions(ctx context.Context, leaseToken string, userID int64, turn int, drawn ranking.Drawn) (ranking.Drawn, error)
	// DrawSuggestions draws replies. onText, if not nil, is told each piece of text as it comes. When ctx ends, so does the
	// work, with its error.
	DrawSuggestions(ctx context.Context, r SuggestionRequest, onText func(draw int, text string)) (ranking.Drawn, error)
}

// talkStore keeps what is said in a conversation: in the database under a lease, or in memory where it is tried out.
type talkStore interface {
	dialogueStore
	LeasedTask(ctx context.Context, token string, userID int64) (ranking.Lease, ranking.Task, error)
	CampaignByID(ctx context.Context, id int64) (ranking.Campaign, error)
	SaveDraft(ctx context.Context, token string, userID int64, draft ranking.Draft) (savedAt time.Time, err error)
}

// talkPages are the pages around the steps of a conversation.
type talkPages struct {
	token func(c echo.Context) (string, error) // of the path: which conversation
	next  func(c echo.Context) string          // where the step that comes after is shown
	again func(c echo.Context, draft ranking.Draft, token string, cause error) error
}

// SuggestionRequest asks a checkpoint for replies to a conversation.
type SuggestionRequest struct {
	Checkpoint string
	Messages   []ranking.Message
	K          int
	Seed       int64
}

// conversation is the one that a lease is about, as it stands.
func conversation(ctx context.Context, store dialogueStore, lease ranking.Lease, task ranking.Task) (ranking.Dialogue, error) {
	turns, err := store.DialogueTurns(ctx, lease.TaskID, lease.Talker())
	return ranking.NewDialogue(task.Prompt, turns), err
}

// turnOfPath reads the conversation and the turn of the path.
func (d *Dialogue) turnOfPath(c echo.Context) (token string, turn int, err error) {
	if token, err = d.pages.token(c); err != nil {
		return "", 0, err
	}
	if err := echo.PathParamsBinder(c).FailFast(true).MustInt("turn", &turn).BindError(); err != nil || turn < 1 || turn > ranking.DialogueTurnsMax {
		return "", 0, ranking.Errorf(ranking.CodeNotFound, "there is no such page")
	}
	return token, turn, nil
}
