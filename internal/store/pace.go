package store

import (
	"context"
	"time"

	"rankloop/internal/store/db"
	"rankloop/ranking"
)

// recentWork is how far back an uninterrupted stretch of work is looked for.
const recentWork = 12 * time.Hour

// Pace is how a user comes along in a campaign: today began at a moment, and current is the active time of the task that
// they are at. CodeNotFound if there is no such campaign.
func (s *Store) Pace(ctx context.Context, campaignID, userID int64, today time.Time, current time.Duration) (ranking.Pace, error) {
	row, err := s.q.Pace(ctx, db.PaceParams{CampaignID: campaignID, UserID: userID, Since: today})
	if err != nil {
		return ranking.Pace{}, missing("pace", err, noCampaign())
	}
	pace := ranking.Pace{Today: int(row.Today), MedianActiveMS: row.MedianActiveMs}
	if !row.SuggestBreaks || row.BreakMinutes == 0 {
		return pace, nil
	}
	pace.BreakAfter = time.Duration(row.BreakMinutes) * time.Minute
	now := time.Now()
	rows, err := s.q.RecentWork(ctx, db.RecentWorkParams{UserID: userID, Since: now.Add(-recentWork)})
	if err != nil {
		return pace, explain("recent work", err)
	}
	work := make([]ranking.WorkSpan, len(rows))
	for i, r := range rows {
		work[i] = ranking.WorkSpan{StartedAt: r.StartedAt, SubmittedAt: r.SubmittedAt, Active: time.Duration(r.ActiveMs) * time.Millisecond}
	}
	pace.Worked = ranking.Uninterrupted(work, now.Add(-current))
	return pace, nil
}

// PaceSettings are a campaign's. CodeNotFound if there is no such campaign.
func (s *Store) PaceSettings(ctx context.Context, campaignID int64) (ranking.PaceSettings, error) {
	row, err := s.q.PaceSettings(ctx, campaignID)
	if err != nil {
		return ranking.PaceSettings{}, missing("pace settings", err, noCampaign())
	}
	return ranking.PaceSettings{BreakMinutes: int(row.BreakMinutes), ShowKnown: row.ShowKnown}, nil
}

// SetPaceSettings changes them, from the next page on. CodeNotFound if there is no such campaign.
func (s *Store) SetPaceSettings(ctx context.Context, campaignID int64, p ranking.PaceSettings) error {
	if err := p.Validate(); err != nil {
		return err
	}
	n, err := s.q.SetPaceSettings(ctx, db.SetPaceSettingsParams{ID: campaignID, BreakMinutes: int32(p.BreakMinutes), ShowKnown: p.ShowKnown})
	if err == nil && n == 0 {
		return noCampaign()
	}
	return explain("set pace settings", err)
}

// SuggestsBreaks reports whether a user wants breaks to be suggested.
func (s *Store) SuggestsBreaks(ctx context.Context, userID int64) (bool, error) {
	wants, err := s.q.SuggestsBreaks(ctx, userID)
	return wants, explain("suggests breaks", err)
}

// SetSuggestsBreaks switches the suggestions of breaks on or off for a user.
func (s *Store) SetSuggestsBreaks(ctx context.Context, userID int64, wants bool) error {
	_, err := s.q.SetSuggestsBreaks(ctx, db.SetSuggestsBreaksParams{ID: userID, SuggestBreaks: wants})
	return explain("set suggests breaks", err)
}

// knownOf is the right answer to the task of a judgment, nil where there is none or the campaign does not show it.
func (s *Store) knownOf(ctx context.Context, judgmentID int64, task ranking.Task) (*ranking.Known, error) {
	shown, err := s.q.ShowsKnown(ctx, judgmentID)
	if err != nil || !shown {
		return nil, err
	}
	known, ok := task.Known()
	if !ok {
		return nil, nil
	}
	return &known, nil
}
