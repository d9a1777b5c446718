package store

import (
	"context"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"rankloop/internal/store/db"
	"rankloop/ranking"
)

// Bounds of a campaign; the schema has them too.
const (
	responsesMin                     = 2 // of a task that shows any
	overlapMin, overlapMax           = 1, 100
	leaseSecondsMin, leaseSecondsMax = 10, 86400
	leaseSecondsDefault              = 1800
)

// generateNothing is the checkpoint's place in a campaign for which nothing is generated.
const generateNothing = "none"

// NewCampaign is a campaign to be made.
type NewCampaign = ranking.NewCampaign

// CampaignCounts are the sizes of a campaign. Open tasks are free to be leased; leased ones are held by somebody now.
type CampaignCounts = ranking.CampaignCounts

// CampaignOverview is a campaign with its counts.
type CampaignOverview = ranking.CampaignOverview

// LeftMax is where the count of what is left for an annotator stops.
const LeftMax = 10_000

// Assignment is one campaign as its annotator's home shows it.
type Assignment = ranking.Assignment

// CreateCampaign makes an open campaign. CodeConflict if the name is taken.
func (s *Store) CreateCampaign(ctx context.Context, n NewCampaign) (ranking.Campaign, error) {
	if n.Kind == "" {
		n.Kind = ranking.KindRanking
	}
	if n.GenerateFrom == "" {
		n.GenerateFrom = "base"
	}
	if n.LeaseSeconds == 0 {
		n.LeaseSeconds = leaseSecondsDefault
	}
	if err := checkNewCampaign(n); err != nil {
		return ranking.Campaign{}, err
	}
	var row db.CurrentCampaign
	err := s.inTx(ctx, "create campaign", longWrite, func(tx pgx.Tx, q *db.Queries) error {
		id, err := q.InsertCampaign(ctx, db.InsertCampaignParams{
			Name: n.Name, Kind: string(n.Kind), K: int32(n.K), Overlap: int32(n.Overlap), Seed: n.Seed,
			GenerateFrom: n.GenerateFrom, LeaseSeconds: int32(n.LeaseSeconds),
			CalibrationFirst: int32(n.Calibration.First), CalibrationApproval: n.Calibration.Approval,
		})
		if err != nil {
			return missing("insert campaign", err, ranking.Errorf(ranking.CodeConflict, "there is a campaign %s already", n.Name))
		}
		if err := q.InsertGuidelines(ctx, db.InsertGuidelinesParams{CampaignID: id, Version: 1, Text: n.Guidelines}); err != nil {
			return err
		}
		if err := q.InsertSchema(ctx, db.InsertSchemaParams{CampaignID: id, Version: 1, Schema: n.Schema}); err != nil {
			return err
		}
		if len(n.Quiz.Items) > 0 {
			if _, err := setQuiz(ctx, q, id, n.Quiz, true); err != nil {
				return err
			}
		}
		if n.Conversations > 0 {
			if err := addConversations(ctx, tx, q, id, n.Conversations); err != nil {
				return err
			}
		}
		row, err = q.CampaignByID(ctx, id)
		return err
	})
	if err != nil {
		return ranking.Campaign{}, err
	}
	return campaign(row), nil
}

func checkNewCampaign(n NewCampaign) error {
	if err := checkName("campaign", n.Name); err != nil {
		return err
	}
	if !slices.Contains(ranking.CampaignKinds(), n.Kind) {
		return ranking.Errorf(ranking.CodeInvalid, "%q is no kind of campaign", string(n.Kind))
	}
	responsesMin, responsesMax, _ := n.Kind.Shown()
	for _, bound := range []struct {
		what            string
		value, min, max int
	}{
		{"K, the number of responses shown together,", n.K, responsesMin, responsesMax},
		{"the overlap, the number of judgments per task,", n.Overlap, overlapMin, overlapMax},
		{"the time a task is held, in seconds,", n.LeaseSeconds, leaseSecondsMin, leaseSecondsMax},
	} {
		if bound.value < bound.min || bound.value > bound.max {
			return ranking.Errorf(ranking.CodeInvalid, "%s must be %d to %d, not %d", bound.what, bound.min, bound.max, bound.value)
		}
	}
	if !checkpointPattern.MatchString(n.GenerateFrom) {
		return ranking.Errorf(ranking.CodeInvalid, "%q is no name of a checkpoint", n.GenerateFrom)
	}
	if err := n.Kind.CheckSchema(n.Schema); err != nil {
		return err
	}
	if len(n.Quiz.Items) > 0 {
		if err := n.Quiz.Validate(); err != nil {
			return err
		}
	}
	if n.Kind == ranking.KindProbe && n.GenerateFrom == generateNothing {
		return ranking.Errorf(ranking.CodeInvalid, "a campaign that probes rules needs a model to talk with: name a checkpoint that generates")
	}
	if len(n.Calibration.Prompts) > 0 {
		return ranking.Errorf(ranking.CodeInvalid, "a new campaign has no prompts yet: import them, then name those of the calibration batch")
	}
	if err := n.Kind.CheckCalibration(n.Calibration); err != nil {
		return err
	}
	if n.Conversations != 0 && (n.Kind != ranking.KindProbe || n.Conversations < 0) {
		return ranking.Errorf(ranking.CodeInvalid, "only a campaign that probes rules has conversations without prompts")
	}
	return checkText("the guidelines", n.Guidelines, guidelinesMax)
}

