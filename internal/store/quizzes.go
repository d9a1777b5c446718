package store

import (
	"context"
	"reflect"

	"github.com/jackc/pgx/v5"

	"rankloop/internal/store/db"
	"rankloop/ranking"
)

// SetQuiz stores a new version of a campaign's quiz and returns its number; the same quiz again is no new version. Who
// passed an earlier version stays qualified, unless everybody has to pass this one. CodeNotFound if there is no such
// campaign.
func (s *Store) SetQuiz(ctx context.Context, campaignID int64, quiz ranking.Quiz, everybody bool) (version int, err error) {
	if err := quiz.Validate(); err != nil {
		return 0, err
	}
	err = s.inTx(ctx, "set quiz", readWrite, func(_ pgx.Tx, q *db.Queries) error {
		version, err = setQuiz(ctx, q, campaignID, quiz, everybody)
		return err
	})
	return version, err
}

func setQuiz(ctx context.Context, q *db.Queries, campaignID int64, quiz ranking.Quiz, everybody bool) (int, error) {
	if _, err := q.LockCampaign(ctx, campaignID); err != nil {
		return 0, missing("lock campaign", err, noCampaign())
	}
	now, err := q.QuizVersions(ctx, campaignID)
	if err != nil {
		return 0, err
	}
	if now.QuizVersion > 0 {
		asked, err := q.QuizByVersion(ctx, db.QuizByVersionParams{CampaignID: campaignID, Version: now.QuizVersion})
		if err != nil {
			return 0, err
		}
		if reflect.DeepEqual(asked, quiz) && (!everybody || now.QuizFrom == now.QuizVersion) {
			return int(now.QuizVersion), nil
		}
	}
	version := now.Newest + 1
	if err := q.InsertQuiz(ctx, db.InsertQuizParams{CampaignID: campaignID, Version: version, Quiz: quiz}); err != nil {
		return 0, err
	}
	from := now.QuizFrom
	if everybody || from == 0 {
		from = version
	}
	return int(version), q.SetQuizVersions(ctx, db.SetQuizVersionsParams{CampaignID: campaignID, QuizVersion: version, QuizFrom: from})
}

// RemoveQuiz asks no quiz any more; what was answered stays. A quiz that is set later has to be passed by everybody.
func (s *Store) RemoveQuiz(ctx context.Context, campaignID int64) error {
	return explain("remove quiz", s.q.SetQuizVersions(ctx, db.SetQuizVersionsParams{CampaignID: campaignID}))
}

// Quiz is what a campaign asks before the first task, with its version; version 0 and no items where it asks nothing.
func (s *Store) Quiz(ctx context.Context, campaignID int64) (ranking.Quiz, int, error) {
	row, err := s.q.QuizNow(ctx, campaignID)
	if noRows(err) {
		return ranking.Quiz{}, 0, nil
	}
	return row.Quiz, int(row.Version), explain("quiz", err)
}

// QuizStanding says where a user stands with a campaign's quiz.
func (s *Store) QuizStanding(ctx context.Context, campaignID, userID int64) (standing ranking.QuizStanding, err error) {
	err = s.inTx(ctx, "quiz standing", readOnly, func(_ pgx.Tx, q *db.Queries) error {
		standing, err = quizStanding(ctx, q, campaignID, userID)
		return err
	})
	return standing, err
}

func quizStanding(ctx context.Context, q *db.Queries, campaignID, userID int64) (standing ranking.QuizStanding, err error) {
	versions, err := q.QuizVersions(ctx, campaignID)
	if err != nil {
		return standing, missing("quiz versions", err, noCampaign())
	}
	if versions.QuizVersion > 0 {
		standing.Version = int(versions.QuizVersion)
		standing.Quiz, err = q.QuizByVersion(ctx, db.QuizByVersionParams{CampaignID: campaignID, Version: versions.QuizVersion})
		if err != nil {
			return standing, err
		}
	}
	tried, err := q.QuizAttemptsOf(ctx, db.QuizAttemptsOfParams{CampaignID: campaignID, UserID: userID})
	if err != nil {
		return standing, err
	}
	standing.Next = 1
	for _, row := range tried {
		attempt := quizAttempt(row)
		standing.Next = attempt.Number + 1
		if attempt.Voided {
			continue
		}
		standing.Last = &attempt
		standing.Passed = standing.Passed || attempt.Passed && row.Version >= versions.QuizFrom
		if row.Version == versions.QuizVersion {
			standing.Used++
		}
	}
	standing.Passed = standing.Passed && standing.Version > 0
	return standing, nil
}

