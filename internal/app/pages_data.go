package app

import (
	"context"
	"io"

	"rankloop/handlers"
	"rankloop/internal/dataset"
	"rankloop/internal/store"
	"rankloop/ranking"
	"rankloop/views"
)

// DescribeSnapshot gives the numbers of a snapshot.
func (d desk) DescribeSnapshot(snapshot ranking.Snapshot) (views.SnapshotCounts, error) {
	report, err := dataset.DescribeSnapshot(snapshot)
	return views.SnapshotCounts{
		SHA256: report.SHA256, Campaigns: report.Campaigns, Seed: report.Seed, ValidationShare: snapshot.ValidationShare,
		Judgments: report.Judgments, Simulated: report.SimulatedJudgments, Annotators: report.Annotators,
		Prompts: report.Prompts.Total, PromptsTrain: report.Prompts.Train,
		Comparisons: report.Comparisons.Total, ComparisonsTrain: report.Comparisons.Train, Ties: report.Ties,
	}, err
}

// CampaignStatistics gives the figures of a campaign as it stands.
func (d desk) CampaignStatistics(ctx context.Context, campaign ranking.Campaign) (views.Statistics, error) {
	report, err := dataset.CampaignStatistics(ctx, d.Store, campaign)
	return statistics(report), err
}

// SnapshotStatistics gives the figures of a snapshot.
func (d desk) SnapshotStatistics(ctx context.Context, snapshot ranking.Snapshot) (views.Statistics, error) {
	report, err := dataset.SnapshotStatistics(ctx, d.Store, snapshot)
	return statistics(report), err
}

func statistics(r dataset.StatisticsReport) views.Statistics {
	return views.Statistics{
		Judgments: r.Judgments, Simulated: r.SimulatedJudgments, Revisions: r.Revisions, Skips: r.Skips,
		Comparisons: r.Comparisons, Annotators: r.Annotators, Models: r.Models,
		Agreement: shareOf(r.Agreement), AgreementTies: shareOf(r.AgreementTies), LongerWins: shareOf(r.LongerWins),
	}
}

// shareOf is nil where there was nothing to count.
func shareOf(s dataset.Share) *ranking.Share {
	if s.Value == nil || s.Interval == nil {
		return nil
	}
	return &ranking.Share{Value: *s.Value, Interval: *s.Interval, Pairs: s.Pairs}
}

// MakeSnapshot freezes the judgments of campaigns.
func (d desk) MakeSnapshot(ctx context.Context, r handlers.SnapshotRequest) (string, error) {
	report, err := dataset.Snapshots{Store: d.Store, Artifacts: d.services.Artifacts}.Create(ctx, dataset.SnapshotRequest{
		Name: r.Name, Campaigns: r.Campaigns, Seed: r.Seed, ValidationShare: r.ValidationShare, CreatedBy: &r.CreatedBy,
	})
	return report.Snapshot, err
}

// ExportCampaign streams a campaign's judgments.
func (d desk) ExportCampaign(ctx context.Context, campaign ranking.Campaign, format string, w io.Writer) error {
	_, err := dataset.Export(ctx, d.Store, store.Source{CampaignID: campaign.ID}, format, w)
	return err
}

// ExportSnapshot streams a snapshot's judgments.
func (d desk) ExportSnapshot(ctx context.Context, snapshot ranking.Snapshot, format string, w io.Writer) error {
	_, err := dataset.Export(ctx, d.Store, store.Source{SnapshotID: snapshot.ID}, format, w)
	return err
}
