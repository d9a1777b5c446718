package store

import (
	"context"

	"github.com/jackc/pgx/v5"

	"rankloop/internal/store/db"
	"rankloop/ranking"
)

// A lease ahead holds the task that comes after the one somebody is at, so that their browser has it when they get
// there. It keeps a place and runs out like every lease, but it is nobody's work yet: a search that finds nothing else
// takes it back, and it is begun only under the guidelines and the schema that it was given out with.

// LeaseAhead gives the holder of a live lease the task that comes after it; asked again, the same. CodeNotFound when
// there is none at the moment, or the lease is not the one that they are at.
func (s *Store) LeaseAhead(ctx context.Context, token string, userID int64) (lease ranking.Lease, task ranking.Task, err error) {
	current, at, err := s.LeasedTask(ctx, token, userID)
	if err != nil {
		return lease, task, err
	}
	kind, err := s.kind(ctx, s.q, at.CampaignID)
	if err != nil {
		return lease, task, explain("kind of campaign", err)
	}
	if kind.Talks() { // a conversation begins with its person
		return lease, task, nothingAhead()
	}
	err = s.inTx(ctx, "lease ahead", relaxed, func(_ pgx.Tx, q *db.Queries) error {
		member, err := q.LockMember(ctx, db.LockMemberParams{CampaignID: at.CampaignID, UserID: userID})
		if err != nil {
			return missing("lock member", err, notMember())
		}
		if member.Disabled {
			return notMember()
		}
		if member.LeaseID == nil || *member.LeaseID != current.ID || member.State != string(ranking.CampaignOpen) {
			return nothingAhead()
		}
		calibrating, err := mayTake(ctx, q, member, at.CampaignID, userID)
		if err != nil {
			if ranking.ErrorCode(err) != ranking.CodeInternal {
				err = nothingAhead()
			}
			return err
		}
		if member.NextLeaseID != nil {
			held, err := q.AheadLease(ctx, db.AheadLeaseParams{
				ID: *member.NextLeaseID, GuidelineVersion: member.GuidelineVersion, SchemaVersion: member.SchemaVersion, OptedOut: member.OptedOut,
				Calibrating: calibrating,
			})
			if err == nil {
				lease, task, err = s.leaseWithTask(ctx, q, held.Lease, held.Task, at.CampaignID)
				return err
			}
			if !noRows(err) {
				return err
			}
			if err := q.ReturnAhead(ctx, *member.NextLeaseID); err != nil {
				return err
			}
		}
		if calibrating { // of the last one nothing is ahead: what comes then is known when it is done
			lease, task, err = s.leaseCalibration(ctx, q, member, at.CampaignID, userID, true)
			return missing("take calibration task ahead", err, nothingAhead())
		}
		search := db.TakeTaskParams{CampaignID: at.CampaignID, UserID: userID, AfterID: member.TaskCursor, OptedOut: member.OptedOut}
		taken, err := q.TakeTask(ctx, search)
		if noRows(err) {
			search.AfterID = 0
			taken, err = q.TakeTask(ctx, search)
		}
		if err != nil {
			return missing("take task ahead", err, nothingAhead())
		}
		lease, task, err = s.grant(ctx, q, member, search, taken, true)
		return err
	})
	return lease, task, err
}

// BeginAhead begins a task that was given out ahead, once the one before it is done, and reports whether its holder is
// at it now. Where it is not (it was taken back, or other guidelines hold), LeaseTask says what comes next.
func (s *Store) BeginAhead(ctx context.Context, token string, userID int64) (begun bool, err error) {
	row, err := s.q.LeasedTask(ctx, printable(token))
	if noRows(err) || err == nil && (row.Lease.UserID != userID || row.Lease.Outcome != nil) {
		return false, nil
	}
	if err != nil {
		return false, explain("lease ahead", err)
	}
	err = s.inTx(ctx, "begin ahead", relaxed, func(_ pgx.Tx, q *db.Queries) error {
		member, err := q.LockMember(ctx, db.LockMemberParams{CampaignID: row.Task.CampaignID, UserID: userID})
		if err != nil {
			return missing("lock member", err, notMember())
		}
		if begun = member.LeaseID != nil && *member.LeaseID == row.Lease.ID; begun {
			return nil
		}
		if member.Disabled || member.State != string(ranking.CampaignOpen) || member.NextLeaseID == nil || *member.NextLeaseID != row.Lease.ID {
			return nil
		}
		if member.LeaseID != nil {
			live, err := q.LiveLease(ctx, *member.LeaseID)
			if live || err != nil && !noRows(err) {
				return err
			}
		}
		calibrating, err := mayTake(ctx, q, member, row.Task.CampaignID, userID)
		if err != nil {
			if ranking.ErrorCode(err) == ranking.CodeInternal {
				return err
			}
			return q.ReturnAhead(ctx, row.Lease.ID)
		}
		_, _, err = s.begin(ctx, q, member, row.Task.CampaignID, calibrating)
		begun = err == nil
		if noRows(err) {
			return nil
		}
		return err
	})
	return begun, err
}

// begin makes what a member holds ahead the task that they are at. pgx.ErrNoRows when that cannot be: then it is given
// back.
func (s *Store) begin(ctx context.Context, q *db.Queries, member db.LockMemberRow, campaignID int64, calibrating bool) (lease ranking.Lease, task ranking.Task, err error) {
	id := *member.NextLeaseID
	begun, err := q.BeginAhead(ctx, db.BeginAheadParams{
		ID: id, CampaignID: campaignID, Calibrating: calibrating, LeaseSeconds: float64(member.LeaseSeconds),
		GuidelineVersion: member.GuidelineVersion, SchemaVersion: member.SchemaVersion, OptedOut: member.OptedOut,
	})
	if err != nil {
		return lease, task, err
	}
	if begun == 0 {
		if err := q.ReturnAhead(ctx, id); err != nil {
			return lease, task, err
		}
		return lease, task, pgx.ErrNoRows
	}
	return s.resume(ctx, q, id, member, campaignID)
}

// returnAhead gives back what the holder of a lease holds ahead.
func (s *Store) returnAhead(ctx context.Context, token string, userID int64) error {
	id, err := s.q.AheadAfter(ctx, db.AheadAfterParams{Token: printable(token), UserID: userID})
	if noRows(err) {
		return nil
	}
	if err == nil {
		err = s.q.ReturnAhead(ctx, id)
	}
	return explain("return what is held ahead", err)
}

func nothingAhead() *ranking.Error {
	return ranking.Errorf(ranking.CodeNotFound, "there is no task ahead")
}
