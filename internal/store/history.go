package store

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"rankloop/internal/store/db"
	"rankloop/ranking"
)

// History returns a page of a user's judgments, in their newest revisions, and skips, newest first.
func (s *Store) History(ctx context.Context, userID int64, query ranking.HistoryQuery) ([]ranking.HistoryRow, error) {
	before, limit := query.Before, pageRows(query.Limit)
	if before.At.IsZero() {
		before = ranking.HistoryCursor{At: time.Now().AddDate(1, 0, 0), ID: 0}
	}
	if unstorable(query.Campaign) != "" {
		return nil, nil
	}
	var page []ranking.HistoryRow
	if query.Kind != ranking.HistorySkipped {
		revisionMin := int32(1)
		if query.Kind == ranking.HistoryRevised {
			revisionMin = 2
		}
		rows, err := s.q.HistoryJudged(ctx, db.HistoryJudgedParams{
			UserID: userID, BeforeAt: before.At, BeforeID: before.ID, Campaign: query.Campaign, RevisionMin: revisionMin, MaxRows: limit,
		})
		if err != nil {
			return nil, explain("history of judgments", err)
		}
		for _, row := range rows {
			page = append(page, ranking.HistoryRow{
				ID: row.ID, TaskID: row.TaskID, Campaign: row.Campaign, PromptID: row.ExternalID, Messages: row.Messages,
				Rule: row.Rule, Revision: int(row.Revision), Tiers: row.Tiers, OrderShown: row.OrderShown, Comment: row.Comment,
				ActiveMS: row.ActiveMs, SubmittedAt: row.SubmittedAt,
			})
		}
	}
	if query.Kind == ranking.HistoryAll || query.Kind == ranking.HistorySkipped {
		rows, err := s.q.HistorySkipped(ctx, db.HistorySkippedParams{
			UserID: userID, BeforeAt: before.At, BeforeID: before.ID, Campaign: query.Campaign, MaxRows: limit,
		})
		if err != nil {
			return nil, explain("history of skips", err)
		}
		for _, row := range rows {
			page = append(page, ranking.HistoryRow{
				ID: row.ID, Skipped: true, TaskID: row.TaskID, Campaign: row.Campaign, PromptID: row.ExternalID, Messages: row.Messages,
				Rule: row.Rule, Comment: row.Reason, SubmittedAt: row.CreatedAt,
			})
		}
	}
	slices.SortFunc(page, func(a, b ranking.HistoryRow) int {
		return cmp.Or(b.SubmittedAt.Compare(a.SubmittedAt), cmp.Compare(b.ID, a.ID))
	})
	return page[:min(len(page), int(limit))], nil
}

// CampaignsOfUser names the campaigns that a user works on or has worked on, oldest first.
func (s *Store) CampaignsOfUser(ctx context.Context, userID int64) ([]string, error) {
	names, err := s.q.CampaignsOfUser(ctx, userID)
	return names, explain("campaigns of user", err)
}

// PastSkip is one of a user's own skips with its task. CodeNotFound for an unknown one and for somebody else's.
func (s *Store) PastSkip(ctx context.Context, id, userID int64) (ranking.PastSkip, error) {
	row, err := s.q.OwnSkip(ctx, db.OwnSkipParams{ID: id, UserID: userID})
	if err != nil {
		return ranking.PastSkip{}, missing("own skip", err, ranking.Errorf(ranking.CodeNotFound, "you skipped no such task"))
	}
	task, err := loadTask(ctx, s.q, row.Task)
	return ranking.PastSkip{
		Campaign: row.Campaign, Task: task, OrderShown: row.OrderShown, Reason: row.Reason, SkippedAt: row.CreatedAt,
	}, explain("task of skip", err)
}

