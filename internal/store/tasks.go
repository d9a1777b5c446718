package store

import (
	"context"

	"github.com/jackc/pgx/v5"

	"rankloop/internal/store/db"
	"rankloop/ranking"
)

// Tx is a transaction, for those who add to one (ImportOptions.InTx).
type Tx = pgx.Tx

const taskBatch = `SELECT t.id, t.prompt_id, p.external_id, p.group_key, p.messages, t.response_ids, t.overlap, t.judged
	FROM tasks t JOIN prompts p ON p.id = t.prompt_id
	WHERE t.campaign_id = $1 AND t.id > $2 AND t.state IN ('open', 'complete') AND t.calibration IS NULL
	ORDER BY t.id LIMIT $3`

// EachTask calls f with every task of a campaign that has its responses, but those of the calibration batch, in the order of import, without the prompts'
// metadata. All is of one moment, and memory stays flat. An error of f ends it.
func (s *Store) EachTask(ctx context.Context, campaignID int64, f func(ranking.Task) error) error {
	return s.inTx(ctx, "read tasks", longRead, func(tx pgx.Tx, _ *db.Queries) error {
		after := int64(0)
		for {
			tasks, err := fetchTasks(ctx, tx, campaignID, after)
			if err != nil {
				return err
			}
			for _, task := range tasks {
				if err := f(task); err != nil {
					return err
				}
				after = task.ID
			}
			if len(tasks) < recordBatch {
				return nil
			}
		}
	})
}

// fetchTasks reads the next batch of tasks with their responses.
func fetchTasks(ctx context.Context, tx pgx.Tx, campaignID, after int64) ([]ranking.Task, error) {
	rows, err := tx.Query(ctx, taskBatch, campaignID, after, recordBatch)
	if err != nil {
		return nil, err
	}
	places := make(map[int64]*ranking.Response)
	var ids []int64
	tasks, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (ranking.Task, error) {
		t := ranking.Task{CampaignID: campaignID}
		var responses []int64
		p := &t.Prompt
		err := row.Scan(&t.ID, &p.ID, &p.ExternalID, &p.Group, &p.Messages, &responses, &t.Overlap, &t.Judgments)
		p.CampaignID = campaignID
		t.Responses = make([]ranking.Response, len(responses))
		for i, id := range responses {
			t.Responses[i] = ranking.Response{ID: id, PromptID: p.ID}
			places[id] = &t.Responses[i]
		}
		ids = append(ids, responses...)
		return t, err
	})
	if err != nil {
		return nil, err
	}
	rows, err = tx.Query(ctx, "SELECT id, text, model, generated, file_indexes FROM responses WHERE id = ANY ($1)", ids)
	if err != nil {
		return nil, err
	}
	var (
		id          int64
		found       ranking.Response
		fileIndexes []int32
	)
	_, err = pgx.ForEachRow(rows, []any{&id, &found.Text, &found.Model, &found.Generated, &fileIndexes}, func() error {
		r := places[id]
		r.Text, r.Model, r.Generated, r.FileIndexes = found.Text, found.Model, found.Generated, ints(fileIndexes)
		return nil
	})
	return tasks, err
}