// SubmitQuiz grades and stores one attempt. Sent again with the same number, it returns what is stored and duplicate =
// true. CodeConflict where the quiz has changed, was passed already, or another attempt came first; CodeForbidden for
// those who are no members or have no attempt left; CodeInvalid where an item is not answered; CodeUnread where the
// guidelines come first.
func (s *Store) SubmitQuiz(ctx context.Context, in ranking.QuizSubmission) (attempt ranking.QuizAttempt, duplicate bool, err error) {
	err = s.inTx(ctx, "submit quiz", readWrite, func(_ pgx.Tx, q *db.Queries) error {
		// The member's row makes the attempts of one person come one after the other.
		member, err := q.LockMember(ctx, db.LockMemberParams{CampaignID: in.CampaignID, UserID: in.UserID})
		if err != nil {
			return missing("lock member", err, notMember())
		}
		if member.Disabled {
			return notMember()
		}
		standing, err := quizStanding(ctx, q, in.CampaignID, in.UserID)
		if err != nil {
			return err
		}
		if in.Number >= 1 && in.Number < standing.Next {
			attempt, err = storedAttempt(ctx, q, in)
			duplicate = err == nil
			return err
		}
		if err := mayAnswer(member, standing, in); err != nil {
			return err
		}
		marks, err := standing.Quiz.Grade(in.Answers)
		if err != nil {
			return err
		}
		row, err := q.InsertQuizAttempt(ctx, db.InsertQuizAttemptParams{
			CampaignID: in.CampaignID, UserID: in.UserID, Number: int32(in.Number), Version: int32(in.Version),
			Answers: in.Answers, Marks: marks, Passed: standing.Quiz.Passes(marks),
		})
		attempt = quizAttempt(row)
		return err
	})
	return attempt, duplicate, err
}

// mayAnswer says why somebody cannot answer the quiz now.
func mayAnswer(member db.LockMemberRow, standing ranking.QuizStanding, in ranking.QuizSubmission) error {
	switch {
	case standing.Version == 0:
		return noQuiz()
	case !hasRead(member):
		return unread(member)
	case standing.Passed:
		return ranking.Errorf(ranking.CodeConflict, "you have passed the quiz already")
	case in.Version != standing.Version:
		return ranking.Errorf(ranking.CodeConflict, "the quiz has changed meanwhile; please answer the new one")
	case standing.Left() == 0:
		return ranking.Errorf(ranking.CodeForbidden, "you have used all your attempts at the quiz; an admin can give you new ones")
	case in.Number != standing.Next:
		return ranking.Errorf(ranking.CodeConflict, "the number of the next attempt at the quiz is %d, not %d", standing.Next, in.Number)
	}
	return nil
}

func storedAttempt(ctx context.Context, q *db.Queries, in ranking.QuizSubmission) (ranking.QuizAttempt, error) {
	tried, err := q.QuizAttemptsOf(ctx, db.QuizAttemptsOfParams{CampaignID: in.CampaignID, UserID: in.UserID})
	for _, row := range tried {
		if int(row.Number) == in.Number {
			return quizAttempt(row), nil
		}
	}
	if err == nil {
		err = ranking.Errorf(ranking.CodeNotFound, "you made no such attempt at the quiz")
	}
	return ranking.QuizAttempt{}, err
}

