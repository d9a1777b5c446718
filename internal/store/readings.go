package store

import (
	"context"
	"time"

	"rankloop/internal/store/db"
	"rankloop/ranking"
)

func hasRead(member db.LockMemberRow) bool {
	return member.NothingToRead || member.VersionRead >= member.GuidelineVersion
}

func unread(member db.LockMemberRow) error {
	return ranking.Errorf(ranking.CodeUnread, "version %d of the guidelines has to be read before the next task", int(member.GuidelineVersion))
}

// AcknowledgeGuidelines stores that a member has read a version, and returns since when. CodeNotFound where there is no
// such version or they are no member.
func (s *Store) AcknowledgeGuidelines(ctx context.Context, campaignID, userID int64, version int) (time.Time, error) {
	at, err := s.q.InsertReading(ctx, db.InsertReadingParams{CampaignID: campaignID, UserID: userID, Version: int32(version)})
	if err != nil {
		return time.Time{}, missing("insert reading", err, ranking.Errorf(ranking.CodeNotFound, "there is no version %d of these guidelines", version))
	}
	return at, nil
}

// GuidelinesRead is the newest version that a user has said to have read; the zero reading where there is none.
func (s *Store) GuidelinesRead(ctx context.Context, campaignID, userID int64) (ranking.GuidelinesReading, error) {
	row, err := s.q.NewestReading(ctx, db.NewestReadingParams{CampaignID: campaignID, UserID: userID})
	if noRows(err) {
		return ranking.GuidelinesReading{UserID: userID}, nil
	}
	return ranking.GuidelinesReading{UserID: userID, Version: int(row.Version), At: row.ReadAt}, explain("newest reading", err)
}

// GuidelinesReadings are the newest versions that people of a campaign have said to have read.
func (s *Store) GuidelinesReadings(ctx context.Context, campaignID int64) ([]ranking.GuidelinesReading, error) {
	rows, err := s.q.NewestReadings(ctx, campaignID)
	all := make([]ranking.GuidelinesReading, len(rows))
	for i, row := range rows {
		all[i] = ranking.GuidelinesReading{UserID: row.UserID, Version: int(row.Version), At: row.ReadAt}
	}
	return all, explain("newest readings", err)
}
