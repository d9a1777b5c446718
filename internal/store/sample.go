package store

import (
	"context"

	"github.com/jackc/pgx/v5"

	"rankloop/internal/store/db"
	"rankloop/ranking"
)

// SampleTask is the first task of a campaign behind an id, or the first of all, as it would be given to the user: under
// the newest guidelines and schema, in an order of the user's own. The lease has no token and nothing is stored.
// CodeNotFound where the campaign has no task that could be given out.
func (s *Store) SampleTask(ctx context.Context, campaignID, userID, after int64) (lease ranking.Lease, task ranking.Task, err error) {
	err = s.inTx(ctx, "sample task", readOnly, func(_ pgx.Tx, q *db.Queries) error {
		campaign, err := q.CampaignByID(ctx, campaignID)
		if err != nil {
			return missing("campaign by id", err, noCampaign())
		}
		row, err := q.SampleTask(ctx, db.SampleTaskParams{CampaignID: campaignID, AfterID: after})
		if noRows(err) {
			row, err = q.SampleTask(ctx, db.SampleTaskParams{CampaignID: campaignID})
		}
		if err != nil {
			return missing("sample task", err, ranking.Errorf(ranking.CodeNotFound, "this campaign has no task to look at yet: upload prompts first"))
		}
		lease = ranking.Lease{
			UserID: userID, TaskID: row.ID,
			OrderShown:       shuffled(row.ResponseIds, campaign.Seed, row.ID, userID),
			OrderScored:      shuffled(row.ResponseIds, ^campaign.Seed, row.ID, userID),
			GuidelineVersion: int(campaign.GuidelineVersion), SchemaVersion: int(campaign.SchemaVersion), Schema: campaign.Schema,
		}
		task, err = loadTask(ctx, q, row)
		return err
	})
	return lease, task, err
}
