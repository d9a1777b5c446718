package store

import (
	"context"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"rankloop/internal/store/db"
	"rankloop/ranking"
)

// Revise stores a new revision of a judgment; exports, snapshots and statistics take the newest, the others stay. What
// changes nothing is no revision: it returns the newest judgment and duplicate = true, and so does a resend.
//
// CodeConflict when the judgment was changed elsewhere meanwhile or its campaign is closed, CodeExpired outside of the
// campaign's window, CodeInvalid as for Submit, CodeNotFound for somebody else's judgment.
func (s *Store) Revise(ctx context.Context, in ranking.Revision) (j ranking.Judgment, duplicate bool, err error) {
	if err := checkSubmission(Submission{Comment: in.Comment, ActiveMS: in.ActiveMS}); err != nil {
		return ranking.Judgment{}, false, err
	}
	err = s.inTx(ctx, "revise", readWrite, func(_ pgx.Tx, q *db.Queries) error {
		row, err := lockJudgment(ctx, q, in)
		if err != nil {
			return err
		}
		old := row.Judgment
		if in.Tiers, err = revisedTiers(ctx, q, row, in); err != nil {
			return err
		}
		if says(old, in) && old.Revision == row.NewestRevision {
			j, duplicate = judgment(old), true
			return nil
		}
		if old.Revision != row.NewestRevision {
			next, err := q.RevisionAfter(ctx, db.RevisionAfterParams{TaskID: old.TaskID, UserID: old.UserID, Revision: old.Revision + 1})
			if err != nil {
				return err
			}
			if !says(next, in) {
				return changedElsewhere()
			}
			j, duplicate = judgment(next), true
			return nil
		}
		if err := s.fixed(ctx, q, row); err != nil {
			return err
		}
		answers, err := s.checkAnswers(ctx, q, judgedUnder(row), in.Answers)
		if err != nil {
			return err
		}
		stored, err := q.StoreRevision(ctx, db.StoreRevisionParams{
			ID: old.ID, Tiers: in.Tiers, KeptAsShown: in.KeptAsShown, Comment: in.Comment, Answers: answers,
			ActiveMs: min(max(in.ActiveMS, old.ActiveMs), activeMSMax), GuidelineVersion: row.GuidelineVersion,
		})
		j = judgment(stored)
		return err
	})
	if err != nil {
		return ranking.Judgment{}, false, err
	}
	return j, duplicate, nil
}

// SaveRevisionDraft keeps what would replace a judgment. CodeConflict when it is not the newest revision, CodeExpired and
// CodeConflict where it cannot be changed.
func (s *Store) SaveRevisionDraft(ctx context.Context, judgmentID, userID int64, draft ranking.Draft) (time.Time, error) {
	row, err := ownJudgment(ctx, s.q, judgmentID, userID)
	if err != nil {
		return time.Time{}, err
	}
	if err := s.fixed(ctx, s.q, row); err != nil {
		return time.Time{}, err
	}
	schema, err := s.schema(ctx, s.q, row.Judgment.CampaignID, row.Judgment.SchemaVersion)
	if err != nil {
		return time.Time{}, explain("schema of draft", err)
	}
	if err := checkDraft(draft, schema, row.Judgment.OrderShown); err != nil {
		return time.Time{}, err
	}
	saved, err := s.q.SaveRevisionDraft(ctx, db.SaveRevisionDraftParams{JudgmentID: judgmentID, UserID: userID, Draft: draft})
	if err != nil {
		return time.Time{}, missing("save draft of revision", err, changedElsewhere())
	}
	return saved, nil
}

// RevisionDraft is what would replace a judgment; the zero draft where nothing is kept.
func (s *Store) RevisionDraft(ctx context.Context, j ranking.Judgment) (ranking.Draft, error) {
	return s.draft(ctx, j.TaskID, j.UserID, int32(j.Revision))
}

// RevisionWindow says which judgments of a campaign may still be changed. CodeNotFound if there is no such campaign.
func (s *Store) RevisionWindow(ctx context.Context, campaignID int64) (ranking.RevisionWindow, error) {
	row, err := s.q.RevisionWindow(ctx, campaignID)
	if err != nil {
		return ranking.RevisionWindow{}, missing("revision window", err, noCampaign())
	}
	return ranking.RevisionWindow{Seconds: int(row.ReviseSeconds), Last: int(row.ReviseLast)}, nil
}

// SetRevisionWindow changes it, from the next revision on. CodeNotFound if there is no such campaign.
func (s *Store) SetRevisionWindow(ctx context.Context, campaignID int64, w ranking.RevisionWindow) error {
	if err := w.Validate(); err != nil {
		return err
	}
	n, err := s.q.SetRevisionWindow(ctx, db.SetRevisionWindowParams{ID: campaignID, ReviseSeconds: int32(w.Seconds), ReviseLast: int32(w.Last)})
	if err == nil && n == 0 {
		return noCampaign()
	}
	return explain("set revision window", err)
}

