package store

import (
	"context"
	"time"

	"rankloop/internal/store/db"
	"rankloop/ranking"
)

// SaveDraft keeps what the holder of a lease has answered so far, in place of what was kept before. A lease that ran
// out still takes it: the task may come back. CodeConflict when the task is judged or skipped.
func (s *Store) SaveDraft(ctx context.Context, token string, userID int64, draft ranking.Draft) (time.Time, error) {
	row, err := s.q.LeasedTask(ctx, printable(token))
	if err != nil {
		return time.Time{}, missing("lease of draft", err, noLease())
	}
	if row.Lease.UserID != userID {
		return time.Time{}, otherLease()
	}
	schema, err := s.schema(ctx, s.q, row.Task.CampaignID, row.Lease.SchemaVersion)
	if err != nil {
		return time.Time{}, explain("schema of draft", err)
	}
	if err := checkDraft(draft, schema, row.Lease.OrderShown); err != nil {
		return time.Time{}, err
	}
	saved, err := s.q.SaveDraft(ctx, db.SaveDraftParams{LeaseID: row.Lease.ID, Draft: draft})
	if err != nil {
		return time.Time{}, missing("save draft", err, ranking.Errorf(ranking.CodeConflict, "this task is done already"))
	}
	return saved, nil
}

// Draft is what a user has answered of a task so far; the zero draft where nothing is kept.
func (s *Store) Draft(ctx context.Context, taskID, userID int64) (ranking.Draft, error) {
	return s.draft(ctx, taskID, userID, 0)
}

// draft is what is kept of a user's answers to a task, in place of a revision, or of none (0).
func (s *Store) draft(ctx context.Context, taskID, userID int64, revision int32) (ranking.Draft, error) {
	row, err := s.q.DraftOf(ctx, db.DraftOfParams{TaskID: taskID, UserID: userID, Revision: revision})
	if noRows(err) {
		return ranking.Draft{}, nil
	}
	if err != nil {
		return ranking.Draft{}, explain("draft", err)
	}
	row.Draft.SavedAt = row.SavedAt
	return row.Draft, nil
}

func checkDraft(draft ranking.Draft, schema ranking.Schema, responses []int64) error {
	if draft.Step > 0 { // of a dialogue, whose suggestions are not the task's
		responses = make([]int64, ranking.SuggestionsMax)
		for i := range responses {
			responses[i] = int64(i + 1)
		}
	}
	if err := checkText("the comment", draft.Comment, commentMax); err != nil {
		return err
	}
	if draft.ActiveMS < 0 || draft.ActiveMS > activeMSMax {
		return ranking.Errorf(ranking.CodeInvalid, "the active time is negative or longer than a day")
	}
	shown := make(map[int64]bool, len(responses))
	for _, id := range responses {
		shown[id] = true
	}
	for id, rank := range draft.Ranks {
		if !shown[id] || rank < 1 || rank > len(responses) {
			return ranking.Errorf(ranking.CodeInvalid, "a rank is a number from 1 to %d", len(responses))
		}
	}
	if err := checkText("what you wrote", draft.Written, ranking.WrittenMax); err != nil {
		return err
	}
	for id, text := range draft.Edits {
		if !shown[id] {
			return ranking.Errorf(ranking.CodeInvalid, "the answers name a response twice or one that is not part of the task")
		}
		if err := checkText("what you wrote", text, ranking.WrittenMax); err != nil {
			return err
		}
	}
	return draft.Answers.Check(schema, responses)
}
