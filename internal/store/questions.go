package store

import (
	"context"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"rankloop/internal/store/db"
	"rankloop/ranking"
)

// Limits of questions.
const (
	questionMax      = 2000 // characters
	answerMax        = 5000 // characters
	openQuestionsMax = 50   // of one person
)

// Ask stores a question about the task of a lease; the lease goes on.
func (s *Store) Ask(ctx context.Context, token string, userID int64, text string) error {
	text = strings.TrimSpace(text)
	if text == "" {
		return ranking.Errorf(ranking.CodeInvalid, "please write what you want to ask")
	}
	if err := checkText("the question", text, questionMax); err != nil {
		return err
	}
	return s.inTx(ctx, "ask", readWrite, func(_ pgx.Tx, q *db.Queries) error {
		held, err := lockLease(ctx, q, token, userID)
		if err != nil {
			return err
		}
		open, err := q.CountOpenQuestions(ctx, userID)
		if err != nil {
			return err
		}
		if open >= openQuestionsMax {
			return ranking.Errorf(ranking.CodeInvalid, "%d of your questions have no answer yet; please wait for one", openQuestionsMax)
		}
		return q.InsertQuestion(ctx, db.InsertQuestionParams{
			CampaignID: held.task.CampaignID, TaskID: held.task.ID, UserID: userID, Kind: string(ranking.KindQuestion), Text: text,
		})
	})
}

// Questions lists what was asked and reported in a campaign: what waits for an answer first, oldest first.
func (s *Store) Questions(ctx context.Context, campaignID int64, limit int) ([]ranking.Question, error) {
	rows, err := s.q.QuestionsOfCampaign(ctx, db.QuestionsOfCampaignParams{CampaignID: campaignID, MaxRows: pageRows(limit)})
	if err != nil {
		return nil, explain("questions", err)
	}
	all := make([]ranking.Question, len(rows))
	for i, row := range rows {
		all[i] = question(db.QuestionsOfUserRow(row))
	}
	return all, nil
}

// MyQuestions lists what a user asked, newest first; of one task, or of all (taskID 0).
func (s *Store) MyQuestions(ctx context.Context, userID, taskID int64, limit int) ([]ranking.Question, error) {
	rows, err := s.q.QuestionsOfUser(ctx, db.QuestionsOfUserParams{UserID: userID, TaskID: taskID, MaxRows: pageRows(limit)})
	if err != nil {
		return nil, explain("questions of user", err)
	}
	all := make([]ranking.Question, len(rows))
	for i, row := range rows {
		all[i] = question(row)
	}
	return all, nil
}

// UnreadAnswers counts the answers to a user's questions that they have not seen.
func (s *Store) UnreadAnswers(ctx context.Context, userID int64) (int, error) {
	n, err := s.q.CountUnreadAnswers(ctx, userID)
	return int(n), explain("unread answers", err)
}

// ReadAnswers notes that a user has seen every answer.
func (s *Store) ReadAnswers(ctx context.Context, userID int64) error {
	return explain("read answers", s.q.ReadAnswers(ctx, userID))
}

// AnswerQuestion answers a question of a campaign, or changes its answer. CodeNotFound if there is none.
func (s *Store) AnswerQuestion(ctx context.Context, campaignID, id, adminID int64, answer string) error {
	answer = strings.TrimSpace(answer)
	if answer == "" {
		return ranking.Errorf(ranking.CodeInvalid, "please write an answer")
	}
	if err := checkText("the answer", answer, answerMax); err != nil {
		return err
	}
	n, err := s.q.AnswerQuestion(ctx, db.AnswerQuestionParams{ID: id, CampaignID: campaignID, Answer: answer, AnsweredBy: &adminID})
	if err == nil && n == 0 {
		return ranking.Errorf(ranking.CodeNotFound, "there is no such question")
	}
	return explain("answer question", err)
}

// WithdrawTask hands a task out no more; what was judged stays. CodeConflict for one that is complete, CodeNotFound if
// there is none that could be.
func (s *Store) WithdrawTask(ctx context.Context, campaignID, taskID int64) error {
	n, err := s.q.WithdrawTask(ctx, db.WithdrawTaskParams{ID: taskID, CampaignID: campaignID})
	if err == nil && n == 0 {
		return ranking.Errorf(ranking.CodeConflict, "this task is complete already, or there is none")
	}
	return explain("withdraw task", err)
}

// OptOuts are the sensitive categories that a user does not want to see.
func (s *Store) OptOuts(ctx context.Context, userID int64) ([]string, error) {
	categories, err := s.q.OptOuts(ctx, userID)
	if err != nil {
		return nil, missing("opt-outs", err, noUser())
	}
	return categories, nil
}

// SetOptOuts replaces them. A task that is held already stays.
func (s *Store) SetOptOuts(ctx context.Context, userID int64, categories []string) error {
	kept := []string{}
	for _, category := range ranking.SensitiveCategories {
		if slices.Contains(categories, category) {
			kept = append(kept, category)
		}
	}
	n, err := s.q.SetOptOuts(ctx, db.SetOptOutsParams{ID: userID, OptedOut: kept})
	if err == nil && n == 0 {
		return noUser()
	}
	return explain("set opt-outs", err)
}

func question(row db.QuestionsOfUserRow) ranking.Question {
	q := ranking.Question{
		ID: row.Question.ID, Campaign: row.Campaign, TaskID: row.Question.TaskID, TaskState: row.TaskState,
		PromptID: row.ExternalID, Kind: ranking.QuestionKind(row.Question.Kind), Text: row.Question.Text, By: row.UserName,
		AskedAt: row.Question.AskedAt, Answer: row.Question.Answer, AnsweredAt: row.Question.AnsweredAt,
	}
	if q.By == "" {
		q.By = row.UserEmail
	}
	if n := len(row.Messages); n > 0 {
		q.Prompt = row.Messages[n-1].Content
	}
	q.AnswerUnread = q.AnsweredAt != nil && row.Question.ReadAt == nil
	return q
}