// PastJudgment is one of a user's own judgments, any revision, with its task. CodeNotFound for an unknown one and for
// somebody else's.
func (s *Store) PastJudgment(ctx context.Context, id, userID int64) (ranking.PastJudgment, error) {
	row, err := ownJudgment(ctx, s.q, id, userID)
	if err != nil {
		return ranking.PastJudgment{}, err
	}
	past := ranking.PastJudgment{
		Judgment: judgment(row.Judgment), Campaign: row.Campaign, Kind: ranking.CampaignKind(row.CampaignKind),
		GuidelineVersion: int(row.GuidelineVersion), Fixed: s.fixed(ctx, s.q, row),
	}
	if past.Fixed != nil && ranking.ErrorCode(past.Fixed) == ranking.CodeInternal {
		return past, explain("may a judgment be changed", past.Fixed)
	}
	if len(past.Judgment.OrderScored) == 0 { // leased before there were schemas
		past.Judgment.OrderScored = past.Judgment.OrderShown
	}
	if past.Schema, err = s.schema(ctx, s.q, row.Judgment.CampaignID, row.Judgment.SchemaVersion); err != nil {
		return past, explain("schema of judgment", err)
	}
	if past.Task, err = loadTask(ctx, s.q, row.Task); err != nil {
		return past, explain("task of judgment", err)
	}
	if past.Written, err = writtenBy(ctx, s.q, past.Judgment); err != nil {
		return past, explain("what was written for a judgment", err)
	}
	if past.Kind == ranking.KindProbe {
		if past.Probe, err = s.probeOfJudgment(ctx, s.q, past.Judgment.ID); err != nil {
			return past, explain("probe of judgment", err)
		}
	}
	if past.Kind.Talks() {
		lease := ranking.Lease{UserID: userID, Probe: past.Probe}
		if past.Turns, err = s.DialogueTurns(ctx, row.Task.ID, lease.Talker()); err != nil {
			return past, err
		}
	}
	if past.Known, err = s.knownOf(ctx, past.Judgment.ID, past.Task); err != nil {
		return past, explain("right answer", err)
	}
	revisions, err := s.q.RevisionsOfJudgment(ctx, db.RevisionsOfJudgmentParams{TaskID: row.Task.ID, UserID: userID})
	for _, r := range revisions {
		past.Revisions = append(past.Revisions, ranking.PastRevision{
			JudgmentID: r.ID, Revision: int(r.Revision), Tiers: r.Tiers, SubmittedAt: r.SubmittedAt,
		})
	}
	return past, explain("revisions of judgment", err)
}

// NewestJudgment is what a user judged last in a campaign, in its newest revision. CodeNotFound where they judged nothing.
func (s *Store) NewestJudgment(ctx context.Context, campaignID, userID int64) (int64, error) {
	id, err := s.q.NewestJudgment(ctx, db.NewestJudgmentParams{CampaignID: campaignID, UserID: userID})
	if err != nil {
		return 0, missing("newest judgment", err, ranking.Errorf(ranking.CodeNotFound, "you have ranked nothing in this campaign yet"))
	}
	return id, nil
}

// invalidParameter is the SQLSTATE of a time zone that nobody knows.
const invalidParameter = "22023"

// WorkedHours is the active time of a user by campaign and day in a time zone, oldest first. CodeInvalid for a zone that
// the database does not know.
func (s *Store) WorkedHours(ctx context.Context, userID int64, zone string) ([]ranking.WorkedHours, error) {
	rows, err := s.q.HoursOfUser(ctx, db.HoursOfUserParams{UserID: userID, Zone: zone})
	if unknown := (*pgconn.PgError)(nil); errors.As(err, &unknown) && unknown.Code == invalidParameter {
		return nil, ranking.Errorf(ranking.CodeInvalid, "there is no time zone %q", zone)
	}
	if err != nil {
		return nil, explain("hours of user", err)
	}
	all := make([]ranking.WorkedHours, len(rows))
	for i, row := range rows {
		all[i] = ranking.WorkedHours{
			Day: row.Day.In(time.UTC), Campaign: row.Campaign, Judgments: int(row.Judgments), Changes: int(row.Changes), ActiveMS: row.ActiveMs,
		}
	}
	return all, nil
}
