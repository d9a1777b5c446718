package store

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"

	"rankloop/internal/store/db"
	"rankloop/ranking"
)

// DialogueTurns are the turns of a user's conversation on a task so far, in order.
func (s *Store) DialogueTurns(ctx context.Context, taskID, userID int64) ([]ranking.DialogueTurn, error) {
	rows, err := s.q.DialogueTurns(ctx, db.DialogueTurnsParams{TaskID: taskID, UserID: userID})
	return dialogueTurns(rows), explain("turns of a dialogue", err)
}

// SayTurn stores what the holder of a lease says as the user. The same message again changes nothing. CodeConflict when the
// conversation has moved on or its task is done.
func (s *Store) SayTurn(ctx context.Context, token string, userID int64, turn int, text string, activeMS int64) error {
	if err := checkActive(activeMS); err != nil {
		return err
	}
	return s.inDialogue(ctx, "say a turn", token, userID, func(q *db.Queries, held heldLease, d ranking.Dialogue) error {
		said, done, err := d.Say(turn, text)
		if err != nil || done {
			return err
		}
		return q.StoreSaid(ctx, db.StoreSaidParams{
			TaskID: held.task.ID, UserID: userID, Turn: int32(turn), Said: said, ActiveMs: activeMS,
		})
	})
}

// AddSuggestions stores what was drawn for a turn and returns what it has: what was stored first stays. Under a rule that
// is probed the first of it is the model's reply. CodeConflict when the conversation has moved on or its task is done.
func (s *Store) AddSuggestions(ctx context.Context, token string, userID int64, turn int, drawn ranking.Drawn) (ranking.Drawn, error) {
	for _, one := range drawn.Suggestions {
		if reason := unstorable(one.Text); reason != "" {
			return drawn, ranking.Errorf(ranking.CodeInvalid, "a generated response %s", reason)
		}
	}
	err := s.inDialogue(ctx, "add suggestions", token, userID, func(q *db.Queries, held heldLease, d ranking.Dialogue) error {
		t, done, err := d.Suggested(turn, drawn, ranking.CampaignKind(held.task.Kind))
		drawn = t.Drawn
		if err != nil || done {
			return err
		}
		err = q.StoreDrawn(ctx, db.StoreDrawnParams{TaskID: held.task.ID, UserID: userID, Turn: int32(turn), Drawn: &drawn})
		if err != nil || t.Reply == "" {
			return err
		}
		return q.StoreReply(ctx, db.StoreReplyParams{
			TaskID: held.task.ID, UserID: userID, Turn: int32(turn), Reply: t.Reply, BeganAs: t.From,
			Tiers: t.Tiers, Survival: t.Survival, ActiveMs: t.ActiveMS,
		})
	})
	return drawn, err
}

// ReplyTurn stores the reply of a turn with what was said about its suggestions. The same again changes nothing.
// CodeConflict when the conversation has moved on or its task is done, CodeInvalid when it does not fit the suggestions.
func (s *Store) ReplyTurn(ctx context.Context, token string, userID int64, in ranking.DialogueReply) error {
	if err := checkActive(in.ActiveMS); err != nil {
		return err
	}
	return s.inDialogue(ctx, "reply to a turn", token, userID, func(q *db.Queries, held heldLease, d ranking.Dialogue) error {
		if held.task.Kind == string(ranking.KindProbe) {
			return ranking.Errorf(ranking.CodeInvalid, "here the model replies by itself")
		}
		t, done, err := d.Answer(in)
		if err != nil || done {
			return err
		}
		return q.StoreReply(ctx, db.StoreReplyParams{
			TaskID: held.task.ID, UserID: userID, Turn: int32(in.Turn), Reply: t.Reply, BeganAs: t.From, Tiers: t.Tiers,
			Survival: t.Survival, ActiveMs: t.ActiveMS,
		})
	})
}

// TakeBackTurn undoes the last step of a conversation: of its last turn the reply, or the message where there is none yet. What
// was said comes back as the draft. It does nothing where the turn is not the last, so that a resend takes back no more. CodeConflict when the task is done.
func (s *Store) TakeBackTurn(ctx context.Context, token string, userID int64, turn int) error {
	return s.inDialogue(ctx, "take a turn back", token, userID, func(q *db.Queries, held heldLease, d ranking.Dialogue) error {
		undone, err := d.TakeBack(turn, ranking.CampaignKind(held.task.Kind))
		if err != nil || undone == nil {
			return err
		}
		if err := redraft(ctx, q, held, undone.Draft); err != nil {
			return err
		}
		if undone.Reply {
			return q.DropReply(ctx, db.DropReplyParams{TaskID: held.task.ID, UserID: userID, Turn: int32(turn)})
		}
		return q.DropTurn(ctx, db.DropTurnParams{TaskID: held.task.ID, UserID: userID, Turn: int32(turn)})
	})
}

// redraft puts a step that was taken back into the draft; what the draft says beside the step stays.
func redraft(ctx context.Context, q *db.Queries, held heldLease, step ranking.Draft) error {
	kept, err := q.DraftOf(ctx, db.DraftOfParams{TaskID: held.task.ID, UserID: held.lease.UserID})
	if err != nil && !noRows(err) {
		return err
	}
	draft := kept.Draft
	draft.Step, draft.Written, draft.From, draft.Ranks = step.Step, step.Written, step.From, step.Ranks
	_, err = q.SaveDraft(ctx, db.SaveDraftParams{LeaseID: held.lease.ID, Draft: draft})
	return err
}

