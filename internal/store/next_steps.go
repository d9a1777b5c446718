package store

import (
	"context"

	"rankloop/internal/store/db"
	"rankloop/ranking"
)

// NextStep says what comes before a user's next task in a campaign, if anything. CodeForbidden for who does not work on it.
func (s *Store) NextStep(ctx context.Context, campaignID, userID int64) (ranking.NextStep, error) {
	steps, err := s.nextSteps(ctx, campaignID, userID)
	if err != nil {
		return "", err
	}
	step, ok := steps[campaignID]
	if !ok {
		return "", notMember()
	}
	return step, nil
}

// nextSteps are those in every campaign of the user, or in one.
func (s *Store) nextSteps(ctx context.Context, campaignID, userID int64) (map[int64]ranking.NextStep, error) {
	rows, err := s.q.NextSteps(ctx, db.NextStepsParams{CampaignID: campaignID, UserID: userID})
	steps := make(map[int64]ranking.NextStep, len(rows))
	for _, row := range rows {
		steps[row.CampaignID] = nextStep(row)
	}
	return steps, explain("next steps", err)
}

// nextStep follows the order of LeaseTask: what is held is finished first; then mayTake decides.
func nextStep(row db.NextStepsRow) ranking.NextStep {
	switch {
	case row.Resumes:
		return ranking.NextResume
	case row.Simulated:
		return ranking.NextTask
	case !row.HasRead:
		return ranking.NextRead
	case row.Qualified && row.Waits:
		return ranking.NextWait
	case row.Qualified:
		return ranking.NextTask
	case row.QuizTried == 0:
		return ranking.NextQuiz
	case row.QuizTried < row.QuizAttempts:
		return ranking.NextRetry
	}
	return ranking.NextUsedUp
}

// FirstSteps says how far the loop has been set up.
func (s *Store) FirstSteps(ctx context.Context) (ranking.FirstSteps, error) {
	row, err := s.q.FirstSteps(ctx)
	return ranking.FirstSteps{
		Campaign: row.Campaign, Prompts: row.Prompts, Tasks: row.Tasks, People: row.People,
		Judgments: row.Judgments, Snapshots: row.Snapshots, Trained: row.Runs,
	}, explain("first steps", err)
}
