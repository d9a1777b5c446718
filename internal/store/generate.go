package store

import (
	"context"
	"crypto/sha256"

	"github.com/jackc/pgx/v5"

	"rankloop/internal/store/db"
	"rankloop/ranking"
)

// GenerationTask is what a job needs to write the responses a prompt lacks.
type GenerationTask struct {
	Prompt       ranking.Prompt
	Campaign     string
	GenerateFrom string // the checkpoint that writes
	Seed         int64  // the campaign's
	Have, K      int    // responses the task has, and wants
	Waiting      bool   // false once the task is open: nothing is left to do
}

// GenerationTask returns what is missing at a prompt. CodeNotFound if there is no such prompt.
func (s *Store) GenerationTask(ctx context.Context, promptID int64) (GenerationTask, error) {
	row, err := s.q.GenerationTask(ctx, promptID)
	if err != nil {
		return GenerationTask{}, missing("generation task", err, noPrompt())
	}
	prompt, err := promptOf(row.Prompt)
	if err != nil {
		return GenerationTask{}, err
	}
	return GenerationTask{
		Prompt: prompt, Campaign: row.Name, GenerateFrom: row.GenerateFrom, Seed: row.Seed,
		Have: int(row.Responses), K: int(row.K), Waiting: row.State == "waiting",
	}, nil
}

// WaitingPrompts returns up to limit prompts of a campaign whose responses are still to be generated.
func (s *Store) WaitingPrompts(ctx context.Context, campaignID int64, limit int) ([]int64, error) {
	ids, err := s.q.WaitingPrompts(ctx, db.WaitingPromptsParams{CampaignID: campaignID, MaxRows: int32(max(limit, 0))})
	return ids, explain("waiting prompts", err)
}

// AddGenerated adds responses to a prompt whose task waits for them, up to the campaign's K, and opens the task once it
// has two. A text that the prompt has already is left out. Where the task does not wait any more nothing happens, so a
// job may run twice. CodeNotFound if there is no such prompt.
func (s *Store) AddGenerated(ctx context.Context, promptID int64, generated []GeneratedResponse) error {
	for _, r := range generated {
		if reason := unstorable(r.Text + r.Model); reason != "" {
			return ranking.Errorf(ranking.CodeInvalid, "a generated response %s", reason)
		}
	}
	return s.inTx(ctx, "add generated responses", readWrite, func(_ pgx.Tx, q *db.Queries) error {
		task, err := q.LockWaitingTask(ctx, promptID)
		if noRows(err) {
			exists, err := q.PromptExists(ctx, promptID)
			if err == nil && !exists {
				return noPrompt()
			}
			return err
		}
		if err != nil {
			return err
		}
		index, err := q.NextFileIndex(ctx, promptID)
		if err != nil {
			return err
		}
		added := 0
		for _, r := range generated {
			if len(task.ResponseIds) == int(task.K) {
				break
			}
			sum := sha256.Sum256([]byte(r.Text))
			id, err := q.InsertGenerated(ctx, db.InsertGeneratedParams{
				PromptID: promptID, Text: r.Text, TextSha256: sum[:], Model: r.Model, FileIndex: index,
			})
			if noRows(err) {
				continue
			}
			if err != nil {
				return err
			}
			task.ResponseIds = append(task.ResponseIds, id)
			index++
			added++
		}
		if added == 0 {
			return nil
		}
		if err := q.CountImported(ctx, db.CountImportedParams{ID: task.CampaignID, Responses: int64(added)}); err != nil {
			return err
		}
		return q.SetTaskResponses(ctx, db.SetTaskResponsesParams{ID: task.ID, ResponseIds: task.ResponseIds})
	})
}

func noPrompt() *ranking.Error {
	return ranking.Errorf(ranking.CodeNotFound, "there is no such prompt")
}
