package store

import (
	"context"
	"strings"

	"github.com/jackc/pgx/v5"

	"rankloop/internal/store/db"
	"rankloop/ranking"
)

// SetCalibration chooses a campaign's calibration batch and returns how many tasks it has now; the first prompts may be
// fewer than asked for, and imports add to them. What was judged stays: a task that leaves the batch counts for the
// overlap again, one that comes in is given to everybody who has not had it. CodeInvalid with details for prompts that
// the campaign does not have or that were withdrawn, CodeNotFound if there is no such campaign.
func (s *Store) SetCalibration(ctx context.Context, campaignID int64, c ranking.CalibrationChoice) (tasks int, err error) {
	err = s.inTx(ctx, "set calibration", readWrite, func(_ pgx.Tx, q *db.Queries) error {
		// Imports wait: they add to the batch.
		campaign, err := q.LockCampaign(ctx, campaignID)
		if err != nil {
			return missing("lock campaign", err, noCampaign())
		}
		if err := ranking.CampaignKind(campaign.Kind).CheckCalibration(c); err != nil {
			return err
		}
		ids, err := chosenTasks(ctx, q, campaignID, c)
		if err != nil {
			return err
		}
		tasks = len(ids)
		if err := q.SetCalibrationTasks(ctx, db.SetCalibrationTasksParams{CampaignID: campaignID, TaskIds: ids}); err != nil {
			return err
		}
		return q.SetCalibrationSettings(ctx, db.SetCalibrationSettingsParams{
			ID: campaignID, CalibrationFirst: int32(c.First), CalibrationApproval: c.Approval,
		})
	})
	return tasks, err
}

// SetCalibrationApproval says whether people wait behind the batch until an admin lets them go on. CodeNotFound if there is
// no such campaign.
func (s *Store) SetCalibrationApproval(ctx context.Context, campaignID int64, approval bool) error {
	n, err := s.q.SetCalibrationApproval(ctx, db.SetCalibrationApprovalParams{ID: campaignID, CalibrationApproval: approval})
	if err == nil && n == 0 {
		return noCampaign()
	}
	return explain("set calibration approval", err)
}

// chosenTasks are the tasks of the prompts that a choice names, in its order.
func chosenTasks(ctx context.Context, q *db.Queries, campaignID int64, c ranking.CalibrationChoice) ([]int64, error) {
	if len(c.Prompts) == 0 {
		return q.FirstTasks(ctx, db.FirstTasksParams{CampaignID: campaignID, MaxRows: int32(c.First)})
	}
	for _, id := range c.Prompts {
		if unstorable(id) != "" {
			return nil, badPrompts([]ranking.Detail{absentPrompt(id).At("", 0)})
		}
	}
	rows, err := q.TasksOfPrompts(ctx, db.TasksOfPromptsParams{CampaignID: campaignID, ExternalIds: c.Prompts})
	if err != nil {
		return nil, err
	}
	found := make(map[string]db.TasksOfPromptsRow, len(rows))
	for _, row := range rows {
		found[row.ExternalID] = row
	}
	var ids []int64
	var wrong []ranking.Detail
	for i, id := range c.Prompts {
		row, known := found[id]
		switch {
		case !known:
			wrong = append(wrong, absentPrompt(id).At("", i+1))
		case row.State == "withdrawn":
			wrong = append(wrong, ranking.Errorf(ranking.CodeInvalid, "the task of the prompt %q was withdrawn", id).At("", i+1))
		default:
			ids = append(ids, row.ID)
		}
	}
	if len(wrong) > 0 {
		return nil, badPrompts(wrong)
	}
	return ids, nil
}

func absentPrompt(id string) *ranking.Error {
	return ranking.Errorf(ranking.CodeInvalid, "the campaign has no prompt %q", strings.ToValidUTF8(id, "?"))
}

// badPrompts names the first of the bad prompts in the message itself, where a form shows no more.
func badPrompts(wrong []ranking.Detail) error {
	return ranking.Errorf(ranking.CodeInvalid, "the calibration batch was left as it is: %s", wrong[0].Why).WithDetails(wrong)
}

