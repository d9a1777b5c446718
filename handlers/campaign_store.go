package handlers

import (
	"context"
	"slices"
	"strings"

	"github.com/labstack/echo/v4"

	"rankloop/ranking"
	"rankloop/views"
)

// campaignStore is what the pages of campaigns need.
type campaignStore interface {
	auditor
	campaignQuestions
	quizAdminStore
	calibrationStore
	checkpointStore
	// ListCampaigns lists all, oldest first.
	ListCampaigns(ctx context.Context) ([]ranking.CampaignOverview, error)
	CampaignByName(ctx context.Context, name string) (ranking.Campaign, error)
	CampaignCounts(ctx context.Context, campaignID int64) (ranking.CampaignCounts, error)
	// CreateCampaign fails with CodeConflict for a name that is taken.
	CreateCampaign(ctx context.Context, n ranking.NewCampaign) (ranking.Campaign, error)
	SetCampaignState(ctx context.Context, id int64, state ranking.CampaignState) error
	// AddGuidelines returns the number of the new version, or of the present one for the same text.
	AddGuidelines(ctx context.Context, campaignID int64, text string) (version int, err error)
	// GuidelinesReadings are the newest versions that people have said to have read.
	GuidelinesReadings(ctx context.Context, campaignID int64) ([]ranking.GuidelinesReading, error)
	// AddSchema returns the number of the new version, or of the present one for the same schema.
	AddSchema(ctx context.Context, campaignID int64, schema ranking.Schema) (version int, err error)
	// SampleTask is the first task behind an id, or the first of all, laid out for the user without a lease. CodeNotFound
	// where the campaign has none that could be given out.
	SampleTask(ctx context.Context, campaignID, userID, after int64) (ranking.Lease, ranking.Task, error)
	// AddConversations adds tasks of a campaign that probes rules in which the person has the first word.
	AddConversations(ctx context.Context, campaignID int64, n int) error
	// ProbeStatistics says how the rules of a campaign fared; nil of a campaign that probes none.
	ProbeStatistics(ctx context.Context, campaign ranking.Campaign) (*ranking.ProbeStatistics, error)
	RevisionWindow(ctx context.Context, campaignID int64) (ranking.RevisionWindow, error)
	SetRevisionWindow(ctx context.Context, campaignID int64, w ranking.RevisionWindow) error
	PaceSettings(ctx context.Context, campaignID int64) (ranking.PaceSettings, error)
	SetPaceSettings(ctx context.Context, campaignID int64, p ranking.PaceSettings) error
	Members(ctx context.Context, campaignID int64) ([]ranking.User, error)
	AddMember(ctx context.Context, campaignID, userID int64) error
	RemoveMember(ctx context.Context, campaignID, userID int64) error
	ListUsers(ctx context.Context) ([]ranking.User, error)
	UserByID(ctx context.Context, id int64) (ranking.User, error)
	CreateInvitation(ctx context.Context, i ranking.Invitation) (token string, err error)

	// GenerateWaiting asks for the responses that a campaign's waiting tasks lack and returns for how many prompts.
	GenerateWaiting(ctx context.Context, campaignID int64) (prompts int, err error)
	workers
}

// checkpointStore lists checkpoints.
type checkpointStore interface {
	// ListCheckpoints lists all, newest first.
	ListCheckpoints(ctx context.Context) ([]ranking.Checkpoint, error)
}

// workers tells about the processes that train and generate.
type workers interface {
	WorkerAlive(ctx context.Context) (bool, error)
}

// writers are the names of the checkpoints that can write responses, those published by runs and imports first and
// each run's intermediate ones last.
func writers(ctx context.Context, store checkpointStore) ([]string, error) {
	all, err := store.ListCheckpoints(ctx)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, c := range all {
		if c.Kind == "policy" {
			names = append(names, c.Name)
		}
	}
	slices.SortStableFunc(names, func(a, b string) int {
		return strings.Count(a, "@") - strings.Count(b, "@")
	})
	return names, nil
}

// campaignOfPath reads the campaign that the path names.
func campaignOfPath(c echo.Context, store interface {
	CampaignByName(ctx context.Context, name string) (ranking.Campaign, error)
}) (ranking.Campaign, error) {
	return store.CampaignByName(c.Request().Context(), c.Param("name"))
}

// campaignData gathers a campaign's page.
func campaignData(ctx context.Context, store campaignStore, campaign ranking.Campaign) (d views.CampaignData, err error) {
	d = views.CampaignData{Campaign: campaign, Errors: views.FormErrors{}}
	if d.Counts, err = store.CampaignCounts(ctx, campaign.ID); err != nil {
		return d, err
	}
	if d.Members, err = store.Members(ctx, campaign.ID); err != nil {
		return d, err
	}
	if d.Others, err = others(ctx, store, d.Members); err != nil {
		return d, err
	}
	if d.Readings, err = store.GuidelinesReadings(ctx, campaign.ID); err != nil {
		return d, err
	}
	if d.Revisions, err = store.RevisionWindow(ctx, campaign.ID); err != nil {
		return d, err
	}
	if d.Pace, err = store.PaceSettings(ctx, campaign.ID); err != nil {
		return d, err
	}
	if d.Quiz, d.QuizVersion, err = store.Quiz(ctx, campaign.ID); err != nil {
		return d, err
	}
	if d.Calibration, err = store.CalibrationChoice(ctx, campaign.ID); err != nil {
		return d, err
	}
	if d.Probe, err = store.ProbeStatistics(ctx, campaign); err != nil {
		return d, err
	}
	names, err := writers(ctx, store)
	if err != nil {
		return d, err
	}
	d.Writes = slices.Contains(names, campaign.GenerateFrom)
	d.WorkerAlive, err = store.WorkerAlive(ctx)
	return d, err
}

// others are the people who could be made members: neither members nor disabled nor simulated.
func others(ctx context.Context, store campaignStore, members []ranking.User) ([]ranking.User, error) {
	all, err := store.ListUsers(ctx)
	return slices.DeleteFunc(all, func(u ranking.User) bool {
		return u.Disabled || u.Simulated || slices.ContainsFunc(members, func(m ranking.User) bool { return m.ID == u.ID })
	}), err
}