func ownJudgment(ctx context.Context, q *db.Queries, id, userID int64) (db.OwnJudgmentRow, error) {
	row, err := q.OwnJudgment(ctx, db.OwnJudgmentParams{ID: id, UserID: userID})
	if err != nil {
		return row, missing("own judgment", err, ranking.Errorf(ranking.CodeNotFound, "you made no such judgment"))
	}
	return row, nil
}

// fixed says why a judgment cannot be changed, nil if it can; an error that is not for people is one of the database.
func (s *Store) fixed(ctx context.Context, q *db.Queries, row db.OwnJudgmentRow) error {
	if err := outOfReach(row); err != nil {
		return err
	}
	shown, err := q.ShowsKnown(ctx, row.Judgment.ID)
	if err == nil && shown {
		err = ranking.Errorf(ranking.CodeConflict, "you have been shown the right answer to this task: what you said before stays")
	}
	return err
}

// outOfReach says why the campaign lets a judgment be changed no more.
func outOfReach(row db.OwnJudgmentRow) error {
	switch {
	case !row.Member:
		return notMember()
	case row.CampaignState == string(ranking.CampaignClosed):
		return ranking.Errorf(ranking.CodeConflict, "the campaign %s is closed: its answers cannot be changed any more", row.Campaign)
	case !ranking.CampaignKind(row.CampaignKind).Revisable():
		return ranking.Errorf(ranking.CodeConflict, "answers of this kind cannot be changed")
	case row.Judgment.Revision != row.NewestRevision:
		return ranking.Errorf(ranking.CodeConflict, "this is an earlier state: only the newest can be changed")
	case row.ReviseSeconds == 0 || row.ReviseLast == 0:
		return ranking.Errorf(ranking.CodeConflict, "the campaign %s allows no changes of an answer", row.Campaign)
	case row.TooOld:
		return ranking.Errorf(ranking.CodeExpired, "an answer can be changed for %g hours after it was submitted; this one is older", float64(row.ReviseSeconds)/3600)
	case row.Later >= row.ReviseLast:
		return ranking.Errorf(ranking.CodeExpired, "only your newest %d answers of a campaign can be changed", row.ReviseLast)
	case row.NewestRevision >= ranking.RevisionsMax:
		return ranking.Errorf(ranking.CodeConflict, "an answer can be changed %d times at most", ranking.RevisionsMax-1)
	}
	return nil
}

// lockJudgment holds a judgment with all its revisions, and its task where the person writes a response for it. As a
// submit does, it takes the task first and its lease second.
func lockJudgment(ctx context.Context, q *db.Queries, in ranking.Revision) (db.OwnJudgmentRow, error) {
	if in.Written != "" || len(in.Edits) > 0 {
		row, err := ownJudgment(ctx, q, in.JudgmentID, in.UserID)
		if err != nil {
			return row, err
		}
		if err := q.LockTask(ctx, row.Task.ID); err != nil {
			return row, err
		}
	}
	if err := q.LockLeaseOfJudgment(ctx, db.LockLeaseOfJudgmentParams{JudgmentID: in.JudgmentID, UserID: in.UserID}); err != nil {
		return db.OwnJudgmentRow{}, err
	}
	return ownJudgment(ctx, q, in.JudgmentID, in.UserID)
}

// judgedUnder stands for the lease under which a judgment was made.
func judgedUnder(row db.OwnJudgmentRow) heldLease {
	old := row.Judgment
	return heldLease{
		lease:     db.Lease{UserID: old.UserID, TaskID: old.TaskID, OrderShown: old.OrderShown, SchemaVersion: old.SchemaVersion},
		task:      db.LockTaskOfLeaseRow{ID: old.TaskID, CampaignID: old.CampaignID, PromptID: row.Task.PromptID, Kind: row.CampaignKind},
		simulated: old.Simulated,
	}
}

// revisedTiers are a revision's, with what the person wrote on top.
func revisedTiers(ctx context.Context, q *db.Queries, row db.OwnJudgmentRow, in ranking.Revision) (ranking.Tiers, error) {
	if err := in.Check(ranking.CampaignKind(row.CampaignKind), row.Judgment.OrderShown); err != nil {
		return nil, err
	}
	written := strings.TrimSpace(strings.ReplaceAll(in.Written, "\r\n", "\n"))
	return rankWritten(ctx, q, judgedUnder(row), Submission{Tiers: in.Tiers, Edits: in.Edits, Written: written})
}

func changedElsewhere() *ranking.Error {
	return ranking.Errorf(ranking.CodeConflict, "this answer was changed elsewhere meanwhile; open it again")
}

// says reports whether a stored judgment says what a revision says.
func says(stored db.Judgment, in ranking.Revision) bool {
	return stored.Comment == in.Comment && stored.KeptAsShown == in.KeptAsShown &&
		stored.Tiers.Equal(in.Tiers) && stored.Answers.Equal(in.Answers)
}
