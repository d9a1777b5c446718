package store

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"rankloop/internal/store/db"
	"rankloop/ranking"
)

// Source says which records: those of a campaign or those of a snapshot.
type Source struct {
	CampaignID, SnapshotID int64 // one of them
	Calibration            bool  // of a campaign: of its calibration batch alone
}

// recordBatch is how many records are held at once, so that memory stays flat whatever the export's size.
const recordBatch = 1000

// The columns of a record, less its responses. Split is empty outside of snapshots.
const recordColumns = `j.id, j.revision, c.name, j.task_id, p.external_id, p.group_key, p.messages, p.metadata,
	t.response_ids, j.tiers, j.order_shown, j.kept_as_shown, j.comment, j.active_ms, j.started_at, j.submitted_at,
	j.guideline_version, j.schema_version, j.answers, j.order_scored, u.pseudonym, j.simulated, c.kind, j.calibration`

const recordJoins = `
	JOIN tasks t ON t.id = j.task_id
	JOIN prompts p ON p.id = t.prompt_id
	JOIN campaigns c ON c.id = j.campaign_id
	JOIN users u ON u.id = j.user_id`

const campaignRecords = `DECLARE records NO SCROLL CURSOR FOR SELECT ` + recordColumns + `, '' FROM judgments j` + recordJoins + `
	WHERE j.campaign_id = $1 AND NOT EXISTS (
		SELECT FROM judgments n WHERE n.task_id = j.task_id AND n.user_id = j.user_id AND n.revision > j.revision)
	ORDER BY p.id, j.id`

const calibrationRecords = `DECLARE records NO SCROLL CURSOR FOR SELECT ` + recordColumns + `, '' FROM judgments j` + recordJoins + `
	WHERE j.campaign_id = $1 AND t.calibration IS NOT NULL AND NOT EXISTS (
		SELECT FROM judgments n WHERE n.task_id = j.task_id AND n.user_id = j.user_id AND n.revision > j.revision)
	ORDER BY p.id, j.id`

const snapshotRecords = `DECLARE records NO SCROLL CURSOR FOR SELECT ` + recordColumns + `, s.split FROM snapshot_judgments s
	JOIN judgments j ON j.id = s.judgment_id` + recordJoins + `
	WHERE s.snapshot_id = $1 ORDER BY p.id, j.id`

// EachRecord calls f with every record of a source, in the order of import and then of submission: of a campaign the
// newest revisions, of a snapshot what it froze. A judgment is one record, of a dialogue one for each turn with a reply. All is of one moment, and memory stays flat. An error of f ends it.
func (s *Store) EachRecord(ctx context.Context, source Source, f func(ranking.Record) error) error {
	query, id := campaignRecords, source.CampaignID
	if source.Calibration {
		query = calibrationRecords
	}
	if source.SnapshotID != 0 {
		query, id = snapshotRecords, source.SnapshotID
	}
	return s.inTx(ctx, "read records", longRead, func(tx pgx.Tx, q *db.Queries) error {
		if _, err := tx.Exec(ctx, query, id); err != nil {
			return err
		}
		responses := responseCache{}
		for {
			batch, err := fetchRecords(ctx, tx)
			if err != nil {
				return err
			}
			if err := responses.load(ctx, q, batch); err != nil {
				return err
			}
			for i := range batch {
				record, err := batch[i].record(responses)
				if err != nil {
					return err
				}
				records := []ranking.Record{record}
				if record.Kind.Talks() {
					if records, err = s.talkRecords(ctx, q, record, batch[i].answers.Mark); err != nil {
						return err
					}
				}
				for _, record := range records {
					if err := f(record); err != nil {
						return err
					}
				}
			}
			if len(batch) < recordBatch {
				return nil
			}
		}
	})
}

// recordRow is a record as it is stored, with ids in place of indexes.
type recordRow struct {
	rec         ranking.Record
	metadata    json.RawMessage
	responseIDs []int64 // those shown, then what the annotator wrote
	shown       int     // how many were shown
	tiers       ranking.Tiers
	orderShown  []int64
	orderScored []int64
	answers     ranking.Answers
}

