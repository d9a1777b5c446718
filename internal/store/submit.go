package store

import (
	"context"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"rankloop/internal/store/db"
	"rankloop/ranking"
)

// Submission is a ranking as an annotator sends it.
type Submission = ranking.Submission

// activeMSMax bounds a client's clock: a day.
const activeMSMax = 24 * 60 * 60 * 1000

// Submit stores a judgment, ends its lease and counts it at its task, all or nothing. A resend with the same lease, or a
// second lease of the same task, returns the stored judgment and duplicate = true. A lease that has run out still counts
// while its place is free, else CodeExpired. CodeInvalid when the tiers do not order exactly the responses shown, or the
// answers are not those that the lease's schema asks for.
func (s *Store) Submit(ctx context.Context, in Submission) (j ranking.Judgment, duplicate bool, err error) {
	if err := checkSubmission(in); err != nil {
		return ranking.Judgment{}, false, err
	}
	err = s.inTx(ctx, "submit", readWrite, func(_ pgx.Tx, q *db.Queries) error {
		held, err := lockLease(ctx, q, in.LeaseToken, in.UserID)
		if err != nil {
			return err
		}
		place, judgedBy, err := takePlace(ctx, q, held)
		if err != nil {
			return err
		}
		if judgedBy != 0 {
			stored, err := q.JudgmentOfLease(ctx, judgedBy)
			j, duplicate = judgment(stored), true
			j.ShowsKnown = held.task.ShowsKnown
			return err
		}
		if err := in.Tiers.Validate(held.lease.OrderShown); err != nil {
			return err
		}
		in.Written = strings.TrimSpace(strings.ReplaceAll(in.Written, "\r\n", "\n"))
		if err := in.CheckKind(ranking.CampaignKind(held.task.Kind)); err != nil {
			return err
		}
		if err := checkDialogue(ctx, q, held); err != nil {
			return err
		}
		if in.Answers.Mark, err = checkMark(ctx, q, held, in.Answers.Mark); err != nil {
			return err
		}
		answers, err := s.checkAnswers(ctx, q, held, in.Answers)
		if err != nil {
			return err
		}
		if in.Tiers == nil { // a conversation is not ranked as a whole
			in.Tiers = ranking.Tiers{}
		}
		tiers, err := rankWritten(ctx, q, held, in)
		if err != nil {
			return err
		}
		stored, err := q.StoreJudgment(ctx, db.StoreJudgmentParams{
			LeaseID: held.lease.ID, PlacesTaken: place, Simulated: held.simulated, TaskID: held.task.ID,
			CampaignID: held.task.CampaignID, UserID: in.UserID, Tiers: tiers, OrderShown: held.lease.OrderShown,
			KeptAsShown: in.KeptAsShown, Comment: in.Comment, ActiveMs: min(in.ActiveMS, activeMSMax),
			StartedAt:        clampTime(in.StartedAt, held.lease.GrantedAt, time.Now()),
			GuidelineVersion: held.lease.GuidelineVersion, SchemaVersion: held.lease.SchemaVersion,
			Answers: answers, OrderScored: held.lease.OrderScored, Calibration: held.task.Calibration,
		})
		if err != nil {
			return err
		}
		j = judgment(stored)
		j.ShowsKnown = held.task.ShowsKnown
		return finishProbe(ctx, q, held)
	})
	if err != nil {
		return ranking.Judgment{}, false, err
	}
	return j, duplicate, nil
}

func checkSubmission(in Submission) error {
	if err := checkText("the comment", in.Comment, commentMax); err != nil {
		return err
	}
	if in.ActiveMS < 0 {
		return ranking.Errorf(ranking.CodeInvalid, "the active time is negative")
	}
	return nil
}

// takePlace finds the place at the task that a judgment would fill: the one its lease holds (0 more to take), or for a
// lease that ended unused another one that is free (1 more). If the user judged the task already, judgedBy is the lease
// that did it.
func takePlace(ctx context.Context, q *db.Queries, held heldLease) (more int32, judgedBy int64, err error) {
	if held.lease.Outcome == nil {
		return 0, 0, nil
	}
	switch *held.lease.Outcome {
	case "judged":
		return 0, held.lease.ID, nil
	case "skipped":
		return 0, 0, ranking.Errorf(ranking.CodeConflict, "you skipped this task")
	}
	other, err := q.OtherLease(ctx, db.OtherLeaseParams{TaskID: held.lease.TaskID, UserID: held.lease.UserID, ID: held.lease.ID})
	switch {
	case noRows(err):
		if held.task.State != "open" || held.task.Taken >= held.task.Overlap && !held.task.Calibration {
			return 0, 0, leaseEnded()
		}
		return 1, 0, nil
	case err != nil:
		return 0, 0, err
	case other.Outcome == nil: // they hold the task again: that lease's place is used
		released := "released"
		return 0, 0, q.EndLease(ctx, db.EndLeaseParams{ID: other.ID, Outcome: &released})
	case *other.Outcome == "judged":
		return 0, other.ID, nil
	}
	return 0, 0, ranking.Errorf(ranking.CodeConflict, "you skipped this task")
}

// brokenTask reports whether a reason to skip says that the task is broken, and what it adds.
func brokenTask(reason string) (note string, broken bool) {
	kind, note, _ := strings.Cut(reason, ":")
	return strings.TrimSpace(note), kind == string(ranking.KindBroken)
}

// Skip ends a lease without a judgment; the user does not get the task again, others do. Skipping twice is skipping
// once. The reason "broken", with a note behind a colon, also tells the admins. CodeExpired when the lease has ended, CodeConflict when the task was judged.
func (s *Store) Skip(ctx context.Context, leaseToken string, userID int64, reason string) error {
	if err := checkText("the reason", reason, reasonMax); err != nil {
		return err
	}
	return s.inTx(ctx, "skip", readWrite, func(_ pgx.Tx, q *db.Queries) error {
		held, err := lockLease(ctx, q, leaseToken, userID)
		if err != nil {
			return err
		}
		if held.lease.Outcome == nil {
			if note, broken := brokenTask(reason); broken {
				err := q.InsertQuestion(ctx, db.InsertQuestionParams{
					CampaignID: held.task.CampaignID, TaskID: held.task.ID, UserID: userID, Kind: string(ranking.KindBroken), Text: note,
				})
				if err != nil {
					return err
				}
			}
			return q.StoreSkip(ctx, db.StoreSkipParams{LeaseID: held.lease.ID, TaskID: held.task.ID, UserID: userID, Reason: reason})
		}
		switch *held.lease.Outcome {
		case "skipped":
			return nil
		case "judged":
			return ranking.Errorf(ranking.CodeConflict, "you judged this task already")
		}
		return leaseEnded()
	})
}

func clampTime(t, earliest, latest time.Time) time.Time {
	if t.Before(earliest) {
		return earliest
	}
	if t.After(latest) {
		return latest
	}
	return t
}

func judgment(row db.Judgment) ranking.Judgment {
	return ranking.Judgment{
		ID: row.ID, TaskID: row.TaskID, UserID: row.UserID, Revision: int(row.Revision), Tiers: row.Tiers,
		OrderShown: row.OrderShown, KeptAsShown: row.KeptAsShown, Comment: row.Comment, ActiveMS: row.ActiveMs,
		StartedAt: row.StartedAt, SubmittedAt: row.SubmittedAt, GuidelineVersion: int(row.GuidelineVersion), Simulated: row.Simulated,
		SchemaVersion: int(row.SchemaVersion), Answers: row.Answers, OrderScored: row.OrderScored,
	}
}
