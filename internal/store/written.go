package store

import (
	"context"
	"crypto/sha256"
	"slices"

	"rankloop/internal/store/db"
	"rankloop/ranking"
)

// rankWritten stores what the annotator wrote as a response of the task's prompt, and returns the tiers with it on top.
func rankWritten(ctx context.Context, q *db.Queries, held heldLease, in Submission) (ranking.Tiers, error) {
	if in.Written != "" { // a demonstration: nothing was shown
		id, err := storeWritten(ctx, q, held, in.Written)
		return ranking.Tiers{{id}}, err
	}
	if len(in.Edits) == 0 {
		return in.Tiers, nil
	}
	shown, err := q.ResponsesByID(ctx, held.lease.OrderShown)
	if err != nil {
		return nil, err
	}
	texts := make(map[int64]string, len(shown))
	for _, r := range shown {
		texts[r.ID] = r.Text
	}
	written, err := in.Edited(texts)
	if err != nil || written == "" {
		return in.Tiers, err
	}
	id, err := storeWritten(ctx, q, held, written)
	return slices.Insert(slices.Clone(in.Tiers), 0, []int64{id}), err
}

// storeWritten stores a text as a response of the task's prompt. One that the prompt has already is that response.
func storeWritten(ctx context.Context, q *db.Queries, held heldLease, text string) (id int64, err error) {
	index, err := q.NextFileIndex(ctx, held.task.PromptID) // the task is locked: nobody else takes it
	if err != nil {
		return 0, err
	}
	sum := sha256.Sum256([]byte(text))
	return q.StoreWritten(ctx, db.StoreWrittenParams{
		PromptID: held.task.PromptID, Text: text, TextSha256: sum[:], Model: writtenModel(held.simulated), FileIndex: index, WrittenBy: &held.lease.UserID,
	})
}

// writtenBy is the text that a judgment ranks and that was not shown for it; "" where there is none.
func writtenBy(ctx context.Context, q *db.Queries, j ranking.Judgment) (string, error) {
	var ids []int64
	for _, id := range slices.Concat(j.Tiers...) {
		if !slices.Contains(j.OrderShown, id) {
			ids = append(ids, id)
		}
	}
	if len(ids) == 0 {
		return "", nil
	}
	responses, err := q.ResponsesByID(ctx, ids)
	if err != nil || len(responses) == 0 {
		return "", err
	}
	return responses[0].Text, nil
}
