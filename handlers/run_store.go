package handlers

import (
	"context"

	"rankloop/ranking"
	"rankloop/views"
)

// runStore is what the pages of runs and checkpoints need.
type runStore interface {
	auditor
	workers
	checkpointStore
	// ListRuns lists all, newest first.
	ListRuns(ctx context.Context) ([]ranking.Run, error)
	RunByName(ctx context.Context, name string) (ranking.Run, error)
	// StopRun asks a run to stop; CodeConflict when it has ended. Stopping twice is stopping once.
	StopRun(ctx context.Context, name string) error
	// ResumeRun queues a stopped or failed run again; CodeConflict when it has ended.
	ResumeRun(ctx context.Context, name string) error
	RunCheckpoints(ctx context.Context, runID int64) ([]ranking.Checkpoint, error)
	SampleSteps(ctx context.Context, runID int64) ([]int, error)
	SamplesAt(ctx context.Context, runID int64, step, limit int) ([]ranking.SampleRow, error)
	// HistogramSteps are the newest steps that have histograms; HistogramsAt are those of one by the metric's name.
	HistogramSteps(ctx context.Context, runID int64) ([]int, error)
	HistogramsAt(ctx context.Context, runID int64, step int) (map[string]ranking.Histogram, error)
	ListSnapshots(ctx context.Context) ([]ranking.Snapshot, error)
	ListCampaigns(ctx context.Context) ([]ranking.CampaignOverview, error)
	eventStore
	evaluationStore

	uploadSaver
	// UploadBytes is the size of a file that a user has sent; CodeExpired when it is gone.
	UploadBytes(ctx context.Context, userID int64, sha256 string) (int64, error)

	// DescribeRun reads a run's stored request and summary.
	DescribeRun(run ranking.Run) (views.RunDescription, error)
	// RunPresets are the names of the committed settings for a kind of run; RunSettings lists what one has.
	RunPresets(kind string) []string
	RunSettings(kind, preset string) ([]views.RunSetting, error)
	// CheckSettings fails with CodeInvalid for key=value settings that a kind of run does not take.
	CheckSettings(kind, preset string, sets []string) error
	// LaunchRun checks a request as far as that goes without training and queues the run. The same name with the same
	// request gives the run that exists.
	LaunchRun(ctx context.Context, r RunRequest) (run ranking.Run, created bool, err error)
	// PreviewRun checks a request as LaunchRun does and says what the run would take. It starts nothing.
	PreviewRun(ctx context.Context, r RunRequest) (*views.RunPreview, error)
}

// RunRequest is what the form of a run asks for. Empty fields take their defaults.
type RunRequest struct {
	Kind, Name, Base, Reward, Snapshot, Campaign, Preset string
	Sets                                                 []string // key=value
	Seed                                                 int64
	CreatedBy                                            int64
	Data, File                                           string // SHA-256 and name of an upload of CreatedBy's; "" for none
}
