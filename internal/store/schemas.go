package store

import (
	"context"
	"reflect"

	"github.com/jackc/pgx/v5"

	"rankloop/internal/store/db"
	"rankloop/ranking"
)

type schemaKey struct {
	campaignID int64
	version    int32
}

// schema is one version of what a campaign asks.
func (s *Store) schema(ctx context.Context, q *db.Queries, campaignID int64, version int32) (ranking.Schema, error) {
	key := schemaKey{campaignID, version}
	if known, ok := s.schemas.Load(key); ok {
		return known.(ranking.Schema), nil
	}
	schema, err := q.SchemaByVersion(ctx, db.SchemaByVersionParams{CampaignID: campaignID, Version: version})
	if err == nil {
		s.schemas.Store(key, schema)
	}
	return schema, err
}

// AddSchema stores a new version of what a campaign asks and returns its number. The same schema again is no new
// version. Tasks that are held go on under the version they were leased with.
func (s *Store) AddSchema(ctx context.Context, campaignID int64, schema ranking.Schema) (int, error) {
	version := 0
	err := s.inTx(ctx, "add schema", readWrite, func(_ pgx.Tx, q *db.Queries) error {
		campaign, err := q.LockCampaign(ctx, campaignID)
		if err != nil {
			return missing("lock campaign", err, noCampaign())
		}
		if err := ranking.CampaignKind(campaign.Kind).CheckSchema(schema); err != nil {
			return err
		}
		newest, err := q.NewestSchema(ctx, campaignID)
		if err != nil {
			return err
		}
		version = int(newest.Version)
		if reflect.DeepEqual(newest.Schema, schema) {
			return nil
		}
		version++
		return q.InsertSchema(ctx, db.InsertSchemaParams{CampaignID: campaignID, Version: int32(version), Schema: schema})
	})
	return version, err
}

// checkAnswers holds answers against the lease's schema and returns them as they are stored. A person's are complete; a
// simulated annotator ranks only.
func (s *Store) checkAnswers(ctx context.Context, q *db.Queries, held heldLease, answers ranking.Answers) (ranking.Answers, error) {
	schema, err := s.schema(ctx, q, held.task.CampaignID, held.lease.SchemaVersion)
	if err != nil {
		return answers, err
	}
	if err := answers.Check(schema, held.lease.OrderShown); err != nil {
		return answers, err
	}
	if held.simulated && answers.Empty() {
		return answers, nil
	}
	return answers, answers.Complete(schema, held.lease.OrderShown)
}