func fetchRecords(ctx context.Context, tx pgx.Tx) ([]recordRow, error) {
	rows, err := tx.Query(ctx, fmt.Sprintf("FETCH %d FROM records", recordBatch))
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (recordRow, error) {
		var r recordRow
		c := &r.rec
		err := row.Scan(&c.JudgmentID, &c.Revision, &c.Campaign, &c.TaskID, &c.PromptID, &c.Group, &c.Messages, &r.metadata,
			&r.responseIDs, &r.tiers, &r.orderShown, &c.KeptAsShown, &c.Comment, &c.ActiveMS, &c.StartedAt, &c.SubmittedAt,
			&c.GuidelineVersion, &c.SchemaVersion, &r.answers, &r.orderScored, &c.Annotator, &c.Simulated, &c.Kind, &c.Calibration, &c.Split)
		if c.Kind == ranking.KindRanking {
			c.Kind = "" // as records had it before there were other kinds
		}
		r.addWritten()
		return r, err
	})
}

// addWritten adds what the annotator wrote to the task's responses: it is ranked, and the task does not have it.
func (r *recordRow) addWritten() {
	r.shown = len(r.responseIDs)
	for _, id := range slices.Concat(r.tiers...) {
		if !slices.Contains(r.responseIDs, id) {
			r.responseIDs = append(r.responseIDs, id)
		}
	}
}

// responseCache holds the responses of the tasks of a batch.
type responseCache map[int64]ranking.RecordResponse

func (cache responseCache) load(ctx context.Context, q *db.Queries, batch []recordRow) error {
	clear(cache)
	var ids []int64
	for i := range batch {
		if i == 0 || batch[i].rec.TaskID != batch[i-1].rec.TaskID {
			ids = append(ids, batch[i].responseIDs...)
		} else {
			ids = append(ids, batch[i].responseIDs[batch[i].shown:]...)
		}
	}
	if len(ids) == 0 {
		return nil
	}
	rows, err := q.ResponsesByID(ctx, ids)
	if err != nil {
		return err
	}
	for _, row := range rows {
		cache[row.ID] = ranking.RecordResponse{FileIndex: int(row.FileIndexes[0]), Text: row.Text, Model: row.Model}
	}
	return nil
}

// record puts indexes in place of ids.
func (r *recordRow) record(responses responseCache) (ranking.Record, error) {
	rec := r.rec
	rec.StartedAt, rec.SubmittedAt = rec.StartedAt.In(time.UTC), rec.SubmittedAt.In(time.UTC)
	if string(r.metadata) != "{}" {
		if err := json.Unmarshal(r.metadata, &rec.Metadata); err != nil {
			return rec, fmt.Errorf("metadata of prompt %s: %w", rec.PromptID, err)
		}
	}
	for i, id := range r.responseIDs {
		response, found := responses[id]
		if !found {
			return rec, fmt.Errorf("task %d names response %d, which does not exist", rec.TaskID, id)
		}
		response.Written = i >= r.shown
		rec.Responses = append(rec.Responses, response)
	}
	for _, tier := range r.tiers {
		indexes, err := r.indexes(tier)
		if err != nil {
			return rec, err
		}
		rec.Tiers = append(rec.Tiers, indexes)
	}
	var err error
	if rec.OrderShown, err = r.indexes(r.orderShown); err != nil {
		return rec, err
	}
	rec.SetAnswers(r.answers, r.responseIDs)
	if rec.Scores != nil { // else nobody scored in any order
		rec.OrderScored, err = r.indexes(r.orderScored)
	}
	return rec, err
}

func (r *recordRow) indexes(ids []int64) ([]int, error) {
	all := make([]int, len(ids))
	for i, id := range ids {
		if all[i] = slices.Index(r.responseIDs, id); all[i] < 0 {
			return nil, fmt.Errorf("judgment %d orders response %d, which its task does not have", r.rec.JudgmentID, id)
		}
	}
	return all, nil
}
