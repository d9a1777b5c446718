package dataset

import (
	"context"

	"rankloop/internal/store"
	"rankloop/ranking"
)

// StatisticsReport is the JSON of `rankloop stats`.
type StatisticsReport struct {
	Campaign           *string                       `json:"campaign"` // null for a snapshot
	Snapshot           *string                       `json:"snapshot"` // null for a campaign
	Prompts            int                           `json:"prompts"`
	Responses          int                           `json:"responses"`
	Tasks              TaskCounts                    `json:"tasks"`
	Calibration        *CalibrationReport            `json:"calibration,omitempty"` // of a campaign that has a calibration batch
	Judgments          int                           `json:"judgments"`
	Revisions          int                           `json:"revisions"` // judgments that replaced an earlier one
	Skips              int                           `json:"skips"`
	SimulatedJudgments int                           `json:"simulated_judgments"`
	Comparisons        ranking.ComparisonCounts      `json:"comparisons"`
	Annotators         []ranking.AnnotatorStatistics `json:"annotators"`
	Agreement          Share                         `json:"agreement"`
	AgreementTies      Share                         `json:"agreement_ties"`
	LongerWins         Share                         `json:"longer_wins"`
	Models             []ranking.ModelStatistics     `json:"models"`
	TiePropensity      *float64                      `json:"davidson_nu"`
	Replies            *ranking.ReplyStatistics      `json:"replies,omitempty"` // of dialogues
	Probe              *ranking.ProbeStatistics      `json:"probe,omitempty"`   // of a campaign that probes rules
}

// TaskCounts counts tasks by state. Waiting ones have responses to be generated.
type TaskCounts struct {
	Total    int `json:"total"`
	Waiting  int `json:"waiting"`
	Open     int `json:"open"`
	Leased   int `json:"leased"`
	Complete int `json:"complete"`
}

// CalibrationReport is a campaign's calibration batch: its tasks are in none of the counts of tasks, its judgments are in
// the other figures as all are. The agreement is that of the people who work on the campaign.
type CalibrationReport struct {
	Tasks         int   `json:"tasks"`
	Waiting       int   `json:"waiting"` // for responses
	Judgments     int   `json:"judgments"`
	Agreement     Share `json:"agreement"`
	AgreementTies Share `json:"agreement_ties"`
}

// Tasks picks the counts of tasks out of a campaign's.
func Tasks(counts store.CampaignCounts) TaskCounts {
	return TaskCounts{
		Total: counts.TasksTotal, Waiting: counts.TasksWaiting, Open: counts.TasksOpen, Leased: counts.TasksLeased, Complete: counts.TasksComplete,
	}
}

// Share is a share that may not exist: value and interval are null where there is nothing to count.
type Share struct {
	Value    *float64    `json:"value"`
	Interval *[2]float64 `json:"interval"`
	Pairs    int         `json:"pairs"`
}

func share(s *ranking.Share) Share {
	if s == nil {
		return Share{}
	}
	return Share{Value: &s.Value, Interval: &s.Interval, Pairs: s.Pairs}
}

// bootstrapSeed makes the intervals of the same data the same each time.
const bootstrapSeed = 1

// CampaignStatistics gives the figures of a campaign as it stands.
func CampaignStatistics(ctx context.Context, s *store.Store, campaign ranking.Campaign) (StatisticsReport, error) {
	counts, err := s.CampaignCounts(ctx, campaign.ID)
	if err != nil {
		return StatisticsReport{}, err
	}
	report, _, err := collect(ctx, s, store.Source{CampaignID: campaign.ID})
	if err != nil {
		return StatisticsReport{}, err
	}
	report.Campaign = &campaign.Name
	report.Prompts, report.Responses = counts.Prompts, counts.Responses
	report.Tasks = Tasks(counts)
	report.Revisions, report.Skips = counts.Revisions, counts.Skips
	if report.Calibration, err = calibrationReport(ctx, s, campaign, counts); err != nil {
		return report, err
	}
	report.Probe, err = s.ProbeStatistics(ctx, campaign)
	return report, err
}

func calibrationReport(ctx context.Context, s *store.Store, campaign ranking.Campaign, counts store.CampaignCounts) (*CalibrationReport, error) {
	if counts.CalibrationTasks == 0 {
		return nil, nil
	}
	batch, err := s.CalibrationReport(ctx, campaign.ID)
	return &CalibrationReport{
		Tasks: counts.CalibrationTasks, Waiting: counts.CalibrationWaiting, Judgments: counts.CalibrationJudgments,
		Agreement: share(batch.Agreement), AgreementTies: share(batch.Ties),
	}, err
}

// SnapshotStatistics gives the figures of a snapshot. Its tasks are those it has judgments of, all of them complete.
func SnapshotStatistics(ctx context.Context, s *store.Store, snapshot store.Snapshot) (StatisticsReport, error) {
	report, stats, err := collect(ctx, s, store.Source{SnapshotID: snapshot.ID})
	if err != nil {
		return StatisticsReport{}, err
	}
	report.Snapshot = &snapshot.Name
	report.Prompts = stats.Prompts
	for _, m := range stats.Models {
		report.Responses += m.Responses
	}
	report.Tasks = TaskCounts{Total: stats.Tasks, Complete: stats.Tasks}
	return report, nil
}

func collect(ctx context.Context, s *store.Store, source store.Source) (StatisticsReport, ranking.Statistics, error) {
	collector := ranking.NewStatisticsCollector()
	err := s.EachRecord(ctx, source, func(r ranking.Record) error {
		collector.Add(r)
		return nil
	})
	if err != nil {
		return StatisticsReport{}, ranking.Statistics{}, err
	}
	stats := collector.Result(bootstrapSeed)
	return StatisticsReport{
		Judgments: stats.Judgments, SimulatedJudgments: stats.SimulatedJudgments, Comparisons: stats.Comparisons,
		Annotators: stats.Annotators, Models: stats.Models, TiePropensity: stats.TiePropensity, Replies: stats.Replies,
		Agreement: share(stats.Agreement), AgreementTies: share(stats.AgreementTies), LongerWins: share(stats.LongerWins),
	}, stats, nil
}