// CampaignByID returns a campaign with its newest guidelines. CodeNotFound if there is none.
func (s *Store) CampaignByID(ctx context.Context, id int64) (ranking.Campaign, error) {
	row, err := s.q.CampaignByID(ctx, id)
	if err != nil {
		return ranking.Campaign{}, missing("campaign by id", err, noCampaign())
	}
	return campaign(row), nil
}

// CampaignByName returns a campaign with its newest guidelines. CodeNotFound if there is none.
func (s *Store) CampaignByName(ctx context.Context, name string) (ranking.Campaign, error) {
	absent := ranking.Errorf(ranking.CodeNotFound, "there is no campaign %s", name)
	if unstorable(name) != "" {
		return ranking.Campaign{}, absent
	}
	row, err := s.q.CampaignByName(ctx, name)
	if err != nil {
		return ranking.Campaign{}, missing("campaign by name", err, absent)
	}
	return campaign(row), nil
}

// ListCampaigns returns all campaigns with their counts, oldest first.
func (s *Store) ListCampaigns(ctx context.Context) ([]CampaignOverview, error) {
	var all []CampaignOverview
	err := s.inTx(ctx, "list campaigns", readOnly, func(_ pgx.Tx, q *db.Queries) error {
		rows, err := q.ListCampaigns(ctx)
		if err != nil {
			return err
		}
		counted, err := q.CountCampaigns(ctx, nil)
		if err != nil {
			return err
		}
		// Both are ordered by id and of one moment.
		for i, row := range rows {
			all = append(all, CampaignOverview{Campaign: campaign(row), Counts: counts(counted[i])})
		}
		return nil
	})
	return all, err
}

// CampaignCounts returns the counts of a campaign. CodeNotFound if there is none.
func (s *Store) CampaignCounts(ctx context.Context, campaignID int64) (CampaignCounts, error) {
	rows, err := s.q.CountCampaigns(ctx, &campaignID)
	if err != nil {
		return CampaignCounts{}, explain("count campaign", err)
	}
	if len(rows) == 0 {
		return CampaignCounts{}, noCampaign()
	}
	return counts(rows[0]), nil
}

// SetCampaignState opens, pauses or closes a campaign. CodeNotFound if there is none.
func (s *Store) SetCampaignState(ctx context.Context, id int64, state ranking.CampaignState) error {
	switch state {
	case ranking.CampaignOpen, ranking.CampaignPaused, ranking.CampaignClosed:
	default:
		return ranking.Errorf(ranking.CodeInvalid, "%q is not a state of a campaign: use open, paused or closed", state)
	}
	n, err := s.q.SetCampaignState(ctx, db.SetCampaignStateParams{ID: id, State: string(state)})
	if err == nil && n == 0 {
		return noCampaign()
	}
	return explain("set campaign state", err)
}

// AddGuidelines stores a new version of a campaign's guidelines and returns its number. The same text again is no new
// version.
func (s *Store) AddGuidelines(ctx context.Context, campaignID int64, text string) (int, error) {
	if err := checkText("the guidelines", text, guidelinesMax); err != nil {
		return 0, err
	}
	version := 0
	err := s.inTx(ctx, "add guidelines", readWrite, func(_ pgx.Tx, q *db.Queries) error {
		if _, err := q.LockCampaign(ctx, campaignID); err != nil {
			return missing("lock campaign", err, noCampaign())
		}
		newest, err := q.NewestGuidelineVersion(ctx, campaignID)
		if err != nil {
			return err
		}
		now, err := q.GuidelinesText(ctx, db.GuidelinesTextParams{CampaignID: campaignID, Version: newest})
		if err != nil {
			return err
		}
		version = int(newest)
		if now == text {
			return nil
		}
		version++
		return q.InsertGuidelines(ctx, db.InsertGuidelinesParams{CampaignID: campaignID, Version: newest + 1, Text: text})
	})
	return version, err
}