// QuizAttempt is one attempt of a user with the quiz that was answered. CodeNotFound if there is none.
func (s *Store) QuizAttempt(ctx context.Context, campaignID, userID int64, number int) (attempt ranking.QuizAttempt, quiz ranking.Quiz, err error) {
	err = s.inTx(ctx, "quiz attempt", readOnly, func(_ pgx.Tx, q *db.Queries) error {
		attempt, err = storedAttempt(ctx, q, ranking.QuizSubmission{CampaignID: campaignID, UserID: userID, Number: number})
		if err != nil {
			return err
		}
		quiz, err = q.QuizByVersion(ctx, db.QuizByVersionParams{CampaignID: campaignID, Version: int32(attempt.Version)})
		return err
	})
	return attempt, quiz, err
}

// ResetQuiz lets a user start over with a campaign's quiz, whether they failed or passed: their attempts stay and count
// no more. CodeNotFound where none of theirs counts.
func (s *Store) ResetQuiz(ctx context.Context, campaignID, userID int64) error {
	n, err := s.q.VoidQuizAttempts(ctx, db.VoidQuizAttemptsParams{CampaignID: campaignID, UserID: userID})
	if err == nil && n == 0 {
		return ranking.Errorf(ranking.CodeNotFound, "this person has made no attempt at the quiz that counts")
	}
	return explain("reset quiz", err)
}

// QuizResults says how everybody who works on a campaign did, in the order of the members, and how the items of the
// version that is asked were answered. Simulated annotators, who answer no quiz, are left out.
func (s *Store) QuizResults(ctx context.Context, campaignID int64) (people []ranking.QuizResult, items []ranking.QuizItemResult, err error) {
	err = s.inTx(ctx, "quiz results", readOnly, func(_ pgx.Tx, q *db.Queries) error {
		versions, err := q.QuizVersions(ctx, campaignID)
		if err != nil {
			return missing("quiz versions", err, noCampaign())
		}
		members, err := q.Members(ctx, campaignID)
		if err != nil {
			return err
		}
		tried, err := q.QuizAttemptsOfCampaign(ctx, campaignID)
		if err != nil {
			return err
		}
		byUser := map[int64][]db.QuizAttempt{}
		for _, row := range tried {
			byUser[row.UserID] = append(byUser[row.UserID], row)
		}
		for _, member := range users(members) {
			if !member.Simulated {
				people = append(people, quizResult(member, byUser[member.ID], versions))
			}
		}
		items = itemResults(tried, versions.QuizVersion)
		return nil
	})
	return people, items, err
}

func quizResult(member ranking.User, tried []db.QuizAttempt, versions db.QuizVersionsRow) ranking.QuizResult {
	result := ranking.QuizResult{User: member, Attempts: len(tried)}
	for _, row := range tried {
		attempt := quizAttempt(row)
		result.LastAt = &attempt.At
		if attempt.Voided {
			continue
		}
		result.Passed = result.Passed || attempt.Passed && versions.QuizFrom > 0 && row.Version >= versions.QuizFrom
		if row.Version == versions.QuizVersion {
			result.Used++
			result.Best = max(result.Best, attempt.Right())
		}
	}
	return result
}

// itemResults counts each person's first attempt at a version.
func itemResults(tried []db.QuizAttempt, version int32) []ranking.QuizItemResult {
	var items []ranking.QuizItemResult
	counted := map[int64]bool{}
	for _, row := range tried {
		if row.Version != version || counted[row.UserID] {
			continue
		}
		counted[row.UserID] = true
		if items == nil {
			items = make([]ranking.QuizItemResult, len(row.Marks))
		}
		for i, right := range row.Marks {
			items[i].Answered++
			if !right {
				items[i].Wrong++
			}
		}
	}
	return items
}

func quizAttempt(row db.QuizAttempt) ranking.QuizAttempt {
	return ranking.QuizAttempt{
		Number: int(row.Number), Version: int(row.Version), Answers: row.Answers, Marks: row.Marks, Passed: row.Passed,
		At: row.SubmittedAt, Voided: row.VoidedAt != nil,
	}
}

func noQuiz() *ranking.Error {
	return ranking.Errorf(ranking.CodeNotFound, "this campaign has no quiz")
}