// CalibrationChoice is how a campaign's batch was chosen, with the ids of its prompts.
func (s *Store) CalibrationChoice(ctx context.Context, campaignID int64) (ranking.CalibrationChoice, error) {
	var c ranking.CalibrationChoice
	err := s.inTx(ctx, "calibration choice", readOnly, func(_ pgx.Tx, q *db.Queries) error {
		settings, err := q.CalibrationSettings(ctx, campaignID)
		if err != nil {
			return missing("calibration settings", err, noCampaign())
		}
		c.First, c.Approval = int(settings.CalibrationFirst), settings.CalibrationApproval
		rows, err := q.CalibrationTasks(ctx, campaignID)
		for _, row := range rows {
			c.Prompts = append(c.Prompts, row.ExternalID)
		}
		return err
	})
	return c, err
}

// reportSeed draws the bootstrap's samples: the same rankings give the same interval.
const reportSeed = 1

// CalibrationReport says what everybody who works on a campaign made of its calibration batch. CodeNotFound if there is no
// such campaign.
func (s *Store) CalibrationReport(ctx context.Context, campaignID int64) (ranking.CalibrationReport, error) {
	var batch ranking.CalibrationBatch
	err := s.inTx(ctx, "calibration batch", readOnly, func(_ pgx.Tx, q *db.Queries) error {
		settings, err := q.CalibrationSettings(ctx, campaignID)
		if err != nil {
			return missing("calibration settings", err, noCampaign())
		}
		batch.First, batch.Approval = int(settings.CalibrationFirst), settings.CalibrationApproval
		return readBatch(ctx, q, campaignID, &batch)
	})
	if err != nil {
		return ranking.CalibrationReport{}, err
	}
	var records []ranking.Record
	err = s.EachRecord(ctx, Source{CampaignID: campaignID, Calibration: true}, func(r ranking.Record) error {
		records = append(records, r)
		return nil
	})
	return ranking.NewCalibrationReport(batch, records, reportSeed), err
}

func readBatch(ctx context.Context, q *db.Queries, campaignID int64, batch *ranking.CalibrationBatch) error {
	tasks, err := q.CalibrationTasks(ctx, campaignID)
	if err != nil {
		return err
	}
	for _, row := range tasks {
		task, err := loadTask(ctx, q, row.Task)
		if err != nil {
			return err
		}
		batch.Tasks = append(batch.Tasks, ranking.CalibrationTask{
			ID: task.ID, PromptID: row.ExternalID, Prompt: task.Prompt, Responses: task.Responses, State: row.Task.State, Sensitive: task.Sensitive,
		})
	}
	members, err := q.CalibrationMembers(ctx, campaignID)
	if err != nil {
		return err
	}
	counted := map[int64]bool{}
	for _, row := range members {
		counted[row.User.ID] = true
		batch.People = append(batch.People, ranking.CalibrationPerson{
			User: user(row.User), OptedOut: row.User.OptedOut, ApprovedAt: row.ApprovedAt,
		})
	}
	work, err := q.CalibrationWork(ctx, campaignID)
	for _, row := range work {
		if !counted[row.UserID] {
			continue
		}
		outcome := ranking.CalibrationAtWork
		if row.Outcome != nil {
			outcome = ranking.CalibrationOutcome(*row.Outcome)
		}
		batch.Work = append(batch.Work, ranking.CalibrationWork{TaskID: row.TaskID, UserID: row.UserID, Outcome: outcome, Reason: row.Reason})
	}
	return err
}

// ApproveMember lets a member go on behind the calibration batch, or takes that back; a task that they are at is finished
// first. CodeNotFound if they are not on the campaign.
func (s *Store) ApproveMember(ctx context.Context, campaignID, userID int64, approved bool) error {
	n, err := s.q.ApproveMember(ctx, db.ApproveMemberParams{CampaignID: campaignID, UserID: userID, Approved: approved})
	if err == nil && n == 0 {
		return ranking.Errorf(ranking.CodeNotFound, "this user does not work on the campaign")
	}
	return explain("approve member", err)
}
