package views

import (
	"fmt"
	"time"

	"rankloop/ranking"
)

// DatasetsData lists what can be looked at and trained on.
type DatasetsData struct {
	Campaigns []ranking.CampaignOverview
	Snapshots []SnapshotLine
}

// SnapshotLine is a snapshot in a list.
type SnapshotLine struct {
	Name      string
	Counts    SnapshotCounts
	CreatedAt time.Time
}

// SnapshotCounts are the numbers of a snapshot.
type SnapshotCounts struct {
	SHA256                           string
	Campaigns                        []string
	Seed                             int64
	ValidationShare                  float64
	Judgments, Simulated, Annotators int
	Prompts, PromptsTrain            int
	Comparisons, ComparisonsTrain    int
	Ties                             int
}

func (c SnapshotCounts) promptsValidation() int     { return c.Prompts - c.PromptsTrain }
func (c SnapshotCounts) comparisonsValidation() int { return c.Comparisons - c.ComparisonsTrain }

// DatasetData is the data of a campaign or a snapshot.
type DatasetData struct {
	Name       string
	Statistics Statistics
	Campaign   *ranking.CampaignCounts // of a campaign
	Snapshot   *SnapshotLine           // of a snapshot
	Formats    []string
	Form       SnapshotFormData
}

// SnapshotFormData is the form that makes a snapshot.
type SnapshotFormData struct {
	Campaigns              []string // to choose from
	Fixed                  bool     // there is no choice: it stands on the campaign's page
	Chosen                 map[string]bool
	Name, Validation, Seed string
	Errors                 FormErrors
}

// Statistics are the figures over judgments.
type Statistics struct {
	Judgments, Simulated, Revisions, Skips int
	Comparisons                            ranking.ComparisonCounts
	Annotators                             []ranking.AnnotatorStatistics
	Agreement, AgreementTies, LongerWins   *ranking.Share
	Models                                 []ranking.ModelStatistics
}

// exportPath is the address of an export of the data.
func (d DatasetData) exportPath(format string) string {
	if d.Snapshot != nil {
		return SnapshotPath(d.Name) + "/export?format=" + format
	}
	return DatasetPath(d.Name) + "/export?format=" + format
}

// percent writes a share of 0..1.
func percent(share float64) string { return fmt.Sprintf("%.1f %%", 100*share) }

// interval writes a share's 95 % interval.
func interval(s *ranking.Share) string {
	return fmt.Sprintf("%.1f–%.1f %%", 100*s.Interval[0], 100*s.Interval[1])
}