// inDialogue runs f in a transaction that holds the lease's task, with the conversation as it stands. A lease that ran out
// still counts: the task may come back.
func (s *Store) inDialogue(ctx context.Context, what, token string, userID int64, f func(q *db.Queries, held heldLease, d ranking.Dialogue) error) error {
	return s.inTx(ctx, what, readWrite, func(_ pgx.Tx, q *db.Queries) error {
		held, err := lockLease(ctx, q, token, userID)
		if err != nil {
			return err
		}
		if !ranking.CampaignKind(held.task.Kind).Talks() {
			return ranking.Errorf(ranking.CodeInvalid, "this task is no conversation")
		}
		if held.lease.JudgesOf != nil {
			return ranking.Errorf(ranking.CodeConflict, "this conversation is over: it can only be judged")
		}
		if done, err := taskDone(ctx, q, held); err != nil || done {
			if err == nil {
				err = ranking.Errorf(ranking.CodeConflict, "this task is done already")
			}
			return err
		}
		d, err := dialogue(ctx, q, held)
		if err != nil {
			return err
		}
		return f(q, held, d)
	})
}

// taskDone reports whether the holder of a lease has judged or skipped its task, under this lease or another.
func taskDone(ctx context.Context, q *db.Queries, held heldLease) (bool, error) {
	if held.lease.Outcome == nil {
		return false, nil
	}
	if *held.lease.Outcome == "judged" || *held.lease.Outcome == "skipped" {
		return true, nil
	}
	other, err := q.OtherLease(ctx, db.OtherLeaseParams{TaskID: held.lease.TaskID, UserID: held.lease.UserID, ID: held.lease.ID})
	if noRows(err) {
		return false, nil
	}
	return err == nil && other.Outcome != nil, err
}

// dialogue is the conversation that a lease is about, as it stands.
func dialogue(ctx context.Context, q *db.Queries, held heldLease) (ranking.Dialogue, error) {
	row, err := q.TaskPrompt(ctx, held.task.PromptID)
	if err != nil {
		return ranking.Dialogue{}, err
	}
	prompt, err := promptOf(row)
	if err != nil {
		return ranking.Dialogue{}, err
	}
	turns, err := q.DialogueTurns(ctx, db.DialogueTurnsParams{TaskID: held.task.ID, UserID: talker(held.lease)})
	return ranking.NewDialogue(prompt, dialogueTurns(turns)), err
}

func dialogueTurns(rows []db.DialogueTurn) []ranking.DialogueTurn {
	turns := make([]ranking.DialogueTurn, len(rows))
	for i, row := range rows {
		turns[i] = ranking.DialogueTurn{
			Said: row.Said, Reply: row.Reply, From: row.BeganAs, Tiers: row.Tiers, Survival: row.Survival, ActiveMS: row.ActiveMs,
		}
		if row.Drawn != nil {
			turns[i].Drawn = *row.Drawn
		}
		if row.RepliedAt != nil {
			turns[i].RepliedAt = row.RepliedAt.UTC()
		}
	}
	return turns
}

// searchFrom is the task behind which the search for a user's next one begins: right before a conversation that they have
// begun, else where they are.
func (s *Store) searchFrom(ctx context.Context, q *db.Queries, campaignID, userID, cursor int64) (int64, error) {
	kind, err := s.kind(ctx, q, campaignID)
	if err != nil || !kind.Talks() {
		return cursor, err
	}
	begun, err := q.BegunDialogue(ctx, db.BegunDialogueParams{CampaignID: campaignID, UserID: userID})
	if noRows(err) {
		return cursor, nil
	}
	return begun - 1, err
}

// checkDialogue refuses to end a conversation in which nobody has replied.
func checkDialogue(ctx context.Context, q *db.Queries, held heldLease) error {
	if held.task.Kind != string(ranking.KindDialogue) {
		return nil
	}
	d, err := dialogue(ctx, q, held)
	if err != nil {
		return err
	}
	return d.CheckEnd()
}

func checkActive(ms int64) error {
	if ms < 0 || ms > activeMSMax {
		return ranking.Errorf(ranking.CodeInvalid, "the active time is negative or longer than a day")
	}
	return nil
}

// writtenModel stands for the model of what somebody wrote by hand.
func writtenModel(simulated bool) string {
	if simulated {
		return ranking.ModelSimulatedAnnotator
	}
	return ranking.ModelAnnotator
}

// talkRecords are the records of a judged conversation: its turns, or the probe of a rule. rec is what they have in common.
func (s *Store) talkRecords(ctx context.Context, q *db.Queries, rec ranking.Record, mark *ranking.Mark) ([]ranking.Record, error) {
	rows, err := q.TurnsOfJudgment(ctx, rec.JudgmentID)
	if err != nil {
		return nil, err
	}
	d := ranking.NewDialogue(ranking.Prompt{Messages: rec.Messages, Metadata: rec.Metadata}, dialogueTurns(rows))
	if rec.Kind == ranking.KindDialogue {
		return d.Records(rec, writtenModel(rec.Simulated)), nil
	}
	probe, err := s.probeOfJudgment(ctx, q, rec.JudgmentID)
	if err != nil {
		return nil, err
	}
	if mark == nil {
		return nil, fmt.Errorf("judgment %d is a probe without a mark", rec.JudgmentID)
	}
	return []ranking.Record{d.ProbeRecord(rec, *probe, *mark)}, nil
}
