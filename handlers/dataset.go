package handlers

import (
	"context"
	"io"
	"net/http"

	"github.com/labstack/echo/v4"

	"rankloop/ranking"
	"rankloop/views"
)

// datasetStore is what the pages of data need. Whatever reads judgments reads one moment.
type datasetStore interface {
	auditor
	ListCampaigns(ctx context.Context) ([]ranking.CampaignOverview, error)
	CampaignByName(ctx context.Context, name string) (ranking.Campaign, error)
	CampaignCounts(ctx context.Context, campaignID int64) (ranking.CampaignCounts, error)
	// ListSnapshots lists all, newest first.
	ListSnapshots(ctx context.Context) ([]ranking.Snapshot, error)
	SnapshotByName(ctx context.Context, name string) (ranking.Snapshot, error)

	DescribeSnapshot(snapshot ranking.Snapshot) (views.SnapshotCounts, error)
	CampaignStatistics(ctx context.Context, campaign ranking.Campaign) (views.Statistics, error)
	SnapshotStatistics(ctx context.Context, snapshot ranking.Snapshot) (views.Statistics, error)
	// MakeSnapshot freezes the judgments of the campaigns; "" takes the next free name. CodeConflict for a name that
	// other content has.
	MakeSnapshot(ctx context.Context, r SnapshotRequest) (name string, err error)
	// ExportCampaign and ExportSnapshot stream to w.
	ExportCampaign(ctx context.Context, campaign ranking.Campaign, format string, w io.Writer) error
	ExportSnapshot(ctx context.Context, snapshot ranking.Snapshot, format string, w io.Writer) error
}

// SnapshotRequest is what the form of a snapshot asks for.
type SnapshotRequest struct {
	Name            string
	Campaigns       []ranking.Campaign
	Seed            int64
	ValidationShare float64
	CreatedBy       int64
}

// DatasetList answers GET /datasets.
func DatasetList(store datasetStore) echo.HandlerFunc {
	return func(c echo.Context) error {
		ctx := c.Request().Context()
		campaigns, err := store.ListCampaigns(ctx)
		if err != nil {
			return err
		}
		snapshots, err := store.ListSnapshots(ctx)
		if err != nil {
			return err
		}
		page := views.DatasetsData{Campaigns: campaigns}
		for _, snapshot := range snapshots {
			line, err := snapshotLine(store, snapshot)
			if err != nil {
				return err
			}
			page.Snapshots = append(page.Snapshots, line)
		}
		return Render(c, http.StatusOK, views.DatasetsPage(page))
	}
}

func snapshotLine(store datasetStore, snapshot ranking.Snapshot) (views.SnapshotLine, error) {
	counts, err := store.DescribeSnapshot(snapshot)
	return views.SnapshotLine{Name: snapshot.Name, Counts: counts, CreatedAt: snapshot.CreatedAt}, err
}

// DatasetShow answers GET /datasets/:name, the figures of a campaign.
func DatasetShow(store datasetStore) echo.HandlerFunc {
	return func(c echo.Context) error {
		ctx := c.Request().Context()
		campaign, err := campaignOfPath(c, store)
		if err != nil {
			return err
		}
		counts, err := store.CampaignCounts(ctx, campaign.ID)
		if err != nil {
			return err
		}
		statistics, err := store.CampaignStatistics(ctx, campaign)
		if err != nil {
			return err
		}
		form := emptySnapshotForm([]string{campaign.Name})
		form.Fixed = true
		return Render(c, http.StatusOK, views.DatasetPage(views.DatasetData{
			Name: campaign.Name, Campaign: &counts, Statistics: statistics, Formats: ranking.ExportFormats(), Form: form,
		}))
	}
}

// SnapshotShow answers GET /snapshots/:name.
func SnapshotShow(store datasetStore) echo.HandlerFunc {
	return func(c echo.Context) error {
		ctx := c.Request().Context()
		snapshot, err := store.SnapshotByName(ctx, c.Param("name"))
		if err != nil {
			return err
		}
		line, err := snapshotLine(store, snapshot)
		if err != nil {
			return err
		}
		statistics, err := store.SnapshotStatistics(ctx, snapshot)
		if err != nil {
			return err
		}
		return Render(c, http.StatusOK, views.DatasetPage(views.DatasetData{
			Name: snapshot.Name, Snapshot: &line, Statistics: statistics, Formats: ranking.ExportFormats(),
		}))
	}
}
