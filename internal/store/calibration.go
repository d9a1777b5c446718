package store

import (
	"context"

	"rankloop/internal/store/db"
	"rankloop/ranking"
)

// mayTake says what a member has to do before they are given a new task: read the newest guidelines, pass the quiz, be let
// go on behind the calibration batch. It reports whether the new task is one of that batch. Simulated annotators are
// exempt from all of it: a program that says that it has read something says nothing, and agrees with nobody.
func mayTake(ctx context.Context, q *db.Queries, member db.LockMemberRow, campaignID, userID int64) (calibrating bool, err error) {
	switch {
	case member.Simulated:
		return false, nil
	case !hasRead(member):
		return false, unread(member)
	case !member.Qualified:
		return false, ranking.Errorf(ranking.CodeUnqualified, "the quiz of this campaign has to be passed before the next task")
	case !member.Calibrates:
		return false, nil
	}
	left, err := q.CalibrationLeft(ctx, db.CalibrationLeftParams{CampaignID: campaignID, UserID: userID, OptedOut: member.OptedOut})
	switch {
	case err != nil:
		return false, err
	case left.Open+left.Waiting > 0:
		return true, nil
	case member.CalibrationApproval && member.ApprovedAt == nil:
		return false, ranking.Errorf(ranking.CodeUncalibrated, "you have done the calibration tasks; an admin lets you go on with the others")
	}
	return false, nil
}

// leaseCalibration leases a member the next task of the batch. pgx.ErrNoRows where none can be given out: those that are
// left wait for responses, or they are at the last one.
func (s *Store) leaseCalibration(ctx context.Context, q *db.Queries, member db.LockMemberRow, campaignID, userID int64, ahead bool) (lease ranking.Lease, task ranking.Task, err error) {
	id, err := q.LockCalibration(ctx, db.LockCalibrationParams{CampaignID: campaignID, UserID: userID, OptedOut: member.OptedOut})
	if err != nil {
		return lease, task, err
	}
	taken, err := q.TakePlace(ctx, id)
	if err != nil {
		return lease, task, err
	}
	return s.grant(ctx, q, member, db.TakeTaskParams{CampaignID: campaignID, UserID: userID}, taken, ahead)
}

// calibrationPlace is where a task stands in the batch, nil for a task outside of it.
func calibrationPlace(ctx context.Context, q *db.Queries, task db.Task) (*ranking.CalibrationPlace, error) {
	if task.Calibration == nil {
		return nil, nil
	}
	row, err := q.CalibrationPlace(ctx, db.CalibrationPlaceParams{CampaignID: task.CampaignID, Calibration: *task.Calibration})
	return &ranking.CalibrationPlace{Place: int(row.Place), Of: int(row.Size)}, err
}

func notReady() *ranking.Error {
	return ranking.Errorf(ranking.CodeUncalibrated, "the next calibration task is not ready: its responses are still being written")
}
