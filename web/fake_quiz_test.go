package web_test

import (
	"context"
	"time"

	"rankloop/ranking"
)

// fakeQuiz is the quiz of the fake campaign; without items there is none.
type fakeQuiz struct {
	quiz     ranking.Quiz
	attempts []ranking.QuizAttempt // of everybody
}

func (s *fakeStore) QuizStanding(context.Context, int64, int64) (ranking.QuizStanding, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.quiz.quiz.Items) == 0 {
		return ranking.QuizStanding{Next: 1}, nil
	}
	standing := ranking.QuizStanding{Quiz: s.quiz.quiz, Version: 1, Used: len(s.quiz.attempts), Next: len(s.quiz.attempts) + 1}
	for i := range s.quiz.attempts {
		standing.Last = &s.quiz.attempts[i]
		standing.Passed = standing.Passed || standing.Last.Passed
	}
	return standing, nil
}

func (s *fakeStore) SubmitQuiz(ctx context.Context, in ranking.QuizSubmission) (ranking.QuizAttempt, bool, error) {
	standing, err := s.QuizStanding(ctx, in.CampaignID, in.UserID)
	if err != nil {
		return ranking.QuizAttempt{}, false, err
	}
	switch {
	case in.Number >= 1 && in.Number < standing.Next:
		return s.quiz.attempts[in.Number-1], true, nil
	case s.read < s.campaign.GuidelineVersion:
		return ranking.QuizAttempt{}, false, ranking.Errorf(ranking.CodeUnread, "version %d of the guidelines has to be read before the next task", 2)
	case in.Version != standing.Version || standing.Passed:
		return ranking.QuizAttempt{}, false, ranking.Errorf(ranking.CodeConflict, "the quiz has changed meanwhile; please answer the new one")
	case standing.Left() == 0:
		return ranking.QuizAttempt{}, false, ranking.Errorf(ranking.CodeForbidden, "you have used all your attempts at the quiz; an admin can give you new ones")
	}
	marks, err := standing.Quiz.Grade(in.Answers)
	if err != nil {
		return ranking.QuizAttempt{}, false, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	attempt := ranking.QuizAttempt{Number: in.Number, Version: 1, Answers: in.Answers, Marks: marks, Passed: standing.Quiz.Passes(marks), At: time.Now()}
	s.quiz.attempts = append(s.quiz.attempts, attempt)
	return attempt, false, nil
}

func (s *fakeStore) QuizAttempt(_ context.Context, _, _ int64, number int) (ranking.QuizAttempt, ranking.Quiz, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if number < 1 || number > len(s.quiz.attempts) {
		return ranking.QuizAttempt{}, ranking.Quiz{}, errNotFound
	}
	return s.quiz.attempts[number-1], s.quiz.quiz, nil
}

// qualified is what LeaseTask asks.
func (s *fakeStore) qualified() bool {
	for _, attempt := range s.quiz.attempts {
		if attempt.Passed {
			return true
		}
	}
	return len(s.quiz.quiz.Items) == 0
}