// Guidelines returns one version of a campaign's guidelines. CodeNotFound if there is none.
func (s *Store) Guidelines(ctx context.Context, campaignID int64, version int) (string, error) {
	text, err := s.q.GuidelinesText(ctx, db.GuidelinesTextParams{CampaignID: campaignID, Version: int32(version)})
	if err != nil {
		return "", missing("guidelines", err, ranking.Errorf(ranking.CodeNotFound, "there is no version %d of the guidelines", version))
	}
	return text, nil
}

// AddMember lets a user work on a campaign. A member who is added again stays one.
func (s *Store) AddMember(ctx context.Context, campaignID, userID int64) error {
	return explain("add member", s.q.AddMember(ctx, db.AddMemberParams{CampaignID: campaignID, UserID: userID}))
}

// RemoveMember takes a user off a campaign; what they judged stays. CodeNotFound if they are not on it.
func (s *Store) RemoveMember(ctx context.Context, campaignID, userID int64) error {
	n, err := s.q.RemoveMember(ctx, db.RemoveMemberParams{CampaignID: campaignID, UserID: userID})
	if err == nil && n == 0 {
		return ranking.Errorf(ranking.CodeNotFound, "this user does not work on the campaign")
	}
	return explain("remove member", err)
}

// Members returns who works on a campaign.
func (s *Store) Members(ctx context.Context, campaignID int64) ([]ranking.User, error) {
	rows, err := s.q.Members(ctx, campaignID)
	if err != nil {
		return nil, explain("members", err)
	}
	return users(rows), nil
}

// IsMember says whether a user works on a campaign.
func (s *Store) IsMember(ctx context.Context, campaignID, userID int64) (bool, error) {
	member, err := s.q.IsMember(ctx, db.IsMemberParams{CampaignID: campaignID, UserID: userID})
	return member, explain("is member", err)
}

// Assignments returns the campaigns that a user works on, with their progress; today began at a moment.
func (s *Store) Assignments(ctx context.Context, userID int64, today time.Time) ([]Assignment, error) {
	rows, err := s.q.Assignments(ctx, db.AssignmentsParams{UserID: userID, LeftMax: LeftMax, Since: today})
	if err != nil {
		return nil, explain("assignments", err)
	}
	steps, err := s.nextSteps(ctx, 0, userID)
	if err != nil {
		return nil, err
	}
	all := make([]Assignment, len(rows))
	for i, row := range rows {
		all[i] = Assignment{
			Campaign: campaign(row.CurrentCampaign), Left: int(min(row.Free+row.Leased+row.Calibration, LeftMax)),
			Mine: int(row.Mine), MineToday: int(row.MineToday), MedianActiveMS: row.MedianActiveMs,
			Calibration: int(row.Calibration),
		}
	}
	for i := range all {
		all[i].Next = steps[all[i].Campaign.ID]
	}
	return all, nil
}

func noCampaign() *ranking.Error {
	return ranking.Errorf(ranking.CodeNotFound, "there is no such campaign")
}

func campaign(row db.CurrentCampaign) ranking.Campaign {
	return ranking.Campaign{
		ID: row.ID, Name: row.Name, Kind: ranking.CampaignKind(row.Kind), State: ranking.CampaignState(row.State),
		K: int(row.K), Overlap: int(row.Overlap), Seed: row.Seed, GenerateFrom: row.GenerateFrom,
		LeaseSeconds: int(row.LeaseSeconds), GuidelineVersion: int(row.GuidelineVersion), Guidelines: row.Guidelines,
		SchemaVersion: int(row.SchemaVersion), Schema: row.Schema, CreatedAt: row.CreatedAt,
	}
}

func counts(row db.CountCampaignsRow) CampaignCounts {
	return CampaignCounts{
		Prompts: int(row.Prompts), Responses: int(row.Responses), TasksTotal: int(row.TasksTotal),
		TasksWaiting: int(row.TasksWaiting), TasksOpen: int(row.TasksOpen - row.TasksLeased),
		TasksLeased: int(row.TasksLeased), TasksComplete: int(row.TasksComplete), Judgments: int(row.Judgments),
		Revisions: int(row.Revisions), Skips: int(row.Skips), SimulatedJudgments: int(row.JudgmentsSimulated),
		Members: int(row.Members), CalibrationTasks: int(row.CalibrationTasks), CalibrationWaiting: int(row.CalibrationWaiting),
		CalibrationJudgments: int(row.CalibrationJudgments),
	}
}
